import type {
	IDataObject,
	IExecuteFunctions,
	INodeParameterResourceLocator,
	WorkflowExecuteMode,
} from 'n8n-workflow';

import { EngineError, messageOf } from '../../lib';
import type { HttpClient, Invitations } from '../../lib';
import type { Parameters } from './parameters';

/** How people are told. */
export type Channel = Invitations['channel'];

/** The way that the node is set to. @param mode - of this execution: by hand, drafts may run */
export function channelOf(
	{ notify, notifyUrl = '', notifyWorkflow }: Parameters,
	mode: WorkflowExecuteMode,
): Channel {
	if (notify === 'webhook') return { by: 'webhook', url: notifyUrl };
	if (notify === 'none') return { by: 'none' };
	const { value } = notifyWorkflow as INodeParameterResourceLocator;
	return { by: 'workflow', workflowId: String(value), mode };
}

/** What is needed to tell people. */
export interface Messenger {
	http: HttpClient;
	/** Only where sub-workflows can be run. */
	context?: IExecuteFunctions;
}

/** Time limit of one message, in milliseconds. */
const SEND_TIMEOUT_MS = 30_000;

/**
 * Gives people messages in the way the node is set to.
 *
 * @throws {EngineError} `REVIEW_NOT_SENT` when one could not be given: nobody would come
 */
export async function sendMessages(
	{ http, context }: Messenger,
	channel: Channel,
	messages: readonly IDataObject[],
): Promise<void> {
	if (channel.by === 'webhook') await postMessages(http, channel.url, messages);
	if (channel.by === 'workflow' && context !== undefined) {
		await runWorkflow(context, channel, messages);
	}
}

async function postMessages(
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
	{ workflowId, mode }: Channel & { by: 'workflow' },
	messages: readonly IDataObject[],
): Promise<void> {
	const failure = await context
		.executeWorkflow(
			{ id: workflowId },
			messages.map((json) => ({ json })),
			undefined,
			{
				// The messages are sent and done with: nothing of theirs may wake the review.
				parentExecution: {
					executionId: context.getExecutionId(),
					workflowId: context.getWorkflow().id!,
					shouldResume: false,
				},
				executionMode: mode as WorkflowExecuteMode,
			},
		)
		.then(
			async ({ waitTill }) => {
				// n8n has put this execution to wait for a sub-workflow that waits itself.
				if (waitTill) await context.putExecutionToWait(undefined as unknown as Date);
			},
			(error: unknown) => messageOf(error),
		);
	if (typeof failure === 'string') throw notSent(`the sub-workflow did not run: ${failure}`);
}

function notSent(why: string): EngineError {
	return new EngineError('REVIEW_NOT_SENT', `The reviewers did not get their links: ${why}.`, {
		errorClass: 'server',
		hint: 'Check Tell Reviewers By and run again; no review is waiting.',
	});
}
