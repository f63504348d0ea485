import { appendAudit } from './audit';
import type { ReviewState } from './state';
import { awaitedIn } from './waiting';
import type { AwaitedReviewer } from './waiting';

/** Something to tell people while a review waits. */
export interface PlannedNotice {
	/** The same after every restart, so that who receives it can tell a repetition. */
	id: string;
	/** `reminder` goes to those who have not answered, `escalation` to those who join now. */
	kind: 'reminder' | 'escalation';
	/** 1 for the first of its kind. */
	number: number;
	/** Milliseconds since the epoch. */
	at: number;
}

/** A notice that is to be sent now. */
export interface Notice extends PlannedNotice {
	to: AwaitedReviewer[];
}

/** How long whoever has claimed a notice may take to send it, in milliseconds. */
export const CLAIM_MS = 5 * 60_000;

/** Everything that is to be told before the deadline, in the order of its time. */
export function plannedNotices({ about, deadlineAt }: ReviewState): PlannedNotice[] {
	if (about === null) return [];
	const joining = about.reviewers.flatMap(({ joinsAt, standIn }) =>
		joinsAt === null || standIn ? [] : [joinsAt],
	);
	const kinds = { reminder: about.remindersAt, escalation: joining };
	return (['reminder', 'escalation'] as const)
		.flatMap((kind) =>
			[...new Set(kinds[kind])]
				.sort((a, b) => a - b)
				.map((at, index) => ({ id: `${kind}-${index + 1}`, kind, number: index + 1, at })),
		)
		.filter(({ at }) => deadlineAt === null || at < deadlineAt)
		.sort((a, b) => a.at - b.at);
}

/**
 * Takes what is due, so that nobody else sends it. A claim that is not settled after
 * {@link CLAIM_MS} is due again: whoever made it is gone.
 *
 * Of several reminders that have come due, such as while n8n was down, only the last is sent.
 */
export function claimNotices(
	state: ReviewState,
	now: number,
): { state: ReviewState; result: Notice[] } {
	if (state.status !== 'open') return { state, result: [] };
	const due = plannedNotices(state).filter((notice) => (dueAt(state, notice) ?? now + 1) <= now);
	if (due.length === 0) return { state, result: [] };
	const last = due.findLast(({ kind }) => kind === 'reminder');
	const claimed = due
		.filter((notice) => notice.kind === 'escalation' || notice === last)
		.map((notice) => ({ ...notice, to: receiversOf(state, notice, now) }))
		.filter(({ to }) => to.length > 0);
	const isClaimed = (id: string) => claimed.some((notice) => notice.id === id);
	const marks = due.map(({ id }) => {
		const status = isClaimed(id) ? ('claimed' as const) : ('skipped' as const);
		return [id, { status, at: now }] as const;
	});
	const notices = { ...state.notices, ...Object.fromEntries(marks) };
	return { state: { ...state, notices }, result: claimed };
}

function receiversOf(
	state: ReviewState,
	{ kind, at }: PlannedNotice,
	now: number,
): AwaitedReviewer[] {
	const awaited = awaitedIn(state, now);
	if (kind === 'reminder') return awaited;
	const joined = state.about!.reviewers.filter(({ joinsAt }) => joinsAt === at);
	return awaited.filter(({ id }) => joined.some((each) => each.id === id));
}

/** When a notice is to be sent, or tried again; `undefined` when it is settled. */
function dueAt({ notices }: ReviewState, { id, at }: PlannedNotice): number | undefined {
	const mark = notices[id];
	if (mark === undefined) return at;
	return mark.status === 'claimed' ? mark.at + CLAIM_MS : undefined;
}

/** The review after a notice was sent. */
export function withNoticeSent(state: ReviewState, notice: Notice, now: number): ReviewState {
	const { id, kind, number, to } = notice;
	return {
		...state,
		notices: { ...state.notices, [id]: { status: 'sent', at: now } },
		audit: appendAudit(state.audit, {
			at: now,
			type: kind === 'reminder' ? 'reminded' : 'escalated',
			by: 'system',
			data: { number, to: to.map(({ name }) => name) },
		}),
	};
}

/** The next moment at which somebody has to look; `undefined` when there is none. */
export function nextLookAt(state: ReviewState): number | undefined {
	if (state.status !== 'open') return undefined;
	const times = plannedNotices(state).map((notice) => dueAt(state, notice));
	const moments = [...times, state.deadlineAt ?? undefined].filter((at) => at !== undefined);
	return moments.length === 0 ? undefined : Math.min(...moments);
}
