import { isJsonObject, type Json, type JsonObject, toJson } from '../core';

/** What a zod 3 schema carries inside; read structurally, because it may come from another copy. */
interface ZodDef {
	typeName: string;
	description?: string;
	[key: string]: unknown;
}

/**
 * The JSON Schema of a tool's arguments, from whatever a tool brings: JSON Schema, or a schema of
 * zod 3 or 4 of any copy of the library.
 *
 * @returns a schema of type `object`; one that takes anything when the form is unknown
 */
export function toolParameters(schema: unknown): JsonObject {
	const converted = convert(schema);
	if (converted.type === 'object') return { properties: {}, ...converted };
	return { type: 'object', properties: {} };
}

function convert(schema: unknown): JsonObject {
	if (typeof schema !== 'object' || schema === null) return {};
	if (isZod4(schema)) return fromZod4(schema);
	const def = defOf(schema);
	if (def !== undefined) return withDescription(def, fromZod3(def));
	const plain = toJson(schema);
	return isJsonObject(plain) ? plain : {};
}

/** What a zod 4 schema carries inside. */
interface Zod4Def {
	type: string;
	[key: string]: unknown;
}

const inner4 = (def: Zod4Def): JsonObject => convert(def.innerType);

const CONVERTERS_4: Readonly<Record<string, (def: Zod4Def) => JsonObject>> = {
	string: () => ({ type: 'string' }),
	number: ({ format }) => ({ type: String(format).includes('int') ? 'integer' : 'number' }),
	bigint: () => ({ type: 'integer' }),
	boolean: () => ({ type: 'boolean' }),
	date: () => ({ type: 'string', format: 'date-time' }),
	null: () => ({ type: 'null' }),
	literal: (def) => ({ enum: def.values as Json[] }),
	enum: (def) => ({ enum: Object.values(def.entries as Record<string, Json>) }),
	array: (def) => ({ type: 'array', items: convert(def.element) }),
	record: (def) => ({ type: 'object', additionalProperties: convert(def.valueType) }),
	union: (def) => ({ anyOf: (def.options as unknown[]).map(convert) }),
	intersection: (def) => ({ allOf: [convert(def.left), convert(def.right)] }),
	nullable: (def) => ({ anyOf: [inner4(def), { type: 'null' }] }),
	optional: inner4,
	default: inner4,
	prefault: inner4,
	catch: inner4,
	readonly: inner4,
	pipe: (def) => convert(def.in),
	object: objectSchema4,
};

function fromZod4(schema: Zod4Schema): JsonObject {
	const { def } = schema._zod;
	const converted = Object.hasOwn(CONVERTERS_4, def.type) ? CONVERTERS_4[def.type]!(def) : {};
	return typeof schema.description === 'string'
		? { ...converted, description: schema.description }
		: converted;
}

/** A zod 4 schema, read structurally as well. */
interface Zod4Schema {
	_zod: { def: Zod4Def; optin?: unknown };
	description?: unknown;
}

function isZod4(schema: object): schema is Zod4Schema {
	const zod: unknown = '_zod' in schema ? schema._zod : undefined;
	return typeof zod === 'object' && zod !== null && 'def' in zod;
}

function objectSchema4(def: Zod4Def): JsonObject {
	const shape = Object.entries(def.shape as Record<string, Zod4Schema>);
	const required = shape.filter(([, { _zod }]) => _zod.optin !== 'optional').map(([key]) => key);
	return {
		type: 'object',
		properties: Object.fromEntries(shape.map(([key, schema]) => [key, convert(schema)])),
		...(required.length === 0 ? {} : { required }),
	};
}

function defOf(schema: object): ZodDef | undefined {
	const def = '_def' in schema ? schema._def : undefined;
	return typeof def === 'object' && def !== null && 'typeName' in def ? (def as ZodDef) : undefined;
}

function withDescription({ description }: ZodDef, schema: JsonObject): JsonObject {
	return description === undefined ? schema : { ...schema, description };
}

type Converter = (def: ZodDef) => JsonObject;

const inner: Converter = (def) => convert(def.innerType);

const CONVERTERS: Readonly<Record<string, Converter>> = {
	ZodString: (def) => ({ type: 'string', ...stringChecks(def) }),
	ZodNumber: (def) => ({ type: isInteger(def) ? 'integer' : 'number', ...numberChecks(def) }),
	ZodBigInt: () => ({ type: 'integer' }),
	ZodBoolean: () => ({ type: 'boolean' }),
	ZodDate: () => ({ type: 'string', format: 'date-time' }),
	ZodNull: () => ({ type: 'null' }),
	ZodLiteral: (def) => ({ const: def.value as Json }),
	ZodEnum: (def) => ({ type: 'string', enum: def.values as Json[] }),
	ZodNativeEnum: (def) => ({ enum: Object.values(def.values as Record<string, Json>) }),
	ZodArray: (def) => ({ type: 'array', items: convert(def.type) }),
	ZodTuple: (def) => ({ type: 'array', prefixItems: (def.items as unknown[]).map(convert) }),
	ZodRecord: (def) => ({ type: 'object', additionalProperties: convert(def.valueType) }),
	ZodUnion: (def) => ({ anyOf: (def.options as unknown[]).map(convert) }),
	ZodDiscriminatedUnion: (def) => ({ anyOf: [...(def.options as Iterable<unknown>)].map(convert) }),
	ZodIntersection: (def) => ({ allOf: [convert(def.left), convert(def.right)] }),
	ZodObject: objectSchema,
	ZodOptional: inner,
	ZodDefault: inner,
	ZodCatch: inner,
	ZodReadonly: inner,
	ZodNullable: (def) => ({ anyOf: [convert(def.innerType), { type: 'null' }] }),
	ZodBranded: (def) => convert(def.type),
	ZodEffects: (def) => convert(def.schema),
	ZodPipeline: (def) => convert(def.in),
};

function fromZod3(def: ZodDef): JsonObject {
	// Own keys only: a type named like a method of Object is unknown, not a converter.
	return Object.hasOwn(CONVERTERS, def.typeName) ? CONVERTERS[def.typeName]!(def) : {};
}

function objectSchema(def: ZodDef): JsonObject {
	const shape = (def.shape as () => Record<string, object>)();
	const required = Object.keys(shape).filter((key) => !isOptional(shape[key]!));
	return {
		type: 'object',
		properties: Object.fromEntries(
			Object.entries(shape).map(([key, schema]) => [key, convert(schema)]),
		),
		...(required.length === 0 ? {} : { required }),
		...(def.unknownKeys === 'strict' ? { additionalProperties: false } : {}),
	};
}

function isOptional(schema: object): boolean {
	const def = defOf(schema);
	if (def === undefined) return false;
	if (def.typeName === 'ZodOptional' || def.typeName === 'ZodDefault') return true;
	const within = def.typeName === 'ZodNullable' ? def.innerType : def.schema;
	return typeof within === 'object' && within !== null && isOptional(within);
}

interface ZodCheck {
	kind: string;
	value?: number;
	inclusive?: boolean;
	regex?: RegExp;
}

function checksOf(def: ZodDef): ZodCheck[] {
	return def.checks as ZodCheck[];
}

function stringChecks(def: ZodDef): JsonObject {
	const schema: JsonObject = {};
	for (const { kind, value, regex } of checksOf(def)) {
		if (kind === 'min') schema.minLength = value!;
		else if (kind === 'max') schema.maxLength = value!;
		else if (kind === 'regex') schema.pattern = regex!.source;
		else if (kind === 'email' || kind === 'uuid') schema.format = kind;
		else if (kind === 'url') schema.format = 'uri';
	}
	return schema;
}

function isInteger(def: ZodDef): boolean {
	return checksOf(def).some(({ kind }) => kind === 'int');
}

function numberChecks(def: ZodDef): JsonObject {
	const schema: JsonObject = {};
	for (const { kind, value, inclusive } of checksOf(def)) {
		if (kind === 'min') schema[inclusive === false ? 'exclusiveMinimum' : 'minimum'] = value!;
		else if (kind === 'max') schema[inclusive === false ? 'exclusiveMaximum' : 'maximum'] = value!;
		else if (kind === 'multipleOf') schema.multipleOf = value!;
	}
	return schema;
}
