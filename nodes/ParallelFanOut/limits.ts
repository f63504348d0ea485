import { ResiliencePolicy, ResourcePool, poolGate } from '../../lib';
import type { FanOutContext, FanOutWrapper, PolicyParts } from '../../lib';
import { n8nRuntime } from '../shared/runtime';
import type { Settings } from './parameters';
import type { Task, Work } from './task';

/** How tasks are held back and tried again. */
interface TaskLimits {
	/** Undefined when each task is one plain call. */
	around?: FanOutWrapper;
	/** Undefined when a pool decides how many run. */
	maxConcurrent?: number;
}

/** Takes nothing but a place. */
const NO_RESOURCES = { cpu: 0, memoryMb: 0, io: 0, network: 0 };

/** Attempts, time limit, and limits per key and per second, as the options say. */
export function taskLimits(settings: Settings, work: Work, tasks: readonly Task[]): TaskLimits {
	const { atOnce, options } = settings;
	const parts = attemptsOf(options, work);
	const pool = poolOf(settings);
	if (pool !== undefined) {
		return {
			around: async (attempt, context) => {
				const { key, limitKey } = tasks[context.index]!;
				const gate = poolGate(pool, () => ({
					path: key,
					requirements: NO_RESOURCES,
					quotaKeys: limitKey === undefined ? [] : [`limit:${limitKey}`],
				}));
				return await protect({ ...parts, pool: gate }, attempt, context);
			},
		};
	}
	if (parts === undefined) return { maxConcurrent: atOnce };
	const policy = new ResiliencePolicy(parts, n8nRuntime);
	return {
		maxConcurrent: atOnce,
		around: async (attempt, { signal }) =>
			await policy.execute(async (call) => await attempt(call.signal), { signal }),
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
function attemptsOf(options: Settings['options'], work: Work): PolicyParts | undefined {
	const maxAttempts = work.retriesItself ? 1 : (options.maxAttempts ?? work.defaultAttempts);
	const startToCloseMs = options.taskTimeoutSeconds * 1000;
	if (maxAttempts === 1 && startToCloseMs === 0) return undefined;
	return {
		retry: { maxAttempts, initialDelayMs: options.initialDelaySeconds * 1000 },
		...(startToCloseMs === 0 ? {} : { timeouts: { startToCloseMs } }),
	};
}

/** One pool for all tasks, when more than their number at once is limited. */
function poolOf({ atOnce, options }: Settings): ResourcePool | undefined {
	const { startsPerSecond, atOncePerKey } = options;
	if (startsPerSecond === 0 && atOncePerKey === 0) return undefined;
	return new ResourcePool(
		{
			maxConcurrent: atOnce,
			// One start at a time, evenly spaced: a burst is what limits of services punish.
			rate: startsPerSecond === 0 ? [] : [{ limit: 1, perMs: 1000 / startsPerSecond }],
			quotas: atOncePerKey === 0 ? [] : [{ key: 'limit:*', maxConcurrent: atOncePerKey }],
		},
		n8nRuntime,
	);
}
