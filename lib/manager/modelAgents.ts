import {
	resumeAgentTask,
	runAgentTask,
	type AgentPorts,
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
import { ToolApprovals, type KeptTask } from './toolApprovals';

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

/** The part of one agent in a task. */
interface Turn {
	agent: string | undefined;
	/** What it is told. */
	text: string;
	handOff: HandOff;
	/** Where it waited for people when it was left. */
	waited: KeptTask | undefined;
}

/** The task of one attempt of one step. */
class StepTask {
	/** Asks people about tools; none where such calls are refused. */
	private readonly approvals: ToolApprovals | undefined;

	constructor(
		private readonly options: ModelAgentsOptions,
		private readonly profiles: ReadonlyMap<string, AgentProfile>,
		private readonly call: AgentCall,
		private readonly parameters: AgentParameters,
	) {
		const { store, runtime } = options;
		this.approvals =
			parameters.asks && store !== undefined ? new ToolApprovals(store, call, runtime) : undefined;
	}

	async run(): Promise<Json> {
		const memory = this.memory();
		const said = this.said();
		const kept = await this.approvals?.kept();
		let agent = kept === undefined ? this.call.agent : kept.agent;
		let text = kept?.text ?? said;
		for (let hops = 0; hops <= MAX_HAND_OFFS; hops++) {
			const handOff = this.handOffOf(this.profileOf(agent));
			const waited = hops === 0 ? kept : undefined;
			const end = await this.ask({ agent, text, handOff, waited }, memory);
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

	private memory(): ConversationMemory | undefined {
		const { store } = this.options;
		const { thread = true } = this.parameters;
		if (store === undefined || !thread) return undefined;
		return storedThread({ store, threadId: this.call.threadId });
	}

	/** One agent works on the task, over all that people are asked about its tools. */
	private async ask(
		{ agent, text, handOff, waited }: Turn,
		memory: ConversationMemory | undefined,
	): Promise<CompletedTask> {
		const { call } = this;
		const profile = this.profileOf(agent);
		const model = this.parameters.model ?? profile.model;
		const task = await this.taskOf(profile, text, memory, handOff);
		let end =
			waited === undefined
				? await this.worked(model, async (ports) => await runAgentTask(task, ports))
				: await this.goneOn(task, model, waited);
		while (end.status === 'waiting' && this.approvals !== undefined) {
			end = await this.goneOn(task, model, await this.approvals.keep(agent, text, end));
		}
		const done = completed(end);
		if (done.cutShort !== undefined) this.options.onCutShort?.(call, done.cutShort);
		return done;
	}

	private async goneOn(
		task: AgentTask,
		model: string | undefined,
		waited: KeptTask,
	): Promise<AgentTaskEnd> {
		const decisions = await this.approvals!.decide(waited);
		const end = await this.worked(
			model,
			async (ports) => await resumeAgentTask(task, ports, waited.conversation, decisions),
		);
		await this.approvals!.forget();
		return end;
	}

	/** Works with a session of its own, and books what that has used. */
	private async worked(
		model: string | undefined,
		work: (ports: AgentPorts) => Promise<AgentTaskEnd>,
	): Promise<AgentTaskEnd> {
		const { runtime, onUsage } = this.options;
		const session = await this.options.session(model);
		const { signal } = this.call.attempt;
		const end = await work({ session, runtime, signal });
		onUsage?.(this.call, end.usage);
		return end;
	}

	private async taskOf(
		profile: AgentProfile,
		text: string,
		memory: ConversationMemory | undefined,
		handOff: HandOff,
	): Promise<AgentTask> {
		const { parameters } = this;
		return {
			...this.roleOf(profile),
			...parameters.task,
			task: text,
			tools: [...((await this.options.tools?.()) ?? []), ...handOff.tools],
			policy: {
				...parameters.policy,
				...this.allowed(handOff),
				onApproval: this.approvals === undefined ? 'refuse' : 'pause',
			},
			...(memory && { history: await memory.load() }),
			...this.dataOf(),
		};
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
