import { z } from 'zod';

import { EngineError, parse } from '../../core';
import type { HttpClient, HttpResponse } from '../../core';
import type { EngineQuery, SearchEngine } from '../searchEngine';
import { parseAnswer } from './answer';
import { httpEngine } from './httpEngine';
import type { RawHit, ServiceOptions } from './httpEngine';

/** How to reach Wikipedia; with another `apiUrl`, another MediaWiki. */
export interface WikipediaOptions extends ServiceOptions {
	/** Which Wikipedia, e.g. `en`, `de`, `simple`. Default: that of the language asked for, or `en`. */
	language?: string;
}

/** Longest list of introductions the API gives at once. */
const MAX_RESULTS = 20;

const answerSchema = z
	.object({
		batchcomplete: z.boolean().optional(),
		continue: z.unknown().optional(),
		error: z.object({ code: z.string(), info: z.string() }).optional(),
		query: z
			.object({
				pages: z.array(
					z.object({
						index: z.number(),
						title: z.string(),
						fullurl: z.string(),
						extract: z.string().optional(),
						touched: z.string().optional(),
					}),
				),
			})
			.optional(),
	})
	// When nothing was found there is no `query`, but every answer of the API has one of these.
	.refine((answer) => Object.values(answer).some((part) => part !== undefined));

const languageSchema = z
	.string()
	.regex(/^[a-z][a-z-]{1,11}$/, 'must be a language code such as en');

/**
 * Wikipedia by its search, with the introduction of each article as text to quote. Needs no key.
 *
 * @see https://www.mediawiki.org/wiki/API:Search
 */
export function wikipediaEngine(http: HttpClient, options: WikipediaOptions = {}): SearchEngine {
	const own = options.language && parse(languageSchema, options.language, 'Wikipedia language');
	const isFixed = options.apiUrl !== undefined || own !== undefined;
	return httpEngine(http, options, {
		name: 'Wikipedia',
		filters: isFixed ? [] : ['language'],
		async find(query, send) {
			const language = own ?? query.filters?.language ?? 'en';
			const url = options.apiUrl ?? `https://${language}.wikipedia.org/w/api.php`;
			return hitsOf(await send({ url, query: parametersOf(query) }));
		},
	});
}

function parametersOf({ text, limit }: EngineQuery): Record<string, string | number> {
	const count = Math.min(limit, MAX_RESULTS);
	return {
		action: 'query',
		generator: 'search',
		gsrsearch: text,
		gsrlimit: count,
		prop: 'extracts|info',
		exintro: 1,
		explaintext: 1,
		exlimit: count,
		inprop: 'url',
		format: 'json',
		formatversion: 2,
	};
}

function hitsOf(response: HttpResponse): RawHit[] {
	const answer = parseAnswer('Wikipedia', answerSchema, response);
	// MediaWiki reports its errors with status 200.
	if (answer.error !== undefined) {
		const { code, info } = answer.error;
		throw new EngineError('SEARCH_FAILED', `Wikipedia refused the search: ${info} (${code}).`, {
			errorClass: code === 'ratelimited' ? 'rate_limit' : 'server',
		});
	}
	return (answer.query?.pages ?? [])
		.sort((first, second) => first.index - second.index)
		.map(({ title, fullurl, extract = '', touched = null }) => ({
			url: fullurl,
			title,
			text: extract,
			publishedAt: touched,
		}));
}
