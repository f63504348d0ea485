import { z } from 'zod';

import { isJsonObject, isSafeKey, type JsonObject } from '../core';
import { plainWords, type Schema } from './chosen';
import { didYouMean } from './closest';

/** Other names of a field, and what their values mean in the field's own terms. */
export interface FieldNames {
	/** Names that mean the same, e.g. `{ stepId: 'id' }`. `snake_case` is always understood. */
	aliases?: Readonly<Record<string, string>>;
	/** Names whose value is converted, e.g. seconds: `{ timeout: ['timeoutMs', seconds] }`. */
	converted?: Readonly<
		Record<string, readonly [field: string, convert: (value: unknown) => unknown]>
	>;
	/** Names that are accepted and dropped: what a stored record carries besides its definition. */
	ignored?: readonly string[];
}

/**
 * An object whose fields may be written in `camelCase`, in the `snake_case` of the documents, or by
 * another name. Unknown fields are refused, with a guess at what was meant: a misspelt option that
 * is silently ignored is the hardest mistake to find. Errors name the fields as they were written.
 */
export function named<Shape extends z.ZodRawShape>(
	shape: Shape,
	names: FieldNames = {},
): Schema<z.infer<z.ZodObject<Shape>>> {
	const schema = z.object(shape);
	return z.unknown().transform((value, context): z.infer<z.ZodObject<Shape>> => {
		if (!isJsonObject(value)) return fail(context, 'must be an object');
		const fields = new Fields(shape, names);
		for (const [key, part] of Object.entries(value)) fields.add(key, part);
		const result = schema.safeParse(fields.values, { errorMap: plainWords });
		const issues = result.error?.issues ?? [];
		for (const issue of issues) context.addIssue({ ...issue, path: fields.written(issue.path) });
		for (const { key, message } of fields.refused) fail(context, message, [key]);
		return result.success && fields.refused.length === 0 ? result.data : z.NEVER;
	});
}

/** Sorts what was written into the fields of a shape. */
class Fields {
	readonly values: Record<string, unknown> = {};
	readonly refused: Array<{ key: string; message: string }> = [];
	private readonly writtenAs = new Map<string, string>();

	constructor(
		private readonly shape: z.ZodRawShape,
		private readonly names: FieldNames,
	) {}

	add(key: string, value: unknown): void {
		if (value === undefined) return;
		const { aliases = {}, converted = {}, ignored = [] } = this.names;
		const name = camelCase(key);
		if (ignored.includes(name)) return;
		const conversion = Object.hasOwn(converted, name) ? converted[name] : undefined;
		if (conversion !== undefined) return this.set(conversion[0], key, conversion[1](value));
		const field = Object.hasOwn(aliases, name) ? aliases[name]! : name;
		if (Object.hasOwn(this.shape, field)) return this.set(field, key, value);
		const guess = didYouMean(key, this.known(key.includes('_')));
		this.refused.push({ key, message: `is not a known field${guess}` });
	}

	/** The path of an issue, with this level's field as it was written. */
	written(path: ReadonlyArray<string | number>): Array<string | number> {
		const [field, ...rest] = path as [string, ...Array<string | number>];
		return [this.writtenAs.get(field) ?? field, ...rest];
	}

	private set(field: string, key: string, value: unknown): void {
		const before = this.writtenAs.get(field);
		if (before !== undefined) {
			this.refused.push({ key, message: `means the same as "${before}"; give one of them` });
			return;
		}
		this.writtenAs.set(field, key);
		this.values[field] = value;
	}

	private known(snake: boolean): string[] {
		const { aliases = {}, converted = {} } = this.names;
		const all = [this.shape, aliases, converted].flatMap((names) => Object.keys(names));
		return snake ? all.map(snakeCase) : all;
	}
}

function fail(context: z.RefinementCtx, message: string, path: string[] = []): never {
	context.addIssue({ code: 'custom', message, path });
	return z.NEVER;
}

/** `depends_on` → `dependsOn`; other names stay. */
export function camelCase(name: string): string {
	return name.replace(/(?<=[a-z0-9])_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function snakeCase(name: string): string {
	return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** One of a few words, in any case: `REQUIRED` is `required`. */
export function oneOf<const Words extends readonly [string, ...string[]]>(
	words: Words,
): Schema<Words[number]> {
	const lower = (word: unknown) => (typeof word === 'string' ? word.toLowerCase() : word);
	return z.preprocess(lower, z.enum(words as unknown as [Words[number], ...Array<Words[number]>]));
}

/** A step's name for programs. `/` and `#` separate the parts of a step's path. */
export const stepId = z
	.string()
	.min(1, 'must not be empty')
	.max(200, 'must have at most 200 characters')
	.regex(/^[^/#]*$/, 'must not contain / or #')
	.refine(isSafeKey, 'is a reserved word');

/** A value in seconds, as document 004 gives them, in milliseconds; what is no number stays as it is. */
export function seconds(value: unknown): unknown {
	return typeof value === 'number' ? value * 1000 : value;
}

/** An object of plain data. */
export const jsonObject: Schema<JsonObject> = z.custom<JsonObject>(
	isJsonObject,
	'must be an object',
);
