import { openPostgresStore, openRedisStore, openSqliteStore } from '../../lib';
import type { Store, StoreClock } from '../../lib';

/** Where the runs of a campaign are kept. */
export type StoreTarget =
	| { kind: 'sqlite'; path: string }
	| { kind: 'postgres'; url: string }
	| { kind: 'redis'; url: string };

/**
 * When, around a write to the store, the process dies: before it; in the middle (an open
 * transaction, or a request on its way); or right after it, before anybody hears of it.
 */
export type CrashMoment = 'before' | 'torn' | 'after';

/** What one process of a campaign is to do, and when it is to die. */
export interface CrashPlan {
	target: StoreTarget;
	runId: string;
	/** Steps of the run; they run three at a time. */
	steps: number;
	/** The file in which the steps leave their traces. */
	trace: string;
	/** The write at which to die: 1, 2, …; more than there are lets the run end. */
	write: number;
	moment: CrashMoment;
}

/** One line of the trace: a step's body ran, or its result was recorded as far as the run knows. */
export interface TraceLine {
	event: 'ran' | 'recorded' | 'reused' | 'ended';
	path?: string;
	key?: string;
	value?: unknown;
}

/** Connects to the store of a campaign. */
export async function openTarget(target: StoreTarget, clock: StoreClock): Promise<Store> {
	if (target.kind === 'sqlite') return await openSqliteStore({ path: target.path, clock });
	if (target.kind === 'postgres') {
		return await openPostgresStore({ url: target.url, clock, maxConnections: 2 });
	}
	return await openRedisStore({ url: target.url, clock });
}
