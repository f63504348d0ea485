import { z } from 'zod';

import type { HttpClient } from '../../core';
import type { SearchEngine } from '../searchEngine';
import { parseAnswer } from './answer';
import { timeOfText } from './dates';
import { httpEngine } from './httpEngine';
import type { ServiceOptions } from './httpEngine';

const answerSchema = z.object({
	// Left out when nothing was found.
	data: z
		.array(
			z.object({
				url: z.string().nullish(),
				title: z.string().nullish(),
				abstract: z.string().nullish(),
				publicationDate: z.string().nullish(),
				externalIds: z
					.object({
						DOI: z.string().nullish(),
						ArXiv: z.string().nullish(),
						PubMed: z.string().nullish(),
					})
					.nullish(),
			}),
		)
		.optional(),
	total: z.number(),
});

/**
 * Papers by Semantic Scholar, with abstracts. Needs no key, but all callers without one share one
 * allowance and are often told to wait, so it is asked in one wording only.
 *
 * @see https://api.semanticscholar.org/api-docs/graph
 */
export function semanticScholarEngine(
	http: HttpClient,
	options: ServiceOptions = {},
): SearchEngine {
	const { apiUrl = 'https://api.semanticscholar.org/graph/v1/paper/search' } = options;
	return httpEngine(http, options, {
		name: 'Semantic Scholar',
		maxCalls: 1,
		filters: ['dates'],
		limits: { rate: [{ limit: 1, perMs: 1000 }] },
		async find({ text, limit, filters: { dates } = {} }, send) {
			const query = {
				query: text,
				limit,
				fields: 'title,abstract,url,publicationDate,externalIds',
				publicationDateOrYear: dates && `${dates.from}:${dates.to}`,
			};
			const headers = { 'x-api-key': options.apiKey };
			const answer = parseAnswer(
				'Semantic Scholar',
				answerSchema,
				await send({ url: apiUrl, query, headers }),
			);
			return (answer.data ?? []).map(
				({ url, title, abstract, publicationDate, externalIds: ids }) => ({
					url,
					work: { doi: ids?.DOI, arxiv: ids?.ArXiv, pmid: ids?.PubMed },
					title,
					text: abstract,
					publishedAt: timeOfText(publicationDate),
				}),
			);
		},
	});
}
