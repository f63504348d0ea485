import type { IExecuteFunctions, INodeProperties, NodeParameterValueType } from 'n8n-workflow';
import { isExpression } from 'n8n-workflow';
import type { z } from 'zod';

import { ValidationError, isJsonObject, parse } from '../../lib';
import { itemParameter, type ItemParameterContext } from './itemParameter';

/** What is needed to read the parameters of a node. */
export type ParameterContext = ItemParameterContext & Pick<IExecuteFunctions, 'getNode'>;

/** One problem that zod found, as `parse` reports it. */
interface Issue {
	path: string;
	message: string;
	received: string;
}

/**
 * A reader of a node's parameters, checked and with their defaults filled in.
 *
 * Reading an expression may cost half a millisecond an item, a constant nothing: constants are read
 * once, and when there is no expression at all, all items share one result.
 *
 * @param schema - an object whose fields are the names of the parameters; a parameter that is
 * hidden, or whose expression gives nothing, is missing there
 * @param properties - the node's fields, so that messages show the names that users see
 * @returns the parameters for one item; it throws {@link ValidationError} naming the fields
 */
export function parameterReader<Shape extends z.ZodRawShape>(
	context: ParameterContext,
	schema: z.ZodObject<Shape> | z.ZodEffects<z.ZodObject<Shape>>,
	properties: readonly INodeProperties[],
): (itemIndex: number) => z.infer<typeof schema> {
	const names = Object.keys(shapeOf(schema));
	const raw = context.getNode().parameters;
	const varying = names.filter((name) => holdsExpression(raw[name]));
	const constant = given(
		names
			.filter((name) => !varying.includes(name))
			.map((name) => [name, context.getNodeParameter(name, 0, null)]),
	);
	const check = (values: Record<string, unknown>) => checked(schema, values, properties);
	if (varying.length === 0) {
		let shared: z.infer<typeof schema> | undefined;
		return () => (shared ??= check(constant));
	}
	const readers = varying.map((name) => [name, itemParameter(context, name, raw[name])] as const);
	const combined = split(schema, varying, constant);
	return (itemIndex) => {
		const values = given(readers.map(([name, read]) => [name, read(itemIndex)]));
		// The whole check again gives the message that names everything that is wrong.
		return combined?.(values) ?? check({ ...constant, ...values });
	};
}

/**
 * A check that looks at the constants once and at the rest for each item. Gives nothing when
 * something is wrong, or when the schema has rules across its fields.
 */
function split<Shape extends z.ZodRawShape>(
	schema: z.ZodObject<Shape> | z.ZodEffects<z.ZodObject<Shape>>,
	varying: readonly string[],
	constant: Record<string, unknown>,
): ((values: Record<string, unknown>) => z.infer<typeof schema> | undefined) | undefined {
	if (!('shape' in schema)) return undefined;
	const mask = Object.fromEntries(varying.map((name) => [name, true as const]));
	const fixed = (schema as z.AnyZodObject).omit(mask).safeParse(constant);
	if (!fixed.success) return undefined;
	const rest = (schema as z.AnyZodObject).pick(mask);
	return (values) => {
		const part = rest.safeParse(values);
		return part.success ? ({ ...fixed.data, ...part.data } as z.infer<typeof schema>) : undefined;
	};
}

function shapeOf<Shape extends z.ZodRawShape>(
	schema: z.ZodObject<Shape> | z.ZodEffects<z.ZodObject<Shape>>,
): Shape {
	return 'shape' in schema ? schema.shape : schema.innerType().shape;
}

/** Whether a raw parameter is an expression, or holds one at any depth. */
function holdsExpression(value: NodeParameterValueType | undefined): boolean {
	if (typeof value === 'object' && value !== null) {
		return Object.values(value).some((entry) => holdsExpression(entry as NodeParameterValueType));
	}
	return isExpression(value);
}

/** The parameters that are visible, and whose expressions gave something. */
function given(values: ReadonlyArray<readonly [string, unknown]>): Record<string, unknown> {
	return Object.fromEntries(values.filter(([, value]) => value !== null && value !== undefined));
}

function checked<Schema extends z.ZodTypeAny>(
	schema: Schema,
	values: Record<string, unknown>,
	properties: readonly INodeProperties[],
): z.infer<Schema> {
	let failure: ValidationError;
	try {
		return parse(schema, values, 'Parameters');
	} catch (error) {
		failure = error as ValidationError;
	}
	throw withDisplayNames(failure, displayNames(properties));
}

/** The error again, with the names that users see in the place of the names in JSON. */
function withDisplayNames(error: ValidationError, names: Map<string, string>): ValidationError {
	const issues = (error.details.issues ?? []) as Issue[];
	if (issues.length === 0) return error;
	const sentences = issues.map(({ path, message, received }) => {
		const field = path
			.replace(/^(?:options\.)?/, '')
			.replace(/^\w+/, (name) => names.get(name) ?? name);
		return `${field.replace(/: $/, '')}: ${message}, received ${received}`;
	});
	return new ValidationError(`${sentences.join('; ')}.`, {
		hint: 'Correct the parameters of this node, or the data that their expressions use',
		details: error.details,
	});
}

/** Display names of all fields by their names, also of those inside collections. */
function displayNames(properties: readonly INodeProperties[]): Map<string, string> {
	const names = new Map<string, string>();
	const visit = (property: object): void => {
		if ('values' in property && Array.isArray(property.values)) property.values.forEach(visit);
		if ('options' in property && Array.isArray(property.options)) property.options.forEach(visit);
		if ('type' in property && isJsonObject(property)) {
			const { name, displayName } = property;
			if (!names.has(String(name))) names.set(String(name), String(displayName));
		}
	};
	properties.forEach(visit);
	return names;
}
