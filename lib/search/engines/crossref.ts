import { z } from 'zod';

import type { HttpClient } from '../../core';
import { plainText } from '../extract/plainText';
import type { SearchEngine } from '../searchEngine';
import { parseAnswer } from './answer';
import { dateOfParts } from './dates';
import { httpEngine } from './httpEngine';
import type { ServiceOptions } from './httpEngine';

const answerSchema = z.object({
	message: z.object({
		items: z.array(
			z.object({
				DOI: z.string().nullish(),
				URL: z.string().nullish(),
				type: z.string().nullish(),
				title: z.array(z.string()).nullish(),
				abstract: z.string().nullish(),
				published: z.object({ 'date-parts': z.array(z.array(z.number().nullish())) }).nullish(),
			}),
		),
	}),
});

/**
 * Scholarly works registered with Crossref; about a third have an abstract. Needs no key.
 *
 * @see https://api.crossref.org/swagger-ui/index.html
 */
export function crossrefEngine(http: HttpClient, options: ServiceOptions = {}): SearchEngine {
	const { apiUrl = 'https://api.crossref.org/works' } = options;
	return httpEngine(http, options, {
		name: 'Crossref',
		filters: ['dates'],
		async find({ text, limit, filters: { dates } = {} }, send) {
			const query = {
				query: text,
				rows: limit,
				select: 'DOI,URL,type,title,abstract,published',
				filter: dates && `from-pub-date:${dates.from},until-pub-date:${dates.to}`,
			};
			const response = await send({ url: apiUrl, query });
			return parseAnswer('Crossref', answerSchema, response)
				.message.items.filter(({ type }) => type !== 'component')
				.map(({ DOI: doi, URL: url, title, abstract, published }) => ({
					url,
					work: { doi },
					title: plainText(title?.[0] ?? ''),
					text: plainText(abstract ?? ''),
					publishedAt: dateOfParts(published?.['date-parts'][0]),
				}));
		},
	});
}
