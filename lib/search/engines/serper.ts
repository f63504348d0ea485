import { z } from 'zod';

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
		searchParameters: z.unknown(),
		// Left out when nothing was found.
		organic: z
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
	.refine(({ organic, searchParameters }) => Boolean(organic ?? searchParameters));

/**
 * Google's results by Serper. Needs a key.
 *
 * @see https://serper.dev
 */
export function serperEngine(http: HttpClient, options: ServiceOptions = {}): SearchEngine {
	const { apiUrl = 'https://google.serper.dev/search', apiKey } = options;
	return httpEngine(http, options, {
		name: 'Serper',
		filters: ['dates', 'language', 'region', 'domains', 'words'],
		limits: { costUsd: 0.001 },
		async find(query, send) {
			const response = await send({
				url: apiUrl,
				body: bodyOf(query),
				headers: { 'x-api-key': apiKey },
			});
			const { organic = [] } = parseAnswer('Serper', answerSchema, response);
			return organic.map(({ link, title, snippet, date }) => ({
				url: link,
				title: plainText(title ?? ''),
				text: plainText(snippet ?? ''),
				publishedAt: timeOfText(date),
			}));
		},
	});
}

function bodyOf(query: EngineQuery) {
	return {
		q: textWithOperators(query),
		num: query.limit,
		gl: query.filters?.region?.toLowerCase(),
		hl: query.filters?.language,
		tbs: dateRangeOfGoogle(query),
	};
}
