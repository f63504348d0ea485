import { z } from 'zod';

import type { HttpClient } from '../../core';
import { plainText } from '../extract/plainText';
import type { SearchEngine } from '../searchEngine';
import { parseAnswer } from './answer';
import { epochsOf, timeOfEpoch } from './dates';
import { httpEngine } from './httpEngine';
import type { ServiceOptions } from './httpEngine';

/** How to reach Stack Exchange. */
export interface StackExchangeOptions extends ServiceOptions {
	/** Which site, as the API names it. Default `stackoverflow`. */
	site?: string;
}

const answerSchema = z.object({
	items: z.array(
		z.object({
			link: z.string(),
			title: z.string(),
			body: z.string().nullish(),
			creation_date: z.number().nullish(),
		}),
	),
	backoff: z.number().nonnegative().nullish(),
});

/**
 * Questions of Stack Overflow or another site of the network. Needs no key; 300 calls a day, so it
 * is asked in one wording only.
 *
 * @see https://api.stackexchange.com/docs/advanced-search
 */
export function stackExchangeEngine(
	http: HttpClient,
	options: StackExchangeOptions = {},
): SearchEngine {
	const { apiUrl = 'https://api.stackexchange.com/2.3/search/advanced', site = 'stackoverflow' } =
		options;
	return httpEngine(http, options, {
		name: 'Stack Exchange',
		maxCalls: 1,
		filters: ['dates'],
		async find({ text, limit, filters, onPause }, send) {
			const range = epochsOf(filters?.dates);
			const query = {
				q: text,
				site,
				order: 'desc',
				sort: 'relevance',
				pagesize: limit,
				filter: 'withbody',
				fromdate: range?.from,
				todate: range?.to,
				key: options.apiKey,
			};
			const answer = parseAnswer(
				'Stack Exchange',
				answerSchema,
				await send({ url: apiUrl, query }),
			);
			// Its terms: no further call for so many seconds, or the address is blocked.
			if (answer.backoff) onPause?.(answer.backoff * 1000);
			return answer.items.map(({ link, title, body, creation_date: created }) => ({
				url: link,
				title: plainText(title),
				text: plainText(body ?? ''),
				publishedAt: timeOfEpoch(created),
			}));
		},
	});
}
