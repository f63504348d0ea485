import { isJsonObject, isSafeKey, show, type Json, type JsonObject } from '../core';
import { lookUp, parsePath, pathText, type Path } from './path';
import { TemplateError } from './templateError';

/** Deepest nesting of a template, in levels of objects and arrays. */
const MAX_DEPTH = 64;

/** How a template is filled in. */
export interface TemplateOptions {
	/**
	 * What a path that leads nowhere becomes: `error` throws, `empty` gives `null` for a whole value
	 * and nothing inside a text. Default `error`.
	 */
	missing?: 'error' | 'empty';
	/** Longest text that may come out of one string of the template, in characters. Default 1,000,000. */
	maxLength?: number;
}

/** A template that has been read once and can be filled in many times. */
export interface Template {
	/** Every path the template names, in order, each once. */
	paths: readonly Path[];
	/**
	 * Puts data in place of the paths. Never changes the template or the data; the result may share
	 * parts with the data.
	 *
	 * @throws {TemplateError} `TEMPLATE_MISSING` or `TEMPLATE_TOO_LARGE`
	 */
	render(scope: JsonObject): Json;
}

type Part = string | Path;
type Fill = (scope: JsonObject) => Json;

interface Rules {
	missing: 'error' | 'empty';
	maxLength: number;
	found: Map<string, Path>;
}

/**
 * Reads a template: JSON whose texts may contain `{{ path }}`.
 *
 * A text that is one placeholder and nothing else becomes the value itself, with its type
 * (`"{{ input.n }}"` → `3`); inside a longer text, a text goes in as it is and anything else as
 * JSON. What comes from data is never read as a template again. `\{{` stands for `{{` itself.
 * Keys are not templates. Nothing is evaluated: see {@link parsePath}.
 *
 * @throws {TemplateError} `TEMPLATE_SYNTAX` when a placeholder is not closed or not a path
 */
export function compileTemplate(template: Json, options: TemplateOptions = {}): Template {
	const { missing = 'error', maxLength = 1_000_000 } = options;
	const rules: Rules = { missing, maxLength, found: new Map() };
	const fill = compile(template, rules, 0);
	return { paths: [...rules.found.values()], render: fill };
}

/** Reads and fills in a template at once; see {@link compileTemplate}. */
export function renderTemplate(template: Json, scope: JsonObject, options?: TemplateOptions): Json {
	return compileTemplate(template, options).render(scope);
}

function compile(template: Json, rules: Rules, depth: number): Fill {
	if (depth > MAX_DEPTH) throw tooDeep();
	if (typeof template === 'string') return compileText(template, rules);
	if (Array.isArray(template)) {
		const items = template.map((item) => compile(item, rules, depth + 1));
		return (scope) => items.map((item) => item(scope));
	}
	if (!isJsonObject(template)) return () => template;
	const entries = Object.entries(template)
		.filter(([key]) => isSafeKey(key))
		.map(([key, value]) => [key, compile(value, rules, depth + 1)] as const);
	return (scope) => Object.fromEntries(entries.map(([key, value]) => [key, value(scope)]));
}

function compileText(text: string, rules: Rules): Fill {
	const parts = splitText(text);
	for (const part of parts) {
		if (typeof part !== 'string') rules.found.set(pathText(part), part);
	}
	const [only] = parts;
	if (only === undefined) return () => '';
	if (parts.length > 1) return (scope) => join(parts, scope, rules);
	return typeof only === 'string' ? () => only : (scope) => valueAt(only, scope, rules) ?? null;
}

// A backslash before `{{` makes it ordinary text; a placeholder ends at the first `}}` after it.
const OPENING = /(\\?)\{\{/g;

function splitText(text: string): Part[] {
	const parts: Part[] = [];
	let literal = '';
	let at = 0;
	OPENING.lastIndex = 0;
	for (let match = OPENING.exec(text); match !== null; match = OPENING.exec(text)) {
		literal += text.slice(at, match.index);
		at = OPENING.lastIndex;
		if (match[1] !== '') {
			literal += '{{';
			continue;
		}
		const end = text.indexOf('}}', at);
		if (end === -1) throw notClosed(text, match.index);
		if (literal !== '') parts.push(literal);
		literal = '';
		parts.push(parsePath(text.slice(at, end).trim()));
		at = end + 2;
		OPENING.lastIndex = at;
	}
	literal += text.slice(at);
	return literal === '' ? parts : [...parts, literal];
}

function join(parts: readonly Part[], scope: JsonObject, rules: Rules): string {
	let text = '';
	for (const part of parts) {
		text += typeof part === 'string' ? part : asText(valueAt(part, scope, rules));
		if (text.length > rules.maxLength) throw tooLarge(text.length, rules.maxLength);
	}
	return text;
}

function asText(value: Json | undefined): string {
	if (value === undefined) return '';
	return typeof value === 'string' ? value : JSON.stringify(value);
}

function valueAt(path: Path, scope: JsonObject, rules: Rules): Json | undefined {
	const value = lookUp(scope, path);
	if (value === undefined && rules.missing === 'error') throw missing(path, scope);
	return value;
}

function notClosed(text: string, at: number): TemplateError {
	const shown = show(text.slice(at));
	return new TemplateError('TEMPLATE_SYNTAX', `The placeholder ${shown} is not closed.`, {
		hint: 'End it with }}, or write \\{{ for two braces as text.',
		details: { at },
	});
}

function tooDeep(): TemplateError {
	return new TemplateError(
		'TEMPLATE_TOO_LARGE',
		`The template is nested more than ${MAX_DEPTH} levels deep.`,
		{ hint: 'Flatten it.', details: { maxDepth: MAX_DEPTH } },
	);
}

function tooLarge(length: number, maxLength: number): TemplateError {
	return new TemplateError(
		'TEMPLATE_TOO_LARGE',
		`A text of the template grew to ${length} characters, more than the ${maxLength} allowed.`,
		{ hint: 'Pass the data as a value of its own instead of inside a text.', details: { length } },
	);
}

/** Says how far the path leads and what is there, since that is where the mistake is. */
function missing(path: Path, scope: JsonObject): TemplateError {
	let depth = 0;
	while (lookUp(scope, path.slice(0, depth + 1)) !== undefined) depth++;
	const parent = depth === 0 ? scope : lookUp(scope, path.slice(0, depth));
	const where = depth === 0 ? 'The data' : `"${pathText(path.slice(0, depth))}"`;
	return new TemplateError(
		'TEMPLATE_MISSING',
		`There is nothing at "${pathText(path)}": ${where} ${contents(parent)}.`,
		{
			hint: 'Correct the path, or make sure the step that provides the value has run.',
			details: { path: pathText(path) },
		},
	);
}

const SHOWN_KEYS = 10;

/** Names only, never values: data may hold what must not show up in a message. */
function contents(value: Json | undefined): string {
	if (Array.isArray(value)) return `is a list of ${value.length}`;
	if (!isJsonObject(value)) return `is ${value === null ? 'null' : `a ${typeof value}`}`;
	const keys = Object.keys(value);
	if (keys.length === 0) return 'is empty';
	const more = keys.length > SHOWN_KEYS ? ` and ${keys.length - SHOWN_KEYS} more` : '';
	return `has ${keys.slice(0, SHOWN_KEYS).join(', ')}${more}`;
}
