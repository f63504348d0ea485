/**
 * What the stand-in says: the same text for the same prompt, built from the prompt's own
 * sources, and always marked as a stand-in's.
 */
import { exampleOf } from './example.ts';
import { textOf } from './protocol.ts';
import type { ChatRequest, Message, Reply } from './protocol.ts';

/** Begins every text answer, so that nobody takes it for a model's. */
export const NOTICE = 'Stand-in answer (no language model was called).';

const MAX_POINTS = 4;

const textOfRole = (messages: Message[], ...roles: Array<Message['role']>): string =>
	messages
		.filter(({ role }) => roles.includes(role))
		.map(textOf)
		.join('\n');

function firstSentence(text: string): string {
	const line = text.trim().split('\n')[0] ?? '';
	return /^.*?[.!?](?=\s|$)/.exec(line)?.[0] ?? line;
}

/** Sentences that carry a citation such as `[2]`, without list marks; each once. */
export function citedSentences(text: string): string[] {
	const sentences = text
		.split(/\n+|(?<=\[\d+\][.!?]?)\s+(?=[A-Z])/)
		.map((part) => part.replace(/^[\s\-*•>#]+/, '').trim())
		.filter((part) => /\[\d+\]/.test(part) && part.replace(/\[\d+\]/g, '').trim().length > 20);
	return [...new Set(sentences)];
}

/** A number that depends on every character, to let each role stress another source. */
function hash(text: string): number {
	let value = 7;
	for (const character of text) value = (value * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
	return value;
}

function rotated<T>(list: T[], by: number): T[] {
	const start = list.length === 0 ? 0 : by % list.length;
	return [...list.slice(start), ...list.slice(0, start)];
}

/** First one sentence of each source, then the rest. */
function varied(sentences: string[]): string[] {
	const seen = new Set<string>();
	const firsts = sentences.filter((sentence) => {
		const source = /\[\d+\]/.exec(sentence)?.[0] ?? '';
		return !seen.has(source) && seen.add(source);
	});
	return [...new Set([...firsts, ...sentences])];
}

/** Text: who speaks, what was asked, and the points of the sources with their citations. */
export function textAnswer(messages: Message[]): string {
	const instructions = textOfRole(messages, 'system', 'developer');
	const prompt = textOfRole(messages, 'user');
	const role = firstSentence(instructions)
		.replace(/^You are /i, '')
		.replace(/\.$/, '');
	const sentences = citedSentences(prompt);
	const points = varied(rotated(sentences, hash(instructions))).slice(0, MAX_POINTS);
	const lines = points.length > 0 ? points.map((point) => `- ${point}`) : [firstSentence(prompt)];
	return [NOTICE, role ? `As ${role}, from the sources given:` : 'From the prompt:', ...lines].join(
		'\n',
	);
}

const lastOf = (messages: Message[]): Message | undefined => messages.at(-1);

function wantsTool({ tools, tool_choice: choice, messages }: ChatRequest): string | undefined {
	if (!tools?.length || choice === 'none') return undefined;
	if (lastOf(messages)?.role === 'tool') return undefined;
	return typeof choice === 'object' ? choice.function.name : tools[0]?.function.name;
}

function toolReply(request: ChatRequest, name: string): Reply {
	const tool = request.tools?.find((one) => one.function.name === name);
	const sample = exampleOf(
		tool?.function.parameters ?? {},
		firstSentence(textOfRole(request.messages, 'user')),
	);
	return { toolCalls: [{ name, arguments: sample as Record<string, unknown> }] };
}

function afterTools(messages: Message[]): string {
	const results = messages.filter(({ role }) => role === 'tool').map(textOf);
	return `${NOTICE}\nThe tools answered: ${results.join('; ')}`;
}

/**
 * The answer to a chat request: a tool call while there is a tool that has not been asked yet,
 * JSON when the request asks for it, text otherwise.
 */
export function answer(request: ChatRequest): Reply {
	const tool = wantsTool(request);
	if (tool) return toolReply(request, tool);
	const text =
		lastOf(request.messages)?.role === 'tool'
			? afterTools(request.messages)
			: textAnswer(request.messages);
	const format = request.response_format;
	if (format?.type === 'json_schema') {
		return { content: JSON.stringify(exampleOf(format.json_schema.schema, text)) };
	}
	if (format?.type === 'json_object') return { content: JSON.stringify({ answer: text }) };
	return { content: text };
}
