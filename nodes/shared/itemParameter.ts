/**
 * Parameters with expressions, for each item. n8n evaluates expressions in another isolate, which
 * costs half a millisecond each; most of them only name fields of the item, and those are read here.
 */
import { isExpression } from 'n8n-workflow';
import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	NodeParameterValueType,
} from 'n8n-workflow';

/** What is needed to read parameters for items; without `getInputData` all are left to n8n. */
export type ItemParameterContext = Pick<IExecuteFunctions, 'getNodeParameter'> &
	Partial<Pick<IExecuteFunctions, 'getInputData'>>;

/** The value of a parameter for an item's data; undefined when only n8n can tell. */
type FieldReader = (json: IDataObject) => unknown;

/**
 * A reader of one parameter that holds expressions.
 *
 * @param raw - the parameter as it is stored
 * @returns gives the value for an item, exactly as n8n does; `null` for one that gives nothing
 */
export function itemParameter(
	context: ItemParameterContext,
	name: string,
	raw: NodeParameterValueType | undefined,
): (itemIndex: number) => unknown {
	const evaluated = (itemIndex: number): unknown => context.getNodeParameter(name, itemIndex, null);
	let read = fieldReader(raw);
	if (read === undefined) return evaluated;
	let items: INodeExecutionData[] | undefined;
	// A tool's `$json`, for one, is not its input item: both ways must have agreed before.
	let agreed = false;
	return (itemIndex) => {
		items ??= context.getInputData?.() ?? [];
		const json = items[itemIndex]?.json;
		const value = json && read?.(json);
		if (agreed && value !== undefined) return value;
		const given = evaluated(itemIndex);
		if (value !== undefined) agreed = JSON.stringify(given) === JSON.stringify(value);
		if (value !== undefined && !agreed) read = undefined;
		return given;
	};
}

/** A reader of a parameter of which each expression only names fields, else undefined. */
function fieldReader(raw: unknown): FieldReader | undefined {
	if (Array.isArray(raw)) {
		const readers = readersOf(raw);
		return readers && ((json) => allOf(readers.map((read) => read(json))));
	}
	if (typeof raw === 'object' && raw !== null) {
		const names = Object.keys(raw);
		const readers = readersOf(Object.values(raw));
		return (
			readers &&
			((json) => {
				const values = allOf(readers.map((read) => read(json)));
				return values && Object.fromEntries(names.map((name, at) => [name, values[at]]));
			})
		);
	}
	return isExpression(raw) ? templateReader(raw.slice(1)) : () => raw;
}

function readersOf(values: unknown[]): FieldReader[] | undefined {
	return allOf(values.map(fieldReader));
}

/** The values, unless one of them is missing. */
function allOf<Value>(values: Array<Value | undefined>): Value[] | undefined {
	return values.includes(undefined) ? undefined : (values as Value[]);
}

/** `{{ $json.field.inner }}`, `{{ $json["a field"] }}`: the names are in the first group. */
const REFERENCE = /\{\{\s*\$json((?:\.[A-Za-z_]\w*|\["[^"\\]*"\]|\['[^'\\]*'\])+)\s*\}\}/;
const NAMES = /\.(\w+)|\["([^"]*)"\]|\['([^']*)'\]/g;

/** What means something else to n8n than the text it is. */
const SPECIAL = /\{\{|\}\}|\\|constructor|prototype|__proto__/;

/** A reader of text with references to fields in it; a single reference keeps its type. */
function templateReader(template: string): FieldReader | undefined {
	// Split by a group, so that every other part is the names of a reference.
	const parts = template.split(REFERENCE);
	const texts = parts.filter((_part, index) => index % 2 === 0);
	if (parts.length === 1 || parts.some((part) => SPECIAL.test(part))) return undefined;
	const paths = parts
		.filter((_part, index) => index % 2 === 1)
		.map((names) =>
			[...names.matchAll(NAMES)].map(([, plain, double, single]) => plain ?? double ?? single!),
		);
	if (paths.length === 1 && texts.join('') === '') return (json) => fieldOf(json, paths[0]!);
	return (json) => {
		const values = allOf(paths.map((path) => fieldOf(json, path)));
		return values && texts.map((text, index) => `${text}${values[index] ?? ''}`).join('');
	};
}

/** A field that is text, a number or a boolean. */
function fieldOf(json: IDataObject, path: readonly string[]): unknown {
	let value: unknown = json;
	for (const name of path) {
		if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
		if (!Object.hasOwn(value, name)) return undefined;
		value = (value as IDataObject)[name];
	}
	return ['string', 'number', 'boolean'].includes(typeof value) ? value : undefined;
}
