import { z } from 'zod';

import { EngineError, parse } from '../../core';
import type { HttpClient, HttpResponse } from '../../core';
import type { EngineHit, EngineQuery, SearchEngine } from '../searchEngine';
import { parseAnswer } from './answer';

/** How to reach Wikipedia. */
export interface WikipediaOptions {
	/** Which Wikipedia, e.g. `en`, `de`, `simple`. Default `en`. */
	language?: string;
	/** Address of the API. Default: Wikipedia's own; another MediaWiki works too. */
	apiUrl?: string;
}

/** Longest list of introductions the API gives at once. */
const MAX_RESULTS = 20;

/** Wikimedia asks every program to say who it is. */
const USER_AGENT = 'n8n-nodes-agent-swarm (https://github.com/agent-swarm/n8n-nodes-agent-swarm)';

const answerSchema = z.object({
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
});

const languageSchema = z
	.string()
	.regex(/^[a-z][a-z-]{1,11}$/, 'must be a language code such as en');

/**
 * Wikipedia by its search, with the introduction of each article as text to quote. Needs no key.
 *
 * @see https://www.mediawiki.org/wiki/API:Search
 */
export function wikipediaEngine(http: HttpClient, options: WikipediaOptions = {}): SearchEngine {
	const language = parse(languageSchema, options.language ?? 'en', 'Wikipedia language');
	const apiUrl = options.apiUrl ?? `https://${language}.wikipedia.org/w/api.php`;
	return {
		name: 'Wikipedia',
		async search(query: EngineQuery): Promise<EngineHit[]> {
			const response = await http.request({
				method: 'GET',
				url: apiUrl,
				query: parametersOf(query),
				headers: { 'user-agent': USER_AGENT, accept: 'application/json' },
				timeoutMs: query.timeoutMs,
				signal: query.signal,
			});
			return hitsOf(response);
		},
	};
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

function hitsOf(response: HttpResponse): EngineHit[] {
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
			snippet: extract.slice(0, 300),
			text: extract,
			publishedAt: touched,
		}));
}
