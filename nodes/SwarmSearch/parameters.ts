import { z } from 'zod';

/** The node's parameters for one item. */
export const parametersSchema = z.object({
	query: z.string().trim().min(1, 'must not be empty'),
	engines: z.array(z.enum(['documents', 'wikipedia'])).min(1, 'must name at least one engine'),
	documents: z.unknown().optional(),
	output: z.enum(['report', 'sources']),
	options: z
		.object({
			maxSentences: z.number().int().min(1).max(50).optional(),
			maxSources: z.number().int().min(1).max(100).optional(),
			maxVariants: z.number().int().min(1).max(3).optional(),
			resultsPerEngine: z.number().int().min(1).max(50).optional(),
			timeoutSeconds: z.number().positive().optional(),
			wikipediaApiUrl: z.union([z.literal(''), z.string().url()]).optional(),
			wikipediaLanguage: z.string().optional(),
		})
		.default({}),
});

/** See {@link parametersSchema}. */
export type Parameters = z.infer<typeof parametersSchema>;
