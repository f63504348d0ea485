import type { IExecuteFunctions } from 'n8n-workflow';

import { isJsonObject, parseDefinition, toJson, ValidationError } from '../../../lib';
import type { Json, JsonObject, WorkflowDefinition } from '../../../lib';
import { parameterReader } from '../../shared/parameters';
import { graphDefinitionSchema, graphItemsSchema, keySchema, modelSchema } from '../parameters';
import type { Settings } from '../parameters';
import { properties } from '../properties';
import { ITEM_KIND } from './kinds';
import type { GraphWork } from './kinds';

/** A graph of tasks, ready to run. */
export interface PlannedGraph extends Pick<GraphWork, 'itemIndex' | 'model' | 'items'> {
	/** Tells the graphs of a node apart; empty when there is one only. */
	key: string;
	definition: WorkflowDefinition;
	/** What its tasks work on. */
	input: Json;
	/** The input items that a task comes from. */
	itemsOf(stepId: string): readonly number[];
}

/** A graph that cannot be read, and why. */
export interface BrokenGraph {
	key: string;
	itemIndex: number;
	error: unknown;
}

/** The graphs that the node is to run: one for each input item, or one that all items make. */
export function planGraphs(
	context: IExecuteFunctions,
	settings: Settings,
): Array<PlannedGraph | BrokenGraph> {
	return settings.graphFrom === 'items'
		? [graphOfItems(context, settings)]
		: graphsOfDefinitions(context, settings);
}

function graphsOfDefinitions(
	context: IExecuteFunctions,
	{ options }: Settings,
): Array<PlannedGraph | BrokenGraph> {
	const read = parameterReader(context, graphDefinitionSchema, properties);
	const readKey = parameterReader(context, keySchema, properties);
	const readModel = parameterReader(context, modelSchema, properties);
	const items = context.getInputData();
	let last: { written: unknown; definition: WorkflowDefinition } | undefined;
	// A constant definition is the same object for every item: it is read once.
	const definitionOf = (written: unknown): WorkflowDefinition => {
		if (last !== undefined && last.written === written) return last.definition;
		const definition = withDefaults(parseDefinition(named(written)), options);
		last = { written, definition };
		return definition;
	};
	return items.map(({ json }, itemIndex) => {
		const fallback = items.length === 1 ? '' : String(itemIndex);
		try {
			const key = items.length === 1 ? '' : readKey(itemIndex).options.taskKey || fallback;
			return {
				key,
				itemIndex,
				model: readModel(itemIndex).model,
				definition: definitionOf(read(itemIndex).definition),
				input: toJson(json),
				itemsOf: () => [itemIndex],
			};
		} catch (error) {
			return { key: fallback, itemIndex, error };
		}
	});
}

/** A list of steps is a definition too, and a definition needs no name. */
function named(written: unknown): unknown {
	if (Array.isArray(written)) return { name: 'Task graph', order: 'graph', steps: written };
	return isJsonObject(written) ? { name: 'Task graph', ...written } : written;
}

/** Fields of an input item that say how it is run; all others are its data. */
const STEP_FIELDS = [
	'id',
	'dependsOn',
	'depends_on',
	'dependencies',
	'condition',
	'resources',
	'retry',
	'timeout',
	'optional',
	'compensate',
];

/** Fields that say what a task does: an item with one of them is a step as it stands. */
const KIND_FIELDS = ['kind', 'type', 'stepType', 'step_type', 'agent', 'agentType', 'agent_type'];

function graphOfItems(context: IExecuteFunctions, { options }: Settings): PlannedGraph {
	const { itemWorkflowId } = parameterReader(context, graphItemsSchema, properties)(0);
	const { model } = parameterReader(context, modelSchema, properties)(0);
	const jsons = context.getInputData().map(({ json }) => toJson(json) as JsonObject);
	const data = new Map<string, JsonObject>();
	const indexes = new Map<string, number>();
	const steps = jsons.map((json, itemIndex) => {
		const id = String(json.id ?? json.step_id ?? json.stepId ?? `step-${itemIndex + 1}`);
		indexes.set(id, itemIndex);
		data.set(id, json);
		if (KIND_FIELDS.some((field) => json[field] !== undefined)) return { ...json, id };
		if (itemWorkflowId === '') throw noWork(id, itemIndex);
		const own = STEP_FIELDS.filter((field) => json[field] !== undefined);
		return { ...Object.fromEntries(own.map((field) => [field, json[field]])), id, kind: ITEM_KIND };
	});
	const definition = parseDefinition({ name: 'Task graph', order: 'graph', steps });
	return {
		key: '',
		itemIndex: 0,
		model,
		definition: withDefaults(withDependencies(definition), options),
		input: null,
		items: { workflowId: itemWorkflowId, data },
		itemsOf: (stepId) => [indexes.get(stepId)!],
	};
}

/** Plain items are told which results they get. */
function withDependencies(definition: WorkflowDefinition): WorkflowDefinition {
	const steps = definition.steps.map((step) =>
		step.kind === ITEM_KIND
			? { ...step, parameters: { dependencies: step.dependencies.map(({ on }) => on) } }
			: step,
	);
	return { ...definition, steps };
}

function noWork(id: string, itemIndex: number): ValidationError {
	return new ValidationError(`Item ${itemIndex} ("${id}") does not say what its task does.`, {
		hint: 'Choose a Sub-Workflow for Items Without a Type, or give the item a type such as "agent_task" or "http"',
	});
}

/** A service is asked again when that can help, unless the definition says otherwise. */
const HTTP_RETRY = { maxAttempts: 3 };

/** Needs of a task that counts for quotas only. */
const NOTHING = { cpu: 0, memoryMb: 0, io: 0, network: 0 };

/** The options of the node count for tasks that say nothing themselves. */
function withDefaults(
	definition: WorkflowDefinition,
	{ maxAttempts, initialDelaySeconds, taskTimeoutSeconds, quotas }: Settings['options'],
): WorkflowDefinition {
	const { defaults = {}, steps } = definition;
	const initialDelayMs = initialDelaySeconds * 1000;
	const retry = maxAttempts === undefined ? undefined : { maxAttempts, initialDelayMs };
	const usual = defaults.retry ?? retry;
	return {
		...definition,
		steps: steps.map((step) => ({
			...step,
			...(step.retry === undefined && usual === undefined && step.kind === 'http'
				? { retry: { ...HTTP_RETRY, initialDelayMs } }
				: {}),
			// Only steps that ask the pool for something are counted there.
			...(step.resources === undefined && quotas !== undefined ? { resources: NOTHING } : {}),
		})),
		defaults: {
			...defaults,
			...(usual === undefined ? {} : { retry: usual }),
			...(defaults.timeout === undefined && taskTimeoutSeconds > 0
				? { timeout: { startToCloseMs: taskTimeoutSeconds * 1000 } }
				: {}),
		},
	};
}
