import { z } from 'zod';

import type { Json } from '../core';
import { appendAudit, auditEntrySchema } from './audit';
import { quorumSchema, reviewerSchema } from './people';
import { REVIEW_KINDS, originSchema } from './request';
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
	/** Id of the reviewer whose vote it is; empty for whoever has the link. */
	by: z.string(),
	/** Id of who answered, when the vote was passed on to them; empty otherwise. */
	voter: z.string().default(''),
	/** Name of the reviewer whose vote it is, when it was passed on. */
	onBehalfOf: z.string().nullable().default(null),
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

const delegationSchema = z.object({
	/** Id of the reviewer whose vote it is. */
	from: z.string(),
	/** Who answers in their place. */
	to: z.object({ id: z.string(), name: z.string(), pinCode: z.string().nullable() }),
	/** Milliseconds since the epoch. */
	at: z.number(),
	/** When it was taken back; `null` while it holds. */
	endedAt: z.number().nullable(),
	/** The page it was done on. */
	nonce: z.string(),
	/** Whether the other one was sent the link; otherwise the reviewer hands it over. */
	sent: z.boolean(),
});

/** A vote that was passed on. */
export type Delegation = z.infer<typeof delegationSchema>;

const noticeMarkSchema = z.object({
	status: z.enum(['claimed', 'sent', 'skipped']),
	/** Milliseconds since the epoch. */
	at: z.number(),
});

/** Longest part of the message that lists show. */
const MAX_LISTED_MESSAGE = 1000;

/** What lists and reminders tell of the request; of the data under review it holds nothing. */
const aboutSchema = z.object({
	kind: z.enum(REVIEW_KINDS),
	/** Markdown, cut short. */
	message: z.string(),
	askedBy: z.string(),
	quorum: quorumSchema,
	reviewers: z.array(reviewerSchema.omit({ pinCode: true })),
	remindersAt: z.array(z.number()),
	origin: originSchema.nullable(),
});

/** See {@link aboutSchema}. */
export type AboutReview = z.infer<typeof aboutSchema>;

/** A review under way, or decided; kept in the store under the request's id. */
export const reviewStateSchema = z.object({
	version: z.literal(1),
	requestId: z.string(),
	title: z.string(),
	/** `null` for reviews that an earlier version has opened. */
	about: aboutSchema.nullable().default(null),
	status: z.enum(['open', 'decided', 'expired', 'withdrawn']),
	openedAt: z.number(),
	deadlineAt: z.number().nullable(),
	closedAt: z.number().nullable(),
	items: z.array(itemStateSchema),
	votes: z.array(voteSchema),
	/** Wrong PINs by reviewer. */
	wrongPins: z.record(z.number()).default({}),
	delegations: z.array(delegationSchema).default([]),
	/** What became of reminders and escalations, by their ids. */
	notices: z.record(noticeMarkSchema).default({}),
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
		about: aboutOf(request),
		status: 'open',
		openedAt,
		deadlineAt,
		closedAt: null,
		items: items.map(({ payloadHash }) => ({ payloadHash, since: 0, decision: null })),
		votes: [],
		wrongPins: {},
		delegations: [],
		notices: {},
		audit: appendAudit([], {
			at: openedAt,
			type: 'opened',
			by: '',
			data: { payloadHashes: hashes },
		}),
	};
}

function aboutOf(request: ReviewRequest): AboutReview {
	const { kind, message, askedBy, quorum, reviewers, remindersAt, origin } = request;
	const people = reviewers.map(({ id, name, group, joinsAt, standIn }) => ({
		id,
		name,
		group,
		joinsAt,
		standIn,
	}));
	return {
		kind,
		message: message.slice(0, MAX_LISTED_MESSAGE),
		askedBy,
		quorum,
		reviewers: people,
		remindersAt,
		origin,
	};
}
