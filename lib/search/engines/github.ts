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
	const { apiUrl = 'https://api.github.com/search/repositories' } = options;
	return httpEngine(http, options, {
		name: 'GitHub',
		maxCalls: 1,
		async find({ text, limit }, send) {
			// Words only: a colon or a quotation mark would be an operator.
			const q = words(text)
				.filter((word) => !isStopWord(word))
				.join(' ');
			if (q === '') return [];
			const response = await send({
				url: apiUrl,
				query: { q, per_page: limit },
				headers: { accept: 'application/vnd.github+json' },
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
