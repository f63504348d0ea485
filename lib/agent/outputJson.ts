import { type Json, type JsonObject, jsonSchemaProblems, parseJson } from '../core';
import type { OutputFormat, OutputReading } from './outputFormat';

/** How many places of a text are tried as the start of the JSON in it. */
const MAX_STARTS = 20;
/** Characters that are read on the search for JSON, besides one reading of the whole text. */
const MAX_REREAD = 1_000_000;
/** Problems that a model is told at once; more would only distract it. */
const TOLD_PROBLEMS = 5;

/** How JSON is asked for. */
export interface JsonOutputOptions {
	/**
	 * Whether to hand the schema to the model's service as well, which then holds the model to it.
	 * Not every service can. Default: false, the schema stands in the instructions only.
	 */
	enforce?: boolean;
}

/** JSON that fits a schema. */
export function jsonOutput(schema: JsonObject, options: JsonOutputOptions = {}): OutputFormat {
	return {
		instructions:
			'Answer with JSON only, without any other text, that fits this JSON Schema:\n' +
			JSON.stringify(schema),
		responseFormat:
			options.enforce === true ? { type: 'json_schema', name: 'output', schema } : { type: 'json' },
		read: (text) => readJson(text, schema),
	};
}

function readJson(text: string, schema: JsonObject): OutputReading {
	const value = extractJson(text);
	if (value === undefined) return { ok: false, problem: 'The answer holds no valid JSON.' };
	const problems = jsonSchemaProblems(schema, value);
	if (problems.length === 0) return { ok: true, value };
	const told = problems.slice(0, TOLD_PROBLEMS).join('; ');
	return { ok: false, problem: `The JSON does not fit the schema: ${told}.` };
}

/**
 * The JSON in a model's answer: the whole answer, a fenced block, or the first object or list that
 * stands in the prose. Keys that could reach a prototype are dropped.
 *
 * @returns `undefined` when there is none
 */
export function extractJson(text: string): Json | undefined {
	const whole = parseOrUndefined(text.replace(/^\uFEFF/, ''));
	if (whole !== undefined) return whole;
	const fence = /```(?:json[c5]?)?[^\S\n]*\n?([\s\S]*?)```/i.exec(text);
	const fenced = fence === null ? undefined : parseOrUndefined(fence[1]!);
	return fenced ?? firstBalanced(text);
}

function parseOrUndefined(text: string): Json | undefined {
	try {
		return parseJson(text);
	} catch {
		return undefined;
	}
}

function firstBalanced(text: string): Json | undefined {
	const starts = /[{[]/g;
	let readable = text.length + MAX_REREAD;
	for (let tries = 0; tries < MAX_STARTS && readable > 0; tries++) {
		const match = starts.exec(text);
		if (match === null) return undefined;
		const end = endOfBalanced(text, match.index);
		// Hostile text could make every start cost a reading to the end.
		readable -= (end ?? text.length) - match.index;
		if (end === undefined) continue;
		const value = parseOrUndefined(text.slice(match.index, end));
		if (value !== undefined) return value;
	}
	return undefined;
}

/** Index after the bracket that closes the one at `start`; brackets inside strings do not count. */
function endOfBalanced(text: string, start: number): number | undefined {
	const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]]/gs;
	tokens.lastIndex = start;
	let depth = 0;
	for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
		if (match[0] === '{' || match[0] === '[') depth++;
		else if (match[0] === '}' || match[0] === ']') depth--;
		if (depth === 0) return match.index + 1;
	}
	return undefined;
}
