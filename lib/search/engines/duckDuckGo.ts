import { z } from 'zod';

import type { HttpClient } from '../../core';
import { plainText } from '../extract/plainText';
import type { SearchEngine } from '../searchEngine';
import { parseAnswer } from './answer';
import { httpEngine } from './httpEngine';
import type { RawHit, ServiceOptions } from './httpEngine';

const topicSchema = z.object({ FirstURL: z.string(), Text: z.string() });

const answerSchema = z.object({
	Heading: z.string(),
	AbstractText: z.string(),
	AbstractURL: z.string(),
	Results: z.array(topicSchema),
	// Single topics, or groups of them under a name.
	RelatedTopics: z.array(z.union([topicSchema, z.object({ Topics: z.array(topicSchema) })])),
});

/**
 * DuckDuckGo's instant answers: an abstract and related topics for well-known things, not a search
 * of the web. Needs no key.
 *
 * @see https://duckduckgo.com/api
 */
export function duckDuckGoEngine(http: HttpClient, options: ServiceOptions = {}): SearchEngine {
	const { apiUrl = 'https://api.duckduckgo.com/' } = options;
	return httpEngine(http, options, {
		name: 'DuckDuckGo',
		async find({ text }, send) {
			const query = { q: text, format: 'json', no_redirect: 1, no_html: 1, skip_disambig: 1 };
			const response = await send({ url: apiUrl, query });
			return hitsOf(parseAnswer('DuckDuckGo', answerSchema, response));
		},
	});
}

function hitsOf(answer: z.infer<typeof answerSchema>): RawHit[] {
	const abstract = {
		url: answer.AbstractURL,
		title: answer.Heading,
		text: plainText(answer.AbstractText),
	};
	const topics = [...answer.Results, ...answer.RelatedTopics].flatMap((topic) =>
		'Topics' in topic ? topic.Topics : [topic],
	);
	const related = topics.map(({ FirstURL: url, Text: text }) => ({
		url,
		title: plainText(text).slice(0, 80),
		text: plainText(text),
	}));
	return [abstract, ...related];
}
