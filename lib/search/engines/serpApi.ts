import { z } from 'zod';

import { EngineError } from '../../core';
import type { HttpClient } from '../../core';
import { plainText } from '../extract/plainText';
import type { EngineQuery, SearchEngine } from '../searchEngine';
import { parseAnswer } from './answer';
import { timeOfText } from './dates';
import { httpEngine } from './httpEngine';
import type { ServiceOptions } from './httpEngine';
import { dateRangeOfGoogle, textWithOperators } from './operators';

const answerSchema = z
	.object({
		search_metadata: z.unknown(),
		error: z.string().optional(),
		organic_results: z
			.array(
				z.object({
					link: z.string(),
					title: z.string().nullish(),
					snippet: z.string().nullish(),
					date: z.string().nullish(),
				}),
			)
			.optional(),
	})
	.refine((answer) => Boolean(answer.organic_results ?? answer.error ?? answer.search_metadata));

/**
 * Google's results by SerpApi. Needs a key.
 *
 * @see https://serpapi.com/search-api
 */
export function serpApiEngine(http: HttpClient, options: ServiceOptions = {}): SearchEngine {
	const { apiUrl = 'https://serpapi.com/search.json', apiKey } = options;
	return httpEngine(http, options, {
		name: 'SerpApi',
		filters: ['dates', 'language', 'region', 'domains', 'words'],
		limits: { costUsd: 0.015 },
		async find(query, send) {
			const parameters = { ...parametersOf(query), api_key: apiKey };
			const response = await send({ url: apiUrl, query: parameters });
			const { error, organic_results: results } = parseAnswer('SerpApi', answerSchema, response);
			// Its way to say that nothing was found.
			const isEmpty = error?.includes("hasn't returned any results") ?? false;
			if (error !== undefined && !isEmpty) throw refused(error);
			return (results ?? []).map(({ link, title, snippet, date }) => ({
				url: link,
				title: plainText(title ?? ''),
				text: plainText(snippet ?? ''),
				publishedAt: timeOfText(date),
			}));
		},
	});
}

function parametersOf(query: EngineQuery) {
	return {
		engine: 'google',
		q: textWithOperators(query),
		num: query.limit,
		gl: query.filters?.region?.toLowerCase(),
		hl: query.filters?.language,
		tbs: dateRangeOfGoogle(query),
	};
}

function refused(reason: string): EngineError {
	const isSpent = /run out of searches|have run out/i.test(reason);
	return new EngineError('SEARCH_FAILED', `SerpApi refused the search: ${reason}`, {
		errorClass: isSpent ? 'quota_exhausted' : 'server',
	});
}
