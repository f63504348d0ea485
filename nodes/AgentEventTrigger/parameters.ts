import { z } from 'zod';

import { NOTICE_TYPES } from '../../lib';

/** The parameters of the node. */
export const parametersSchema = z.object({
	events: z.array(z.enum(NOTICE_TYPES)).min(1, 'must name at least one event'),
	options: z
		.object({
			everySeconds: z.number().min(1).max(3600).default(5),
			nameContains: z.string().default(''),
			stalledAfterMinutes: z.number().min(1).default(15),
		})
		.default({}),
});

/** See {@link parametersSchema}. */
export type Parameters = z.infer<typeof parametersSchema>;
