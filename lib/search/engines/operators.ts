import type { EngineQuery } from '../searchEngine';

/**
 * The words to look for with their filters as operators, as Google and those like it write them:
 * `tram "new line" -bus (site:a.org OR site:b.org) -site:c.org`.
 */
export function textWithOperators({ text, filters = {} }: EngineQuery): string {
	const { includeDomains = [], excludeDomains = [] } = filters;
	const sites = includeDomains.map((domain) => `site:${domain}`).join(' OR ');
	return [
		textWithWords({ text, filters }),
		includeDomains.length > 1 ? `(${sites})` : sites,
		...excludeDomains.map((domain) => `-site:${domain}`),
	]
		.filter((part) => part !== '')
		.join(' ');
}

/** The same with phrases and excluded words only, for services that take domains another way. */
export function textWithWords({
	text,
	filters = {},
}: Pick<EngineQuery, 'text' | 'filters'>): string {
	const { phrases = [], excludedWords = [] } = filters;
	return [
		text,
		...phrases.map((phrase) => `"${phrase}"`),
		...excludedWords.map((word) => `-${word}`),
	].join(' ');
}

/** Google's parameter for a range of days: `cdr:1,cd_min:1/31/2026,cd_max:2/28/2026`. */
export function dateRangeOfGoogle({ filters = {} }: EngineQuery): string | undefined {
	if (filters.dates === undefined) return undefined;
	const { from, to } = filters.dates;
	const us = (day: string) => {
		const [year, month, date] = day.split('-').map(Number);
		return `${month}/${date}/${year}`;
	};
	return `cdr:1,cd_min:${us(from)},cd_max:${us(to)}`;
}
