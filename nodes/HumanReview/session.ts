import type {
	FunctionsBase,
	IExecuteData,
	IExecuteFunctions,
	IRunExecutionData,
	ITaskMetadata,
} from 'n8n-workflow';
import { z } from 'zod';

import { ValidationError, parse, reviewLink, reviewRequestSchema } from '../../lib';

/** What the waiting execution remembers, besides its items. */
const sessionSchema = z.object({
	request: reviewRequestSchema,
	/** The run that the review belongs to. */
	runId: z.string(),
	/** Where the decision is kept for a run that asks the same again. */
	reuseKey: z.string(),
});

/** See {@link sessionSchema}. */
export type ReviewSessionData = z.infer<typeof sessionSchema>;

/** What can sign addresses of this node; both `execute` and `webhook` can. */
export type SigningContext = Pick<FunctionsBase, 'getSignedResumeUrl'>;

/** Name under which the session is kept with the node's data, which n8n saves when it waits. */
const METADATA_KEY = 'humanReview';

/** Keeps the session with the waiting node. */
export function saveSession(
	context: Pick<IExecuteFunctions, 'setMetadata'>,
	session: ReviewSessionData,
	links: object,
): void {
	context.setMetadata({ ...links, [METADATA_KEY]: session } as ITaskMetadata);
}

/**
 * The node's own data while it waits: n8n gives it to webhooks, but does not say so in its types.
 *
 * @throws {ValidationError} when the node does not wait for a review
 */
export function waitingDataOf(context: object): IExecuteData {
	const { executeData } = context as { executeData?: IExecuteData };
	if (executeData === undefined) throw new ValidationError('This node is not waiting.');
	return executeData;
}

/** The session that {@link saveSession} kept. */
export function loadSession({ metadata }: IExecuteData): ReviewSessionData {
	const kept: unknown = (metadata as Record<string, unknown> | undefined)?.[METADATA_KEY];
	return parse(sessionSchema, kept, 'Waiting review');
}

/**
 * The key of this review's links, page numbers and PINs. It is the signature that n8n gives an
 * address which is never used, so it needs no place to be kept, and only this n8n can make it.
 */
export function secretOf(context: SigningContext): string {
	const signed = new URL(context.getSignedResumeUrl({ purpose: 'review-key' }));
	return signed.searchParams.get('signature') ?? '';
}

/** The address of the page for one reviewer; an empty id is whoever has it. */
export function reviewUrl(
	context: SigningContext,
	secret: string,
	requestId: string,
	reviewer: string,
): string {
	const link = reviewLink(secret, requestId, reviewer);
	const { code } = link;
	return context.getSignedResumeUrl(reviewer === '' ? { code } : { reviewer, code });
}

/**
 * Leaves a mark where the result of this run of the node will be.
 *
 * While n8n writes that the execution goes on, it may read the status from before and the data
 * from after, and then stumbles over the missing run with status 500, before this node is asked.
 * With the mark it asks the node, which answers that the review is decided.
 */
export function markRun(context: object, waiting: IExecuteData): void {
	const { runExecutionData } = context as { runExecutionData?: IRunExecutionData };
	const runs = runExecutionData?.resultData.runData[waiting.node.name];
	if (runs === undefined || waiting.runIndex !== undefined) return;
	// The engine fills the entry at this index in when the node has run.
	waiting.runIndex = runs.length;
	const source = waiting.source?.main ?? [];
	runs.push({ startTime: 0, executionTime: 0, executionIndex: 0, source });
}
