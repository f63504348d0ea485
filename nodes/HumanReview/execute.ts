import { WAIT_INDEFINITELY } from 'n8n-workflow';
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { CLOCK, OWNER, hashOf, openRequest, openState, timeoutDecisions, toJson } from '../../lib';
import type { Json, ReviewRequest } from '../../lib';
import { nodeHttpClient } from '../shared/http';
import { errorItem } from '../shared/items';
import { parameterReader } from '../shared/parameters';
import { n8nRuntime } from '../shared/runtime';
import { runKeyOf } from '../shared/steps';
import { armTimers } from './clock';
import { decisionItems } from './decisionItems';
import { draftOf } from './draft';
import { invitationMessage, notifyReviewers } from './notify';
import type { Invitation } from './notify';
import { outputCount } from './outputs';
import { parametersSchema } from './parameters';
import type { Parameters } from './parameters';
import { properties } from './properties';
import { announceReview, isReviewOpen, recordedDecisions } from './records';
import { reviewUrl, saveSession, secretOf } from './session';
import type { ReviewSessionData } from './session';

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
			timeZone: context.getTimezone(),
			payloads: items.map((_, index) => payloadOf(context, index)),
		}),
	);
	const isTool = isToolGate(context.getNode().type);
	const session = sessionOf(context, request);
	const recorded = await recordedDecisions(context, session);
	if (recorded !== undefined) return decisionItems(items, recorded, request, isTool, true);

	const invitations = invitationsOf(context, request, secret);
	await invite(context, parameters, request, invitations);
	await announceReview(context, session);
	const withdrawUrl = reviewUrl(context, secret, request.requestId, OWNER);
	await waitFor(context, session, items, {
		// Whoever sees the execution may stop it anyway.
		withdrawUrl,
		...(parameters.notify === 'none' ? visibleLinks(invitations) : {}),
	});
	armTimers(context, {
		request,
		parameters,
		invitations,
		isOpen: async () => await isReviewOpen(context, request),
		clockUrl: reviewUrl(context, secret, request.requestId, CLOCK),
	});
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
	const asked = request.items.map(({ payloadHash }) => payloadHash);
	const { kind, choices, fields } = request;
	// A loop that comes back asks again, though it asks about the same data.
	const round: unknown = context.getWorkflowDataProxy(0).$runIndex;
	const reuseKey = hashOf([runId, context.getNode().name, round, kind, choices, fields, asked]);
	return { request, runId, reuseKey };
}

function invitationsOf(
	context: IExecuteFunctions,
	{ requestId, reviewers }: ReviewRequest,
	secret: string,
): Invitation[] {
	const everybody = [{ id: '', group: null }];
	return (reviewers.length === 0 ? everybody : reviewers).map(({ id, group }) => ({
		reviewer: id,
		group,
		url: reviewUrl(context, secret, requestId, id),
	}));
}

async function invite(
	context: IExecuteFunctions,
	parameters: Parameters,
	request: ReviewRequest,
	invitations: readonly Invitation[],
): Promise<void> {
	const messages = invitations.map((invitation) => invitationMessage(request, invitation));
	await notifyReviewers(context, nodeHttpClient(context), parameters, messages);
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
