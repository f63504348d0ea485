import { z } from 'zod';

import { parse } from '../../core';
import type { HttpClient, Json, JsonObject } from '../../core';
import { compileTemplate, lookUp, parsePath } from '../../workflow';
import type { Path } from '../../workflow';
import { plainText } from '../extract/plainText';
import type { SearchEngine } from '../searchEngine';
import { badOutput, parseAnswer } from './answer';
import { httpEngine } from './httpEngine';
import type { ServiceOptions } from './httpEngine';

const optionsSchema = z
	.object({
		name: z.string().trim().min(1).default('Custom'),
		url: z.string().url(),
		query: z.record(z.union([z.string(), z.number()])).default({}),
		headers: z.record(z.string()).default({}),
		body: z.unknown().optional(),
		results: z.string(),
		link: z.string().default('url'),
		title: z.string().default('title'),
		text: z.string().default('text'),
		publishedAt: z.string().default('publishedAt'),
	})
	.strict();

/**
 * How to ask any JSON service. In `query`, `headers` and `body`, `{{ query }}` stands for the words
 * to look for and `{{ limit }}` for how many hits; with a `body` the request is a POST.
 *
 * `results` is the path to the list of hits in the answer, such as `data.items`; `link`, `title`,
 * `text` and `publishedAt` are paths within one hit, by default their own names (`url` for `link`).
 */
export type CustomEngineOptions = z.input<typeof optionsSchema>;

/**
 * Any search service that answers with JSON, described by data.
 *
 * @throws {ValidationError} when the description has another shape, and `TemplateError` when a
 * path or template in it is not one
 */
export function customEngine(
	http: HttpClient,
	options: CustomEngineOptions,
	service: ServiceOptions = {},
): SearchEngine {
	const { name, url, query, headers, body, ...places } = parse(
		optionsSchema,
		options,
		'Custom engine',
	);
	const request = compileTemplate({
		query,
		headers,
		...(body === undefined ? {} : { body }),
	} as Json);
	const results = parsePath(places.results);
	const fields = {
		url: parsePath(places.link),
		title: parsePath(places.title),
		text: parsePath(places.text),
		publishedAt: parsePath(places.publishedAt),
	};
	return httpEngine(
		http,
		{ ...service, apiUrl: url },
		{
			name,
			async find({ text, limit }, send) {
				const filled = request.render({ query: text, limit }) as JsonObject & Filled;
				const response = await send({ url, ...filled });
				const list = lookUp(parseAnswer(name, z.unknown(), response), results);
				if (!Array.isArray(list)) throw badOutput(name, response.text);
				return list.map((hit) => ({
					url: textAt(hit, fields.url),
					title: plainText(textAt(hit, fields.title) ?? ''),
					text: plainText(textAt(hit, fields.text) ?? ''),
					publishedAt: textAt(hit, fields.publishedAt),
				}));
			},
		},
	);
}

/** What the template of a request gives. */
interface Filled {
	query: Record<string, string | number>;
	headers: Record<string, string>;
	body?: Json;
}

function textAt(hit: Json, path: Path): string | null {
	const value = lookUp(hit, path);
	return typeof value === 'string' ? value : null;
}
