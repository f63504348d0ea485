import { z } from 'zod';

import { parse, parseJson, type Runtime } from '../core';
import { isRunEnded, RUN_STATUSES } from '../run';
import type { Store } from '../store';
import type { RunSource } from './monitorCall';
import { noticesOf, stallId, type RunNotice } from './notices';
import type { RunLine } from './runPicture';

/** Where watchers remember what they have told. */
const WATCHERS = 'watchers';

/** Writers' clocks may differ by so much; what lies as far back is looked at again. */
const OVERLAP_MS = 60_000;

/** Runs read at once. */
const PAGE = 50;

const knownSchema = z.object({
	updatedAt: z.number(),
	status: z.enum(RUN_STATUSES),
	/** Ids of what has been told of it. */
	told: z.array(z.string()),
});
type Known = z.infer<typeof knownSchema>;

const memorySchema = z.object({
	schemaVersion: z.literal(1),
	/** What happened before is nobody's news. */
	bornAt: z.number(),
	/** What was written before has been told. */
	since: z.number(),
	/** Runs that may still change, and those that have just ended. */
	runs: z.record(knownSchema),
});
type Memory = z.infer<typeof memorySchema>;

/** What {@link RunWatcher} needs. */
export interface WatcherOptions {
	store: Store;
	runtime: Runtime;
	source: RunSource;
	/** Stable name of the watcher; what it has told is remembered by it. */
	name: string;
	/** A run that runs, and of which nothing was heard for so long, counts as stalled. */
	stalledAfterMs: number;
}

/**
 * Tells what has happened in runs, each thing at least once, whoever works on them in whatever
 * process. What was told becomes certain with {@link confirm}; after a crash before it, it is told
 * again, with the same ids. A new watcher begins with what happens from then on.
 */
export class RunWatcher {
	private next: Memory | undefined;

	constructor(private readonly options: WatcherOptions) {}

	/** What has happened since the last confirmed time, oldest first. */
	async news(): Promise<RunNotice[]> {
		const memory = await this.remembered();
		const since = this.options.runtime.now();
		const lines = await this.writtenSince(memory.since - OVERLAP_MS);
		const next: Memory = { ...memory, since, runs: this.carriedOver(memory, lines) };
		const found: RunNotice[] = [];
		for (const runId of new Set([...lines.keys(), ...this.stalled(memory)])) {
			const known = memory.runs[runId];
			const updatedAt = lines.get(runId)?.updatedAt ?? known!.updatedAt;
			if (known?.updatedAt === updatedAt && !this.isStalled(known)) continue;
			found.push(...(await this.newsOf(runId, updatedAt, memory, next)));
		}
		this.next = next;
		return found.sort((one, other) => one.at - other.at);
	}

	/** Remembers that the last news have arrived. */
	async confirm(): Promise<void> {
		if (this.next === undefined) return;
		await this.remember(this.next);
		this.next = undefined;
	}

	private async newsOf(
		runId: string,
		updatedAt: number,
		memory: Memory,
		next: Memory,
	): Promise<RunNotice[]> {
		const { source, runtime, stalledAfterMs } = this.options;
		const run = await source.picture(runId);
		if (run === undefined) return [];
		const known = memory.runs[runId];
		const told = new Set(known?.told);
		const notices = noticesOf(run, { now: runtime.now(), stalledAfterMs });
		next.runs[runId] = { updatedAt, status: run.status, told: notices.map(({ id }) => id) };
		// Of a run that was forgotten, or that began before this watcher, only what is new.
		const forgotten = known === undefined ? memory.since - OVERLAP_MS : 0;
		const from = Math.max(memory.bornAt, forgotten);
		return notices.filter(({ id, at }) => !told.has(id) && at >= from);
	}

	private async writtenSince(from: number): Promise<Map<string, RunLine>> {
		const lines = new Map<string, RunLine>();
		for (let offset = 0; ; offset += PAGE) {
			const { runs } = await this.options.source.list({ limit: PAGE, offset });
			for (const line of runs) if (line.updatedAt >= from) lines.set(line.runId, line);
			if (runs.length < PAGE || runs.at(-1)!.updatedAt < from) return lines;
		}
	}

	/** What is remembered on: of runs that go on, and of those that may be looked at again. */
	private carriedOver({ runs }: Memory, lines: ReadonlyMap<string, RunLine>): Memory['runs'] {
		const kept = Object.entries(runs).filter(
			([runId, { status }]) => !isRunEnded(status) || lines.has(runId),
		);
		return Object.fromEntries(kept);
	}

	private stalled({ runs }: Memory): string[] {
		return Object.keys(runs).filter((runId) => this.isStalled(runs[runId]!));
	}

	private isStalled({ status, updatedAt, told }: Known): boolean {
		const { runtime, stalledAfterMs } = this.options;
		const silent = runtime.now() - updatedAt >= stalledAfterMs;
		return status === 'running' && silent && !told.some((id) => id.endsWith(stallId(updatedAt)));
	}

	private async remembered(): Promise<Memory> {
		const { store, runtime, name } = this.options;
		const document = await store.get(WATCHERS, name);
		if (document !== undefined) {
			return parse(memorySchema, parseJson(document.value), 'Memory of a watcher');
		}
		const now = runtime.now();
		const fresh: Memory = { schemaVersion: 1, bornAt: now, since: now, runs: {} };
		await this.remember(fresh);
		return fresh;
	}

	private async remember(memory: Memory): Promise<void> {
		const { store, name } = this.options;
		const value = JSON.stringify(memory);
		await store.put({ collection: WATCHERS, id: name, version: 'any', value });
	}
}
