import { z } from 'zod';

import { parse, parseJson } from '../../core';
import type { LogCut, LogRange, LogRow } from '../store';

/** More characters than this in the newest records, and they are moved to a row of their own. */
const TAIL_LIMIT = 49_152;

const segmentSchema = z.object({
	/** Key of the row that holds the bodies. */
	key: z.string(),
	/** Number of the first body in that row. */
	start: z.number(),
	/** The numbers that still count, both included. */
	from: z.number(),
	to: z.number(),
});

const manifestSchema = z.object({
	/** The number of the next record. */
	next: z.number(),
	/** Older records, in order. */
	segments: z.array(segmentSchema),
	/** The newest records: those right before `next`. */
	tail: z.array(z.string()),
	/** Accepted groups of records that are in the log, each with its first number. */
	applied: z.record(z.number()),
});

/** A part of a log that lies in a row of its own; it is never changed. */
export type Segment = z.infer<typeof segmentSchema>;

/**
 * What is in the log of a run, as the value of one cell: whoever writes this cell has appended, all
 * or nothing. The newest records are in it, older ones in segments that it names, so that an
 * append writes no more than the newest records again.
 */
export type Manifest = z.infer<typeof manifestSchema>;

/** The log of a new run. */
export const emptyManifest: Manifest = { next: 1, segments: [], tail: [], applied: {} };

export function readManifest(value: string): Manifest {
	return parse(manifestSchema, parseJson(value), 'Log of a run');
}

/**
 * Adds records.
 *
 * @param key - names the segment that becomes necessary when the tail is full
 * @returns `moved`: that segment and what has to be in its row
 */
export function grown(
	manifest: Manifest,
	bodies: readonly string[],
	key: string,
): { manifest: Manifest; moved?: { segment: Segment; bodies: string[] } } {
	const next = manifest.next + bodies.length;
	const tail = [...manifest.tail, ...bodies];
	const size = tail.reduce((sum, { length }) => sum + length, 0);
	if (size <= TAIL_LIMIT) return { manifest: { ...manifest, next, tail } };
	const start = next - tail.length;
	const segment = { key, start, from: start, to: next - 1 };
	const segments = [...manifest.segments, segment];
	return {
		manifest: { ...manifest, next, segments, tail: [] },
		moved: { segment, bodies: tail },
	};
}

/** Removes records; `removed` says how many, `dropped` which segments nobody needs any more. */
export function withCut(
	manifest: Manifest,
	range: LogCut,
): { manifest: Manifest; removed: number; dropped: Segment[] } {
	const [from, to] = 'below' in range ? [range.below, Infinity] : [0, range.from - 1];
	const first = manifest.next - manifest.tail.length;
	const tail = manifest.tail.filter((_, index) => first + index >= from && first + index <= to);
	const cut = manifest.segments.map((segment) => ({
		...segment,
		from: Math.max(segment.from, from),
		to: Math.min(segment.to, to),
	}));
	const kept = cut.filter((segment) => segment.from <= segment.to);
	const left = countOf({ ...manifest, segments: kept, tail });
	const end = Math.min(manifest.next, to + 1);
	return {
		manifest: {
			...manifest,
			segments: kept,
			tail,
			// With nothing left the numbers start again.
			next: left === 0 ? 1 : end,
		},
		removed: countOf(manifest) - left,
		dropped: cut.filter((segment) => segment.from > segment.to),
	};
}

function countOf({ segments, tail }: Manifest): number {
	return segments.reduce((sum, { from, to }) => sum + to - from + 1, tail.length);
}

/** The segments that a reader of this range needs. */
export function segmentsFor({ segments }: Manifest, { after = 0, limit }: LogRange): Segment[] {
	const wanted = segments.filter(({ to }) => to > after);
	if (limit === undefined) return wanted;
	const first = Math.max(after + 1, wanted[0]?.from ?? 0);
	return wanted.filter(({ from }) => from < first + limit);
}

/** The records of a range. @param bodiesOf - the whole content of a segment's row */
export function rowsOf(
	{ next, segments, tail }: Manifest,
	{ after = 0, limit }: LogRange,
	bodiesOf: (segment: Segment) => readonly string[] | undefined,
): LogRow[] {
	const old = segments.flatMap((segment) =>
		(bodiesOf(segment) ?? [])
			.map((body, index) => ({ seq: segment.start + index, body }))
			.filter(({ seq }) => seq >= segment.from && seq <= segment.to),
	);
	const recent = tail.map((body, index) => ({ seq: next - tail.length + index, body }));
	const rows = [...old, ...recent].filter(({ seq }) => seq > after);
	return limit === undefined ? rows : rows.slice(0, limit);
}
