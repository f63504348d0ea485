import { z } from 'zod';

import type { HttpClient } from '../../core';
import { plainText } from '../extract/plainText';
import type { SearchEngine } from '../searchEngine';
import { parseAnswer } from './answer';
import { timeOfText } from './dates';
import { httpEngine } from './httpEngine';
import type { ServiceOptions } from './httpEngine';
import { textWithOperators } from './operators';

const answerSchema = z.object({
	data: z
		.array(
			z.object({
				url: z.string(),
				title: z.string().nullish(),
				description: z.string().nullish(),
				date: z.string().nullish(),
			}),
		)
		.nullable(),
});

/**
 * The web by Jina. Needs a key.
 *
 * @see https://jina.ai/reader
 */
export function jinaEngine(http: HttpClient, options: ServiceOptions = {}): SearchEngine {
	const { apiUrl = 'https://s.jina.ai/', apiKey } = options;
	return httpEngine(http, options, {
		name: 'Jina',
		filters: ['language', 'region', 'domains', 'words'],
		limits: { costUsd: 0.0005 },
		async find(query, send) {
			const { language, region } = query.filters ?? {};
			const response = await send({
				url: apiUrl,
				query: {
					q: textWithOperators(query),
					num: query.limit,
					hl: language,
					gl: region,
					respondWith: 'no-content',
				},
				headers: { authorization: apiKey === undefined ? undefined : `Bearer ${apiKey}` },
			});
			return (parseAnswer('Jina', answerSchema, response).data ?? []).map((result) => ({
				url: result.url,
				title: plainText(result.title ?? ''),
				text: plainText(result.description ?? ''),
				publishedAt: timeOfText(result.date),
			}));
		},
	});
}
