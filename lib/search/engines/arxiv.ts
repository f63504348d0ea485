import { EngineError } from '../../core';
import type { HttpClient, HttpResponse } from '../../core';
import { elementsOf, firstElement, textOfXml } from '../extract/xml';
import type { SearchFilters } from '../filters';
import type { SearchEngine } from '../searchEngine';
import { isStopWord, words } from '../tokens';
import { badOutput, checkStatus } from './answer';
import { httpEngine } from './httpEngine';
import type { RawHit, ServiceOptions } from './httpEngine';

const NAME = 'arXiv';

/**
 * Preprints by arXiv's own search, with their abstracts. Needs no key; asks for one call in three
 * seconds, so it is asked in one wording only.
 *
 * @see https://info.arxiv.org/help/api/user-manual.html
 */
export function arxivEngine(http: HttpClient, options: ServiceOptions = {}): SearchEngine {
	const { apiUrl = 'https://export.arxiv.org/api/query' } = options;
	return httpEngine(http, options, {
		name: NAME,
		maxCalls: 1,
		filters: ['dates'],
		limits: { maxConcurrent: 1, rate: [{ limit: 1, perMs: 3000 }] },
		async find({ text, limit, filters }, send) {
			const query = queryOf(text, filters?.dates);
			if (query === '') return [];
			const response = await send({
				url: apiUrl,
				query: { search_query: query, start: 0, max_results: limit, sortBy: 'relevance' },
				headers: { accept: 'application/atom+xml' },
			});
			return hitsOf(response);
		},
	});
}

/** Any of the words; the service puts those with most of them first. */
function queryOf(text: string, dates: SearchFilters['dates']): string {
	const any = words(text)
		.filter((word) => !isStopWord(word))
		.map((word) => `all:${word}`)
		.join(' OR ');
	if (dates === undefined || any === '') return any;
	const [from, to] = [dates.from, dates.to].map((day) => day.replaceAll('-', ''));
	return `(${any}) AND submittedDate:[${from}0000 TO ${to}2359]`;
}

function hitsOf(response: HttpResponse): RawHit[] {
	checkStatus(NAME, response);
	const feed = firstElement(response.text, 'feed');
	if (feed === undefined) throw badOutput(NAME, response.text);
	return elementsOf(feed, 'entry').map((entry) => {
		const field = (name: string) => textOfXml(firstElement(entry, name) ?? '');
		// Errors come as a feed with one entry, with status 200.
		if (field('id').includes('/api/errors')) throw refused(field('summary'));
		return {
			url: field('id'),
			work: { doi: field('arxiv:doi') },
			title: field('title'),
			text: field('summary'),
			publishedAt: field('published') || null,
		};
	});
}

function refused(reason: string): EngineError {
	return new EngineError('SEARCH_FAILED', `${NAME} refused the search: ${reason}.`, {
		errorClass: 'validation',
	});
}
