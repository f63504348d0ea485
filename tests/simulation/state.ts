import { StateStore, type StateWrite } from '../../lib/agent/stateStore';

/** What every completed execution adds one to. */
const TOTAL = 'total';

/** The shared state of a simulated run: a sum over all executions, and one key for each step. */
export const newState = (): StateStore => new StateStore({ reducers: { [TOTAL]: 'sum' } });

export const writesFor = (stepId: string, path: string): StateWrite[] => [
	{ key: TOTAL, value: 1 },
	{ key: stepId, value: path },
];

/** What an execution wrote, which is part of its output. */
export function writesOf(output: unknown): StateWrite[] {
	return (output as { writes?: StateWrite[] } | undefined)?.writes ?? [];
}

/**
 * The state that must come out, whatever the order of events was.
 *
 * @param completed - path of the last completed execution of each step, and how many there were
 */
export function expectedState(
	completed: ReadonlyMap<string, { path: string; times: number }>,
): Record<string, unknown> {
	const state: Record<string, unknown> = {};
	let total = 0;
	completed.forEach(({ path, times }, stepId) => {
		state[stepId] = path;
		total += times;
	});
	return total === 0 ? state : { ...state, [TOTAL]: total };
}
