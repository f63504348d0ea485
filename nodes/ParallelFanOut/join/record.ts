import { MAX_OPEN_STEPS, openLedger, reportPart, toJson } from '../../../lib';
import type { PartDetail, Store } from '../../../lib';
import { n8nRuntime } from '../../shared/runtime';
import type { EndedTask } from '../task';
import type { HeldTask } from './state';

/**
 * Records the tasks that completed while the node waited, so that a run with the same key does
 * not do them again, and tells the runs how this node has ended.
 */
export async function recordEnds(
	store: Store,
	tasks: readonly HeldTask[],
	ended: readonly EndedTask[],
	subExecutionOf: (index: number) => unknown,
): Promise<void> {
	for (const [position, { open, index }] of tasks.entries()) {
		const { status, result, attempts } = ended[position]!;
		if (open === undefined || status !== 'completed') continue;
		const { runKey, stepPath, inputHash } = open.place;
		const ledger = await openLedger({ store, runtime: n8nRuntime, runId: runKey });
		const output = toJson({ result, subExecution: subExecutionOf(index) });
		await ledger.completed(stepPath, inputHash, { output, attempt: attempts, order: 0 });
	}
	const failed = ended.filter(({ status }) => status !== 'completed').length;
	const message = `${ended.length - failed} done, ${failed} failed, 0 running`;
	const [slowest] = [...ended].sort((one, other) => other.durationMs - one.durationMs);
	await reportPlaces(store, tasks, failed === 0 ? 'completed' : 'failed', message, {
		open: [],
		...(slowest && { slowest: { step: slowest.key, durationMs: slowest.durationMs } }),
	});
}

/** The tasks that have not ended, and what they wait for. */
export function openTasks(tasks: readonly HeldTask[], since: number): PartDetail['open'] {
	return tasks
		.filter(({ open }) => open !== undefined)
		.slice(0, MAX_OPEN_STEPS)
		.map(({ key, report }) => ({
			step: key,
			since,
			...(report.waits !== undefined && { waitsFor: report.waits }),
		}));
}

/** Tells the runs of open tasks how it stands with this node. */
export async function reportPlaces(
	store: Store,
	tasks: readonly HeldTask[],
	status: 'waiting' | 'completed' | 'failed',
	message: string,
	detail: PartDetail,
): Promise<void> {
	const parts = new Map(
		tasks.flatMap(({ open }) =>
			open === undefined ? [] : [[open.place.runKey, open.place.part] as const],
		),
	);
	for (const [runKey, part] of parts) {
		await reportPart(store, runKey, part, { status, message, detail }, n8nRuntime.now());
	}
}
