import type { Runtime } from '../core';
import { listPendingReviews, readInvitations, type PendingReview } from '../human';
import { Checkpoints, listRuns, openLedger, readRun } from '../run';
import type { Store } from '../store';
import type { RunSource } from './monitorCall';
import { budgetsOf, nodeRunLine, nodeRunSteps, pictureError, savedBy } from './nodeRun';
import type { CheckpointPicture, ReviewPicture, RunPicture } from './runPicture';
import { latestRecords } from './stepPictures';

/** What a source reads from. */
export interface SourceOptions {
	store: Store;
	runtime: Runtime;
	/** Whether reviews come with the links of their reviewers. Default false: links are keys. */
	reviewLinks?: boolean;
}

/** Most reviews and checkpoints of one run that are shown. */
const MAX_SHOWN = 100;

/** Runs of the nodes: their reports, what they have recorded, and what they ask people. */
export function nodeRuns(options: SourceOptions): RunSource {
	const { store, runtime } = options;
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
				reviewsOf(runId, options),
				checkpointsOf(runId, options),
			]);
			const failed = Object.values(run.parts).find(({ error }) => error !== undefined)?.error;
			const picture: RunPicture = {
				...nodeRunLine(run),
				steps: nodeRunSteps(run, latestRecords(ledger.entries())),
				saved: savedBy(run),
				budgetReached: budgetsOf(run),
				reviews,
				checkpoints,
				...(failed && { error: pictureError(failed) }),
			};
			return picture;
		},
	};
}

/** The open reviews of a run. */
export async function reviewsOf(runId: string, options: SourceOptions): Promise<ReviewPicture[]> {
	const { store, runtime } = options;
	const open = await listPendingReviews(store, { now: runtime.now(), runId, limit: MAX_SHOWN });
	return await Promise.all(
		open.map(async (review) => {
			const { requestId, title, openedAt, deadlineAt, votes, waitingFor } = review;
			const links = options.reviewLinks === true ? await linksOf(review, store) : [];
			return {
				requestId,
				title,
				openedAt,
				votes,
				waitingFor: waitingFor.map(({ name }) => name).filter((name) => name !== ''),
				...(deadlineAt !== null && { deadlineAt }),
				...(links.length > 0 && { links }),
			};
		}),
	);
}

/** The links of those who have not answered; of a review without names, the one there is. */
async function linksOf(
	{ requestId, waitingFor }: PendingReview,
	store: Store,
): Promise<NonNullable<ReviewPicture['links']>> {
	const links = (await readInvitations(store, requestId))?.links ?? {};
	const named = waitingFor.flatMap(({ id, name }) => {
		const url = links[id];
		return url === undefined ? [] : [{ who: name, url }];
	});
	return named.length > 0 || links[''] === undefined ? named : [{ who: '', url: links[''] }];
}

/** The saved states of a run. */
export async function checkpointsOf(
	runId: string,
	options: SourceOptions,
): Promise<CheckpointPicture[]> {
	const { checkpoints } = await new Checkpoints(options).list({ runId, limit: MAX_SHOWN });
	return checkpoints.map(({ name, savedAt }) => ({ name, at: savedAt }));
}
