import { z } from 'zod';

import type { RunPart } from './runDocument';

const partDetailSchema = z.object({
	/** Steps that have not ended, the oldest first; not more than a reader wants to see. */
	open: z
		.array(
			z.object({
				/** Its path within the node. */
				step: z.string(),
				/** When it was started, in milliseconds since the epoch. */
				since: z.number(),
				/** The execution it waits for; without one it is being worked on. */
				waitsFor: z.string().optional(),
			}),
		)
		.default([]),
	/** The step that took longest of those that have ended. */
	slowest: z.object({ step: z.string(), durationMs: z.number() }).optional(),
});

/** What a node tells of its single steps, besides how many there are. */
export type PartDetail = z.infer<typeof partDetailSchema>;

/** Most open steps that a node names. */
export const MAX_OPEN_STEPS = 50;

/** What a part of a run tells of its steps; nodes may tell other things, which are not read here. */
export function partDetail({ detail }: Pick<RunPart, 'detail'>): PartDetail {
	const parsed = partDetailSchema.safeParse(detail ?? {});
	return parsed.success ? parsed.data : { open: [] };
}
