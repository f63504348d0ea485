import type { Runtime } from '../core';
import type { ChatMessage } from '../llm';
import { delimitUntrusted, UNTRUSTED_NOTE, type UntrustedText } from './untrusted';

/** What an agent is told. */
export interface PromptParts {
	/** Its role. Default: a general one. */
	instructions?: string;
	/** Rules it keeps, in Markdown. */
	rules?: string;
	/** What to do. */
	task: string;
	/** Text from outside to work on. */
	data?: readonly UntrustedText[];
	/** What was said before, oldest first. */
	history?: readonly ChatMessage[];
	/** How to answer, see `OutputFormat`. */
	outputInstructions: string;
	/** Whether tool results may bring in text from outside. */
	mayMeetUntrusted: boolean;
}

const DEFAULT_INSTRUCTIONS =
	'You carry out one task. Answer with its result only, without introduction or closing remarks.';

/** The messages that open a conversation: instructions, what was said before, and the task. */
export function openingMessages(
	parts: PromptParts,
	runtime: Pick<Runtime, 'newId'>,
): ChatMessage[] {
	return [
		{ role: 'system', content: systemText(parts) },
		...(parts.history ?? []),
		{ role: 'user', content: taskText(parts, runtime) },
	];
}

function systemText(parts: PromptParts): string {
	const sections = [parts.instructions?.trim() || DEFAULT_INSTRUCTIONS];
	const rules = parts.rules?.trim() ?? '';
	if (rules !== '') sections.push(`# Rules\n\n${rules}`);
	if (parts.outputInstructions !== '') sections.push(`# Answer\n\n${parts.outputInstructions}`);
	if (parts.mayMeetUntrusted || hasData(parts)) sections.push(`# Data\n\n${UNTRUSTED_NOTE}`);
	return sections.join('\n\n');
}

function taskText(parts: PromptParts, runtime: Pick<Runtime, 'newId'>): string {
	const data = (parts.data ?? []).map((text) => delimitUntrusted(text, runtime));
	return [parts.task, ...data].join('\n\n');
}

/** Whether the task comes with text from outside. */
export function hasData(parts: Pick<PromptParts, 'data'>): boolean {
	return (parts.data ?? []).length > 0;
}
