import { z } from 'zod';

import type { HttpClient } from '../../core';
import type { SearchEngine } from '../searchEngine';
import { isStopWord, words } from '../tokens';
import { parseAnswer } from './answer';
import { timeOfText } from './dates';
import { httpEngine } from './httpEngine';
import type { ServiceOptions } from './httpEngine';

const answerSchema = z.object({
	items: z.array(
		z.object({
			html_url: z.string(),
			full_name: z.string(),
			description: z.string().nullish(),
			updated_at: z.string().nullish(),
		}),
	),
});

/**
 * Public repositories on GitHub, by name and description. Needs no key; ten calls a minute, so it
 * is asked in one wording only.
 *
 * @see https://docs.github.com/en/rest/search/search#search-repositories
 */
export function githubEngine(http: HttpClient, options: ServiceOptions = {}): SearchEngine {
	const { apiUrl = 'https://api.github.com/search/repositories', apiKey } = options;
	return httpEngine(http, options, {
		name: 'GitHub',
		maxCalls: 1,
		filters: ['dates'],
		limits: { rate: [{ limit: 10, perMs: 60_000, burst: 2 }] },
		async find({ text, limit, filters }, send) {
			// Words only: a colon or a quotation mark would be an operator.
			const q = words(text)
				.filter((word) => !isStopWord(word))
				.join(' ');
			if (q === '') return [];
			const dates = filters?.dates;
			const pushed = dates === undefined ? '' : ` pushed:${dates.from}..${dates.to}`;
			const response = await send({
				url: apiUrl,
				query: { q: `${q}${pushed}`, per_page: limit },
				headers: {
					accept: 'application/vnd.github+json',
					authorization: apiKey === undefined ? undefined : `Bearer ${apiKey}`,
				},
			});
			const { items } = parseAnswer('GitHub', answerSchema, response);
			return items.map((item) => ({
				url: item.html_url,
				title: item.full_name,
				text: item.description,
				publishedAt: timeOfText(item.updated_at),
			}));
		},
	});
}
