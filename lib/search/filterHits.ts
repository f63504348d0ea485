import { filtersAsked, isWithin } from './filters';
import type { FilterName, FilteredBy, SearchFilters } from './filters';
import type { EngineHit } from './searchEngine';

/** The hits that are left, and who saw to each filter that was asked for. */
export interface FilteredHits {
	hits: EngineHit[];
	filters: Partial<Record<FilterName, FilteredBy>>;
}

/**
 * Applies the filters that an engine does not know to its hits. A hit without a date is left out
 * when others of the engine have one; when none has, nobody can tell, and all stay.
 *
 * @param known - the filters that the engine applied itself
 */
export function filterHits(
	hits: readonly EngineHit[],
	filters: SearchFilters,
	known: readonly FilterName[] = [],
): FilteredHits {
	let left = [...hits];
	const report: FilteredHits['filters'] = {};
	for (const name of filtersAsked(filters)) {
		if (known.includes(name)) {
			report[name] = 'engine';
			continue;
		}
		const test = testOf(name, filters, hits);
		report[name] = test === undefined ? 'nobody' : 'results';
		if (test !== undefined) left = left.filter(test);
	}
	return { hits: left, filters: report };
}

type Test = (hit: EngineHit) => boolean;

/** How hits can be tested for a filter; undefined when they do not tell. */
function testOf(
	name: FilterName,
	filters: SearchFilters,
	hits: readonly EngineHit[],
): Test | undefined {
	if (name === 'domains') return domainTest(filters);
	if (name === 'words') return wordTest(filters);
	if (name !== 'dates') return undefined;
	const dated = hits.length === 0 || hits.some(({ publishedAt }) => Boolean(publishedAt));
	return dated ? dateTest(filters) : undefined;
}

function domainTest({ includeDomains = [], excludeDomains = [] }: SearchFilters): Test {
	return ({ url }) =>
		(includeDomains.length === 0 || isWithin(url, includeDomains)) &&
		!isWithin(url, excludeDomains);
}

/** Days, months and years are compared as far as both are known. */
function dateTest({ dates = { from: '', to: '' } }: SearchFilters): Test {
	return ({ publishedAt }) => {
		const day = publishedAt?.slice(0, 10);
		if (!day) return false;
		return day >= dates.from.slice(0, day.length) && day <= dates.to.slice(0, day.length);
	};
}

function wordTest({ phrases = [], excludedWords = [] }: SearchFilters): Test {
	const fold = (text: string) =>
		` ${text
			.toLowerCase()
			.replace(/[^\p{L}\p{N}]+/gu, ' ')
			.trim()} `;
	const wanted = phrases.map(fold);
	const unwanted = excludedWords.map(fold);
	return ({ title, snippet, text = snippet }) => {
		const said = fold(`${title} ${snippet} ${text}`);
		return (
			wanted.every((phrase) => said.includes(phrase)) &&
			!unwanted.some((word) => said.includes(word))
		);
	};
}
