import type { IExecuteFunctions } from 'n8n-workflow';

import type { ChatModel, Redactor } from '../../lib';
import { anthropicChatModel, openAiChatModel, redactor, secretsOf } from '../../lib';
import { nodeHttpClient } from '../shared/http';
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
	return {
		models: async (_parameters, itemIndex) => await connections.models(itemIndex),
		redact: redactor(),
	};
}

async function apiSource(context: IExecuteFunctions): Promise<ModelSource> {
	const credential = await context.getCredentials<{
		api?: 'openAi' | 'anthropic';
		baseUrl: string;
	}>('agentSwarmModelApi');
	const chatModel = credential.api === 'anthropic' ? anthropicChatModel : openAiChatModel;
	const http = nodeHttpClient(context, 'agentSwarmModelApi');
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
		redact: redactor(secretsOf({ ...credential })),
	};
}

function modelNames({ model, fallbackModels }: ModelNames): string[] {
	return [String(model?.value ?? ''), ...fallbackModels.split(',')]
		.map((name) => name.trim())
		.filter((name) => name !== '');
}
