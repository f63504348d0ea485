import { z } from 'zod';

import type { HttpClient } from '../../core';
import { plainText } from '../extract/plainText';
import type { EngineQuery, SearchEngine } from '../searchEngine';
import { parseAnswer } from './answer';
import { timeOfText } from './dates';
import { httpEngine } from './httpEngine';
import type { ServiceOptions } from './httpEngine';
import { textWithOperators } from './operators';

/** How to reach a Programmable Search Engine of Google. */
export interface GoogleCseOptions extends ServiceOptions {
	/** Its id (`cx`). Leave it out when the HTTP client adds it together with the key. */
	engineId?: string;
}

/** Longest list of results that the service gives at once. */
const MAX_RESULTS = 10;

const answerSchema = z.object({
	kind: z.literal('customsearch#search'),
	// Left out when nothing was found.
	items: z
		.array(
			z.object({
				link: z.string(),
				title: z.string().nullish(),
				snippet: z.string().nullish(),
				pagemap: z.object({ metatags: z.array(z.record(z.unknown())).optional() }).nullish(),
			}),
		)
		.optional(),
});

/**
 * Google by its Custom Search API, which Google ends on 2027-01-01. Needs a key and the id of a
 * Programmable Search Engine.
 *
 * @see https://developers.google.com/custom-search/v1/overview
 */
export function googleCseEngine(http: HttpClient, options: GoogleCseOptions = {}): SearchEngine {
	const { apiUrl = 'https://www.googleapis.com/customsearch/v1', apiKey, engineId } = options;
	return httpEngine(http, options, {
		name: 'Google',
		filters: ['dates', 'language', 'region', 'domains', 'words'],
		limits: { costUsd: 0.005 },
		async find(query, send) {
			const parameters = { ...parametersOf(query), key: apiKey, cx: engineId };
			const response = await send({ url: apiUrl, query: parameters });
			const { items = [] } = parseAnswer('Google', answerSchema, response);
			return items.map(({ link, title, snippet, pagemap }) => ({
				url: link,
				title: plainText(title ?? ''),
				text: plainText(snippet ?? ''),
				publishedAt: timeOfText(publishedIn(pagemap?.metatags ?? [])),
			}));
		},
	});
}

function parametersOf(query: EngineQuery) {
	const { dates, language, region } = query.filters ?? {};
	const day = (text: string) => text.replaceAll('-', '');
	return {
		q: textWithOperators(query),
		num: Math.min(query.limit, MAX_RESULTS),
		sort: dates && `date:r:${day(dates.from)}:${day(dates.to)}`,
		lr: language && `lang_${language}`,
		gl: region?.toLowerCase(),
	};
}

function publishedIn(metatags: ReadonlyArray<Record<string, unknown>>): string | null {
	const published = metatags[0]?.['article:published_time'];
	return typeof published === 'string' ? published : null;
}
