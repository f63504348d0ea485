import type { ChatMessage, ConversationMemory } from '../../lib';
import { isJsonObject, toJson } from '../../lib';

/** A Memory sub-node's object, as far as it is used here. */
interface AttachedMemory {
	memoryKey?: string;
	loadMemoryVariables(input: object): Promise<Record<string, unknown>>;
	saveContext(input: object, output: object): Promise<void>;
}

/** A message as memories keep it. */
interface KeptMessage {
	content?: unknown;
	getType?(): string;
	_getType?(): string;
}

/** The memory of an attached Memory sub-node; `undefined` when none is attached. */
export function attachedMemory(attached: unknown): ConversationMemory | undefined {
	if (!isMemory(attached)) return undefined;
	return {
		load: async () => {
			const variables = await attached.loadMemoryVariables({});
			const messages = variables[attached.memoryKey ?? 'chat_history'];
			return Array.isArray(messages) ? messages.flatMap(messageOf) : [];
		},
		save: async ({ user, assistant }) => {
			await attached.saveContext({ input: user }, { output: assistant });
		},
	};
}

function isMemory(value: unknown): value is AttachedMemory {
	return (
		typeof value === 'object' &&
		value !== null &&
		'loadMemoryVariables' in value &&
		typeof value.loadMemoryVariables === 'function'
	);
}

/** What people and agents said; tool calls and instructions of earlier tasks stay behind. */
function messageOf(message: KeptMessage): ChatMessage[] {
	const type = message.getType?.() ?? message._getType?.();
	const content = textOf(message.content);
	if (content === '') return [];
	if (type === 'human') return [{ role: 'user', content }];
	return type === 'ai' ? [{ role: 'assistant', content }] : [];
}

function textOf(content: unknown): string {
	if (typeof content === 'string') return content;
	const plain = toJson(content);
	if (!Array.isArray(plain)) return '';
	return plain
		.map((part) => (isJsonObject(part) && typeof part.text === 'string' ? part.text : ''))
		.join('');
}
