import { z } from 'zod';

import { hashOf } from '../core';
import type { Json } from '../core';

const json: z.ZodType<Json> = z.any();

/** One entry of the audit record. */
export const auditEntrySchema = z.object({
	seq: z.number().int(),
	/** Milliseconds since the epoch. */
	at: z.number(),
	type: z.enum([
		'opened',
		'voted',
		'edited',
		'delegated',
		'delegationEnded',
		'reminded',
		'escalated',
		'decided',
		'expired',
		'withdrawn',
	]),
	/** Reviewer's id; empty for whoever has the link, `system` for the clock. */
	by: z.string(),
	data: json,
	/** Hash of the entry before; empty for the first. */
	previous: z.string(),
	/** SHA-256 over all of the above. */
	hash: z.string(),
});

/** See {@link auditEntrySchema}. */
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** The record with one more entry, chained to the one before by its hash. */
export function appendAudit(
	entries: readonly AuditEntry[],
	entry: Pick<AuditEntry, 'at' | 'type' | 'by' | 'data'>,
): AuditEntry[] {
	const previous = entries.at(-1)?.hash ?? '';
	const chained = { seq: entries.length + 1, ...entry, previous };
	return [...entries, { ...chained, hash: hashOf(chained) }];
}

/**
 * Whether an audit record is whole: no entry was changed, removed from within, added or reordered.
 * To notice a record cut short at its end, keep the last hash somewhere else.
 */
export function verifyAudit(entries: readonly AuditEntry[]): boolean {
	return entries.every(({ hash, ...chained }, index) => {
		const previous = index === 0 ? '' : entries[index - 1]!.hash;
		return chained.seq === index + 1 && chained.previous === previous && hash === hashOf(chained);
	});
}
