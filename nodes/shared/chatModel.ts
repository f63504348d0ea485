import type {
	ChatMessage,
	ChatModel,
	ChatRequest,
	ChatResponse,
	FinishReason,
	ToolCall,
} from '../../lib';
import { badAnswer, hashOf, hostOf, isJsonObject, toJson, usageOf } from '../../lib';
import { chatModelError } from './chatModelErrors';

/** An n8n Chat Model sub-node's object, as far as it is used here. */
export interface AttachedModel {
	invoke(
		messages: unknown[],
		options: { signal?: AbortSignal },
	): Promise<AttachedAnswer | undefined>;
	stream?(
		messages: unknown[],
		options: { signal?: AbortSignal },
	): Promise<AsyncIterable<AttachedAnswer>>;
	bindTools?(tools: unknown[]): AttachedModel;
	lc_namespace?: string[];
	/** Told about each call; those of n8n write it into the execution. */
	callbacks?: unknown;
	[field: string]: unknown;
}

/** A whole answer, or a piece of a streamed one, of an attached model. */
export interface AttachedAnswer {
	content?: unknown;
	tool_calls?: Array<{ id?: string; name: string; args: unknown }>;
	invalid_tool_calls?: Array<{ id?: string; name?: string; args?: string }>;
	usage_metadata?: { input_tokens?: number; output_tokens?: number };
	response_metadata?: Record<string, unknown>;
	concat?(next: AttachedAnswer): AttachedAnswer;
}

/**
 * The engine's chat model over a Chat Model sub-node, whatever its service. Temperature, length and
 * the form of answers are set in the sub-node.
 */
export function attachedChatModel(model: AttachedModel): ChatModel {
	const name = nameOf(model);
	const target = { model: name, host: hostOf(addressOf(model)) };
	return {
		name,
		key: keyOf(model, name),
		chat: async (request) =>
			await answerOf(model, request).then(
				(answer) => {
					if (answer === undefined) throw badAnswer('with nothing', '', target);
					return readAnswer(answer, request, name);
				},
				async (error: unknown) => await Promise.reject(chatModelError(error, target)),
			),
	};
}

async function answerOf(
	model: AttachedModel,
	request: ChatRequest,
): Promise<AttachedAnswer | undefined> {
	const messages = request.messages.map(wireMessage);
	const options = request.signal === undefined ? {} : { signal: request.signal };
	const bound = withTools(model, request);
	if (request.onText === undefined || bound.stream === undefined) {
		const answer = await bound.invoke(messages, options);
		const text = textOf(answer?.content);
		if (text !== '') request.onText?.(text);
		return answer;
	}
	let whole: AttachedAnswer | undefined;
	for await (const piece of await bound.stream(messages, options)) {
		request.onActivity?.();
		const text = textOf(piece.content);
		if (text !== '') request.onText(text);
		whole = whole?.concat?.(piece) ?? piece;
	}
	return whole ?? {};
}

function withTools(model: AttachedModel, { tools = [] }: ChatRequest): AttachedModel {
	if (tools.length === 0 || model.bindTools === undefined) return model;
	return model.bindTools(
		tools.map(({ name, description, parameters }) => ({
			type: 'function',
			function: { name, description, parameters },
		})),
	);
}

function wireMessage(message: ChatMessage): object {
	switch (message.role) {
		case 'tool':
			return {
				role: 'tool',
				tool_call_id: message.toolCallId,
				name: message.name,
				content: message.content,
			};
		case 'assistant':
			return {
				role: 'assistant',
				content: message.content,
				tool_calls: (message.toolCalls ?? []).map(({ id, name, argumentsJson }) => ({
					id,
					type: 'function',
					function: { name, arguments: argumentsJson },
				})),
			};
		default:
			return { role: message.role, content: message.content };
	}
}

function readAnswer(answer: AttachedAnswer, request: ChatRequest, asked: string): ChatResponse {
	const toolCalls = [...validCalls(answer), ...invalidCalls(answer)];
	const text = textOf(answer.content);
	const metadata = answer.response_metadata ?? {};
	const { input_tokens: inputTokens, output_tokens: outputTokens } = answer.usage_metadata ?? {};
	const model = [metadata.model_name, metadata.model].find((one) => typeof one === 'string');
	return {
		text,
		toolCalls,
		finishReason: finishReason(metadata, toolCalls),
		usage: usageOf({ inputTokens, outputTokens }, request, { text, toolCalls }),
		model: model === undefined || model === '' ? asked : model,
	};
}

function validCalls({ tool_calls: calls = [] }: AttachedAnswer): ToolCall[] {
	return calls.map(({ id = '', name, args }) => ({
		id,
		name,
		argumentsJson: JSON.stringify(args ?? {}),
	}));
}

/** Calls whose arguments the sub-node could not parse; the model is told, and calls again. */
function invalidCalls({ invalid_tool_calls: calls = [] }: AttachedAnswer): ToolCall[] {
	return calls.map(({ id = '', name = '', args = '' }) => ({ id, name, argumentsJson: args }));
}

/** Content is text, or a list of blocks of which some are text. */
function textOf(content: unknown): string {
	if (typeof content === 'string') return content;
	if (!Array.isArray(content)) return '';
	return content
		.map((block: unknown) => {
			if (typeof block === 'string') return block;
			const plain = toJson(block);
			return isJsonObject(plain) && typeof plain.text === 'string' ? plain.text : '';
		})
		.join('');
}

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
	length: 'length',
	max_tokens: 'length',
	MAX_TOKENS: 'length',
	content_filter: 'content_filter',
	SAFETY: 'content_filter',
	refusal: 'refusal',
};

function finishReason(
	metadata: Record<string, unknown>,
	toolCalls: readonly ToolCall[],
): FinishReason {
	const said = [metadata.finish_reason, metadata.stop_reason, metadata.finishReason]
		.map((reason) => FINISH_REASONS[String(reason)])
		.find((reason) => reason !== undefined);
	return said ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop');
}

function nameOf(model: AttachedModel): string {
	const name = [model.model, model.modelName, model.deploymentName].find(
		(one) => typeof one === 'string' && one !== '',
	);
	return typeof name === 'string' ? name : 'attached model';
}

function addressOf(model: AttachedModel): string {
	const { clientConfig } = model;
	const configured =
		typeof clientConfig === 'object' && clientConfig !== null && 'baseURL' in clientConfig
			? clientConfig.baseURL
			: undefined;
	const address = [configured, model.baseUrl, model.apiUrl].find((one) => typeof one === 'string');
	return address ?? '';
}

/** Endpoint, account and model; the account as a hash that tells keys apart and gives none away. */
function keyOf(model: AttachedModel, name: string): string {
	const [key] = secretsOfModel(model);
	const service = model.lc_namespace?.join('/') ?? 'model';
	const mark = key === undefined ? '' : hashOf(key).slice(0, 12);
	return `${service}|${hostOf(addressOf(model))}|${mark}|${name}`;
}

/** The keys that a model carries, so that they can be taken out of what is shown. */
export function secretsOfModel(model: AttachedModel): string[] {
	const fields = [model.apiKey, model.openAIApiKey, model.anthropicApiKey];
	return fields.filter((field): field is string => typeof field === 'string');
}

/**
 * The model without n8n's writing of each prompt and answer into the execution, which takes more
 * space than everything else there, and about a millisecond a call.
 *
 * @param model - was made for this node alone; is changed
 */
export function withoutLog(model: AttachedModel): AttachedModel {
	const { callbacks } = model;
	if (!Array.isArray(callbacks)) return model;
	const others = callbacks.filter((callback: unknown) => !/^N8n/.test(nameOfCallback(callback)));
	// For an empty list the model would still describe itself and each call to nobody.
	model.callbacks = others.length > 0 ? others : undefined;
	return model;
}

function nameOfCallback(callback: unknown): string {
	const named = typeof callback === 'object' && callback !== null && 'name' in callback;
	return named ? String(callback.name) : '';
}

/** Whether a value that n8n hands over is a chat model that can be asked. */
export function isAttachedModel(value: unknown): value is AttachedModel {
	return (
		typeof value === 'object' &&
		value !== null &&
		'invoke' in value &&
		typeof value.invoke === 'function'
	);
}
