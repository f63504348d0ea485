import type { IDataObject } from 'n8n-workflow';

import { openState, plannedNotices } from '../../lib';
import type { AwaitedReviewer, Notice, PassedOn, ReviewRequest, ReviewState } from '../../lib';

/** A link and whose it is; an empty name is whoever has it. */
export interface Invitation {
	reviewer: string;
	group: string | null;
	url: string;
}

const TYPES = { reminder: 'reviewReminder', escalation: 'reviewEscalated' } as const;

/** What a reviewer is told first: everything a message needs, and nothing of the data reviewed. */
export function invitationMessage(request: ReviewRequest, invitation: Invitation): IDataObject {
	const { reviewer, group, url } = invitation;
	const to = { id: reviewer, name: reviewer, group, onBehalfOf: null };
	const state = openState(request);
	return {
		...message(state, to, url, { type: 'reviewRequested', id: 'request', reminder: 0 }),
		message: request.message,
	};
}

/** What somebody is told while the review waits: a reminder, or that they are asked now as well. */
export function noticeMessage(
	state: ReviewState,
	{ id, kind, number }: Notice,
	to: AwaitedReviewer,
	url: string,
): IDataObject {
	const reminder = kind === 'reminder' ? number : 0;
	return message(state, to, url, { type: TYPES[kind], id, reminder });
}

/** What a stand-in is told to whom a vote was passed on. */
export function delegationMessage(
	request: ReviewRequest,
	{ to, onBehalfOf, url }: PassedOn,
): IDataObject {
	const group = request.reviewers.find(({ id }) => id === to.id)?.group ?? null;
	const id = `delegation-${onBehalfOf}`;
	return message(openState(request), { ...to, group, onBehalfOf }, url, {
		type: 'reviewDelegated',
		id,
		reminder: 0,
	});
}

function message(
	state: ReviewState,
	to: AwaitedReviewer,
	url: string,
	{ type, id, reminder }: { type: string; id: string; reminder: number },
): IDataObject {
	const { requestId, title, deadlineAt, items, about } = state;
	const planned = plannedNotices(state);
	const timesOf = (kind: Notice['kind']) =>
		planned.filter((notice) => notice.kind === kind).map(({ at }) => iso(at));
	return {
		type,
		// The same when a message is sent again, so that it can be recognised.
		messageId: `${requestId}/${id}/${to.name || 'anyone'}`,
		reminder,
		requestId,
		reviewer: to.name === '' ? null : to.name,
		group: to.group,
		onBehalfOf: to.onBehalfOf,
		url,
		kind: about!.kind,
		title,
		message: about!.message,
		askedBy: about!.askedBy,
		items: items.length,
		deadline: deadlineAt === null ? null : iso(deadlineAt),
		reminders: timesOf('reminder'),
		escalations: timesOf('escalation'),
	};
}

function iso(at: number): string {
	return new Date(at).toISOString();
}
