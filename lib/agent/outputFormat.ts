import type { Json } from '../core';
import type { ResponseFormat } from '../llm';

/** What came out of reading an answer. */
export type OutputReading =
	| { ok: true; value: Json; confidence?: number | null }
	| {
			ok: false;
			/** What is wrong, for the model: it is asked again with these words. */
			problem: string;
	  };

/** The form an agent's answer must have. */
export interface OutputFormat {
	/** Tells the model what to answer; empty when anything goes. */
	readonly instructions: string;
	/** The form to ask the model's service for. */
	readonly responseFormat: ResponseFormat;
	/** Reads the final answer. Never throws for a wrong answer. */
	read(text: string): OutputReading | Promise<OutputReading>;
}

/** Any text. An empty answer is none. */
export function textOutput(): OutputFormat {
	return {
		instructions: '',
		responseFormat: { type: 'text' },
		read: (text) =>
			text.trim() === ''
				? { ok: false, problem: 'The answer is empty.' }
				: { ok: true, value: text.trim() },
	};
}
