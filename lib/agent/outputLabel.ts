import { isJsonObject, ValidationError } from '../core';
import type { OutputFormat, OutputReading } from './outputFormat';
import { extractJson } from './outputJson';

/** One of the answers that a classification may give. */
export interface Label {
	name: string;
	/** When it applies, for the model. */
	description?: string;
}

/**
 * Exactly one of a list of labels, with the model's own confidence from 0 to 1.
 *
 * @throws {ValidationError} when there are fewer than two labels, or two that differ only in case
 */
export function labelOutput(labels: readonly Label[]): OutputFormat {
	const byName = new Map(labels.map(({ name }) => [normalise(name), name]));
	if (byName.size < 2 || byName.size < labels.length || byName.has('')) {
		throw new ValidationError(
			`The list of labels must have at least two different names, received ${JSON.stringify(labels.map(({ name }) => name))}.`,
			{ hint: 'Add the missing labels, and give each its own name.' },
		);
	}
	return {
		instructions: instructionsFor(labels),
		responseFormat: { type: 'json' },
		read: (text) => readLabel(text, byName),
	};
}

function instructionsFor(labels: readonly Label[]): string {
	const lines = labels.map(({ name, description }) =>
		description === undefined || description === '' ? `- ${name}` : `- ${name}: ${description}`,
	);
	return [
		'Choose exactly one of these labels:',
		...lines,
		'Answer with JSON only: {"label": "<one of the labels>", "confidence": <0 to 1, how sure you are>}',
	].join('\n');
}

function readLabel(text: string, byName: ReadonlyMap<string, string>): OutputReading {
	const answer = extractJson(text);
	const said = isJsonObject(answer) ? answer.label : (answer ?? text);
	const label = typeof said === 'string' ? byName.get(normalise(said)) : undefined;
	if (label === undefined) {
		const names = [...byName.values()].map((name) => `"${name}"`).join(', ');
		return { ok: false, problem: `The label must be one of ${names}.` };
	}
	const confidence = isJsonObject(answer) ? answer.confidence : undefined;
	return { ok: true, value: label, confidence: fraction(confidence) };
}

/** Models add quotes, full stops and emphasis, and change the case. */
function normalise(name: string): string {
	return name.replace(/^[\s"'`*]+|[\s"'`*.]+$/g, '').toLowerCase();
}

/** A confidence as a fraction; models also write percents. `null` when it is neither. */
function fraction(value: unknown): number | null {
	const number = typeof value === 'string' ? Number.parseFloat(value) : value;
	if (typeof number !== 'number' || !Number.isFinite(number) || number < 0 || number > 100) {
		return null;
	}
	return number > 1 ? number / 100 : number;
}
