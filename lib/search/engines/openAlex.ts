import { z } from 'zod';

import type { HttpClient } from '../../core';
import type { SearchFilters } from '../filters';
import type { SearchEngine } from '../searchEngine';
import { parseAnswer } from './answer';
import { timeOfText } from './dates';
import { httpEngine } from './httpEngine';
import type { ServiceOptions } from './httpEngine';

const answerSchema = z.object({
	results: z.array(
		z.object({
			id: z.string(),
			doi: z.string().nullish(),
			ids: z.object({ pmid: z.string().nullish() }).nullish(),
			title: z.string().nullish(),
			publication_date: z.string().nullish(),
			primary_location: z.object({ landing_page_url: z.string().nullish() }).nullish(),
			abstract_inverted_index: z.record(z.array(z.number().int().nonnegative())).nullish(),
		}),
	),
});

/**
 * Scholarly works by OpenAlex, with abstracts. Without a key it answers only a few searches a day.
 *
 * @see https://developers.openalex.org
 */
export function openAlexEngine(http: HttpClient, options: ServiceOptions = {}): SearchEngine {
	const { apiUrl = 'https://api.openalex.org/works' } = options;
	return httpEngine(http, options, {
		name: 'OpenAlex',
		maxCalls: 1,
		filters: ['dates', 'language'],
		async find({ text, limit, filters }, send) {
			const query = {
				search: text,
				'per-page': limit,
				filter: filterOf(filters),
				api_key: options.apiKey,
			};
			const { results } = parseAnswer('OpenAlex', answerSchema, await send({ url: apiUrl, query }));
			return results.map((work) => ({
				url: work.primary_location?.landing_page_url ?? work.doi ?? work.id,
				work: { doi: work.doi, pmid: work.ids?.pmid },
				title: work.title,
				text: textOfIndex(work.abstract_inverted_index ?? {}),
				publishedAt: timeOfText(work.publication_date),
			}));
		},
	});
}

function filterOf({ dates, language }: SearchFilters = {}): string | undefined {
	const range = dates && `from_publication_date:${dates.from},to_publication_date:${dates.to}`;
	const parts = [range, language && `language:${language}`].filter(Boolean);
	return parts.length === 0 ? undefined : parts.join(',');
}

/** An abstract from the list of places at which each of its words stands. */
function textOfIndex(index: Readonly<Record<string, readonly number[]>>): string {
	return Object.entries(index)
		.flatMap(([word, places]) => places.map((place) => ({ word, place })))
		.sort((first, second) => first.place - second.place)
		.map(({ word }) => word)
		.join(' ');
}
