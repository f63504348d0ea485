import { z } from 'zod';

import { ValidationError, hashOf, isJsonObject, parse, show } from '../core';
import type { Json } from '../core';
import { fieldSchema, readField } from './fields';
import type { FormField } from './fields';
import {
	DELEGATIONS,
	distinct,
	isSamePerson,
	peopleProblem,
	quorumSchema,
	reviewerSchema,
} from './people';

/** What people are asked to do. */
export const REVIEW_KINDS = ['approval', 'choice', 'edit', 'form', 'text'] as const;

/** See {@link REVIEW_KINDS}. */
export type ReviewKind = (typeof REVIEW_KINDS)[number];

/** What happens when the deadline passes: `approve` is for those who really want it. */
export const TIMEOUT_POLICIES = ['noDecision', 'reject', 'default', 'approve'] as const;

const json: z.ZodType<Json> = z.any();

/** The place in n8n that waits for the review. */
export const originSchema = z.object({
	/** Tells several n8n apart that share a store; empty when it is not known. */
	instanceId: z.string().default(''),
	executionId: z.string(),
	workflowId: z.string(),
	workflow: z.string(),
	node: z.string(),
});

/** A request as it is kept with the waiting execution: frozen when the review opens. */
export const reviewRequestSchema = z.object({
	version: z.literal(1),
	requestId: z.string().min(1).max(200),
	kind: z.enum(REVIEW_KINDS),
	title: z.string().min(1).max(300),
	/** Markdown. */
	message: z.string().max(100_000).default(''),
	/** Who asks, e.g. the name of the workflow. */
	askedBy: z.string().max(300).default(''),
	items: z
		.array(z.object({ label: z.string(), payload: json, payloadHash: z.string() }))
		.min(1, 'must hold at least one item'),
	/** Whether each item is decided for itself; otherwise one decision is for all. */
	decideEach: z.boolean().default(false),
	choices: z.array(z.object({ id: z.string().min(1), label: z.string().min(1) })).default([]),
	/** Fields to fill in: of a form, or the one field of a text. */
	fields: z.array(fieldSchema).default([]),
	/** JSON Schema an edited payload must fit. */
	schema: z.record(json).nullable().default(null),
	/** Empty: whoever has the link may decide. */
	reviewers: z.array(reviewerSchema).default([]),
	quorum: quorumSchema.default({}),
	/** Id of the one who asked, who may not decide. */
	requester: z.string().nullable().default(null),
	delegation: z.enum(DELEGATIONS).default('none'),
	/** When those who have not decided are reminded, in milliseconds since the epoch. */
	remindersAt: z.array(z.number()).default([]),
	/** Where the request comes from; `null` outside of n8n. */
	origin: originSchema.nullable().default(null),
	openedAt: z.number(),
	/** Milliseconds since the epoch; `null` waits without end. */
	deadlineAt: z.number().nullable().default(null),
	onTimeout: z.enum(TIMEOUT_POLICIES).default('noDecision'),
	/** Answer that `default` gives on timeout: a choice, a form's values, a text or a payload. */
	defaultAnswer: json.optional(),
	/** When a comment must be given. */
	comment: z.enum(['never', 'optional', 'onReject', 'always']).default('optional'),
	/** How the payload is shown. */
	format: z.enum(['auto', 'text', 'markdown', 'json']).default('auto'),
	/** Whether the payload comes from where strangers write, which the page then says. */
	untrusted: z.boolean().default(false),
	/** Language of the page; `null` lets the reader's browser choose. */
	language: z.string().nullable().default(null),
	/** Time zone of the times shown. */
	timeZone: z.string().default('UTC'),
});

/** A request for review; see {@link reviewRequestSchema}. */
export type ReviewRequest = z.infer<typeof reviewRequestSchema>;

/** What a caller gives to open a review; the rest has defaults. */
export type ReviewDraft = Omit<z.input<typeof reviewRequestSchema>, 'version' | 'items'> & {
	items: ReadonlyArray<{ label?: string; payload: Json }>;
};

/**
 * Freezes a request: payloads are hashed, defaults filled in, contradictions refused.
 *
 * @throws {ValidationError} when it cannot be decided as asked, e.g. a quorum of more people than
 * there are
 */
export function openRequest(draft: ReviewDraft): ReviewRequest {
	const items = draft.items.map(({ label = '', payload }) => ({
		label,
		payload,
		payloadHash: hashOf(payload),
	}));
	const request = parse(reviewRequestSchema, { ...draft, version: 1, items }, 'Review');
	const problem = problemOf(request);
	if (problem !== undefined) throw new ValidationError(`Review: ${problem}`);
	const { requester } = request;
	// Four eyes: who asked may not decide.
	const reviewers = request.reviewers.filter(({ id }) => !isSamePerson(id, requester ?? ''));
	return { ...request, reviewers };
}

function problemOf(request: ReviewRequest): string | undefined {
	const { kind, choices, fields } = request;
	if (kind === 'choice' && choices.length === 0) return 'a choice needs at least one option.';
	if (!distinct(choices.map(({ id }) => id))) return 'two options have the same value.';
	if (kind === 'form' && fields.length === 0) return 'a form needs at least one field.';
	if (!distinct(fields.map(({ name }) => name))) return 'two fields have the same name.';
	const most = Math.max(request.quorum.approve, request.quorum.reject);
	if (most > 1 && (kind === 'form' || kind === 'text')) {
		return 'a form or a text is answered by one person; a quorum is for approvals, choices and edits.';
	}
	return peopleProblem(request) ?? timeoutProblem(request);
}

/** An answer given by the clock must be one that a person could give. */
function timeoutProblem(request: ReviewRequest): string | undefined {
	const { kind, onTimeout, defaultAnswer: answer, choices } = request;
	const isDecision = kind === 'approval' || kind === 'edit';
	if (onTimeout === 'approve' && !isDecision) {
		return 'only an approval or an edit can be approved by silence.';
	}
	if (onTimeout !== 'default') return undefined;
	if (isDecision) return 'a default answer is for a choice, a form or a text.';
	if (answer === undefined) return 'the default answer for the time-out is missing.';
	if (kind === 'choice') {
		const known = choices.some(({ id }) => id === answer);
		return known ? undefined : `the default answer ${show(answer)} is none of the choices.`;
	}
	return formProblem(
		request.fields,
		kind === 'text' ? { [request.fields[0]!.name]: answer } : answer,
	);
}

function formProblem(fields: readonly FormField[], answer: Json): string | undefined {
	if (!isJsonObject(answer)) return `the default answer must hold the form's values by name.`;
	for (const field of fields) {
		const value = Object.hasOwn(answer, field.name) ? answer[field.name]! : null;
		const typed = value === null ? [] : [value].flat().map((each) => typedText(each));
		const result = readField(field, typed);
		if ('problem' in result) {
			const { code, detail } = result.problem;
			const limit = detail === undefined ? '' : ` ${detail}`;
			return `the default answer for "${field.label}" is not valid (${code}${limit}), received ${show(value)}.`;
		}
	}
	return undefined;
}

/** A value as it would be typed on the page. */
function typedText(value: Json): string {
	if (typeof value === 'boolean') return value ? 'yes' : 'no';
	return typeof value === 'string' ? value : JSON.stringify(value);
}
