import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import type { AgentTask, ChatModel, HttpClient, Json, Label, OutputFormat } from '../../lib';
import {
	jsonOutput,
	labelOutput,
	openAiChatModel,
	parseJson,
	parseJsonSchema,
	schemaFromExample,
	show,
	textOutput,
	ValidationError,
} from '../../lib';
import { parserOutput } from '../shared/outputParser';
import { n8nRuntime } from '../shared/runtime';
import type { Connections } from './connections';
import type { Parameters } from './parameters';

/** The credential of Model Source = API Credential. */
export interface ModelApi {
	api: 'openAi' | 'anthropic';
	baseUrl: string;
	/** Tells accounts apart; not secret. */
	account: string;
	http: HttpClient;
}

/** The engine's task for the parameters of one item. */
export async function taskOf(
	parameters: Parameters,
	connections: Connections,
	itemIndex: number,
): Promise<AgentTask> {
	const { options } = parameters;
	const data = options.data.trim();
	return {
		instructions: parameters.instructions,
		rules: options.rules,
		task: parameters.task,
		output: await outputFormat(parameters, connections, itemIndex),
		tools: await connections.tools(itemIndex),
		maxRepairs: options.maxRepairs,
		limits: {
			maxIterations: options.maxIterations,
			maxToolCalls: options.maxToolCalls,
			...(options.toolTimeoutSeconds > 0
				? { toolTimeoutMs: options.toolTimeoutSeconds * 1000 }
				: {}),
		},
		...(data === '' ? {} : { data: [{ source: 'untrusted data', text: data }] }),
		...(options.temperature === undefined ? {} : { temperature: options.temperature }),
		...(options.maxOutputTokens === undefined ? {} : { maxOutputTokens: options.maxOutputTokens }),
	};
}

/** The models of Model Source = API Credential, the primary first. */
export function apiModels(parameters: Parameters, api: ModelApi): ChatModel[] {
	const names = [String(parameters.model?.value ?? ''), ...parameters.fallbackModels.split(',')]
		.map((name) => name.trim())
		.filter((name) => name !== '');
	return names.map((model) =>
		openAiChatModel({
			http: api.http,
			runtime: n8nRuntime,
			baseUrl: api.baseUrl,
			account: api.account,
			model,
		}),
	);
}

async function outputFormat(
	parameters: Parameters,
	connections: Connections,
	itemIndex: number,
): Promise<OutputFormat> {
	switch (parameters.output) {
		case 'text':
			return textOutput();
		case 'json':
			return jsonOutput(
				parameters.jsonDefinition === 'schema'
					? parseJsonSchema(parameters.jsonSchema, 'JSON Schema')
					: schemaFromExample(exampleOf(parameters.jsonExample)),
			);
		case 'label':
			return labelOutput(labelsOf(parameters.labels));
		case 'parser':
			return parserOutput(await connections.one(NodeConnectionTypes.AiOutputParser, itemIndex));
	}
}

function exampleOf(source: unknown): Json {
	const failure = new ValidationError(
		`JSON Example must be valid JSON, received ${show(source)}.`,
		{
			hint: 'Write an example such as {"category": "billing", "urgent": false}.',
		},
	);
	if (typeof source !== 'string') {
		if (source === undefined || source === null) throw failure;
		return source as Json;
	}
	let example: Json | undefined;
	try {
		example = parseJson(source);
	} catch {
		example = undefined;
	}
	if (example === undefined) throw failure;
	return example;
}

/** One label a line, or separated by commas on a single line; a description after a colon. */
function labelsOf(text: string): Label[] {
	const lines = text.trim().includes('\n') ? text.split('\n') : text.split(',');
	return lines
		.map((line) => line.trim())
		.filter((line) => line !== '')
		.map((line) => {
			const [name = '', ...description] = line.split(':');
			return { name: name.trim(), description: description.join(':').trim() };
		});
}

/** Reads the credential of Model Source = API Credential. */
export async function modelApi(
	context: Pick<IExecuteFunctions, 'getCredentials' | 'getNode'>,
	http: HttpClient,
): Promise<ModelApi> {
	const credential = await context.getCredentials<{
		api?: 'openAi' | 'anthropic';
		baseUrl: string;
	}>('agentSwarmModelApi');
	return {
		api: credential.api ?? 'openAi',
		baseUrl: credential.baseUrl,
		account: context.getNode().credentials?.agentSwarmModelApi?.id ?? '',
		http,
	};
}
