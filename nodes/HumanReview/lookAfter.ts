import type { IExecuteFunctions } from 'n8n-workflow';

import {
	REDELIVER_AFTER_MS,
	changeKnownReview,
	claimNotices,
	messageOf,
	nextLookAt,
	readInvitations,
	removeInvitations,
	withNoticeSent,
} from '../../lib';
import type { Invitations, Notice, ReviewState, Store } from '../../lib';
import { nodeHttpClient } from '../shared/http';
import { nodeLogger } from '../shared/logger';
import { endGone, isGone } from '../shared/reviews';
import { n8nRuntime } from '../shared/runtime';
import { openStore } from '../shared/store';
import { noticeMessage } from './messages';
import { sendMessages } from './notify';
import type { Messenger } from './notify';

/** Time limit of the call that ends a review, in milliseconds. */
const END_TIMEOUT_MS = 60_000;

/** When to look again at a review that could not be looked after, in milliseconds. */
const RETRY_MS = 66_000;

/**
 * Does what is due for a review that waits: sends reminders, asks those who join now, ends it at
 * its deadline. Any number may look at the same time; each notice is sent by one of them.
 *
 * @returns when to look again, in milliseconds since the epoch; `undefined` when the review is over
 */
export async function lookAfter(
	context: IExecuteFunctions,
	requestId: string,
): Promise<number | undefined> {
	return await look(context, requestId).catch((error: unknown) => {
		// Such as a store that is just starting: the next look may find it well.
		nodeLogger(context).log('warn', 'A waiting review could not be looked after', {
			requestId,
			message: messageOf(error),
		});
		return n8nRuntime.now() + RETRY_MS;
	});
}

async function look(context: IExecuteFunctions, requestId: string): Promise<number | undefined> {
	const store = await openStore(context);
	const invitations = await readInvitations(store, requestId);
	const state = await stateOf(store, requestId);
	if (invitations === undefined || state === undefined) return undefined;
	if (await isGone(context, state.about?.origin ?? null)) {
		await endGone(store, requestId);
		await removeInvitations(store, requestId);
		return undefined;
	}
	// Without the execution's cancel signal: this execution may be over while the review waits.
	const http = nodeHttpClient({
		getNode: () => context.getNode(),
		getCredentials: async (type) => await context.getCredentials(type),
		helpers: context.helpers,
	});
	const messenger = { http, context };
	const claimed = await changeKnownReview(store, requestId, (current) =>
		claimNotices(current, n8nRuntime.now()),
	);
	for (const notice of claimed?.result ?? []) {
		await send(messenger, store, { requestId, invitations, notice });
	}
	return await nextLook(messenger, store, requestId, invitations);
}

async function stateOf(store: Store, requestId: string): Promise<ReviewState | undefined> {
	const read = await changeKnownReview(store, requestId, (state) => ({ state, result: state }));
	return read?.result;
}

async function send(
	messenger: Messenger,
	store: Store,
	{
		requestId,
		invitations,
		notice,
	}: {
		requestId: string;
		invitations: Invitations;
		notice: Notice;
	},
): Promise<void> {
	const state = await stateOf(store, requestId);
	if (state === undefined) return;
	const messages = notice.to.flatMap((person) => {
		const url = invitations.links[person.id];
		return url === undefined ? [] : [noticeMessage(state, notice, person, url)];
	});
	await sendMessages(messenger, invitations.channel, messages);
	const now = n8nRuntime.now();
	await changeKnownReview(store, requestId, (current) => ({
		state: withNoticeSent(current, notice, now),
		result: undefined,
	}));
}

async function nextLook(
	{ http }: Messenger,
	store: Store,
	requestId: string,
	{ clockUrl }: Invitations,
): Promise<number | undefined> {
	const state = await stateOf(store, requestId);
	const tellWorkflow = async () =>
		await http.request({ method: 'POST', url: clockUrl, timeoutMs: END_TIMEOUT_MS });
	const now = n8nRuntime.now();
	if (state?.status !== 'open') {
		// Its links are forgotten when the workflow goes on: this one was cut short before that.
		const overdueAt = (state?.closedAt ?? 0) + REDELIVER_AFTER_MS + 1;
		if (overdueAt > now) return overdueAt;
		await tellWorkflow();
		await removeInvitations(store, requestId);
		return undefined;
	}
	const { deadlineAt } = state;
	if (deadlineAt === null || deadlineAt > now) return nextLookAt(state);
	// Its time is over: the review ends with the votes that it has.
	await tellWorkflow();
	return n8nRuntime.now() + RETRY_MS;
}
