import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import {
	answerLink,
	answerMonitorCall,
	answerQuestionCall,
	answerSecret,
	contentOf,
	hashOf,
	LivePages,
	mergedRuns,
	messageOf,
	nodeRuns,
	parse,
	readMonitorQuery,
	workflowRuns,
} from '../../lib';
import type { RunSource, Store } from '../../lib';
import { callerOf } from '../AgentWorkflow/manager';
import { readForm } from '../HumanReview/requestBody';
import { n8nRuntime } from '../shared/runtime';
import { openStore } from '../shared/store';
import { refusalOf } from './access';
import { parametersSchema, type Parameters } from './parameters';
import { send, streamTo } from './response';

/** The pages that are open at this process. */
const livePages = new LivePages(n8nRuntime);

/** Answers a request to the page. Never throws: n8n would start the workflow with nothing. */
export async function webhook(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	return await answer(context).catch((error: unknown) =>
		send(context, {
			statusCode: 500,
			headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' },
			body: `The page cannot be shown: ${messageOf(error)}`,
		}),
	);
}

async function answer(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const { authentication, options } = parse(
		parametersSchema,
		{
			authentication: context.getNodeParameter('authentication', 'basicAuth'),
			options: context.getNodeParameter('options', {}),
		},
		'Agent Run Page',
	);
	const question = options.answers ? await answerQuestion(context, options) : undefined;
	if (question !== undefined) return question;
	const refusal = await refusalOf(context, authentication);
	if (refusal !== undefined) return send(context, { ...refusal, body: 'Not allowed.' });
	if (context.getRequestObject().method !== 'GET') {
		return send(context, { statusCode: 405, headers: { Allow: 'GET' }, body: 'Only GET.' });
	}
	return await showRuns(context, options);
}

/** The form of one question. Its address is a key, so that it can be opened without the password. */
async function answerQuestion(
	context: IWebhookFunctions,
	{ owner }: Parameters['options'],
): Promise<IWebhookResponseData | undefined> {
	const query = context.getQueryData();
	if (!('answer' in query)) return undefined;
	const request = context.getRequestObject();
	const { caller } = callerOf(owner);
	const outcome = await answerQuestionCall(
		{ method: request.method, query, readForm: async () => await readForm(request) },
		{
			...{ store: await openStore(context), runtime: n8nRuntime },
			...(caller !== undefined && { owner: caller }),
		},
	);
	if (outcome === undefined) return undefined;
	const { reply, given } = outcome;
	const sent = send(context, reply);
	if (given === undefined) return sent;
	const { runId: executionId, requestId, answer: said } = given;
	return { ...sent, workflowData: [[{ json: { executionId, requestId, answer: said } }]] };
}

async function showRuns(
	context: IWebhookFunctions,
	options: Parameters['options'],
): Promise<IWebhookResponseData> {
	const store = await openStore(context);
	const query = readMonitorQuery(context.getQueryData());
	const source = await sourceOf(store, options);
	if (query.part !== 'stream') {
		const now = n8nRuntime.now();
		return send(context, await answerMonitorCall(source, query, now, { streams: true }));
	}
	const { seen, run, show, offset } = query;
	const stream = streamTo(context);
	const last = context.getHeaderData()['last-event-id'];
	const stop = livePages.follow(
		{
			key: hashOf([store.name, options, run ?? null, show, offset]),
			seen: typeof last === 'string' ? last : seen,
			look: async () => await contentOf(source, query, n8nRuntime.now()),
		},
		stream,
	);
	if (stop === undefined) {
		return send(context, { statusCode: 503, headers: {}, body: 'Too many pages are open.' });
	}
	stream.onClose(stop);
	return { noWebhookResponse: true };
}

/** An owner sees its own executions; everybody sees the runs of the nodes, too. */
async function sourceOf(
	store: Store,
	{ owner, reviewLinks, answers }: Parameters['options'],
): Promise<RunSource> {
	const runtime = n8nRuntime;
	const secret = answers ? await answerSecret(store, runtime) : undefined;
	const { caller } = callerOf(owner);
	const options = { store, runtime, reviewLinks };
	const executions = workflowRuns({
		...options,
		...(caller !== undefined && { owner: caller }),
		...(secret !== undefined && { answerAt: (question) => answerLink(secret, question) }),
	});
	return caller === undefined ? mergedRuns([executions, nodeRuns(options)]) : executions;
}
