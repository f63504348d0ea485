import type { Json, JsonObject } from '../core';
import { toJson } from '../core';
import type { AuditEntry } from './audit';
import { NO_DECISION, REJECTED, currentAnswers } from './decide';
import { differenceOf } from './difference';
import type { Change } from './difference';
import type { ReviewRequest } from './request';
import { payloadOf } from './state';
import type { ReviewState, Vote } from './state';

/** What the result tells of a vote; the page it was given on stays behind. */
export interface ListedVote {
	by: string;
	reviewer: string;
	/** Whose vote it is, when that one passed it on; else `null`. */
	onBehalfOf: string | null;
	decision: string;
	comment: string;
	/** ISO 8601. */
	at: string;
	payloadHash: string;
}

/** The decision on one item, as it leaves the node. The names are the product's API. */
export interface ReviewDecision {
	/** `approved`, `rejected`, `answered`, `noDecision`, or the id of a choice. */
	decision: string;
	/** Why there is no decision; `null` when there is one. */
	reason: 'expired' | 'withdrawn' | 'noQuorum' | null;
	decidedBy: 'human' | 'timeout' | 'policy';
	/** Whose vote decided; `null` when nobody's, or when the link names nobody. */
	reviewer: string | null;
	/** Name of the reviewer who passed the vote that decided on; else `null`. */
	onBehalfOf: string | null;
	/** ISO 8601; `null` when nobody decided. */
	decidedAt: string | null;
	comment: string;
	/** Exactly what was approved, or asked about. */
	payload: Json;
	/** SHA-256 of the payload as JSON with sorted keys. */
	payloadHash: string;
	/** Whether the payload was changed before it was approved. */
	edited: boolean;
	/** What was changed. */
	difference: Change[];
	/** A form's values or a text; `null` for other kinds. */
	answer: Json;
	votes: ListedVote[];
	requestId: string;
	audit: AuditEntry[];
}

/** The decisions of a closed review, one for each item, in order. */
export function decisionsOf(request: ReviewRequest, state: ReviewState): ReviewDecision[] {
	return state.items.map((item, index) => {
		if (item.decision === null) {
			return onTimeout(
				request,
				state,
				index,
				state.status === 'withdrawn' ? 'withdrawn' : 'expired',
			);
		}
		const vote = decidingVote(state, index, item.decision);
		const none = item.decision === NO_DECISION;
		return {
			...commonFields(request, state, index),
			decision: item.decision,
			reason: none ? 'noQuorum' : null,
			decidedBy: none ? 'policy' : 'human',
			reviewer: vote === undefined || vote.name === '' ? null : vote.name,
			onBehalfOf: vote?.onBehalfOf ?? null,
			decidedAt: vote === undefined ? null : iso(vote.at),
			comment: vote?.comment ?? '',
			answer: item.decision === 'answered' ? (item.value ?? null) : null,
		};
	});
}

/**
 * The decisions that hold when the deadline passes without any: known from the start, so that n8n
 * can give them on by itself, even when this process is gone.
 */
export function timeoutDecisions(request: ReviewRequest, state: ReviewState): ReviewDecision[] {
	return state.items.map((_, index) => onTimeout(request, state, index, 'expired'));
}

function onTimeout(
	request: ReviewRequest,
	state: ReviewState,
	index: number,
	reason: 'expired' | 'withdrawn',
): ReviewDecision {
	const policy = reason === 'withdrawn' ? 'noDecision' : request.onTimeout;
	const decision = policyDecision(request, policy);
	const answer =
		decision === 'answered' && request.defaultAnswer !== undefined ? request.defaultAnswer : null;
	return {
		...commonFields(request, state, index),
		decision,
		reason: decision === NO_DECISION ? reason : null,
		decidedBy: reason === 'withdrawn' ? 'policy' : 'timeout',
		reviewer: null,
		onBehalfOf: null,
		decidedAt: null,
		comment: '',
		answer,
	};
}

function policyDecision(request: ReviewRequest, policy: ReviewRequest['onTimeout']): string {
	const { kind, defaultAnswer } = request;
	if (policy === 'reject') return REJECTED;
	if (policy === 'approve' && (kind === 'approval' || kind === 'edit')) return 'approved';
	if (policy !== 'default' || defaultAnswer === undefined) return NO_DECISION;
	if (kind === 'form' || kind === 'text') return 'answered';
	return typeof defaultAnswer === 'string' ? defaultAnswer : NO_DECISION;
}

function commonFields(request: ReviewRequest, state: ReviewState, index: number) {
	const asked = request.items[index]!;
	const payload = payloadOf(request, state, index);
	const { payloadHash } = state.items[index]!;
	return {
		payload,
		payloadHash,
		edited: payloadHash !== asked.payloadHash,
		difference: differenceOf(asked.payload, payload),
		votes: state.votes.flatMap((vote) => listedVote(vote, index)),
		requestId: request.requestId,
		audit: state.audit,
	};
}

function listedVote(vote: Vote, index: number): ListedVote[] {
	const position = vote.answers.findIndex(({ item }) => item === index);
	if (position === -1) return [];
	return [
		{
			by: vote.by,
			reviewer: vote.name,
			onBehalfOf: vote.onBehalfOf,
			decision: vote.answers[position]!.decision,
			comment: vote.comment,
			at: iso(vote.at),
			payloadHash: vote.payloadHashes[position]!,
		},
	];
}

/** The last of the votes that made the decision. */
function decidingVote(state: ReviewState, index: number, decision: string): Vote | undefined {
	const agreeing = [...currentAnswers(state, state.items[index]!, index)]
		.filter(([, answer]) => answer.decision === decision)
		.map(([by]) => by);
	return state.votes.findLast(
		({ by, answers }) => agreeing.includes(by) && answers.some(({ item }) => item === index),
	);
}

function iso(at: number): string {
	return new Date(at).toISOString();
}

/** A decision as the fields of an item. */
export function decisionFields(decision: ReviewDecision): JsonObject {
	return toJson(decision) as JsonObject;
}
