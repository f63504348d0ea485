import type { CallApproval, Conversation, WaitingTask } from '../agent';
import { parseJson, toJson, type Json, type Runtime } from '../core';
import type { Store } from '../store';
import type { AgentCall } from '../workflow';

const COLLECTION = 'agent-approvals';

/** A task of a step that waits for a person to approve tool calls, as it is kept. */
export interface KeptTask {
	/** A new one for each question: an answer counts for these calls, and for no later ones. */
	id: string;
	/** Who works on the task; none is the agent without a name. */
	agent?: string;
	/** What the agent was told. */
	text: string;
	conversation: Conversation;
	calls: Array<{ id: string; tool: string; arguments: Json; reason: string }>;
}

/** What people choose from. */
const APPROVE = 'approve';
const REJECT = 'reject';

/**
 * Asks people about tool calls of the agent of a step. The task is kept meanwhile, so that whoever
 * goes on with the execution, in whatever process, goes on in the middle of the conversation.
 */
export class ToolApprovals {
	constructor(
		private readonly store: Pick<Store, 'get' | 'put'>,
		private readonly call: Pick<AgentCall, 'attempt' | 'waitFor'>,
		private readonly runtime: Pick<Runtime, 'newId'>,
	) {}

	/** The task of this step that waited when it was left. */
	async kept(): Promise<KeptTask | undefined> {
		const document = await this.store.get(COLLECTION, this.place);
		return document === undefined
			? undefined
			: ((parseJson(document.value) ?? undefined) as unknown as KeptTask | undefined);
	}

	/** Keeps a task that waits. */
	async keep(
		agent: string | undefined,
		text: string,
		{ conversation, waiting }: Pick<WaitingTask, 'conversation' | 'waiting'>,
	): Promise<KeptTask> {
		const calls = waiting.map((call) => ({
			...{ id: call.id, tool: call.name, arguments: call.arguments, reason: call.reason },
		}));
		const id = this.runtime.newId();
		const task: KeptTask = { id, ...(agent !== undefined && { agent }), text, conversation, calls };
		await this.put(JSON.stringify(toJson(task)));
		return task;
	}

	/** The task goes on, or has ended. */
	async forget(): Promise<void> {
		await this.put('null');
	}

	/** What people decide about the calls; whatever is not an approval is a refusal, with its words. */
	async decide({ id, agent, calls }: KeptTask): Promise<Record<string, CallApproval>> {
		const who = agent === undefined ? 'The agent' : `The agent "${agent}"`;
		const prompt = `${who} wants to use ${calls.map(({ tool }) => tool).join(', ')}. Is that allowed?`;
		const shown = calls.map(({ tool, arguments: input, reason }) => ({ tool, input, reason }));
		const answer = await this.call.waitFor(`approval ${id}`, {
			payload: { prompt, payload: shown, options: [APPROVE, REJECT] },
		});
		const approved = answer === APPROVE;
		const comment = typeof answer === 'string' && !approved && answer !== REJECT ? answer : '';
		const decision = { approved, ...(comment !== '' && { comment }) };
		return Object.fromEntries(calls.map((call) => [call.id, decision]));
	}

	private get place(): string {
		const { runId, path } = this.call.attempt;
		return `${runId}/${path}`;
	}

	private async put(value: string): Promise<void> {
		const [runId] = this.call.attempt.runId.split('/') as [string];
		const id = this.place;
		await this.store.put({ collection: COLLECTION, id, runId, version: 'any', value });
	}
}
