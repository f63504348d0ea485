import { isJsonObject, show, ValidationError } from '../core';
import type { StepStatus } from '../run';

/**
 * When a dependency lets its dependent start:
 * - `required`: completed; anything else skips the dependent;
 * - `optional`: ended, or not able to run;
 * - `parallel`: at once, both may overlap;
 * - `sequential`: ended, however;
 * - `conditional`: as soon as its condition holds;
 * - `timeout`: ended, or `timeoutMs` after everything else was ready;
 * - `and`, `or`, `xor`: all, at least one, exactly one of its group completed.
 */
export type DependencyType =
	| 'required'
	| 'optional'
	| 'parallel'
	| 'sequential'
	| 'conditional'
	| 'timeout'
	| 'and'
	| 'or'
	| 'xor';

/**
 * How long the completion of a required dependency counts:
 * - `once`: for ever;
 * - `always` (default): for one execution of the dependent; the next one needs a new completion;
 * - `session`: within the run it happened in, not in a run restored from it under another id;
 * - `temporary`: `expiryMs` long;
 * - `periodic`: `intervalMs` long, and the dependency runs again at that interval as long as
 *   somebody waits for it.
 */
export type DependencyLifecycle = 'once' | 'always' | 'session' | 'temporary' | 'periodic';

/** What a condition may look at. */
export interface ConditionView {
	/** The input of the run. */
	readonly input: unknown;
	/** @returns `undefined` for a step that does not exist */
	status(stepId: string): StepStatus | undefined;
	/** The output of the step's last completed execution. */
	output(stepId: string): unknown;
}

/** Checked again after each step that ends. One that throws counts as false. */
export type Condition = (view: ConditionView) => boolean;

/** Everything a dependency may say besides the step it is on. */
export interface DependencyConfig {
	/** Default `required`. */
	type?: DependencyType;
	/** Default `always`. All but `once` and `always` go with type `required` alone. */
	lifecycle?: DependencyLifecycle;
	/** Dependencies of the same type and group are judged together. Default: one group a type. */
	group?: string;
	/** Must hold, too. The only thing that counts for `conditional`. */
	condition?: Condition;
	/** With lifecycle `temporary`: how long a completion counts, in milliseconds. */
	expiryMs?: number;
	/** With lifecycle `periodic`: how often the dependency runs again, in milliseconds. */
	intervalMs?: number;
	/**
	 * Longest wait for the dependency, in milliseconds. Then a `required` one ends its dependent as
	 * `timed_out`, any other gives way.
	 */
	timeoutMs?: number;
}

/** A dependency in its one normal form. */
export interface Dependency extends DependencyConfig {
	/** Id of the step that is waited for. */
	on: string;
	type: DependencyType;
}

/** The part after the step's id: a type in any case, or all there is to say. */
type Shorthand = DependencyType | Uppercase<DependencyType> | DependencyConfig;

/**
 * How people write dependencies: `'a'`, `['a', ['b', 'optional'], { on: 'c', timeoutMs: 500 }]`,
 * `{ a: 'REQUIRED', b: { type: 'optional' } }`.
 */
export type DependenciesInput =
	| string
	| ReadonlyArray<string | readonly [string, Shorthand] | (DependencyConfig & { on: string })>
	| Readonly<Record<string, Shorthand>>;

const TYPES: ReadonlySet<string> = new Set<DependencyType>([
	'required',
	'optional',
	'parallel',
	'sequential',
	'conditional',
	'timeout',
	'and',
	'or',
	'xor',
]);

const LIFECYCLES: ReadonlySet<string> = new Set<DependencyLifecycle>([
	'once',
	'always',
	'session',
	'temporary',
	'periodic',
]);

const NONE: readonly Dependency[] = [];

/**
 * Brings dependencies into their normal form.
 *
 * @param stepId - whose dependencies they are; for messages
 * @throws {ValidationError} for an unknown type, or when the type or lifecycle lacks what it is about
 */
export function parseDependencies(
	input: DependenciesInput | undefined,
	stepId: string,
): readonly Dependency[] {
	if (input === undefined) return NONE;
	if (typeof input === 'string') return [{ on: input, type: 'required' }];
	if (!Array.isArray(input)) {
		return Object.entries(input as Record<string, Shorthand>).map(([on, rest]) =>
			complete(on, rest, stepId),
		);
	}
	return (input as readonly unknown[]).map((item) => parseItem(item, stepId));
}

function parseItem(item: unknown, stepId: string): Dependency {
	if (typeof item === 'string') return { on: item, type: 'required' };
	if (Array.isArray(item)) return complete(item[0] as string, item[1] as Shorthand, stepId);
	if (isJsonObject(item) && typeof item.on === 'string') {
		const { on, ...config } = item as unknown as Dependency;
		return complete(on, config, stepId);
	}
	throw new ValidationError(
		`Step "${stepId}": a dependency must be a step id, [id, type] or { on, … }, received ${show(item)}.`,
	);
}

function complete(on: string, rest: Shorthand, stepId: string): Dependency {
	const config = typeof rest === 'string' ? { type: rest } : rest;
	const type = (config.type ?? 'required').toLowerCase() as DependencyType;
	const dependency: Dependency = { ...config, on, type };
	const problem = problemOf(dependency);
	if (problem === undefined) return dependency;
	throw new ValidationError(`Step "${stepId}", dependency on "${on}": ${problem}.`, {
		details: { stepId, on },
	});
}

function problemOf(dependency: Dependency): string | undefined {
	const { type, lifecycle = 'always', condition, timeoutMs, expiryMs, intervalMs } = dependency;
	if (!TYPES.has(type)) return `there is no type ${show(type)}`;
	if (!LIFECYCLES.has(lifecycle)) return `there is no lifecycle ${show(lifecycle)}`;
	if (type === 'conditional' && condition === undefined) return 'conditional needs a condition';
	if (type === 'timeout' && timeoutMs === undefined) return 'timeout needs timeoutMs';
	if (lifecycle === 'temporary' && expiryMs === undefined) return 'temporary needs expiryMs';
	if (lifecycle === 'periodic' && intervalMs === undefined) return 'periodic needs intervalMs';
	if (!fits(lifecycle, type)) {
		return `lifecycle ${lifecycle} goes with type required alone, not with ${type}`;
	}
	return undefined;
}

/** Only a required completion can stop counting: the other types do not insist on one. */
export function fits(lifecycle: DependencyLifecycle, type: DependencyType): boolean {
	return type === 'required' || lifecycle === 'once' || lifecycle === 'always';
}
