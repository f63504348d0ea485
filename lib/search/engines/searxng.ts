import { z } from 'zod';

import { EngineError } from '../../core';
import type { HttpClient } from '../../core';
import { plainText } from '../extract/plainText';
import type { SearchEngine } from '../searchEngine';
import { parseAnswer } from './answer';
import { timeOfText } from './dates';
import { httpEngine } from './httpEngine';
import type { ServiceOptions } from './httpEngine';
import { textWithOperators } from './operators';

const answerSchema = z.object({
	results: z.array(
		z.object({
			url: z.string(),
			title: z.string().nullish(),
			content: z.string().nullish(),
			publishedDate: z.string().nullish(),
		}),
	),
	unresponsive_engines: z.array(z.array(z.string())).optional(),
});

/** How to reach a SearXNG of one's own. */
export interface SearxngOptions extends Omit<ServiceOptions, 'apiUrl'> {
	/** Address of the instance, e.g. `http://searxng:8080`. Its settings must allow `json`. */
	baseUrl: string;
}

/**
 * The web, by a SearXNG instance, which asks other engines in turn.
 *
 * @see https://docs.searxng.org/dev/search_api.html
 */
export function searxngEngine(http: HttpClient, options: SearxngOptions): SearchEngine {
	const url = `${options.baseUrl.replace(/\/+$/, '')}/search`;
	return httpEngine(
		http,
		{ ...options, apiUrl: url },
		{
			name: 'SearXNG',
			filters: ['language', 'domains', 'words'],
			async find(query, send) {
				const response = await send({
					url,
					query: {
						q: textWithOperators(query),
						format: 'json',
						language: query.filters?.language,
					},
				});
				if (response.status === 403) throw jsonForbidden();
				const answer = parseAnswer('SearXNG', answerSchema, response);
				const silent = answer.unresponsive_engines ?? [];
				if (answer.results.length === 0 && silent.length > 0) throw noneAnswered(silent);
				return answer.results.map(({ url: link, title, content, publishedDate }) => ({
					url: link,
					title: plainText(title ?? ''),
					text: plainText(content ?? ''),
					publishedAt: timeOfText(publishedDate),
				}));
			},
		},
	);
}

function jsonForbidden(): EngineError {
	return new EngineError('SEARCH_FAILED', 'SearXNG does not give its results as JSON (403).', {
		errorClass: 'auth',
		hint: 'Add json to search.formats in the settings.yml of the instance.',
	});
}

function noneAnswered(engines: readonly string[][]): EngineError {
	const list = engines.map(([name = '?', reason = '?']) => `${name}: ${reason}`).join(', ');
	return new EngineError('SEARCH_FAILED', `None of the engines behind SearXNG answered: ${list}.`, {
		errorClass: 'server',
	});
}
