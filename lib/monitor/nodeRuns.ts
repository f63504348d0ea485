import type { Runtime } from '../core';
import { listPendingReviews } from '../human';
import { Checkpoints, listRuns, openLedger, readRun } from '../run';
import type { Store } from '../store';
import type { RunSource } from './monitorCall';
import { nodeRunLine, nodeRunSteps, pictureError, savedBy } from './nodeRun';
import type { CheckpointPicture, ReviewPicture, RunPicture } from './runPicture';
import { latestRecords } from './stepPictures';

/** What a source reads from. */
export interface SourceOptions {
	store: Store;
	runtime: Runtime;
}

/** Most reviews and checkpoints of one run that are shown. */
const MAX_SHOWN = 100;

/** Runs of the nodes: their reports, what they have recorded, and what they ask people. */
export function nodeRuns({ store, runtime }: SourceOptions): RunSource {
	return {
		async list(query) {
			const { runs, total } = await listRuns(store, query);
			return { runs: runs.map(nodeRunLine), total };
		},
		async picture(runId) {
			const run = await readRun(store, runId);
			if (run === undefined) return undefined;
			const ledger = await openLedger({ store, runtime, runId });
			const [reviews, checkpoints] = await Promise.all([
				reviewsOf(runId, store, runtime.now()),
				checkpointsOf(runId, { store, runtime }),
			]);
			const failed = Object.values(run.parts).find(({ error }) => error !== undefined)?.error;
			const picture: RunPicture = {
				...nodeRunLine(run),
				steps: nodeRunSteps(run, latestRecords(ledger.entries())),
				saved: savedBy(run),
				reviews,
				checkpoints,
				...(failed && { error: pictureError(failed) }),
			};
			return picture;
		},
	};
}

/** The open reviews of a run. */
export async function reviewsOf(
	runId: string,
	store: Store,
	now: number,
): Promise<ReviewPicture[]> {
	const open = await listPendingReviews(store, { now, runId, limit: MAX_SHOWN });
	return open.map(({ requestId, title, openedAt, deadlineAt, votes }) => ({
		requestId,
		title,
		openedAt,
		votes,
		...(deadlineAt !== null && { deadlineAt }),
	}));
}

/** The saved states of a run. */
export async function checkpointsOf(
	runId: string,
	options: SourceOptions,
): Promise<CheckpointPicture[]> {
	const { checkpoints } = await new Checkpoints(options).list({ runId, limit: MAX_SHOWN });
	return checkpoints.map(({ name, savedAt }) => ({ name, at: savedAt }));
}
