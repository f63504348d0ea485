import { z } from 'zod';

import type { Json } from '../core';
import { appendAudit, auditEntrySchema } from './audit';
import type { ReviewRequest } from './request';

const json: z.ZodType<Json> = z.any();

const answerSchema = z.object({
	/** Index of the item. */
	item: z.number().int(),
	/** `approved`, `rejected`, `answered`, or the id of a choice. */
	decision: z.string(),
	/** The edited payload, the form's values, or the text. */
	value: json.optional(),
});

/** What somebody says about one item. */
export type ItemAnswer = z.infer<typeof answerSchema>;

const voteSchema = z.object({
	/** Reviewer's id; empty for whoever has the link. */
	by: z.string(),
	/** Name of the reviewer, or the name given on the page; empty when unknown. */
	name: z.string(),
	/** Milliseconds since the epoch. */
	at: z.number(),
	comment: z.string(),
	channel: z.literal('page'),
	/** The page it was given on. */
	nonce: z.string(),
	answers: z.array(answerSchema),
	/** Hash of what was shown, for each item answered. */
	payloadHashes: z.array(z.string()),
});

/** One submitted page. */
export type Vote = z.infer<typeof voteSchema>;

const itemStateSchema = z.object({
	/** The payload as a reviewer has edited it; left out while it is as asked. */
	edited: json.optional(),
	/** Hash of what the decision is about now. */
	payloadHash: z.string(),
	/** Votes before this index in `votes` are about an earlier version. */
	since: z.number().int(),
	/** Final once it is set. */
	decision: z.string().nullable(),
	value: json.optional(),
});

/** What is known of one item. */
export type ItemState = z.infer<typeof itemStateSchema>;

/** A review under way, or decided; kept in the store under the request's id. */
export const reviewStateSchema = z.object({
	version: z.literal(1),
	requestId: z.string(),
	title: z.string(),
	status: z.enum(['open', 'decided', 'expired', 'withdrawn']),
	openedAt: z.number(),
	deadlineAt: z.number().nullable(),
	closedAt: z.number().nullable(),
	items: z.array(itemStateSchema),
	votes: z.array(voteSchema),
	/** Wrong PINs by reviewer. */
	wrongPins: z.record(z.number()).default({}),
	audit: z.array(auditEntrySchema),
});

/** See {@link reviewStateSchema}. */
export type ReviewState = z.infer<typeof reviewStateSchema>;

/** What an item is about now: its payload as asked, or as edited since. */
export function payloadOf(request: ReviewRequest, state: ReviewState, item: number): Json {
	const { edited } = state.items[item]!;
	return edited === undefined ? request.items[item]!.payload : edited;
}

/** The state of a review that nobody has answered yet. */
export function openState(request: ReviewRequest): ReviewState {
	const { requestId, title, openedAt, deadlineAt, items } = request;
	const hashes = items.map(({ payloadHash }) => payloadHash);
	return {
		version: 1,
		requestId,
		title,
		status: 'open',
		openedAt,
		deadlineAt,
		closedAt: null,
		items: items.map(({ payloadHash }) => ({ payloadHash, since: 0, decision: null })),
		votes: [],
		wrongPins: {},
		audit: appendAudit([], {
			at: openedAt,
			type: 'opened',
			by: '',
			data: { payloadHashes: hashes },
		}),
	};
}
