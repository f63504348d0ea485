import { z } from 'zod';

import type { HttpClient } from '../../core';
import { plainText } from '../extract/plainText';
import type { SearchEngine } from '../searchEngine';
import { parseAnswer } from './answer';
import { httpEngine } from './httpEngine';
import type { ServiceOptions } from './httpEngine';

const answerSchema = z.object({
	results: z.array(
		z.object({
			url: z.string(),
			title: z.string().nullish(),
			description: z.string().nullish(),
		}),
	),
});

/**
 * Marginalia: small, text-heavy sites of the web. Without a key of one's own, all who have none
 * share one and are often told to wait, so it is asked in one wording only.
 *
 * @see https://about.marginalia-search.com/article/api/
 */
export function marginaliaEngine(http: HttpClient, options: ServiceOptions = {}): SearchEngine {
	const { apiUrl = 'https://api2.marginalia-search.com/search', apiKey = 'public' } = options;
	return httpEngine(http, options, {
		name: 'Marginalia',
		maxCalls: 1,
		limits: { rate: [{ limit: 1, perMs: 1000 }] },
		async find({ text, limit }, send) {
			const response = await send({
				url: apiUrl,
				query: { query: text, count: limit },
				headers: { 'api-key': apiKey },
			});
			return parseAnswer('Marginalia', answerSchema, response).results.map((result) => ({
				url: result.url,
				title: plainText(result.title ?? ''),
				text: plainText(result.description ?? ''),
			}));
		},
	});
}
