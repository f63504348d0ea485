import { WAIT_INDEFINITELY } from 'n8n-workflow';
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import {
	CLOCK,
	DELIVERY,
	OWNER,
	hashOf,
	keepDesk,
	nextLookAt,
	openRequest,
	openState,
	pageLink,
	plannedNotices,
	timeoutDecisions,
	toJson,
} from '../../lib';
import type { Json, KeptDesk, ReviewRequest } from '../../lib';
import { nodeHttpClient } from '../shared/http';
import { errorItem } from '../shared/items';
import { parameterReader } from '../shared/parameters';
import { n8nRuntime } from '../shared/runtime';
import { runKeyOf } from '../shared/steps';
import { checkStoreForWebhooks, openStore } from '../shared/store';
import { keepLooking } from './clock';
import { decisionItems } from './decisionItems';
import { draftOf } from './draft';
import { invitationMessage } from './messages';
import type { Invitation } from './messages';
import { channelOf, sendMessages } from './notify';
import type { Channel } from './notify';
import { outputCount } from './outputs';
import { parametersSchema } from './parameters';
import { properties } from './properties';
import { announceReview, recordedDecisions } from './records';
import { reviewUrl, saveSession, secretOf } from './session';
import type { ReviewSessionData } from './session';
import { startWatcher } from './watcher';

/**
 * How much longer than the deadline n8n waits by itself, in milliseconds: an answer that came in
 * time is never overtaken by the end of the wait.
 */
const GRACE_MS = 5000;

/** Opens a review for all input items and puts the execution to wait. */
export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	try {
		return await openReview(context);
	} catch (error) {
		return [context.getInputData().map((_, index) => errorItem(context, error, index))];
	}
}

async function openReview(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const items = context.getInputData();
	if (items.length === 0) return [[]];
	const parameters = parameterReader(context, parametersSchema, properties)(0);
	const secret = secretOf(context);
	const request = openRequest(
		draftOf(parameters, {
			requestId: n8nRuntime.newId(),
			openedAt: n8nRuntime.now(),
			secret,
			nodeName: context.getNode().name,
			workflowName: context.getWorkflow().name ?? '',
			origin: originOf(context),
			timeZone: context.getTimezone(),
			payloads: items.map((_, index) => payloadOf(context, index)),
		}),
	);
	const isTool = isToolGate(context.getNode().type);
	const session = sessionOf(context, request);
	const recorded = await recordedDecisions(context, session);
	if (recorded !== undefined) return decisionItems(items, recorded, request, isTool, true);

	checkStoreForWebhooks(context);
	const urlOf = await linksFor(context, session, secret, parameters.settings.pageUrl);
	const channel = channelOf(parameters, context.getMode());
	const invitations = invitationsOf(request, urlOf);
	await invite(context, channel, request, invitations);
	await announceReview(context, session, {
		version: 1,
		links: Object.fromEntries(invitations.map(({ reviewer, url }) => [reviewer, url])),
		clockUrl: reviewUrl(context, secret, request.requestId, CLOCK),
		channel,
	});
	await watch(context, request);
	await waitFor(context, session, items, {
		// Whoever sees the execution may stop it anyway.
		withdrawUrl: urlOf(OWNER),
		...(channel.by === 'none' ? visibleLinks(invitations) : {}),
	});
	keepLooking(context, request.requestId, nextLookAt(openState(request)));
	return emptyOutputs(request, isTool);
}

/** Whether the node is the gate that n8n makes of it for tools of AI agents. */
export function isToolGate(type: string): boolean {
	return type.endsWith('HitlTool');
}

function payloadOf(context: IExecuteFunctions, index: number): Json {
	return toJson(context.getNodeParameter('payload', index, null));
}

function sessionOf(context: IExecuteFunctions, request: ReviewRequest): ReviewSessionData {
	const runId = runKeyOf(context, 0);
	const { kind, choices, fields, items, quorum, requester, delegation, reviewers } = request;
	const asked = items.map(({ payloadHash }) => payloadHash);
	// Other rules, or other people, ask again.
	const people = reviewers.map(({ id, group, standIn }) => ({ id, group, standIn }));
	const rules = { quorum, requester, delegation, people };
	// A loop that comes back asks again, though it asks about the same data.
	const round: unknown = context.getWorkflowDataProxy(0).$runIndex;
	const { name } = context.getNode();
	const reuseKey = hashOf([runId, name, round, kind, choices, fields, asked, rules]);
	return { request, runId, reuseKey };
}

function originOf(context: IExecuteFunctions): ReviewRequest['origin'] {
	const { id = '', name = '' } = context.getWorkflow();
	return {
		instanceId: context.getInstanceId(),
		executionId: context.getExecutionId(),
		workflowId: id,
		workflow: name,
		node: context.getNode().name,
	};
}

/** Makes links: to where the execution waits, or to the page that is published for reviews. */
async function linksFor(
	context: IExecuteFunctions,
	{ request, runId }: ReviewSessionData,
	secret: string,
	pageUrl: string,
): Promise<(reviewer: string) => string> {
	const own = (reviewer: string) => reviewUrl(context, secret, request.requestId, reviewer);
	if (pageUrl === '') return own;
	const deliveryUrl = own(DELIVERY);
	const desk: KeptDesk = { version: 1, request, runId, secret, pageUrl, deliveryUrl };
	await keepDesk(await openStore(context), desk);
	return (reviewer) => pageLink(desk, reviewer);
}

/** The links of everybody who may come to decide, also of those who join later. */
function invitationsOf(
	{ reviewers }: ReviewRequest,
	urlOf: (reviewer: string) => string,
): Invitation[] {
	const everybody = [{ id: '', group: null }];
	return (reviewers.length === 0 ? everybody : reviewers).map(({ id, group }) => ({
		reviewer: id,
		group,
		url: urlOf(id),
	}));
}

/** Tells those who may decide from the start. */
async function invite(
	context: IExecuteFunctions,
	channel: Channel,
	request: ReviewRequest,
	invitations: readonly Invitation[],
): Promise<void> {
	const later = request.reviewers.filter(({ joinsAt, standIn }) => standIn || joinsAt !== null);
	const messages = invitations
		.filter(({ reviewer }) => later.every(({ id }) => id !== reviewer))
		.map((invitation) => invitationMessage(request, invitation));
	await sendMessages({ http: nodeHttpClient(context), context }, channel, messages);
}

/**
 * Has the review looked after when this process may be gone. A review that nothing happens to but
 * its end, which is the same whatever was voted, needs n8n's own clock only.
 */
async function watch(context: IExecuteFunctions, request: ReviewRequest): Promise<void> {
	const state = openState(request);
	const { decideEach, items, quorum, deadlineAt } = request;
	const hasParts = (decideEach && items.length > 1) || quorum.approve > 1 || quorum.reject > 1;
	const lookAt = nextLookAt(state);
	if (lookAt === undefined) return;
	if (plannedNotices(state).length === 0 && !(hasParts && deadlineAt !== null)) return;
	await startWatcher(context, request.requestId, lookAt);
}

/**
 * Puts the execution to wait. When the time is over, n8n gives the node's stored input on without
 * asking the node; so what is stored is the outcome of a time-out, output by output.
 */
async function waitFor(
	context: IExecuteFunctions,
	session: ReviewSessionData,
	items: readonly INodeExecutionData[],
	links: IDataObject,
): Promise<void> {
	const { request } = session;
	const isTool = isToolGate(context.getNode().type);
	const decisions = timeoutDecisions(request, openState(request));
	context.getExecuteData().data.main = decisionItems(items, decisions, request, isTool);
	saveSession(context, session, { forwardAllOutputs: true, ...links });
	await context.putExecutionToWait(
		request.deadlineAt === null ? WAIT_INDEFINITELY : new Date(request.deadlineAt + GRACE_MS),
	);
}

/** Links for whoever looks at the execution, when there is no other way to them. */
function visibleLinks(invitations: readonly Invitation[]): IDataObject {
	const [first] = invitations;
	return {
		resumeUrl: first!.url,
		reviewLinks: invitations.map(({ reviewer, url }) => ({ reviewer, url })),
	};
}

function emptyOutputs({ kind, choices }: ReviewRequest, isTool: boolean): INodeExecutionData[][] {
	const ids = choices.map(({ id }) => id);
	const count = isTool ? 1 : outputCount({ responseType: kind, choices: ids });
	return Array.from({ length: count }, () => []);
}
