import { currentAnswers } from './decide';
import { votersOf } from './people';
import type { ReviewState } from './state';
import { delegations } from './visitor';

/** Somebody whose answer is still missing. */
export interface AwaitedReviewer {
	/** Names them in links; empty for whoever has the link. */
	id: string;
	name: string;
	group: string | null;
	/** Name of the reviewer whose vote it is, when that one passed it on; else `null`. */
	onBehalfOf: string | null;
}

/** Whose answers are missing now: those who may answer, and have not about everything open. */
export function awaitedIn(state: ReviewState, now: number): AwaitedReviewer[] {
	const { about } = state;
	if (about === null || state.status !== 'open') return [];
	const voters = votersOf(about);
	if (voters.length === 0) return [{ id: '', name: '', group: null, onBehalfOf: null }];
	return voters
		.filter(({ id, joinsAt }) => (joinsAt ?? 0) <= now && !hasAnswered(state, id))
		.map(({ id, name, group }) => {
			const to = delegations(state).find(({ from }) => from === id)?.to;
			return to === undefined
				? { id, name, group, onBehalfOf: null }
				: { id: to.id, name: to.name, group, onBehalfOf: name };
		});
}

function hasAnswered(state: ReviewState, voter: string): boolean {
	return state.items.every(
		(item, index) => item.decision !== null || currentAnswers(state, item, index).has(voter),
	);
}
