import type { IExecuteFunctions } from 'n8n-workflow';

import type { ChatModel, Redactor } from '../../lib';
import {
	anthropicChatModel,
	openAiChatModel,
	redactor,
	secretsOf,
	ValidationError,
} from '../../lib';
import {
	attachedChatModel,
	type AttachedModel,
	secretsOfModel,
	withoutLog,
} from '../shared/chatModel';
import { nodeHttpClient } from '../shared/http';
import { redactedHttp } from '../shared/redactedHttp';
import { n8nRuntime } from '../shared/runtime';
import type { Connections } from './connections';
import type { Parameters } from './parameters';

/** The parameters that choose models by their names. */
export type ModelNames = Pick<Parameters, 'model' | 'fallbackModels'>;

/** Where the models of a node come from. */
export interface ModelSource {
	/** The models for one item, the primary first. */
	models(parameters: ModelNames, itemIndex: number): Promise<ChatModel[]>;
	/** Knows the secrets of the credential. */
	redact: Redactor;
}

/** The models that the field Model Source chooses. */
export async function modelSource(
	context: IExecuteFunctions,
	connections: Connections,
): Promise<ModelSource> {
	if (context.getNodeParameter('modelSource', 0, 'chatModel') === 'api') {
		return await apiSource(context);
	}
	const fallbacks = Number(context.getNodeParameter('fallbackCount', 0, 0));
	return attachedSource(connections, fallbacks, logsModelCalls(context));
}

/** Whether n8n's nodes write each of their calls into the execution. */
function logsModelCalls(context: IExecuteFunctions): boolean {
	const when = context.getNodeParameter('options.logModelCalls', 0, 'manual');
	return when === 'manual' ? context.getMode() === 'manual' : when === 'always';
}

/** Attached models bring their keys with them; what is seen of them is never shown. */
function attachedSource(connections: Connections, fallbacks: number, logged: boolean): ModelSource {
	const secrets = new Set<string>();
	const made = new WeakMap<AttachedModel, ChatModel>();
	let known = redactor();
	const chatModelOf = (attached: AttachedModel): ChatModel => {
		const before = made.get(attached);
		if (before !== undefined) return before;
		for (const secret of secretsOfModel(attached)) secrets.add(secret);
		known = redactor([...secrets]);
		const model = attachedChatModel(logged ? attached : withoutLog(attached));
		made.set(attached, model);
		return model;
	};
	return {
		models: async (_parameters, itemIndex) => {
			const models = await connections.models(itemIndex);
			if (models.length <= fallbacks) throw fallbackMissing(models.length, fallbacks);
			return models.map(chatModelOf);
		},
		redact: { text: (text) => known.text(text), json: (json) => known.json(json) },
	};
}

function fallbackMissing(attached: number, fallbacks: number): ValidationError {
	return new ValidationError(
		`Of ${fallbacks + 1} Chat Models, the fallbacks included, only ${attached} ${attached === 1 ? 'is' : 'are'} attached.`,
		{ hint: 'Attach a Chat Model at each fallback below this node, or lower Fallback Models.' },
	);
}

async function apiSource(context: IExecuteFunctions): Promise<ModelSource> {
	const credential = await context.getCredentials<{
		api?: 'openAi' | 'anthropic';
		baseUrl: string;
	}>('agentSwarmModelApi');
	const chatModel = credential.api === 'anthropic' ? anthropicChatModel : openAiChatModel;
	const redact = redactor(secretsOf({ ...credential }));
	const http = redactedHttp(nodeHttpClient(context, 'agentSwarmModelApi'), redact);
	const account = context.getNode().credentials?.agentSwarmModelApi?.id ?? '';
	const made = new Map<string, ChatModel>();
	const modelNamed = (model: string): ChatModel => {
		const known =
			made.get(model) ??
			chatModel({
				http,
				runtime: n8nRuntime,
				baseUrl: credential.baseUrl,
				account,
				model,
			});
		made.set(model, known);
		return known;
	};
	return {
		models: async (parameters) => modelNames(parameters).map(modelNamed),
		redact,
	};
}

function modelNames({ model, fallbackModels }: ModelNames): string[] {
	return [String(model?.value ?? ''), ...fallbackModels.split(',')]
		.map((name) => name.trim())
		.filter((name) => name !== '');
}
