import type { IExecuteFunctions } from 'n8n-workflow';

import { messageOf, tapedAgents } from '../../lib';
import type {
	AgentCall,
	ChatModel,
	Json,
	ModelSessionOptions,
	Redactor,
	SerializedError,
	Store,
	Tape,
	Usage,
} from '../../lib';
import { Connections } from '../AgentTask/connections';
import { modelSource } from '../AgentTask/modelSource';
import type { ModelSource } from '../AgentTask/modelSource';
import { endpoints } from '../shared/endpoints';
import { settle } from '../shared/items';
import type { ItemOutcome } from '../shared/items';
import { nodeLogger } from '../shared/logger';
import { n8nRuntime } from '../shared/runtime';
import type { RuntimeParameters } from './parameters';

/** What an agent works in. */
export interface AgentSurroundings {
	store: Store;
	tape: Tape;
	onUsage: (usage: Usage) => void;
	/** A task gave less than it could have, because of this. */
	onCutShort: (error: SerializedError) => void;
}

/** The agents of one item: the attached models, or those of the credential, with the tools. */
export interface NodeAgents {
	/**
	 * Does the task of one step.
	 *
	 * @throws {ValidationError} when there is no model
	 */
	run(call: AgentCall, around: AgentSurroundings): Promise<Json>;
	/** Knows the secrets of the models. */
	redact: Redactor | undefined;
}

/** A node without models, for operations that run no steps. */
export const noAgents: NodeAgents = {
	run: async () => await Promise.reject(new Error('This operation runs no agents.')),
	redact: undefined,
};

/** What the agents of all items share. */
export interface AgentSource {
	context: IExecuteFunctions;
	connections: Connections;
	models: ModelSource;
}

/** Opens the node's way to models and tools. */
export async function agentSource(context: IExecuteFunctions): Promise<AgentSource> {
	const connections = new Connections(context);
	return { context, connections, models: await modelSource(context, connections) };
}

/**
 * The agents for one item. Models and tools are fetched now, because steps may run long after this
 * execution has ended; what is missing is said when a step needs it.
 */
export async function nodeAgents(
	{ context, connections, models: source }: AgentSource,
	parameters: RuntimeParameters,
	itemIndex: number,
): Promise<NodeAgents> {
	const named = new Map<string, ItemOutcome<ChatModel[]>>();
	const modelsOf = async (name: string | undefined): Promise<ItemOutcome<ChatModel[]>> => {
		const key = name ?? '';
		const model = name === undefined ? parameters.model : { value: name };
		const known =
			named.get(key) ??
			(await settle(async () => await source.models({ model, fallbackModels: '' }, itemIndex)));
		named.set(key, known);
		return known;
	};
	await modelsOf(undefined);
	const tools = await settle(async () => await connections.tools(itemIndex, []));
	const profiles = parameters.options.agents.agents.map(({ handOffTo, ...profile }) => ({
		...profile,
		handOffTo: handOffTo
			.split(',')
			.map((name) => name.trim())
			.filter((name) => name !== ''),
	}));
	const { maxAttempts, attemptTimeoutSeconds } = parameters.options;
	const settings = { profiles, maxAttempts, attemptMs: attemptTimeoutSeconds * 1000 };
	return {
		redact: source.redact,
		run: async (call, { store, tape, onUsage, onCutShort }) => {
			const output = await tapedAgents(
				{
					runtime: n8nRuntime,
					...{ store, tape, settings, onUsage, onCutShort },
					models: async (name) => given(await modelsOf(name)),
					tools: () => given(tools),
					session: { endpoints, onFailure: warn(context, source) },
				},
				call,
			);
			return source.redact.json(output);
		},
	};
}

function warn(
	context: IExecuteFunctions,
	source: ModelSource,
): NonNullable<ModelSessionOptions['onFailure']> {
	const logger = nodeLogger(context);
	return ({ model, error, next }) =>
		logger.log('warn', 'A model call failed', {
			model,
			next,
			message: source.redact.text(messageOf(error)),
		});
}

function given<Value>(outcome: ItemOutcome<Value>): Value {
	if (outcome.ok) return outcome.value;
	throw outcome.error;
}
