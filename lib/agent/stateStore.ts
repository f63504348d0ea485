import { z } from 'zod';

import { EngineError, parse } from '../core';
import { reducerOf, type Reducer, type ReducerName } from './reducers';
import { comparePaths } from './statePath';

/** One change of one key. */
export const stateWriteSchema = z.object({
	key: z.string(),
	/** Absent when the key is removed. */
	value: z.unknown().optional(),
	remove: z.boolean().optional(),
});
export type StateWrite = z.infer<typeof stateWriteSchema>;

/** What one completed execution wrote, as long as work in parallel to it goes on. */
interface WriteSet {
	path: string;
	writes: readonly StateWrite[];
	/** Write sets it could see. */
	after: ReadonlySet<WriteSet>;
	/** Longest chain of sets before it. */
	depth: number;
}

const snapshotSchema = z.object({
	values: z.record(z.unknown()),
	/** In an order in which each comes after those it saw. */
	pending: z.array(
		z.object({ path: z.string(), writes: z.array(stateWriteSchema), after: z.array(z.string()) }),
	),
	/** Paths of completed executions and of the write sets they and their successors see. */
	seen: z.record(z.array(z.string())),
});
export type StateSnapshot = z.infer<typeof snapshotSchema>;

export interface StateStoreOptions {
	/** Values at the beginning. */
	values?: Readonly<Record<string, unknown>>;
	/**
	 * How values of a key meet. A key without a reducer is replaced, and two parallel writers of it
	 * are an error.
	 */
	reducers?: Readonly<Record<string, ReducerName | Reducer>>;
}

const NOTHING: ReadonlySet<WriteSet> = new Set();

/**
 * The state that the parts of a run share, such that results do not depend on timing.
 *
 * Whoever starts sees what the executions it follows have written, never what runs in parallel to
 * it. When everything parallel has ended, the writes are applied in the order of paths, each after
 * those it could see.
 */
export class StateStore {
	private values: Map<string, unknown>;
	private pending: WriteSet[] = [];
	/** What the successors of a completed execution can see, since everything last joined. */
	private seen = new Map<string, ReadonlySet<WriteSet>>();
	private readonly reducers = new Map<string, Reducer>();

	constructor(options: StateStoreOptions = {}) {
		this.values = new Map(Object.entries(options.values ?? {}));
		for (const [key, reducer] of Object.entries(options.reducers ?? {})) {
			this.reducers.set(key, reducerOf(reducer));
		}
	}

	/**
	 * The state as an execution sees it at its start.
	 *
	 * @param parents - paths of the executions it follows
	 * @throws {EngineError} `STATE_CONFLICT` when two of them wrote a key that has no reducer
	 */
	viewFor(parents: readonly string[]): StateView {
		const visible = this.visibleTo(parents);
		const view = new StateView(this.values, this.reducers);
		for (const { writes } of this.inOrder(visible)) view.replay(writes);
		return view;
	}

	/**
	 * An execution has completed with these writes.
	 *
	 * @param joined - whether nothing runs in parallel any more, so that all writes can be applied
	 * @throws {EngineError} `STATE_CONFLICT` when parallel executions wrote a key without a reducer
	 */
	commit(
		path: string,
		parents: readonly string[],
		writes: readonly StateWrite[],
		joined: boolean,
	): void {
		const after = this.visibleTo(parents);
		if (writes.length === 0) this.seen.set(path, after);
		else {
			const set = { path, writes, after, depth: depthAfter(after) };
			this.pending.push(set);
			this.seen.set(path, new Set([...after, set]));
		}
		if (joined) this.join();
	}

	/** Applies what is still pending: nothing runs any more. @throws as {@link commit} does */
	join(): void {
		const view = new StateView(this.values, this.reducers);
		for (const { writes } of this.inOrder(this.pending)) view.replay(writes);
		view.mergeInto(this.values);
		this.pending = [];
		this.seen = new Map();
	}

	/**
	 * The state after the end of a run. What failed or was cancelled may have left writes of parallel
	 * executions apart; those that contradict each other stay out.
	 */
	finalState(): Record<string, unknown> {
		try {
			this.join();
		} catch {
			this.pending = [];
		}
		return this.toObject();
	}

	/** The newest values, also those of executions that have not joined yet. */
	newest(): StateView {
		const view = new StateView(this.values, this.reducers);
		for (const { writes } of [...this.pending].sort(byOrder)) view.replay(writes);
		return view;
	}

	/** Everything that has been joined, by key. */
	toObject(): Record<string, unknown> {
		return Object.fromEntries(this.values);
	}

	/** The state as plain data, for a checkpoint. */
	save(): StateSnapshot {
		return {
			values: this.toObject(),
			pending: this.pending.map(({ path, writes, after }) => ({
				path,
				writes: [...writes],
				after: pathsOf(after),
			})),
			seen: Object.fromEntries([...this.seen].map(([path, sets]) => [path, pathsOf(sets)])),
		};
	}

	/** @throws {ValidationError} when it is not a saved state */
	load(snapshot: unknown): void {
		const { values, pending, seen } = parse(snapshotSchema, snapshot, 'State of the checkpoint');
		this.values = new Map(Object.entries(values));
		const byPath = new Map<string, WriteSet>();
		const setsOf = (paths: readonly string[]): Set<WriteSet> =>
			new Set(paths.flatMap((path) => byPath.get(path) ?? []));
		this.pending = pending.map(({ path, writes, after }) => {
			const before = setsOf(after);
			const set = { path, writes, after: before, depth: depthAfter(before) };
			byPath.set(path, set);
			return set;
		});
		this.seen = new Map(Object.entries(seen).map(([path, paths]) => [path, setsOf(paths)]));
	}

	private visibleTo(parents: readonly string[]): ReadonlySet<WriteSet> {
		if (this.seen.size === 0) return NOTHING;
		const visible = new Set<WriteSet>();
		for (const parent of parents) for (const set of this.seen.get(parent) ?? []) visible.add(set);
		return visible;
	}

	private inOrder(sets: Iterable<WriteSet>): WriteSet[] {
		const ordered = [...sets].sort(byOrder);
		this.refuseConflicts(ordered);
		return ordered;
	}

	/** Writers of a key without a reducer must have seen each other, one after the other. */
	private refuseConflicts(ordered: readonly WriteSet[]): void {
		const lastWriter = new Map<string, WriteSet>();
		for (const set of ordered) {
			for (const key of new Set(set.writes.map((write) => write.key))) {
				if (this.reducers.has(key)) continue;
				const before = lastWriter.get(key);
				if (before !== undefined && !set.after.has(before)) throw conflict(key, before, set);
				lastWriter.set(key, set);
			}
		}
	}
}

/** The state as one execution sees it, with its own writes on top. */
export class StateView {
	/** What this execution wrote, in order. */
	readonly writes: StateWrite[] = [];
	/** Values that differ from the joined ones; `REMOVED` hides one. */
	private readonly own = new Map<string, unknown>();

	constructor(
		private readonly joined: ReadonlyMap<string, unknown>,
		private readonly reducers: ReadonlyMap<string, Reducer>,
	) {}

	has(key: string): boolean {
		return this.own.has(key) ? this.own.get(key) !== REMOVED : this.joined.has(key);
	}

	get(key: string): unknown {
		if (!this.own.has(key)) return this.joined.get(key);
		const value = this.own.get(key);
		return value === REMOVED ? undefined : value;
	}

	keys(): string[] {
		const keys = [...this.joined.keys(), ...this.own.keys()];
		return [...new Set(keys)].filter((key) => this.has(key));
	}

	write(write: StateWrite): void {
		this.replay([write]);
		this.writes.push(write);
	}

	/** Takes in writes that others made. */
	replay(writes: readonly StateWrite[]): void {
		for (const { key, value, remove } of writes) {
			if (remove === true) this.own.set(key, REMOVED);
			else {
				const reducer = this.reducers.get(key);
				this.own.set(key, reducer === undefined ? value : reducer(this.get(key), value));
			}
		}
	}

	/** Moves everything that differs into the joined values. */
	mergeInto(values: Map<string, unknown>): void {
		for (const [key, value] of this.own) {
			if (value === REMOVED) values.delete(key);
			else values.set(key, value);
		}
	}
}

const REMOVED = Symbol('removed');

/** Each after those it could see; side by side, in the order of paths. */
function byOrder(first: WriteSet, second: WriteSet): number {
	return first.depth - second.depth || comparePaths(first.path, second.path);
}

function depthAfter(sets: ReadonlySet<WriteSet>): number {
	let depth = 0;
	for (const set of sets) depth = Math.max(depth, set.depth + 1);
	return depth;
}

function pathsOf(sets: ReadonlySet<WriteSet>): string[] {
	return [...sets].map(({ path }) => path);
}

function conflict(key: string, first: WriteSet, second: WriteSet): EngineError {
	const paths = [first.path, second.path];
	return new EngineError(
		'STATE_CONFLICT',
		`"${first.path}" and "${second.path}" ran in parallel and both wrote "${key}".`,
		{
			errorClass: 'conflict',
			hint: `Declare a reducer for "${key}" (last, append, sum, max, merge, union or your own), or write different keys.`,
			details: { key, paths },
		},
	);
}
