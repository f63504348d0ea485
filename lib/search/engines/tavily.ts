import { z } from 'zod';

import type { HttpClient } from '../../core';
import { plainText } from '../extract/plainText';
import type { EngineQuery, SearchEngine } from '../searchEngine';
import { parseAnswer } from './answer';
import { timeOfText } from './dates';
import { httpEngine } from './httpEngine';
import type { ServiceOptions } from './httpEngine';
import { textWithWords } from './operators';

/** How to reach Tavily. */
export interface TavilyOptions extends ServiceOptions {
	/** Asks without a key, as Tavily allows within a small allowance. Default false. */
	keyless?: boolean;
}

/** Longest query and longest list of results that the service takes. */
const MAX_CHARS = 400;
const MAX_RESULTS = 20;

const answerSchema = z.object({
	results: z.array(
		z.object({
			url: z.string(),
			title: z.string().nullish(),
			content: z.string().nullish(),
			published_date: z.string().nullish(),
		}),
	),
});

/**
 * The web by Tavily, made for agents: longer texts of each page. With a key, or without one.
 *
 * @see https://docs.tavily.com/documentation/api-reference/endpoint/search
 */
export function tavilyEngine(http: HttpClient, options: TavilyOptions = {}): SearchEngine {
	const { apiUrl = 'https://api.tavily.com/search', apiKey, keyless = false } = options;
	return httpEngine(http, options, {
		name: 'Tavily',
		filters: ['dates', 'region', 'domains', 'words'],
		limits: { costUsd: keyless ? 0 : 0.008 },
		async find(query, send) {
			const response = await send({
				url: apiUrl,
				body: bodyOf(query),
				headers: {
					authorization: apiKey === undefined ? undefined : `Bearer ${apiKey}`,
					'x-tavily-access-mode': keyless ? 'keyless' : undefined,
				},
			});
			return parseAnswer('Tavily', answerSchema, response).results.map((result) => ({
				url: result.url,
				title: result.title,
				text: plainText(result.content ?? ''),
				publishedAt: timeOfText(result.published_date),
			}));
		},
	});
}

function bodyOf(query: EngineQuery) {
	const { dates, region, includeDomains, excludeDomains } = query.filters ?? {};
	return {
		query: textWithWords(query).slice(0, MAX_CHARS),
		max_results: Math.min(query.limit, MAX_RESULTS),
		start_date: dates?.from,
		end_date: dates?.to,
		include_domains: includeDomains,
		exclude_domains: excludeDomains,
		country: region === undefined ? undefined : countryName(region),
	};
}

/** The service wants countries by their English names in lower case. */
function countryName(region: string): string | undefined {
	return new Intl.DisplayNames('en', { type: 'region' }).of(region)?.toLowerCase();
}
