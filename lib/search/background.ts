import { rarity } from './weighting';
import { DEFINITIONS, STEMS_BY_LEVEL } from './wordFrequencies';

let levels: Map<string, number> | undefined;

/** In how many definitions of a dictionary a stem occurs, about; rare ones all alike. */
function definitionsWith(term: string): number {
	levels ??= new Map(
		Object.entries(STEMS_BY_LEVEL).flatMap(([level, stems]) =>
			stems.split(' ').map((each) => [each, Number(level)] as const),
		),
	);
	const level = levels.get(term);
	return level === undefined ? 2 : 2 ** (level / 2);
}

/**
 * Inverse document frequency of a stem in English at large: how much it says that a text has it.
 * A handful of hits that were all found by the same words cannot tell.
 */
export function backgroundIdf(term: string): number {
	return rarity(definitionsWith(term), DEFINITIONS);
}
