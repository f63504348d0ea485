import { ValidationError, chunk } from '../../lib';

/** Input items that make one task together, by their indexes, and what names them. */
export interface ItemGroup {
	/** The value they have in common, or undefined when they only follow each other. */
	name?: string;
	itemIndexes: number[];
}

/**
 * Puts input items together into groups.
 *
 * @param groupOf - the value by which items are grouped; undefined for groups by number
 * @param itemsPerTask - how many items make a group at most
 * @returns groups in the order of their first items
 * @throws {ValidationError} when an item has no value to be grouped by
 */
export function groupItems(
	itemCount: number,
	itemsPerTask: number,
	groupOf?: (itemIndex: number) => string,
): ItemGroup[] {
	const indexes = Array.from({ length: itemCount }, (_, index) => index);
	if (groupOf === undefined) {
		return chunk(indexes, itemsPerTask).map((itemIndexes) => ({ itemIndexes }));
	}
	const groups = new Map<string, number[]>();
	for (const itemIndex of indexes) {
		const name = groupOf(itemIndex);
		if (name === '') {
			throw new ValidationError(`Group Items By gives nothing for item ${itemIndex}.`, {
				hint: 'Let the expression give a text or number for every item',
			});
		}
		const group = groups.get(name);
		if (group === undefined) groups.set(name, [itemIndex]);
		else group.push(itemIndex);
	}
	return [...groups].map(([name, itemIndexes]) => ({ name, itemIndexes }));
}
