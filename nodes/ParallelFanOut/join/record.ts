import { openLedger, reportPart, toJson } from '../../../lib';
import type { FanOutTask, Json, Store } from '../../../lib';
import { n8nRuntime } from '../../shared/runtime';
import type { JoinTask } from './state';

/**
 * Records the tasks that completed after they had waited, so that a run with the same key does
 * not do them again, and tells the runs how this node has ended.
 */
export async function recordEnds(
	store: Store,
	tasks: readonly JoinTask[],
	ended: ReadonlyArray<FanOutTask<Json>>,
): Promise<void> {
	for (const [position, { place, report }] of tasks.entries()) {
		const { status, result, attempts } = ended[position]!;
		if (place === undefined || status !== 'completed') continue;
		const ledger = await openLedger({ store, runtime: n8nRuntime, runId: place.runKey });
		const output = toJson({ result, subExecution: report.subExecution });
		await ledger.completed(place.stepPath, place.inputHash, {
			output,
			attempt: attempts,
			order: 0,
		});
	}
	const failed = ended.filter(({ status }) => status !== 'completed').length;
	const message = `${ended.length - failed} done, ${failed} failed, 0 running`;
	await reportPlaces(store, tasks, failed === 0 ? 'completed' : 'failed', message);
}

/** Tells the runs of waiting tasks how it stands with this node. */
export async function reportPlaces(
	store: Store,
	tasks: readonly JoinTask[],
	status: 'waiting' | 'completed' | 'failed',
	message: string,
): Promise<void> {
	const parts = new Map(
		tasks.flatMap(({ place }) =>
			place === undefined ? [] : [[place.runKey, place.part] as const],
		),
	);
	for (const [runKey, part] of parts) {
		await reportPart(store, runKey, part, { status, message }, n8nRuntime.now());
	}
}
