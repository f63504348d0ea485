import { z } from 'zod';

/** The parameters of the node. */
export const parametersSchema = z.object({
	authentication: z.enum(['basicAuth', 'headerAuth', 'none']),
	options: z
		.object({
			answers: z.boolean().default(false),
			owner: z.coerce.string().trim().default(''),
			reviewLinks: z.boolean().default(false),
		})
		.default({}),
});

/** See {@link parametersSchema}. */
export type Parameters = z.infer<typeof parametersSchema>;
