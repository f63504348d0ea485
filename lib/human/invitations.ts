import { z } from 'zod';

import { parse, parseJson } from '../core';
import type { Store } from '../store';

/** Where links are kept while a review waits. They are keys: they belong in no list and no log. */
const INVITATIONS = 'reviewInvitations';

const invitationsSchema = z.object({
	version: z.literal(1),
	/** Addresses by the id of whose they are; the empty id is whoever has it. */
	links: z.record(z.string()),
	/** The clock's own address; a POST there ends a review whose time is over. */
	clockUrl: z.string(),
	/** How people are told. */
	channel: z.union([
		z.object({ by: z.literal('none') }),
		z.object({ by: z.literal('webhook'), url: z.string() }),
		z.object({ by: z.literal('workflow'), workflowId: z.string() }),
	]),
});

/** The links of a review, and how people get them. */
export type Invitations = z.infer<typeof invitationsSchema>;

/** Keeps the links of a review while it waits. @param runId - they are removed with this run */
export async function saveInvitations(
	store: Store,
	requestId: string,
	runId: string,
	invitations: Invitations,
): Promise<void> {
	const value = JSON.stringify(invitations);
	await store.put({ collection: INVITATIONS, id: requestId, version: 'any', value, runId });
}

/** The links of a review, for who sends or lists them; `undefined` when it waits no more. */
export async function readInvitations(
	store: Store,
	requestId: string,
): Promise<Invitations | undefined> {
	const document = await store.get(INVITATIONS, requestId);
	return document && parse(invitationsSchema, parseJson(document.value), 'Links of a review');
}

/** Forgets the links of a review that is over. */
export async function removeInvitations(store: Store, requestId: string): Promise<void> {
	await store.remove(INVITATIONS, requestId);
}
