import { noUsage } from '../../../lib';
import type { RunPicture, RunSource, StepPicture } from '../../../lib';

/** Noon of a day, in milliseconds. */
export const NOON = Date.UTC(2026, 0, 5, 12);

export function step(path: string, changes: Partial<StepPicture> = {}): StepPicture {
	return { path, status: 'completed', attempts: 1, after: [], reused: false, ...changes };
}

export function run(changes: Partial<RunPicture> = {}): RunPicture {
	return {
		runId: 'r1',
		name: 'Research',
		status: 'running',
		progress: 40,
		createdAt: NOON,
		updatedAt: NOON + 5000,
		usage: noUsage(),
		budgetReached: [],
		steps: [],
		reviews: [],
		checkpoints: [],
		...changes,
	};
}

/** A source of these runs, in this order. */
export function sourceOf(...runs: RunPicture[]): RunSource {
	return {
		list: async ({ limit, offset, status }) => {
			const found = runs.filter((one) => status?.includes(one.status) ?? true);
			return await Promise.resolve({
				runs: found.slice(offset, offset + limit),
				total: found.length,
			});
		},
		picture: async (runId) => await Promise.resolve(runs.find((one) => one.runId === runId)),
	};
}
