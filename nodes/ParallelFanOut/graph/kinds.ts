import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { z } from 'zod';

import {
	agentKind,
	builtInKinds,
	EngineError,
	httpKind,
	isJsonObject,
	stepKinds,
	subworkflowKind,
	toJson,
} from '../../../lib';
import type { AgentCall, AnyStepKind, Json, JsonObject, Redactor, StepKinds } from '../../../lib';
import { nodeHttpClient } from '../../shared/http';
import type { Settings } from '../parameters';
import type { TaskCall } from '../task';
import { openPrompter } from '../work/prompt';
import type { ModelChoice, Prompter } from '../work/prompt';
import { runSubWorkflow } from '../work/subWorkflow';

/** What the tasks of a graph share with their node. */
export interface GraphNode {
	context: IExecuteFunctions;
	settings: Settings;
	/** Opened when the first task needs it: a graph without agents needs no model. */
	prompter(): Promise<Prompter>;
	/** Knows the secrets of the model, once it is open. */
	redact(): Promise<Redactor | undefined>;
}

/** The part of a running task that tells which one it is. */
type Attempt = AgentCall['attempt'];

/** What one graph brings along. */
export interface GraphWork {
	/** The item whose parameters count. */
	itemIndex: number;
	model: ModelChoice;
	/** For tasks that are plain items: the workflow that does them, and their data by id. */
	items?: { workflowId: string; data: ReadonlyMap<string, JsonObject> };
	/** How a task tells about itself. */
	callOf(attempt: Attempt): TaskCall;
}

/** The node's own way to open its model, once. */
export function graphNode(context: IExecuteFunctions, settings: Settings): GraphNode {
	let opening: Promise<Prompter> | undefined;
	return {
		context,
		settings,
		prompter: async () => await (opening ??= openPrompter(context, settings.options)),
		redact: async () =>
			await opening?.then(
				({ redact }) => redact,
				() => undefined,
			),
	};
}

/** The kind of task that an input item without a type is. */
export const ITEM_KIND = 'item';

/** What the tasks of a graph can be. */
export function graphKinds(node: GraphNode, work: GraphWork): StepKinds {
	const { context } = node;
	const start = async (workflowId: string, input: Json, attempt: Attempt): Promise<Json> =>
		await runSubWorkflow(context, workflowId, itemsOf(input), work.callOf(attempt));
	return stepKinds(
		...builtInKinds,
		nobodyToAsk,
		httpKind(nodeHttpClient(context)),
		agentKind(async (call) => await askAgent(node, work, call)),
		subworkflowKind(async ({ workflow, input, attempt }) => await start(workflow, input, attempt)),
		...(work.items === undefined ? [] : [itemKind(work.items, start)]),
	);
}

async function askAgent(
	node: GraphNode,
	{ itemIndex, model, callOf }: GraphWork,
	{ agent, stepId, task, parameters, input, attempt }: AgentCall,
): Promise<Json> {
	const { instructions, ...details } = parameters;
	const role = agent === undefined ? '' : `You are the agent "${agent}" in a team of agents.`;
	const texts: Array<[string, Json]> = [['input', input]];
	if (Object.keys(details).length > 0) texts.push(['parameters', details]);
	const data = texts
		.filter(([, value]) => value !== null)
		.map(([source, value]) => ({ source, text: textOf(value) }));
	const prompter = await node.prompter();
	return await prompter.ask(
		{
			instructions: typeof instructions === 'string' ? instructions : role,
			task: task ?? stepId,
			data,
		},
		model,
		itemIndex,
		callOf(attempt),
	);
}

function textOf(value: Json): string {
	return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

/** What a sub-workflow gets: an object is its item, a list gives several. */
function itemsOf(input: Json): INodeExecutionData[] {
	const list = Array.isArray(input) ? input : [input];
	return list.map((value) => ({
		json: (isJsonObject(value) ? value : { input: value }) as INodeExecutionData['json'],
	}));
}

/** A task that is an input item: goes to the workflow, with the results that it waited for. */
function itemKind(
	{ workflowId, data }: NonNullable<GraphWork['items']>,
	start: (workflowId: string, input: Json, attempt: Attempt) => Promise<Json>,
): AnyStepKind {
	return {
		kind: ITEM_KIND,
		parameters: z.object({ dependencies: z.array(z.string()).default([]) }),
		execute: async ({
			step,
			parameters,
			input,
			attempt,
		}: {
			step: { id: string };
			parameters: { dependencies: string[] };
			input: Json;
			attempt: Attempt;
		}) => {
			const [only, ...others] = parameters.dependencies;
			const results =
				only === undefined ? {} : others.length === 0 ? { [only]: input } : (input as JsonObject);
			return await start(workflowId, toJson({ ...data.get(step.id), results }), attempt);
		},
	} as AnyStepKind;
}

/** A person could answer only after this execution has ended. */
const nobodyToAsk: AnyStepKind = {
	kind: 'human',
	parameters: z.unknown(),
	execute: () => {
		throw new EngineError('NOBODY_TO_ASK', 'A task graph inside a node cannot ask people.', {
			errorClass: 'validation',
			hint: 'Let the task be a sub-workflow with a Human Review node, or run the definition with Agent Workflow',
		});
	},
};
