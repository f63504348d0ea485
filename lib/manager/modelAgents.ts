import {
	runAgentTask,
	type AgentTask,
	type AgentTaskEnd,
	type AgentTool,
	type CompletedTask,
} from '../agent';
import { EngineError, type Json, type Runtime, type SerializedError, type Usage } from '../core';
import type { ModelSession } from '../llm';
import { storedThread, type ConversationMemory } from '../memory';
import type { Store } from '../store';
import type { AgentCall } from '../workflow';
import { readAgentParameters, type AgentParameters } from './agentParameters';
import { HandOff } from './handOff';

/** An agent that steps can name. */
export interface AgentProfile {
	name: string;
	/** What it can do, for agents that may hand over to it. */
	description?: string;
	/** Its role. Default: a general one with its name. */
	instructions?: string;
	/** Rules it keeps, in Markdown. */
	rules?: string;
	/** Name of its model, where models are chosen by name. */
	model?: string;
	/** Agents it may hand its task over to. Default: none. */
	handOffTo?: readonly string[];
}

/** What agents made of chat models need. */
export interface ModelAgentsOptions {
	runtime: Pick<Runtime, 'monotonic' | 'newId' | 'setTimer'>;
	/** Where the conversation of each step is kept. Default: nowhere. */
	store?: Pick<Store, 'get' | 'put'>;
	/** Agents with a role of their own; any other name gets a general one. Default: none. */
	profiles?: readonly AgentProfile[];
	/** The way to the models for one task. @param model - a name, where models are chosen by name */
	session(model: string | undefined): ModelSession | Promise<ModelSession>;
	/** What agents can use. Default: nothing. */
	tools?(): readonly AgentTool[] | Promise<readonly AgentTool[]>;
	/** Told what a task has used, however it ended. */
	onUsage?: (call: AgentCall, usage: Usage) => void;
	/** Told what ended the work on a better answer. */
	onCutShort?: (call: AgentCall, error: SerializedError) => void;
}

/** Longest chain of agents that hand a task over to each other. */
const MAX_HAND_OFFS = 5;

/**
 * Agents that are chat models with a role: the runner of steps of the kind `agent`.
 *
 * The step's `task` and `parameters` say what to do; its input is handed over as data, marked as
 * coming from outside. The conversation of the step's thread goes on where it was. The output is the
 * agent's answer.
 */
export function modelAgents(options: ModelAgentsOptions): (call: AgentCall) => Promise<Json> {
	const profiles = new Map((options.profiles ?? []).map((profile) => [profile.name, profile]));
	return async (call) => {
		const parameters = readAgentParameters(call.parameters, call.stepId);
		const task = new StepTask(options, profiles, call, parameters);
		return await task.run();
	};
}

/** The task of one attempt of one step. */
class StepTask {
	constructor(
		private readonly options: ModelAgentsOptions,
		private readonly profiles: ReadonlyMap<string, AgentProfile>,
		private readonly call: AgentCall,
		private readonly parameters: AgentParameters,
	) {}

	async run(): Promise<Json> {
		const { store } = this.options;
		const { thread = true } = this.parameters;
		const memory =
			store !== undefined && thread
				? storedThread({ store, threadId: this.call.threadId })
				: undefined;
		const said = this.said();
		let agent = this.call.agent;
		let text = said;
		for (let hops = 0; hops <= MAX_HAND_OFFS; hops++) {
			const profile = this.profileOf(agent);
			const handOff = this.handOffOf(profile);
			const end = await this.ask(profile, text, memory, handOff);
			if (handOff.chosen === undefined) {
				await memory?.save({ user: said, assistant: end.text });
				return end.output;
			}
			text = `${said}\n\nFrom ${agent ?? 'the agent before'}: ${handOff.chosen.message}`;
			({ agent } = handOff.chosen);
			this.call.attempt.progress(0, `Handed over to ${agent}`);
		}
		throw new EngineError(
			'HAND_OFF_LIMIT',
			`Step "${this.call.stepId}" was handed over more than ${MAX_HAND_OFFS} times.`,
			{ retryable: false, hint: 'Let fewer agents hand over to each other.' },
		);
	}

	private async ask(
		profile: AgentProfile,
		text: string,
		memory: ConversationMemory | undefined,
		handOff: HandOff,
	): Promise<CompletedTask> {
		const { runtime, onUsage, onCutShort } = this.options;
		const { call, parameters } = this;
		const session = await this.options.session(parameters.model ?? profile.model);
		const task: AgentTask = {
			...this.roleOf(profile),
			...parameters.task,
			task: text,
			tools: [...((await this.options.tools?.()) ?? []), ...handOff.tools],
			policy: { onApproval: 'refuse', ...parameters.policy, ...this.allowed(handOff) },
			...(memory && { history: await memory.load() }),
			...this.dataOf(),
		};
		const { signal } = call.attempt;
		const end = await runAgentTask(task, { session, runtime, signal });
		onUsage?.(call, end.usage);
		const done = completed(end);
		if (done.cutShort !== undefined) onCutShort?.(call, done.cutShort);
		return done;
	}

	/** The tools it may use, with the one to hand over. */
	private allowed({ tools }: HandOff): { allow?: string[] } {
		const { allow } = this.parameters.policy;
		return allow === undefined ? {} : { allow: [...allow, ...tools.map(({ spec }) => spec.name)] };
	}

	private roleOf({ name, instructions, rules }: AgentProfile): Partial<AgentTask> {
		const general =
			name === ''
				? {}
				: {
						instructions: `You are the agent "${name}". Carry out the task; answer with its result only.`,
					};
		return {
			...(instructions === undefined ? general : { instructions }),
			...(rules === undefined ? {} : { rules }),
		};
	}

	/** What to do, with parameters that only the agent understands. */
	private said(): string {
		const { task = 'Work on the data.' } = this.call;
		const { others } = this.parameters;
		const given =
			Object.keys(others).length === 0 ? '' : `\n\nParameters: ${JSON.stringify(others)}`;
		const { trusted } = this.parameters;
		return `${task}${given}${trusted ? `\n\nInput: ${this.inputText()}` : ''}`;
	}

	private dataOf(): Partial<AgentTask> {
		const { input } = this.call;
		if (this.parameters.trusted || input === null) return {};
		return { data: [{ source: 'input of the step', text: this.inputText() }] };
	}

	private inputText(): string {
		const { input } = this.call;
		return typeof input === 'string' ? input : JSON.stringify(input);
	}

	private profileOf(name = ''): AgentProfile {
		return this.profiles.get(name) ?? { name };
	}

	private handOffOf({ handOffTo = [] }: AgentProfile): HandOff {
		const names = this.parameters.handOffTo ?? handOffTo;
		return new HandOff(names.map((name) => this.profileOf(name)));
	}
}

function completed(end: AgentTaskEnd): CompletedTask {
	if (end.status === 'completed') return end;
	if (end.status === 'failed') throw end.error;
	throw new EngineError('NEEDS_APPROVAL', 'The agent needs a person to approve a tool call.', {
		errorClass: 'guardrail',
		hint: 'Put a human review before the step, or allow the tool.',
	});
}
