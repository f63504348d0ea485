import { AbortError, type Cause, type Timer } from '../core';
import type { QuotaCounter } from './quotas';
import type { ResourceRequirements } from './requirements';
import { Waiting } from './waitingQueue';

/** A limit outside the pool, for instance the places of a run: nobody holds a place that waits for it. */
export interface PoolLimit {
	/** Names it within the pool. */
	readonly key: string;
	/** Whether a place that is granted now would be used at once. Asked before each grant. */
	hasRoom(): boolean;
}

/** Asks a pool for a place to run one attempt. */
export interface PoolRequest {
	/** Path of the step, e.g. `fanout[3]/search`. */
	path: string;
	/** What it takes. Default: see `DEFAULT_REQUIREMENTS`. */
	requirements?: ResourceRequirements;
	/** For whom it runs; the keys that wait take turns. Default: all the same. */
	fairnessKey?: string;
	/**
	 * Quotas it counts for, e.g. `['kind:agent', 'credential:42']`. Everything counts for
	 * `fairness:<its fairness key>` as well.
	 */
	quotaKeys?: readonly string[];
	/** Whether it may be stopped for work of a higher class. Default false. */
	preemptible?: boolean;
	/** How often that has happened to this step before; after 2 it is left alone. Default 0. */
	preemptions?: number;
	/** How far it has come, 0 to 1; the least is stopped first. Default 0. */
	progress?: () => number;
	/** Keeps it waiting, and out of the way of others, as long as it has no room. */
	limit?: PoolLimit;
	/** Told to stop: abort with this cause, save what is needed, release, and ask again. */
	onPreempt?: (cause: Cause) => void;
}

/** The answer to a request. Exactly one of the two is called, once. */
export interface PoolHandlers {
	/** May be called before the request returns. Must not throw. */
	granted(allocation: Allocation): void;
	/** Cancelled, or waited longer than its time limit. Must not throw. */
	refused(error: Error): void;
}

/** What the pool does for its allocations. */
export interface AllocationOwner {
	release(allocation: Allocation): void;
	releaseAfter(allocation: Allocation, body: Promise<unknown>): void;
	abandon(allocation: Allocation): void;
	abandonLater(allocation: Allocation): void;
}

/** `stopping`: asked to make room; `zombie`: given back although the body still runs. */
export type AllocationState = 'held' | 'stopping' | 'zombie' | 'released';

/** A place to run, held until it is given back. */
export class Allocation {
	state: AllocationState = 'held';
	/** Set around calls that must not be cut off in the middle; such a step is not pre-empted. */
	inSideEffect = false;
	/** When its body has had time enough to settle. */
	abandonTimer: Timer | undefined;
	/** The request this allocation was asked to make room for. */
	madeRoomFor: PoolTicket | undefined;

	constructor(
		/** What was asked for. */
		readonly ticket: PoolTicket,
		/** Monotonic time, in milliseconds. */
		readonly grantedAt: number,
		/** How long it queued, in milliseconds. */
		readonly waitedMs: number,
		private readonly owner: AllocationOwner,
	) {}

	/** Whether it was asked to make room. */
	get isPreempted(): boolean {
		return this.madeRoomFor !== undefined;
	}

	/** Gives the place back. Safe to call more than once. */
	release(): void {
		this.owner.release(this);
	}

	/**
	 * Gives the place back although the body still runs: it counts as a zombie until `release` says
	 * that the body has settled.
	 */
	abandon(): void {
		this.owner.abandon(this);
	}

	/** Abandons it after the pool's `abandonMs`, unless it has been given back before. */
	abandonLater(): void {
		this.owner.abandonLater(this);
	}

	/**
	 * Gives the place back when the body settles, or after the pool's `abandonMs`, whichever is
	 * first; a body that runs on counts as a zombie until it settles.
	 */
	releaseAfter(body: Promise<unknown>): void {
		this.owner.releaseAfter(this, body);
	}
}

/** A request, while it waits and when it is granted. */
export class PoolTicket extends Waiting<PoolTicket> {
	/** Starts that went past it although it came first. */
	bypassed = 0;
	/** Victims that have not made room yet. */
	victims = 0;
	/** The limit on its wait. */
	timer: Timer | undefined = undefined;
	readonly fairnessKey: string;
	readonly group: string;

	constructor(
		readonly request: PoolRequest,
		readonly priorityClass: number,
		/** By position, in the pool's units. */
		readonly needs: readonly number[],
		/** One bit for each limited type it needs. */
		readonly mask: number,
		readonly quotas: ReadonlyArray<QuotaCounter<PoolTicket>>,
		/** Undefined for a request that would not wait. */
		readonly handlers: PoolHandlers | undefined,
		private readonly owner: { cancel(ticket: PoolTicket, error: Error): void },
	) {
		super();
		this.fairnessKey = request.fairnessKey ?? '';
		this.group = groupOf(quotas, request.limit);
	}

	/** Whether a limit outside the pool keeps it waiting. */
	get isKeptOut(): boolean {
		return this.request.limit?.hasRoom() === false;
	}

	/** Whether it is still in the queue. */
	get isWaiting(): boolean {
		return this.lane !== undefined;
	}

	/** Leaves the queue at once and tells the handlers; does nothing once granted. */
	cancel(error: Error = new AbortError()): void {
		this.owner.cancel(this, error);
	}
}

function groupOf(
	quotas: ReadonlyArray<QuotaCounter<PoolTicket>>,
	limit: PoolLimit | undefined,
): string {
	const group = quotas.length === 0 ? '' : quotas.map(({ key }) => key).join('\n');
	return limit === undefined ? group : `${group}\n\n${limit.key}`;
}
