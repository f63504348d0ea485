import { z } from 'zod';

import type { HttpClient } from '../../core';
import { plainText } from '../extract/plainText';
import type { EngineQuery, SearchEngine } from '../searchEngine';
import { parseAnswer } from './answer';
import { timeOfText } from './dates';
import { httpEngine } from './httpEngine';
import type { ServiceOptions } from './httpEngine';

const TEXT_CHARS = 3000;

const answerSchema = z.object({
	results: z.array(
		z.object({
			url: z.string(),
			title: z.string().nullish(),
			text: z.string().nullish(),
			highlights: z.array(z.string()).nullish(),
			publishedDate: z.string().nullish(),
		}),
	),
});

/**
 * The web by Exa, which also finds by meaning and gives the text of pages. Needs a key.
 *
 * @see https://docs.exa.ai/reference/search
 */
export function exaEngine(http: HttpClient, options: ServiceOptions = {}): SearchEngine {
	const { apiUrl = 'https://api.exa.ai/search', apiKey } = options;
	return httpEngine(http, options, {
		name: 'Exa',
		filters: ['dates', 'region', 'domains'],
		limits: { costUsd: 0.015 },
		async find(query, send) {
			const response = await send({
				url: apiUrl,
				body: bodyOf(query),
				headers: { 'x-api-key': apiKey },
			});
			return parseAnswer('Exa', answerSchema, response).results.map((result) => ({
				url: result.url,
				title: result.title,
				text: plainText(result.text ?? (result.highlights ?? []).join(' ')),
				publishedAt: timeOfText(result.publishedDate),
			}));
		},
	});
}

function bodyOf({ text, limit, filters = {} }: EngineQuery) {
	const { dates, region, includeDomains, excludeDomains } = filters;
	return {
		query: text,
		type: 'auto',
		numResults: limit,
		includeDomains,
		excludeDomains,
		startPublishedDate: dates && `${dates.from}T00:00:00.000Z`,
		endPublishedDate: dates && `${dates.to}T23:59:59.999Z`,
		userLocation: region,
		contents: { text: { maxCharacters: TEXT_CHARS } },
	};
}
