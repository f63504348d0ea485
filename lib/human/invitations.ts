import { z } from 'zod';

import { parse, parseJson } from '../core';
import { isStoreConflict } from '../store';
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
		z.object({
			by: z.literal('workflow'),
			workflowId: z.string(),
			/** n8n's mode of the execution that asks: by hand, drafts may run. */
			mode: z.string(),
		}),
	]),
});

/** The links of a review, and how people get them. */
export type Invitations = z.infer<typeof invitationsSchema>;

function parseInvitations(value: string): Invitations {
	return parse(invitationsSchema, parseJson(value), 'Links of a review');
}

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
	return document && parseInvitations(document.value);
}

/**
 * Keeps one more link of a review that waits, for reminders.
 *
 * @returns the links with it; `undefined` when the review waits no more
 */
export async function addInvitation(
	store: Store,
	requestId: string,
	id: string,
	url: string,
): Promise<Invitations | undefined> {
	for (;;) {
		const document = await store.get(INVITATIONS, requestId);
		if (document === undefined) return undefined;
		const { collection, runId, version } = document;
		const before = parseInvitations(document.value);
		const invitations = { ...before, links: { ...before.links, [id]: url } };
		const value = JSON.stringify(invitations);
		const saved = await store.put({ collection, id: requestId, version, value, runId }).then(
			() => true,
			// Somebody else was faster: once more, with what they have added.
			async (error: Error) => (isStoreConflict(error) ? false : await Promise.reject(error)),
		);
		if (saved) return invitations;
	}
}

/** Forgets the links of a review that is over. */
export async function removeInvitations(store: Store, requestId: string): Promise<void> {
	await store.remove(INVITATIONS, requestId);
}
