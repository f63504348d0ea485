import { z } from 'zod';

import type { HttpClient } from '../../core';
import type { SearchEngine } from '../searchEngine';
import { parseAnswer } from './answer';
import { httpEngine } from './httpEngine';
import type { ServiceOptions } from './httpEngine';

/** A text in pieces: those that match the words, and those between them. */
const piecesSchema = z.array(z.object({ value: z.string() }));

const answerSchema = z.array(
	z.object({ url: z.string(), title: piecesSchema, extract: piecesSchema }),
);

/**
 * Mwmbl: a small index of the web, made by volunteers. Needs no key.
 *
 * @see https://github.com/mwmbl/mwmbl
 */
export function mwmblEngine(http: HttpClient, options: ServiceOptions = {}): SearchEngine {
	const { apiUrl = 'https://api.mwmbl.org/api/v1/search/' } = options;
	return httpEngine(http, options, {
		name: 'Mwmbl',
		async find({ text }, send) {
			const response = await send({ url: apiUrl, query: { s: text } });
			return parseAnswer('Mwmbl', answerSchema, response).map(({ url, title, extract }) => ({
				url,
				title: joined(title),
				text: joined(extract),
			}));
		},
	});
}

function joined(pieces: z.infer<typeof piecesSchema>): string {
	return pieces.map(({ value }) => value).join('');
}
