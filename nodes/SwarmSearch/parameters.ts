import { z } from 'zod';

import { parseJson } from '../../lib';

const ENGINES = [
	'arxiv',
	'crossref',
	'custom',
	'documents',
	'duckDuckGo',
	'github',
	'hackerNews',
	'openAlex',
	'pubmed',
	'searxng',
	'semanticScholar',
	'stackExchange',
	'wikipedia',
] as const;

/** The node's parameters for one item. */
export const parametersSchema = z.object({
	query: z.string().trim().min(1, 'must not be empty'),
	engines: z.array(z.enum(ENGINES)).min(1, 'must name at least one engine'),
	documents: z.unknown().optional(),
	searxngUrl: z.string().url().optional(),
	customEngine: jsonField(z.record(z.unknown())).optional(),
	output: z.enum(['report', 'sources']),
	options: z
		.object({
			allowPrivatePages: z.boolean().optional(),
			engineUrls: jsonField(z.record(z.enum(ENGINES), z.string().url())).optional(),
			maxPages: z.number().int().min(0).max(20).optional(),
			maxSentences: z.number().int().min(1).max(50).optional(),
			maxSources: z.number().int().min(1).max(100).optional(),
			maxVariants: z.number().int().min(1).max(3).optional(),
			resultsPerEngine: z.number().int().min(1).max(50).optional(),
			stackExchangeSite: z.string().optional(),
			timeoutSeconds: z.number().positive().optional(),
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
