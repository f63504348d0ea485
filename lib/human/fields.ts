import { z } from 'zod';

import type { Json, JsonObject } from '../core';

/** Longest text that is taken from a form field, in characters. */
export const MAX_FIELD_LENGTH = 100_000;

/** Kinds of fields a form may have. */
export const FIELD_TYPES = [
	'text',
	'longText',
	'number',
	'date',
	'choice',
	'choices',
	'yesNo',
	'email',
] as const;

/** A field of a form. */
export const fieldSchema = z.object({
	/** Name of the value in the result. */
	name: z.string().min(1).max(200),
	label: z.string().min(1).max(500),
	help: z.string().max(1000).default(''),
	type: z.enum(FIELD_TYPES).default('text'),
	required: z.boolean().default(false),
	/** Smallest number or earliest date. */
	min: z.union([z.number(), z.string()]).optional(),
	/** Largest number or latest date. */
	max: z.union([z.number(), z.string()]).optional(),
	minLength: z.number().int().min(0).optional(),
	maxLength: z.number().int().min(1).max(MAX_FIELD_LENGTH).optional(),
	/** A regular expression the whole text must match. */
	pattern: z.string().refine(isPattern, 'must be a regular expression').optional(),
	options: z.array(z.string()).default([]),
	/** What is filled in at first. */
	initial: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).optional(),
});

/** See {@link fieldSchema}. */
export type FormField = z.infer<typeof fieldSchema>;

/** What is wrong with a value, for the reader's language to say. */
export interface FieldProblem {
	code:
		| 'required'
		| 'notNumber'
		| 'min'
		| 'max'
		| 'minLength'
		| 'maxLength'
		| 'pattern'
		| 'notDate'
		| 'notEmail'
		| 'notOption'
		| 'notJson'
		| 'schema'
		| 'comment'
		| 'decision'
		| 'pin'
		| 'hasVote'
		| 'requester';
	/** The limit that was missed, or what the check said. */
	detail?: string;
}

/** A value that was typed: usable, or with what is wrong. */
export type FieldResult = { value: Json } | { problem: FieldProblem };

/** Checks all fields of a form. Fields that are not named are passed over. */
export function readForm(
	fields: readonly FormField[],
	typed: (name: string) => readonly string[],
): { values: JsonObject; problems: Map<string, FieldProblem> } {
	const values = Object.create(null) as JsonObject;
	const problems = new Map<string, FieldProblem>();
	for (const field of fields) {
		const result = readField(field, typed(field.name));
		if ('problem' in result) problems.set(field.name, result.problem);
		else values[field.name] = result.value;
	}
	return { values, problems };
}

/** Checks one field: what was typed becomes a value of the field's type. */
export function readField(field: FormField, typed: readonly string[]): FieldResult {
	const given = typed.filter((text) => text.trim() !== '');
	if (field.type === 'yesNo') return readYesNo(field, given);
	if (field.type === 'choices') return readChoices(field, given);
	const text = given[0];
	if (text === undefined) {
		return field.required ? { problem: { code: 'required' } } : { value: null };
	}
	return READERS[field.type](field, text);
}

const READERS = {
	text: (field: FormField, text: string) => readText(field, text.trim()),
	longText: (field: FormField, text: string) => readText(field, text.replace(/\r\n/g, '\n')),
	number: readNumber,
	date: readDate,
	email: readEmail,
	choice: (field: FormField, text: string): FieldResult =>
		field.options.includes(text) ? { value: text } : { problem: { code: 'notOption' } },
};

function readText(field: FormField, text: string): FieldResult {
	const { minLength = 0, maxLength = MAX_FIELD_LENGTH, pattern } = field;
	const length = [...text].length;
	if (length < minLength) return { problem: { code: 'minLength', detail: String(minLength) } };
	if (length > maxLength) return { problem: { code: 'maxLength', detail: String(maxLength) } };
	if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`, 'u').test(text)) {
		return { problem: { code: 'pattern', detail: pattern } };
	}
	return { value: text };
}

function readNumber(field: FormField, text: string): FieldResult {
	const number = /^\s*[-+]?(\d+([.,]\d*)?|[.,]\d+)(e[-+]?\d+)?\s*$/i.test(text)
		? Number(text.replace(',', '.'))
		: NaN;
	if (!Number.isFinite(number)) return { problem: { code: 'notNumber' } };
	return withinRange(field, number, Number);
}

function readDate(field: FormField, text: string): FieldResult {
	const date = text.trim();
	const time = Date.parse(`${date}T00:00:00Z`);
	const real =
		/^\d{4}-\d{2}-\d{2}$/.test(date) &&
		!Number.isNaN(time) &&
		new Date(time).toISOString().startsWith(date);
	return real ? withinRange(field, date, String) : { problem: { code: 'notDate' } };
}

function withinRange<T extends number | string>(
	{ min, max }: FormField,
	value: T,
	as: (limit: number | string) => T,
): FieldResult {
	if (min !== undefined && value < as(min))
		return { problem: { code: 'min', detail: String(min) } };
	if (max !== undefined && value > as(max))
		return { problem: { code: 'max', detail: String(max) } };
	return { value };
}

function readEmail(field: FormField, text: string): FieldResult {
	const address = text.trim();
	const plausible =
		address.length <= 254 && /^[^\s@<>"]+@[^\s@<>".]+(\.[^\s@<>".]+)+$/.test(address);
	return plausible ? readText(field, address) : { problem: { code: 'notEmail' } };
}

function readYesNo(field: FormField, given: readonly string[]): FieldResult {
	const [answer] = given;
	if (answer === 'yes' || answer === 'no') return { value: answer === 'yes' };
	if (answer !== undefined) return { problem: { code: 'notOption' } };
	return field.required ? { problem: { code: 'required' } } : { value: null };
}

function readChoices(field: FormField, given: readonly string[]): FieldResult {
	if (given.some((option) => !field.options.includes(option))) {
		return { problem: { code: 'notOption' } };
	}
	if (given.length === 0 && field.required) return { problem: { code: 'required' } };
	// In the order of the form, each once.
	return { value: field.options.filter((option) => given.includes(option)) };
}

function isPattern(source: string): boolean {
	try {
		return new RegExp(`^(?:${source})$`, 'u') instanceof RegExp;
	} catch {
		return false;
	}
}
