/** A value that fits a JSON schema, always the same one. */
import type { JsonSchema } from './protocol.ts';

const typeOf = ({ type, properties, items }: JsonSchema): string => {
	if (Array.isArray(type)) return type.find((one) => one !== 'null') ?? 'null';
	if (type) return type;
	if (properties) return 'object';
	return items ? 'array' : 'string';
};

const inRange = ({ minimum, maximum }: JsonSchema): number => minimum ?? Math.min(1, maximum ?? 1);

/**
 * @param schema - the usual keywords of JSON Schema; unknown ones are ignored
 * @param text - stands for every free string
 */
export function exampleOf(schema: JsonSchema, text: string): unknown {
	if (schema.const !== undefined) return schema.const;
	if (schema.enum?.length) return schema.enum[0];
	const alternative = schema.anyOf?.[0] ?? schema.oneOf?.[0];
	if (alternative) return exampleOf(alternative, text);
	switch (typeOf(schema)) {
		case 'object':
			return Object.fromEntries(
				Object.entries(schema.properties ?? {}).map(([name, part]) => [
					name,
					exampleOf(part, text),
				]),
			);
		case 'array':
			return Array.from({ length: Math.max(1, schema.minItems ?? 1) }, () =>
				exampleOf(schema.items ?? {}, text),
			);
		case 'number':
		case 'integer':
			return inRange(schema);
		case 'boolean':
			return true;
		case 'null':
			return null;
		default:
			return text;
	}
}
