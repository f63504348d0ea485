import { isJsonObject } from '../core';
import type { Json } from '../core';
import { textDifference } from './textDifference';

/** One change: `from` is left out for what was added, `to` for what was removed. */
export interface Change {
	/** Where, e.g. `order.items[2].price` or `letter, line 3`; empty for the whole. */
	path: string;
	from?: Json;
	to?: Json;
}

/** What was changed between two versions of some data, in the order of the data. */
export function differenceOf(before: Json, after: Json, path = ''): Change[] {
	if (Array.isArray(before) && Array.isArray(after)) {
		const length = Math.max(before.length, after.length);
		return Array.from({ length }, (_, index) =>
			entryChange(before[index], after[index], `${path}[${index}]`),
		).flat();
	}
	if (isJsonObject(before) && isJsonObject(after)) {
		const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
		return [...keys].flatMap((key) =>
			entryChange(own(before, key), own(after, key), path === '' ? key : `${path}.${key}`),
		);
	}
	if (Object.is(before, after)) return [];
	const areTexts = typeof before === 'string' && typeof after === 'string';
	return areTexts && `${before}${after}`.includes('\n')
		? textDifference(before, after).map(({ line, from, to }) => ({
				path: [path, `line ${line}`].filter((part) => part !== '').join(', '),
				...(from === undefined ? {} : { from }),
				...(to === undefined ? {} : { to }),
			}))
		: [{ path, from: before, to: after }];
}

function own(object: Readonly<Record<string, Json>>, key: string): Json | undefined {
	return Object.hasOwn(object, key) ? object[key] : undefined;
}

function entryChange(before: Json | undefined, after: Json | undefined, path: string): Change[] {
	if (before === undefined) return after === undefined ? [] : [{ path, to: after }];
	return after === undefined ? [{ path, from: before }] : differenceOf(before, after, path);
}
