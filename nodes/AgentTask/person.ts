import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type {
	AgentPorts,
	AgentTask,
	AgentTaskEnd,
	Conversation,
	Json,
	JsonObject,
	Store,
} from '../../lib';
import {
	EngineError,
	extractJson,
	isJsonObject,
	parseJson,
	resumeAgentTask,
	runAgentTask,
	textOutput,
	toJson,
	ValidationError,
} from '../../lib';
import { n8nRuntime } from '../shared/runtime';
import { approvalsAtGates, type GateRun } from './gates';
import type { NotCompleted, OtherEnd } from './notCompleted';

const COLLECTION = 'agent-waiting';

/** A task that waits for a person, as the store keeps it. */
export interface WaitingTaskRecord {
	reason: 'approval' | 'failed';
	/** Of the failure. */
	code: string;
	conversation: Conversation;
}

/** What a person decided, as the item that comes back says it. */
export interface PersonsDecision {
	/** Of the task that waits. */
	id: string;
	approved: boolean;
	comment: string;
	/** What was proposed, or what the person made of it. */
	proposal: JsonObject;
}

/**
 * The item for the output Needs a Person: the input item, so that it can come back, and what the
 * person has to know. What was said so far is kept in the store.
 */
export async function itemForPerson(
	store: Store,
	runKey: string,
	item: INodeExecutionData,
	failure: NotCompleted,
): Promise<INodeExecutionData> {
	const { end } = failure;
	const { id, reason } = await keepWaiting(store, runKey, failure);
	const needsPerson: IDataObject = {
		id,
		reason,
		question: questionOf(failure),
		proposal: proposalOf(end) as IDataObject,
		code: failure.code,
		...(failure.hint === undefined ? {} : { hint: failure.hint }),
		attempts: end.attempts,
		usage: { ...end.usage },
		history: end.toolCalls.map((call) => ({ ...call })),
	};
	return { json: { ...withoutAnswer(item.json), needsPerson } };
}

/** Keeps a task until somebody has decided. @returns where it is kept */
export async function keepWaiting(
	store: Store,
	runKey: string,
	{ end, code }: NotCompleted,
): Promise<{ id: string; reason: WaitingTaskRecord['reason'] }> {
	const id = n8nRuntime.newId();
	const reason = end.status === 'waiting' ? 'approval' : 'failed';
	const record: WaitingTaskRecord = { reason, code, conversation: end.conversation };
	const value = JSON.stringify(record);
	await store.put({ collection: COLLECTION, id, version: 0, value, runId: runKey });
	return { id, reason };
}

/** Fields of an earlier decision must not decide about a new question. */
function withoutAnswer(json: IDataObject): IDataObject {
	const rest = { ...json };
	for (const field of ['decision', 'comment', 'payload', 'needsPerson']) delete rest[field];
	return rest;
}

function questionOf({ end, message }: NotCompleted): string {
	if (end.status === 'failed') {
		return `${message} Put the right output into the proposal and approve it; approve it as it is to try again; or reject.`;
	}
	const lines = end.waiting.map(
		({ name, arguments: input, reason }) => `- ${name} ${JSON.stringify(input)} (${reason})`,
	);
	return `The agent wants to call tools that need approval:\n${lines.join('\n')}`;
}

/** What is proposed: the calls as they would be made, or the output as far as there is one. */
function proposalOf(end: OtherEnd): JsonObject {
	if (end.status === 'waiting') {
		const calls = end.waiting.map(({ id, name, arguments: input }) => ({
			id,
			name,
			arguments: input,
		}));
		return { toolCalls: calls };
	}
	const { raw } = end.error.details;
	return { output: typeof raw === 'string' ? (extractJson(raw) ?? raw) : null };
}

/** The decision in an item that comes back from a person; `undefined` when it does not. */
export function decisionIn(json: IDataObject): PersonsDecision | undefined {
	const asked = toJson(json.needsPerson);
	if (!isJsonObject(asked) || typeof asked.id !== 'string') return undefined;
	if (typeof json.decision !== 'string') return undefined;
	const payload = toJson(json.payload);
	const proposal = isProposal(payload) ? payload : asked.proposal;
	return {
		id: asked.id,
		approved: json.decision === 'approved',
		comment: typeof json.comment === 'string' ? json.comment.trim() : '',
		proposal: isJsonObject(proposal) ? proposal : {},
	};
}

function isProposal(value: Json): value is JsonObject {
	return isJsonObject(value) && ('output' in value || 'toolCalls' in value);
}

/**
 * Reads a task that waits.
 *
 * @throws {ValidationError} when there is none: it has gone on, or belongs to another store
 */
export async function loadWaiting(store: Store, id: string): Promise<WaitingTaskRecord> {
	const document = await store.get(COLLECTION, id);
	if (document === undefined) {
		throw new ValidationError(`No task "${id}" waits for a person.`, {
			hint: 'Connect the approved output of the review to the same Agent Task that asked, with the same Store.',
		});
	}
	return parseJson(document.value) as unknown as WaitingTaskRecord;
}

/** How a task goes on that waited. */
export interface Resumption {
	/** Where the task was kept. */
	id: string;
	/** Names the step of going on. */
	path: string;
	/** On what its result depends. */
	input: unknown;
	/** Whether somebody allowed more. */
	approved: boolean;
	goOn(task: AgentTask, ports: AgentPorts, waiting: WaitingTaskRecord): Promise<AgentTaskEnd>;
}

/** Goes on as a person decided on the review that an item came back from. */
export function afterReview(decision: PersonsDecision): Resumption {
	const { id, approved } = decision;
	return {
		id,
		path: `resumed/${id}`,
		input: decision,
		approved,
		goOn: async (task, ports, waiting) => await goOn(task, ports, decision, waiting),
	};
}

/** Goes on as people decided at n8n's gates. */
export function afterGates(gates: GateRun, itemIndex: number, id: string): Resumption {
	return {
		id,
		path: `gated/${id}`,
		input: gates.answers[itemIndex],
		approved: false,
		goOn: async (task, ports, { conversation }) => {
			const decisions = approvalsAtGates(gates, itemIndex, conversation);
			return await resumeAgentTask(task, ports, conversation, decisions);
		},
	};
}

/** Goes on with a task after a person has decided. */
async function goOn(
	task: AgentTask,
	ports: AgentPorts,
	decision: PersonsDecision,
	waiting: WaitingTaskRecord,
): Promise<AgentTaskEnd> {
	const { conversation } = waiting;
	if (waiting.reason === 'approval') {
		return await resumeAgentTask(task, ports, conversation, approvals(decision, conversation));
	}
	if (!decision.approved) throw rejected(decision);
	const { output = null } = decision.proposal;
	if (output !== null) return await givenByPerson(task, ports, output, conversation);
	const addition = decision.comment === '' ? '' : `\n\nA person adds: ${decision.comment}`;
	return await runAgentTask({ ...task, task: task.task + addition }, ports);
}

function approvals(
	{ approved, comment, proposal }: PersonsDecision,
	{ pending }: Conversation,
): Parameters<typeof resumeAgentTask>[3] {
	const changed = Array.isArray(proposal.toolCalls) ? proposal.toolCalls : [];
	return Object.fromEntries(
		pending.map(({ id, argumentsJson }) => {
			const call = changed.find((entry) => isJsonObject(entry) && entry.id === id);
			const input = isJsonObject(call) ? call.arguments : undefined;
			return [
				id,
				{
					// A call that the person took out of the proposal is not approved.
					approved: approved && call !== undefined,
					comment,
					argumentsJson: isJsonObject(input) ? JSON.stringify(input) : argumentsJson,
				},
			];
		}),
	);
}

function rejected({ comment }: PersonsDecision): EngineError {
	const why = comment === '' ? '' : ` They say: ${comment}`;
	return new EngineError('PERSON_REJECTED', `A person decided not to go on with the task.${why}`, {
		errorClass: 'guardrail',
		hint: 'Change the task, or approve it the next time.',
	});
}

/** The end of a task whose output a person wrote; it must fit like any other. */
async function givenByPerson(
	task: AgentTask,
	{ session }: AgentPorts,
	output: Json,
	{ toolCalls }: Conversation,
): Promise<AgentTaskEnd> {
	const text = typeof output === 'string' ? output : JSON.stringify(output);
	const reading = await (task.output ?? textOutput()).read(text);
	if (!reading.ok) {
		throw new ValidationError(`The output that a person gave cannot be used. ${reading.problem}`, {
			hint: 'Correct the output in the review.',
		});
	}
	const { usage, attempts } = session.report();
	return {
		status: 'completed',
		outcome: 'success',
		output: reading.value,
		finishReason: 'stop',
		text,
		usage,
		model: 'person',
		attempts,
		durationMs: 0,
		toolCalls,
		reviews: [],
	};
}
