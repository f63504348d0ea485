import { z } from 'zod';

import { RECENCIES, parseJson } from '../../lib';
import { ENGINE_NAMES } from './engineList';

const engines = z.array(z.enum(ENGINE_NAMES));
const seconds = z.number().positive().max(3600);

/** A list, or a text with commas or line breaks between its parts. */
const domains = z.preprocess(
	(value) => (typeof value === 'string' ? value.split(/[,\s]+/).filter((part) => part) : value),
	z.array(z.string()),
);

/** A day, or the time that the field for dates gives; empty when it was cleared. */
const day = z
	.string()
	.transform((text) => text.slice(0, 10))
	.transform((text) => (text === '' ? undefined : text));

/** A text; empty when it was cleared. */
const code = z.string().transform((text) => (text.trim() === '' ? undefined : text.trim()));

/** The node's parameters for one item. */
export const parametersSchema = z.object({
	query: z.string().trim().min(1, 'must not be empty'),
	engines: engines.min(1, 'must name at least one engine'),
	documents: z.unknown().optional(),
	searxngUrl: z.string().url().optional(),
	customEngine: jsonField(
		z.union([z.record(z.unknown()), z.array(z.record(z.unknown()))]),
	).optional(),
	filters: z
		.object({
			recency: z.enum(RECENCIES).optional(),
			publishedAfter: day.optional(),
			publishedBefore: day.optional(),
			language: code.optional(),
			country: code.optional(),
			includeDomains: domains.optional(),
			excludeDomains: domains.optional(),
		})
		.default({}),
	output: z.enum(['passages', 'report', 'sources']),
	options: z
		.object({
			allowPrivatePages: z.boolean().optional(),
			attemptsPerEngine: z.number().int().min(1).max(5).optional(),
			cacheMinutes: z.number().min(0).optional(),
			deadlineSeconds: z.number().min(0).max(3600).optional(),
			engineUrls: jsonField(z.record(z.enum(ENGINE_NAMES), z.string().url())).optional(),
			enoughEngines: z.number().int().min(0).optional(),
			maxCalls: z.number().int().min(0).optional(),
			maxCostUsd: z.number().min(0).optional(),
			maxPassages: z.number().int().min(1).max(100).optional(),
			maxPages: z.number().int().min(0).max(20).optional(),
			maxSentences: z.number().int().min(1).max(50).optional(),
			maxSources: z.number().int().min(1).max(100).optional(),
			maxVariants: z.number().int().min(1).max(3).optional(),
			resultsPerEngine: z.number().int().min(1).max(50).optional(),
			respectRobots: z.boolean().optional(),
			stackExchangeSite: z.string().optional(),
			standbyEngines: engines.optional(),
			summaryBy: z.enum(['model', 'quotes']).optional(),
			timeoutSeconds: seconds.optional(),
			unproven: z.enum(['drop', 'mark', 'quote', 'repair']).optional(),
			variantsBy: z.enum(['words', 'model']).optional(),
			wikipediaApiUrl: z.union([z.literal(''), z.string().url()]).optional(),
			wikipediaLanguage: z.string().optional(),
		})
		.default({}),
});

/** A field of JSON: text when it is typed, data when an expression gives it. */
function jsonField<Schema extends z.ZodTypeAny>(schema: Schema) {
	return z.preprocess((value) => (typeof value === 'string' ? dataOf(value) : value), schema);
}

function dataOf(text: string): unknown {
	try {
		return parseJson(text);
	} catch {
		// Left as it is: the schema says where, and what was received.
		return text;
	}
}

/** See {@link parametersSchema}. */
export type Parameters = z.infer<typeof parametersSchema>;
