import {
	AdaptiveConcurrency,
	AdaptiveGate,
	DEFAULT_REQUIREMENTS,
	poolGate,
	ResiliencePolicy,
	ResourcePool,
} from '../../lib';
import type { FanOutContext, FanOutWrapper, PolicyParts, PoolRequest, Quota } from '../../lib';
import { n8nRuntime } from '../shared/runtime';
import type { Settings } from './parameters';
import type { Task, Work } from './task';

/** How tasks are held back and tried again. */
export interface TaskLimits {
	/** Undefined when each task is one plain call. */
	around?: FanOutWrapper;
	/** Undefined when a pool decides how many run. */
	maxConcurrent?: number;
	/** The service asks to slow down, though the task goes on. */
	slowDown(): void;
}

/** The part of a task that decides when it may start. */
type LimitedTask = Pick<Task, 'key' | 'limitKey' | 'priority' | 'needs'>;

/** Takes nothing but a place, unless the user names needs. */
const NO_RESOURCES = Object.fromEntries(Object.keys(DEFAULT_REQUIREMENTS).map((type) => [type, 0]));

/** A service this many times slower than at its best is taken for overloaded. */
const SLOW_FACTOR = 4;

/** Where an adaptive limit begins. */
const FIRST_AT_ONCE = 4;

/** Attempts, time limit, and all that decides when a task may start, as the options say. */
export function taskLimits(
	settings: Settings,
	work: Pick<Work, 'defaultAttempts' | 'retriesItself'>,
	tasks: readonly LimitedTask[],
): TaskLimits {
	const { atOnce } = settings;
	const parts = attemptsOf(settings.options, work);
	const adaptive = adaptiveOf(settings);
	const slowDown = (): void => adaptive?.refused(adaptive.start());
	const pool = poolOf(settings, tasks);
	const adapted = adaptive && new AdaptiveGate(adaptive, n8nRuntime);
	if (pool !== undefined) {
		return {
			around: async (attempt, context) => {
				const place = poolGate(pool, () => requestOf(tasks[context.index]!));
				const gate = adapted === undefined ? place : adapted.with(place);
				return await protect({ ...parts, pool: gate }, attempt, context);
			},
			slowDown,
		};
	}
	if (parts === undefined && adapted === undefined) return { maxConcurrent: atOnce, slowDown };
	const policy = new ResiliencePolicy({ ...parts, ...(adapted && { pool: adapted }) }, n8nRuntime);
	return {
		maxConcurrent: atOnce,
		around: async (attempt, { signal }) =>
			await policy.execute(async (call) => await attempt(call.signal), { signal }),
		slowDown,
	};
}

async function protect<Output>(
	parts: PolicyParts,
	attempt: (signal?: AbortSignal) => Promise<Output>,
	{ signal }: FanOutContext,
): Promise<Output> {
	const policy = new ResiliencePolicy(parts, n8nRuntime);
	return await policy.execute(async (call) => await attempt(call.signal), { signal });
}

/** Retry and time limit; undefined when there is neither. */
function attemptsOf(
	options: Settings['options'],
	work: Pick<Work, 'defaultAttempts' | 'retriesItself'>,
): PolicyParts | undefined {
	const maxAttempts = work.retriesItself ? 1 : (options.maxAttempts ?? work.defaultAttempts);
	const startToCloseMs = options.taskTimeoutSeconds * 1000;
	if (maxAttempts === 1 && startToCloseMs === 0) return undefined;
	return {
		retry: { maxAttempts, initialDelayMs: options.initialDelaySeconds * 1000 },
		...(startToCloseMs === 0 ? {} : { timeouts: { startToCloseMs } }),
	};
}

function adaptiveOf({ atOnce, options }: Settings): AdaptiveConcurrency | undefined {
	if (!options.adaptAtOnce) return undefined;
	return new AdaptiveConcurrency({
		initial: Math.min(atOnce, FIRST_AT_ONCE),
		max: atOnce,
		latencyFactor: SLOW_FACTOR,
	});
}

/** One pool for all tasks, when more than their number at once is limited. */
function poolOf(
	{ atOnce, options }: Settings,
	tasks: readonly LimitedTask[],
): ResourcePool | undefined {
	const { startsPerSecond, atOncePerKey, resources, quotas = [] } = options;
	const perKey: Quota[] = atOncePerKey === 0 ? [] : [{ key: '*', maxConcurrent: atOncePerKey }];
	const chooses = tasks.some(
		({ priority, needs }) => priority !== undefined || needs !== undefined,
	);
	const limits =
		startsPerSecond > 0 || resources !== undefined || perKey.length + quotas.length > 0;
	if (!limits && !chooses) return undefined;
	return new ResourcePool(
		{
			maxConcurrent: atOnce,
			// One start at a time, evenly spaced: a burst is what limits of services punish.
			rate: startsPerSecond === 0 ? [] : [{ limit: 1, perMs: 1000 / startsPerSecond }],
			// The first that covers a key counts: a quota of its own comes before the one for all.
			quotas: [...quotas, ...perKey],
			...(resources && { totals: resources }),
		},
		n8nRuntime,
	);
}

function requestOf({ key, limitKey, priority, needs = {} }: LimitedTask): PoolRequest {
	const known = Object.entries(needs).filter(([type]) => type in NO_RESOURCES);
	const custom = Object.entries(needs).filter(([type]) => !(type in NO_RESOURCES));
	return {
		path: key,
		requirements: {
			...NO_RESOURCES,
			...Object.fromEntries(known),
			custom: Object.fromEntries(custom),
			...(priority && { priority }),
		},
		quotaKeys: limitKey === undefined ? [] : [limitKey],
	};
}
