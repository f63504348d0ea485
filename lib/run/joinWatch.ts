import type { Runtime } from '../core';
import type { Store } from '../store';
import { joinRunId } from './joinLog';
import { isJoinRunning } from './joinRunner';

/**
 * The two watchers of a join, and how long each rests before it looks, in milliseconds. A watcher
 * whose rest has ended looks at once when its host comes back after a kill: the first rests shortly,
 * so that it is the one. The second looks seldom, so that one kill hardly ever hits both.
 */
export const JOIN_WATCHERS = { first: 10_000, second: 330_000 } as const;
export type JoinWatcher = keyof typeof JOIN_WATCHERS;

/** What a watcher can do in the world around it. */
export interface WatchPorts {
	/** Whether nobody waits any more. */
	isAbandoned(): Promise<boolean>;
	/** Starts a runner, in an execution that may die without harm. */
	startRunner(): Promise<void>;
	/** Starts a watcher, in an execution that survives restarts. */
	startWatcher(watcher: JoinWatcher): Promise<void>;
}

export interface WatchOptions {
	store: Store;
	runtime: Pick<Runtime, 'now'>;
	joinId: string;
	watcher: JoinWatcher;
	ports: WatchPorts;
}

const COLLECTION = 'joinWatchers';

/** A watcher is taken for dead after it has missed this many looks. */
const MISSED_LOOKS = 3;

/** How much later than it wished a host may wake a watcher, in milliseconds. */
export const WAKE_LAG_MS = 60_000;

/** Tells the others that a watcher lives, or is just being started. */
export async function beat(
	{ store, runtime, joinId }: Pick<WatchOptions, 'store' | 'runtime' | 'joinId'>,
	watcher: JoinWatcher,
): Promise<void> {
	await store.put({
		collection: COLLECTION,
		id: `${joinId}/${watcher}`,
		version: 'any',
		value: JSON.stringify({ at: runtime.now() }),
		runId: joinRunId(joinId),
	});
}

/**
 * One look of a watcher: sees that a runner is at work, and that the other watcher lives. Watchers
 * wait in a database and look for a moment only, so that a kill seldom hits one, and the other one
 * then replaces it.
 *
 * @returns `over` when there is nothing more to watch
 */
export async function watchJoin(options: WatchOptions): Promise<'over' | 'again'> {
	const { store, runtime, joinId, watcher, ports } = options;
	if (await ports.isAbandoned()) return 'over';
	await beat(options, watcher);
	const other: JoinWatcher = watcher === 'first' ? 'second' : 'first';
	const seen = await store.get(COLLECTION, `${joinId}/${other}`);
	const silentMs = runtime.now() - (seen?.updatedAt ?? 0);
	if (silentMs > MISSED_LOOKS * (JOIN_WATCHERS[other] + WAKE_LAG_MS)) {
		await beat(options, other);
		await ports.startWatcher(other);
	}
	if (!(await isJoinRunning(store, runtime, joinId))) await ports.startRunner();
	return 'again';
}
