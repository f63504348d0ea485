import { z } from 'zod';

import { EngineError } from '../../core';
import type { HttpClient } from '../../core';
import { plainText } from '../extract/plainText';
import type { EngineQuery, SearchEngine } from '../searchEngine';
import { parseAnswer } from './answer';
import { httpEngine } from './httpEngine';
import type { ServiceOptions } from './httpEngine';
import { dateRangeOfGoogle, textWithOperators } from './operators';

/** How to reach Firecrawl. */
export interface FirecrawlOptions extends ServiceOptions {
	/** Asks without a key, as Firecrawl allows within a small allowance. Default false. */
	keyless?: boolean;
}

const hitsSchema = z.array(
	z.object({
		url: z.string(),
		title: z.string().nullish(),
		description: z.string().nullish(),
	}),
);

const answerSchema = z.union([
	z.object({ success: z.literal(true), data: z.object({ web: hitsSchema.optional() }) }),
	z.object({ success: z.literal(false), error: z.string() }),
]);

/**
 * The web by Firecrawl. With a key, or without one within a daily allowance of the caller's address.
 *
 * @see https://docs.firecrawl.dev/api-reference/endpoint/search
 */
export function firecrawlEngine(http: HttpClient, options: FirecrawlOptions = {}): SearchEngine {
	const { apiUrl = 'https://api.firecrawl.dev/v2/search', apiKey, keyless = false } = options;
	return httpEngine(http, options, {
		name: 'Firecrawl',
		filters: ['dates', 'region', 'domains', 'words'],
		limits: { costUsd: keyless ? 0 : 0.002 },
		async find(query, send) {
			const response = await send({
				url: apiUrl,
				body: bodyOf(query),
				headers: { authorization: apiKey === undefined ? undefined : `Bearer ${apiKey}` },
			});
			const answer = parseAnswer('Firecrawl', answerSchema, response);
			if (!answer.success) throw refused(answer.error);
			return (answer.data.web ?? []).map(({ url, title, description }) => ({
				url,
				title: plainText(title ?? ''),
				text: plainText(description ?? ''),
			}));
		},
	});
}

function bodyOf(query: EngineQuery) {
	return {
		query: textWithOperators(query),
		limit: query.limit,
		sources: ['web'],
		tbs: dateRangeOfGoogle(query),
		country: query.filters?.region,
	};
}

function refused(reason: string): EngineError {
	return new EngineError('SEARCH_FAILED', `Firecrawl refused the search: ${reason}.`, {
		errorClass: 'server',
	});
}
