import { isJsonObject, type Json } from '../core';

/** One difference between two states, for people. */
export interface Difference {
	/** Where, e.g. `order.items[2].price`; empty for the whole. */
	path: string;
	change: 'added' | 'removed' | 'changed';
	before?: Json;
	after?: Json;
}

/** All differences, in the order of the keys. */
export function compareStates(before: Json, after: Json, path = ''): Difference[] {
	if (before === after) return [];
	if (Array.isArray(before) && Array.isArray(after)) {
		const length = Math.max(before.length, after.length);
		return Array.from({ length }, (_, index) =>
			compareEntry(before[index], after[index], `${path}[${index}]`),
		).flat();
	}
	if (isJsonObject(before) && isJsonObject(after)) {
		const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
		return [...keys].flatMap((key) =>
			compareEntry(before[key], after[key], path === '' ? key : `${path}.${key}`),
		);
	}
	return [{ path, change: 'changed', before, after }];
}

function compareEntry(
	before: Json | undefined,
	after: Json | undefined,
	path: string,
): Difference[] {
	if (before === undefined && after === undefined) return [];
	if (before === undefined) return [{ path, change: 'added', after: after! }];
	if (after === undefined) return [{ path, change: 'removed', before }];
	return compareStates(before, after, path);
}

const SHOWN = 80;

/** The differences as text, one a line: `~ price: 3 → 4`, `+ note: "late"`, `- old: 1`. */
export function describeDifferences(differences: readonly Difference[]): string {
	if (differences.length === 0) return 'No differences';
	return differences
		.map(({ path, change, before, after }) => {
			const where = path === '' ? '(all)' : path;
			if (change === 'added') return `+ ${where}: ${short(after)}`;
			if (change === 'removed') return `- ${where}: ${short(before)}`;
			return `~ ${where}: ${short(before)} → ${short(after)}`;
		})
		.join('\n');
}

function short(value: Json | undefined): string {
	const text = JSON.stringify(value) ?? '';
	return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
