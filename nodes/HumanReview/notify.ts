import type { IDataObject, IExecuteFunctions, INodeParameterResourceLocator } from 'n8n-workflow';

import { EngineError, messageOf } from '../../lib';
import type { HttpClient, ReviewRequest } from '../../lib';
import type { Parameters } from './parameters';

/** A link and whose it is; an empty name is whoever has it. */
export interface Invitation {
	reviewer: string;
	group: string | null;
	url: string;
}

/** Time limit of one message, in milliseconds. */
const SEND_TIMEOUT_MS = 30_000;

/** What a reviewer is told: everything a message needs, and nothing of the data under review. */
export function invitationMessage(
	request: ReviewRequest,
	{ reviewer, group, url }: Invitation,
	reminder = 0,
): IDataObject {
	const { requestId, kind, title, message, askedBy, deadlineAt, items } = request;
	return {
		type: reminder === 0 ? 'reviewRequested' : 'reviewReminder',
		reminder,
		requestId,
		reviewer: reviewer === '' ? null : reviewer,
		group,
		url,
		kind,
		title,
		message,
		askedBy,
		items: items.length,
		deadline: deadlineAt === null ? null : new Date(deadlineAt).toISOString(),
	};
}

/**
 * Gives all reviewers their links in the way the node is set to.
 *
 * @throws {EngineError} `REVIEW_NOT_SENT` when a reviewer could not be told: nobody would come
 */
export async function notifyReviewers(
	context: IExecuteFunctions,
	http: HttpClient,
	parameters: Parameters,
	messages: readonly IDataObject[],
): Promise<void> {
	const { notify, notifyUrl = '', notifyWorkflow } = parameters;
	if (notify === 'webhook') await postMessages(http, notifyUrl, messages);
	if (notify === 'workflow') await runWorkflow(context, notifyWorkflow, messages);
}

/** Posts each message to a webhook. */
export async function postMessages(
	http: HttpClient,
	url: string,
	messages: readonly IDataObject[],
): Promise<void> {
	for (const message of messages) {
		const request = { method: 'POST', url, body: message, timeoutMs: SEND_TIMEOUT_MS } as const;
		const failure = await http.request(request).then(
			({ status }) => (status < 400 ? undefined : `it answered with status ${status}`),
			(error: unknown) => messageOf(error),
		);
		if (failure !== undefined) throw notSent(`the webhook was not told: ${failure}`);
	}
}

async function runWorkflow(
	context: IExecuteFunctions,
	workflow: unknown,
	messages: readonly IDataObject[],
): Promise<void> {
	const { value: id } = workflow as INodeParameterResourceLocator;
	const executionId = context.getExecutionId();
	const failure = await context
		.executeWorkflow(
			{ id: String(id) },
			messages.map((json) => ({ json })),
			undefined,
			{
				// The messages are sent and done with: nothing of theirs may wake the review.
				parentExecution: {
					executionId,
					workflowId: context.getWorkflow().id!,
					shouldResume: false,
				},
				executionMode: context.getMode(),
			},
		)
		.then(
			() => undefined,
			(error: unknown) => messageOf(error),
		);
	if (failure !== undefined) throw notSent(`the sub-workflow did not run: ${failure}`);
}

function notSent(why: string): EngineError {
	return new EngineError('REVIEW_NOT_SENT', `The reviewers did not get their links: ${why}.`, {
		errorClass: 'server',
		hint: 'Check Tell Reviewers By and run again; no review is waiting.',
	});
}
