import { ValidationError } from './errors';
import { isJsonObject, type Json, type JsonObject } from './json';
import { show } from './schema';

/** Deeper values are refused instead of exhausting the stack. */
const MAX_DEPTH = 100;
/** More problems than this help nobody. */
const MAX_PROBLEMS = 20;

interface Check {
	root: JsonObject;
	problems: string[];
	depth: number;
}

/**
 * Checks a value against a JSON Schema.
 *
 * Knows the vocabulary that models and forms use: `type`, `enum`, `const`, `properties`,
 * `required`, `additionalProperties`, `items`, `prefixItems`, the length, size and range keywords,
 * `pattern`, `multipleOf`, `anyOf`, `oneOf`, `allOf`, `not`, `nullable` and local `$ref`. Other
 * keywords are passed over, as the standard says.
 *
 * @returns what is wrong, one sentence a problem, each with its path, e.g.
 * `items[2].price must be a number, received "12"`; empty when the value fits
 * @see JSON Schema 2020-12, validation vocabulary
 */
export function jsonSchemaProblems(schema: JsonObject, value: unknown): string[] {
	const check: Check = { root: schema, problems: [], depth: 0 };
	checkValue(check, schema, value, '');
	return check.problems.slice(0, MAX_PROBLEMS);
}

/**
 * Parses a JSON Schema that a user wrote, as text or as an object.
 *
 * @param what - what the schema is for, starts the message
 * @throws {ValidationError} when it is not a JSON object
 */
export function parseJsonSchema(source: unknown, what: string): JsonObject {
	const schema = typeof source === 'string' ? parseText(source) : source;
	if (!isJsonObject(schema)) {
		throw new ValidationError(`${what} must be a JSON object, received ${show(source)}.`, {
			hint: 'Write a JSON Schema such as {"type":"object","properties":{"name":{"type":"string"}}}.',
		});
	}
	return schema;
}

function parseText(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/**
 * A JSON Schema that fits values like an example: the same keys, all required, of the same types.
 * A list takes the type of its first element; `null` fits anything.
 */
export function schemaFromExample(example: Json): JsonObject {
	if (example === null) return {};
	if (Array.isArray(example)) {
		return example.length === 0
			? { type: 'array' }
			: { type: 'array', items: schemaFromExample(example[0]!) };
	}
	if (!isJsonObject(example)) return { type: typeof example };
	const keys = Object.keys(example);
	return {
		type: 'object',
		properties: Object.fromEntries(keys.map((key) => [key, schemaFromExample(example[key]!)])),
		required: keys,
		additionalProperties: false,
	};
}

function checkValue(check: Check, schema: Json | undefined, value: unknown, path: string): void {
	if (schema === false) report(check, path, 'must not be there', value);
	if (!isJsonObject(schema) || check.problems.length >= MAX_PROBLEMS) return;
	if (check.depth >= MAX_DEPTH) {
		report(check, path, `must not be nested deeper than ${MAX_DEPTH} levels`);
		return;
	}
	check.depth++;
	checkSchema(check, schema, value, path);
	check.depth--;
}

function checkSchema(check: Check, schema: JsonObject, value: unknown, path: string): void {
	if (typeof schema.$ref === 'string') {
		checkValue(check, resolve(check.root, schema.$ref), value, path);
	}
	if (value === null && schema.nullable === true) return;
	if (!checkType(check, schema.type, value, path)) return;
	checkChoice(check, schema, value, path);
	if (typeof value === 'string') checkString(check, schema, value, path);
	if (typeof value === 'number') checkNumber(check, schema, value, path);
	if (Array.isArray(value)) checkArray(check, schema, value, path);
	else if (isJsonObject(value)) checkObject(check, schema, value, path);
	checkCombinations(check, schema, value, path);
}

/** Follows a reference inside the document; an unknown one fits anything. */
function resolve(root: JsonObject, ref: string): Json | undefined {
	if (!ref.startsWith('#')) return undefined;
	let current: Json | undefined = root;
	for (const part of ref.split('/').slice(1)) {
		const key = part.replace(/~1/g, '/').replace(/~0/g, '~');
		const known: boolean = isJsonObject(current) && Object.hasOwn(current, key);
		current = known ? (current as JsonObject)[key] : undefined;
	}
	return current;
}

function typeOf(value: unknown): string {
	if (value === null) return 'null';
	if (Array.isArray(value)) return 'array';
	return typeof value;
}

function checkType(check: Check, type: Json | undefined, value: unknown, path: string): boolean {
	if (type === undefined) return true;
	const allowed = (Array.isArray(type) ? type : [type]).filter((one) => typeof one === 'string');
	const actual = typeOf(value);
	const fits = allowed.some(
		(one) => one === actual || (one === 'integer' && Number.isInteger(value)),
	);
	if (!fits) report(check, path, `must be ${allowed.map(withArticle).join(' or ')}`, value);
	return fits;
}

function withArticle(type: string): string {
	if (type === 'null') return 'null';
	return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}

function checkChoice(check: Check, schema: JsonObject, value: unknown, path: string): void {
	if (Array.isArray(schema.enum) && !schema.enum.some((one) => sameJson(one, value))) {
		const choices = schema.enum.map((one) => JSON.stringify(one)).join(', ');
		report(check, path, `must be one of ${choices}`, value);
	}
	if (schema.const !== undefined && !sameJson(schema.const, value)) {
		report(check, path, `must be ${JSON.stringify(schema.const)}`, value);
	}
}

function checkString(check: Check, schema: JsonObject, value: string, path: string): void {
	// Characters as people count them, not UTF-16 units.
	const length = [...value].length;
	if (isNumber(schema.minLength) && length < schema.minLength) {
		report(check, path, `must have at least ${schema.minLength} characters`, value);
	}
	if (isNumber(schema.maxLength) && length > schema.maxLength) {
		report(check, path, `must have at most ${schema.maxLength} characters`, value);
	}
	if (typeof schema.pattern === 'string' && !matches(schema.pattern, value)) {
		report(check, path, `must match ${schema.pattern}`, value);
	}
}

/** Whether a text matches a pattern; a pattern that does not compile fits anything. */
function matches(pattern: string, text: string): boolean {
	try {
		return new RegExp(pattern, 'u').test(text);
	} catch {
		return true;
	}
}

function checkNumber(check: Check, schema: JsonObject, value: number, path: string): void {
	const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
	if (isNumber(minimum) && value < minimum) {
		report(check, path, `must be ${minimum} or more`, value);
	}
	if (isNumber(maximum) && value > maximum) {
		report(check, path, `must be ${maximum} or less`, value);
	}
	if (isNumber(exclusiveMinimum) && value <= exclusiveMinimum) {
		report(check, path, `must be more than ${exclusiveMinimum}`, value);
	}
	if (isNumber(exclusiveMaximum) && value >= exclusiveMaximum) {
		report(check, path, `must be less than ${exclusiveMaximum}`, value);
	}
	if (isNumber(multipleOf) && multipleOf > 0 && !isMultiple(value, multipleOf)) {
		report(check, path, `must be a multiple of ${multipleOf}`, value);
	}
}

function isMultiple(value: number, of: number): boolean {
	// Division leaves rounding errors: 0.3 / 0.1 is 2.9999999999999996.
	const ratio = value / of;
	return Math.abs(ratio - Math.round(ratio)) < 1e-9;
}

function checkArray(check: Check, schema: JsonObject, value: unknown[], path: string): void {
	if (isNumber(schema.minItems) && value.length < schema.minItems) {
		report(check, path, `must have at least ${schema.minItems} items`, value);
	}
	if (isNumber(schema.maxItems) && value.length > schema.maxItems) {
		report(check, path, `must have at most ${schema.maxItems} items`, value);
	}
	if (schema.uniqueItems === true && hasDuplicates(value)) {
		report(check, path, 'must not repeat an item', value);
	}
	const leading = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
	value.forEach((item, index) =>
		checkValue(check, leading[index] ?? schema.items, item, `${path}[${index}]`),
	);
}

function hasDuplicates(values: unknown[]): boolean {
	return new Set(values.map((value) => canonical(value))).size < values.length;
}

function checkObject(check: Check, schema: JsonObject, value: JsonObject, path: string): void {
	const required = Array.isArray(schema.required) ? schema.required : [];
	for (const key of required) {
		if (typeof key === 'string' && !Object.hasOwn(value, key)) {
			report(check, join(path, key), 'is missing');
		}
	}
	const properties = isJsonObject(schema.properties) ? schema.properties : {};
	for (const [key, entry] of Object.entries(value)) {
		if (Object.hasOwn(properties, key)) {
			checkValue(check, properties[key], entry, join(path, key));
		} else {
			checkValue(check, schema.additionalProperties, entry, join(path, key));
		}
	}
	const size = Object.keys(value).length;
	if (isNumber(schema.minProperties) && size < schema.minProperties) {
		report(check, path, `must have at least ${schema.minProperties} properties`, value);
	}
	if (isNumber(schema.maxProperties) && size > schema.maxProperties) {
		report(check, path, `must have at most ${schema.maxProperties} properties`, value);
	}
}

function checkCombinations(check: Check, schema: JsonObject, value: unknown, path: string): void {
	const { allOf, anyOf, oneOf, not } = schema;
	if (Array.isArray(allOf)) allOf.forEach((part) => checkValue(check, part, value, path));
	if (Array.isArray(anyOf) && countFitting(check, anyOf, value) === 0) {
		report(check, path, 'must fit one of the allowed forms', value);
	}
	if (Array.isArray(oneOf) && countFitting(check, oneOf, value) !== 1) {
		report(check, path, 'must fit exactly one of the allowed forms', value);
	}
	if (not !== undefined && countFitting(check, [not], value) === 1) {
		report(check, path, 'has a form that is not allowed', value);
	}
}

function countFitting(check: Check, forms: Json[], value: unknown): number {
	return forms.filter((form) => {
		const attempt: Check = { root: check.root, problems: [], depth: check.depth };
		checkValue(attempt, form, value, '');
		return attempt.problems.length === 0;
	}).length;
}

function report(check: Check, path: string, problem: string, received?: unknown): void {
	const what = path === '' ? 'The value' : path;
	const tail = received === undefined ? '' : `, received ${show(received)}`;
	check.problems.push(`${what} ${problem}${tail}`);
}

function join(path: string, key: string): string {
	return path === '' ? key : `${path}.${key}`;
}

function isNumber(value: Json | undefined): value is number {
	return typeof value === 'number';
}

function sameJson(first: unknown, second: unknown): boolean {
	return canonical(first) === canonical(second);
}

function canonical(value: unknown): string {
	return JSON.stringify(value, (_key, inner: unknown) =>
		isJsonObject(inner)
			? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
			: inner,
	);
}
