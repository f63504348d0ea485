import { z } from 'zod';

import type { HttpClient } from '../../core';
import { plainText } from '../extract/plainText';
import type { SearchEngine } from '../searchEngine';
import { parseAnswer } from './answer';
import { epochsOf, timeOfText } from './dates';
import { httpEngine } from './httpEngine';
import type { ServiceOptions } from './httpEngine';

const answerSchema = z.object({
	hits: z.array(
		z.object({
			objectID: z.string(),
			title: z.string().nullish(),
			url: z.string().nullish(),
			story_text: z.string().nullish(),
			created_at: z.string().nullish(),
		}),
	),
});

/**
 * Stories of Hacker News; only those with a text of their own can be quoted. Needs no key.
 *
 * @see https://hn.algolia.com/api
 */
export function hackerNewsEngine(http: HttpClient, options: ServiceOptions = {}): SearchEngine {
	const { apiUrl = 'https://hn.algolia.com/api/v1/search' } = options;
	return httpEngine(http, options, {
		name: 'Hacker News',
		filters: ['dates'],
		async find({ text, limit, filters }, send) {
			const range = epochsOf(filters?.dates);
			const query = {
				query: text,
				tags: 'story',
				hitsPerPage: limit,
				numericFilters: range && `created_at_i>=${range.from},created_at_i<=${range.to}`,
			};
			const { hits } = parseAnswer('Hacker News', answerSchema, await send({ url: apiUrl, query }));
			return hits.map((hit) => ({
				url: hit.url || `https://news.ycombinator.com/item?id=${encodeURIComponent(hit.objectID)}`,
				title: hit.title,
				text: plainText(hit.story_text ?? ''),
				publishedAt: timeOfText(hit.created_at),
			}));
		},
	});
}
