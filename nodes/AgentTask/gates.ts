import type { EngineRequest, EngineResponse, GenericValue, IDataObject } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import type { CallApproval, Conversation, Json, SerializedError, ToolCall } from '../../lib';
import { EngineError, isJsonObject, parseJson, toJson } from '../../lib';
import type { Gate } from '../shared/agentTools';

/** One call that the engine of n8n carries to a gate, or to the tool behind it. */
interface GateAction {
	itemIndex: number;
	callId: string;
	step: 'ask' | 'run';
	toolName: string;
	tool: string;
	input: IDataObject;
	/** For n8n's own views: who asked for the tool behind a gate. */
	parentNodeName?: string;
}

/** What a person said at a gate, and what the tool then gave. */
interface GateAnswer {
	approved: boolean;
	comment: string;
	result?: string;
}

/** What one execution of the node leaves for the next, while the engine asks at the gates. */
export interface GateRun {
	/** Tasks that wait, by item: where they are kept. */
	waiting: Record<string, string>;
	/** Items whose task had failed before. */
	failed: Record<string, SerializedError>;
	/** Items that were done in this execution, so that they do not count as reused. */
	fresh: number[];
	/** By item, then by the id of the call. */
	answers: Record<string, Record<string, GateAnswer>>;
}

/** A task of an item that waits at gates. */
export interface WaitingAtGates {
	itemIndex: number;
	/** Where it is kept. */
	id: string;
	calls: readonly ToolCall[];
}

/** Asks the engine to bring calls to their gates, and to call the node again with the answers. */
export function askAtGates(
	run: GateRun,
	waiting: readonly WaitingAtGates[],
	gateOf: (toolName: string) => Gate | undefined,
): EngineRequest {
	const actions = waiting.flatMap(({ itemIndex, calls }) =>
		calls.flatMap((call) => {
			const gate = gateOf(call.name);
			return gate === undefined ? [] : [askAction(itemIndex, call, gate)];
		}),
	);
	return { actions, metadata: run };
}

function askAction(
	itemIndex: number,
	{ id, name, argumentsJson }: ToolCall,
	{ gate, tool }: Gate,
): EngineRequest['actions'][number] {
	const { toolParameters, hitlParameters } = gatedArguments(argumentsJson);
	const metadata: GateAction = {
		itemIndex,
		callId: id,
		step: 'ask',
		toolName: name,
		tool,
		input: toolParameters,
	};
	return {
		actionType: 'ExecutionNodeAction',
		nodeName: gate,
		input: { tool: name, ...hitlParameters, toolParameters: toolParameters as GenericValue },
		type: NodeConnectionTypes.AiTool,
		id,
		metadata,
	} as EngineRequest['actions'][number];
}

/** A model gives the gate's own fields beside those of the tool. */
function gatedArguments(
	argumentsJson: string,
): Record<'toolParameters' | 'hitlParameters', IDataObject> {
	const input = parseJson(argumentsJson);
	const part = (value: Json | undefined): IDataObject =>
		isJsonObject(value) ? (value as IDataObject) : {};
	if (!isJsonObject(input)) return { toolParameters: {}, hitlParameters: {} };
	return {
		toolParameters: part(input.toolParameters ?? input),
		hitlParameters: part(input.hitlParameters),
	};
}

/**
 * What came back from the engine: either everything that was asked for, or a further request, to
 * run the tools whose calls were approved.
 */
export function gateAnswers(
	response: EngineResponse | undefined,
): { run: GateRun } | { request: EngineRequest } | undefined {
	if (response === undefined || response.actionResponses.length === 0) return undefined;
	const run = response.metadata as GateRun;
	const approved: EngineRequest['actions'] = [];
	for (const { action, data } of response.actionResponses) {
		const asked = action.metadata as GateAction;
		const answers = (run.answers[asked.itemIndex] ??= {});
		const [json] = (data.data?.ai_tool?.[0] ?? []).map((item) => item.json);
		const failure = data.error?.message;
		if (asked.step === 'run') {
			answers[asked.callId] = { approved: true, comment: '', result: failure ?? resultText(json) };
			continue;
		}
		const answer = approvalIn(json, failure);
		answers[asked.callId] = answer;
		if (answer.approved) approved.push(runAction(asked, action.nodeName));
	}
	if (approved.length === 0) return { run };
	return { request: { actions: approved, metadata: run } };
}

function runAction(asked: GateAction, gate: string): EngineRequest['actions'][number] {
	const metadata: GateAction = { ...asked, step: 'run', parentNodeName: gate };
	return {
		actionType: 'ExecutionNodeAction',
		nodeName: asked.tool,
		input: { tool: asked.toolName, ...asked.input },
		type: NodeConnectionTypes.AiTool,
		id: asked.callId,
		metadata,
	} as EngineRequest['actions'][number];
}

/** Only a clear yes is one: a gate whose time is over passes its input on. */
function approvalIn(json: IDataObject | undefined, failure: string | undefined): GateAnswer {
	const nested = isJsonObject(toJson(json?.data)) ? (json?.data as IDataObject) : {};
	const approved = (json?.approved ?? nested.approved) === true;
	const chatInput = json?.chatInput ?? nested.chatInput;
	const comment = failure ?? (typeof chatInput === 'string' ? chatInput : '');
	return { approved, comment };
}

function resultText(json: IDataObject | undefined): string {
	const value = json?.response ?? json?.output ?? json ?? null;
	return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The decisions about the pending calls of one item. */
export function approvalsAtGates(
	{ answers }: GateRun,
	itemIndex: number,
	{ pending }: Conversation,
): Record<string, CallApproval> {
	return Object.fromEntries(
		pending.map(({ id }) => {
			const answer = answers[itemIndex]?.[id];
			return [
				id,
				answer === undefined
					? { approved: false, comment: 'Nobody could be asked about this call.' }
					: { approved: answer.approved, comment: answer.comment },
			];
		}),
	);
}

/** The result of the tool behind a gate. @throws {EngineError} when the engine did not run it */
export function resultAtGate(run: GateRun | undefined, itemIndex: number, callId: string): string {
	const result = run?.answers[itemIndex]?.[callId]?.result;
	if (result !== undefined) return result;
	throw new EngineError('TOOL_FAILED', 'The tool behind the gate was not run.', {
		errorClass: 'unknown',
	});
}

/** The failure of an item in the execution before, as it was. */
export function failureBefore({ code, message, errorClass, hint }: SerializedError): EngineError {
	return new EngineError(code, message, {
		errorClass,
		...(hint === undefined ? {} : { hint }),
	});
}
