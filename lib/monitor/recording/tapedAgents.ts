import type { AgentTool } from '../../agent';
import { toJson, type Json, type Runtime, type SerializedError, type Usage } from '../../core';
import { modelSession, type ChatModel, type ModelSessionOptions } from '../../llm';
import { modelAgents, type AgentProfile } from '../../manager';
import type { Store } from '../../store';
import type { AgentCall } from '../../workflow';
import type { Tape } from './tape';
import { tapedModel, tapedThreads, tapedTool } from './taped';

/** What agents are made of, besides models and tools; plain JSON, so that a recording can keep it. */
export interface AgentSettings {
	profiles: readonly AgentProfile[];
	/** Attempts of a model call in all. */
	maxAttempts: number;
	/** Limit of one model call, in milliseconds; 0 for none. */
	attemptMs: number;
}

/** What {@link tapedAgents} needs. */
export interface TapedAgentsOptions {
	runtime: Runtime;
	tape: Tape;
	/** Where conversations are kept. */
	store: Pick<Store, 'get' | 'put'>;
	settings: AgentSettings;
	/** The models for a name, in the order in which they are asked. */
	models(name: string | undefined): Promise<readonly ChatModel[]>;
	tools(): readonly AgentTool[];
	/** What all sessions of the process share. */
	session?: Partial<Pick<ModelSessionOptions, 'endpoints' | 'onFailure'>>;
	onUsage?: (usage: Usage) => void;
	/** Told what ended the work on a better answer. */
	onCutShort?: (error: SerializedError) => void;
}

/** How an agent was set up for one call, as a recording keeps it. */
interface Setup extends AgentSettings {
	/** What the ids of the call begin with: prompts hold some. */
	ids: string;
	tools: ReadonlyArray<Pick<AgentTool, 'spec' | 'effect' | 'bringsUntrusted'>>;
}

/** Does the task of one step with agents whose models, tools and memory go through a tape. */
export async function tapedAgents(options: TapedAgentsOptions, call: AgentCall): Promise<Json> {
	const { runtime, tape, store, onUsage, onCutShort } = options;
	const place = { runId: call.attempt.runId, path: call.attempt.path };
	const setup = await tape.play<Setup>(
		place,
		{ port: 'agent', name: call.agent ?? '', request: toJson(call.task) },
		async () => await Promise.resolve(setupOf(options)),
	);
	const known = new Map(options.tools().map((tool) => [tool.spec.name, tool]));
	const run = modelAgents({
		runtime: withIds(runtime, setup.ids),
		store: tapedThreads(store, tape, place),
		profiles: setup.profiles,
		session: async (name) => {
			const names = await tape.play(
				place,
				{ port: 'agent', name: 'models', request: name ?? null },
				async () => (await options.models(name)).map((model) => model.name),
			);
			const models = await modelsNamed(names, await options.models(name));
			const { budget } = call.attempt;
			return modelSession({
				...options.session,
				...(budget && { budget }),
				onBlocked: (by) => call.attempt.blocked(by),
				onBreaker: (change) => call.attempt.breakerChanged(change),
				models: models.map((model) => tapedModel(model, tape, place)),
				runtime,
				retry: { maxAttempts: setup.maxAttempts },
				timeouts: setup.attemptMs > 0 ? { attemptMs: setup.attemptMs } : {},
			});
		},
		tools: () =>
			setup.tools.map(({ spec, ...rest }) =>
				tapedTool(known.get(spec.name) ?? { spec, ...rest, run: absent }, tape, place),
			),
		...(onUsage && { onUsage: (_call: AgentCall, usage: Usage) => onUsage(usage) }),
		...(onCutShort && {
			onCutShort: (_call: AgentCall, error: SerializedError) => onCutShort(error),
		}),
	});
	return await run(call);
}

/** A runtime whose ids follow from their beginning. */
function withIds(runtime: Runtime, beginning: string): Runtime {
	let count = 0;
	return {
		now: () => runtime.now(),
		monotonic: () => runtime.monotonic(),
		setTimer: (ms, callback) => runtime.setTimer(ms, callback),
		sleep: async (ms, signal) => await runtime.sleep(ms, signal),
		random: () => runtime.random(),
		newId: () => `${beginning}-${++count}`,
	};
}

function setupOf(options: TapedAgentsOptions): Setup {
	return {
		...options.settings,
		ids: options.runtime.newId(),
		tools: options.tools().map(({ spec, effect, bringsUntrusted }) => ({
			spec,
			...(effect && { effect }),
			...(bringsUntrusted !== undefined && { bringsUntrusted }),
		})),
	};
}

/** The models of a recording, whose answers are on the tape, or those that are there. */
async function modelsNamed(
	names: readonly string[],
	there: readonly ChatModel[],
): Promise<ChatModel[]> {
	const byName = new Map(there.map((model) => [model.name, model]));
	const models = names.map(
		(name) => byName.get(name) ?? { name, key: `replay/${name}`, chat: absent },
	);
	return await Promise.resolve(models);
}

/** Never asked: the tape answers in its place. */
async function absent(): Promise<never> {
	return await Promise.reject(new Error('Only the recording can answer this.'));
}
