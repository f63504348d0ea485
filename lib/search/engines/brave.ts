import { z } from 'zod';

import type { HttpClient } from '../../core';
import { plainText } from '../extract/plainText';
import type { EngineQuery, SearchEngine } from '../searchEngine';
import { parseAnswer } from './answer';
import { timeOfText } from './dates';
import { httpEngine } from './httpEngine';
import type { ServiceOptions } from './httpEngine';
import { textWithOperators } from './operators';

/** Longest query and longest list of results that the service takes. */
const MAX_CHARS = 400;
const MAX_RESULTS = 20;

const answerSchema = z
	.object({
		type: z.literal('search'),
		// Left out when nothing was found.
		web: z
			.object({
				results: z.array(
					z.object({
						url: z.string(),
						title: z.string().nullish(),
						description: z.string().nullish(),
						extra_snippets: z.array(z.string()).nullish(),
						page_age: z.string().nullish(),
					}),
				),
			})
			.nullish(),
	})
	.transform(({ web }) => web?.results ?? []);

/**
 * The web by Brave's own index. Needs a key.
 *
 * @see https://api-dashboard.search.brave.com/app/documentation/web-search/get-started
 */
export function braveEngine(http: HttpClient, options: ServiceOptions = {}): SearchEngine {
	const { apiUrl = 'https://api.search.brave.com/res/v1/web/search', apiKey } = options;
	return httpEngine(http, options, {
		name: 'Brave',
		filters: ['dates', 'language', 'region', 'domains', 'words'],
		limits: { rate: [{ limit: 1, perMs: 1000 }], costUsd: 0.005 },
		async find(query, send) {
			const response = await send({
				url: apiUrl,
				query: parametersOf(query),
				headers: { 'x-subscription-token': apiKey },
			});
			return parseAnswer('Brave', answerSchema, response).map((result) => ({
				url: result.url,
				title: plainText(result.title ?? ''),
				text: [result.description ?? '', ...(result.extra_snippets ?? [])].map(plainText).join(' '),
				publishedAt: timeOfText(result.page_age),
			}));
		},
	});
}

function parametersOf(query: EngineQuery) {
	const { dates, language, region } = query.filters ?? {};
	return {
		q: textWithOperators(query).slice(0, MAX_CHARS),
		count: Math.min(query.limit, MAX_RESULTS),
		result_filter: 'web',
		text_decorations: 0,
		extra_snippets: 1,
		freshness: dates === undefined ? undefined : `${dates.from}to${dates.to}`,
		search_lang: language,
		country: region,
	};
}
