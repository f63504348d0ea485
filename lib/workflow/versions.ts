import { canonicalJson, hashOf } from '../core';
import type { StepDefinition, WorkflowDefinition } from './definition';

/**
 * What to do when a run goes on and its workflow has changed meanwhile.
 *
 * - `pinned`: go on with the definition the run began with
 * - `compatible`: go on with the new one where that cannot contradict what has been done
 * - `restart`: begin again with the new one
 * - `fail`: do not go on
 */
export type VersionPolicy = 'pinned' | 'compatible' | 'restart' | 'fail';

/** How two versions of a workflow differ, by the ids of their steps. */
export interface DefinitionChange {
	added: string[];
	removed: string[];
	/** Steps that are in both, with the names of the fields that differ. */
	changed: Array<{ stepId: string; fields: string[] }>;
	/** Names of the workflow's own fields that differ. */
	settings: string[];
}

/** What follows from a policy. */
export type VersionDecision = { change: DefinitionChange } & (
	| { action: 'continue' | 'restart'; definition: WorkflowDefinition }
	| { action: 'refuse'; reasons: string[] }
);

/** Fields that are for people and tools, and change nothing of what a run does. */
const FOR_PEOPLE = ['name', 'description', 'metadata', 'weight'];

/** Fields of a workflow that say which one it is, or that its steps' dependencies already say. */
const IDENTITY = ['schemaVersion', 'id', 'order', 'steps'];

/**
 * Identifies what a workflow does: equal for equal steps, dependencies, prompts, parameters and
 * limits, whatever their order, names, descriptions and metadata.
 *
 * @returns 64 hexadecimal digits
 */
export function definitionHash(definition: WorkflowDefinition): string {
	const steps = Object.fromEntries(definition.steps.map((step) => [step.id, essenceOf(step)]));
	return hashOf({ settings: settingsOf(definition), steps });
}

type Fields = Record<string, unknown>;

function without(value: object, names: readonly string[]): Fields {
	return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

function settingsOf(definition: WorkflowDefinition): Fields {
	return without(definition, [...FOR_PEOPLE, ...IDENTITY]);
}

/** What a step does; the order in which it names its dependencies says nothing. */
function essenceOf(step: StepDefinition): Fields {
	const dependencies = step.dependencies.map(canonicalJson).sort();
	return { ...without(step, [...FOR_PEOPLE, 'id']), dependencies };
}

/** How a newer version of a workflow differs from an older one. */
export function compareDefinitions(
	older: WorkflowDefinition,
	newer: WorkflowDefinition,
): DefinitionChange {
	const before = byId(older);
	const after = byId(newer);
	return {
		added: [...after.keys()].filter((id) => !before.has(id)),
		removed: [...before.keys()].filter((id) => !after.has(id)),
		changed: [...before].flatMap(([stepId, step]) => {
			const other = after.get(stepId);
			if (other === undefined) return [];
			const fields = differing(essenceOf(step), essenceOf(other));
			return fields.length === 0 ? [] : [{ stepId, fields }];
		}),
		settings: differing(settingsOf(older), settingsOf(newer)),
	};
}

function byId({ steps }: WorkflowDefinition): Map<string, StepDefinition> {
	return new Map(steps.map((step) => [step.id, step]));
}

function differing(first: Fields, second: Fields): string[] {
	const names = new Set([...Object.keys(first), ...Object.keys(second)]);
	return [...names].filter((name) => isOther(first[name], second[name])).sort();
}

/** Unlike its text alone, this tells a field that is null from one that is not there. */
function isOther(first: unknown, second: unknown): boolean {
	return canonicalJson({ value: first }) !== canonicalJson({ value: second });
}

/**
 * Decides with which definition a run goes on.
 *
 * @param frozen - the definition the run began with
 * @param current - the definition as it is now
 * @param completed - ids of the steps that have completed
 */
export function decideVersion(
	policy: VersionPolicy,
	frozen: WorkflowDefinition,
	current: WorkflowDefinition,
	completed: Iterable<string>,
): VersionDecision {
	const change = compareDefinitions(frozen, current);
	const pinned = policy === 'pinned' || definitionHash(frozen) === definitionHash(current);
	if (pinned) return { action: 'continue', definition: frozen, change };
	if (policy === 'restart') return { action: 'restart', definition: current, change };
	const reasons =
		policy === 'fail' ? [summaryOf(change)] : contradictions(frozen, current, completed);
	return reasons.length > 0
		? { action: 'refuse', reasons, change }
		: { action: 'continue', definition: current, change };
}

/** What the new version says against what has been done already, one sentence each. */
function contradictions(
	frozen: WorkflowDefinition,
	current: WorkflowDefinition,
	completed: Iterable<string>,
): string[] {
	const before = byId(frozen);
	const after = byId(current);
	return [...completed].flatMap((id) => {
		const was = before.get(id);
		const is = after.get(id);
		if (is === undefined) return [`Step "${id}" has completed and is no longer there.`];
		if (was !== undefined && was.kind !== is.kind) {
			return [`Step "${id}" has completed as "${was.kind}" and is now "${is.kind}".`];
		}
		const known = new Set(was?.dependencies.map(({ on }) => on));
		return is.dependencies
			.filter(({ on, type }) => type === 'required' && !known.has(on))
			.map(({ on }) => `Step "${id}" has completed and now requires "${on}".`);
	});
}

/** The difference in one sentence, for people. */
export function summaryOf({ added, removed, changed, settings }: DefinitionChange): string {
	const parts = [
		list('added', added),
		list('removed', removed),
		list(
			'changed',
			changed.map(({ stepId, fields }) => `${stepId} (${fields.join(', ')})`),
		),
		list('settings', settings),
	].filter((part) => part !== '');
	return parts.length === 0
		? 'The workflow is the same.'
		: `The workflow has changed: ${parts.join('; ')}.`;
}

function list(what: string, names: readonly string[]): string {
	return names.length === 0 ? '' : `${what} ${names.join(', ')}`;
}
