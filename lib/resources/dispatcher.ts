import type { Cause, Runtime, Timer } from '../core';
import { rateRule, timeoutError, type RateRule } from '../resilience';
import { Allocation, type AllocationOwner, type PoolLimit, type PoolTicket } from './allocation';
import type { PoolSettings } from './poolOptions';
import type { PoolUsage } from './poolUsage';
import { selectVictims } from './preemption';
import { bookQuotas, exhaustedQuota, type QuotaBook } from './quotas';
import { WaitingQueue, type Lane, type Visit } from './waitingQueue';

/** Something worth an event. */
export interface PoolEvent {
	type: 'waiting' | 'preempted' | 'zombie';
	/** Path of the step. */
	path: string;
}

/** A step is left alone after it had to make room this often. */
const MAX_PREEMPTIONS = 2;

/** The bit of the first position: everything needs a place to run. */
const SLOTS = 1;

/** The working part of a pool: decides what starts next, and when. */
export class Dispatcher implements AllocationOwner {
	readonly held = new Set<Allocation>();
	readonly zombies = new Set<Allocation>();
	readonly queue: WaitingQueue<PoolTicket>;

	private readonly rules: readonly RateRule[];
	/** Lanes that wait for a limit outside the pool. */
	private readonly keptOut = new Map<PoolLimit, Set<Lane<PoolTicket>>>();
	private dispatching = false;
	private rateTimer: Timer | undefined;
	/** By position, no more than anybody in the queue needs: without room for that, nobody fits. */
	private floor: readonly number[] = [];
	/** The first in the queue that does not fit, as of the last look. */
	private blocked: PoolTicket | undefined;

	constructor(
		private readonly settings: PoolSettings,
		private readonly usage: PoolUsage,
		private readonly quotas: QuotaBook<PoolTicket>,
		private readonly runtime: Pick<Runtime, 'monotonic' | 'now' | 'setTimer'>,
		private readonly onEvent?: (event: PoolEvent) => void,
	) {
		this.queue = new WaitingQueue(settings.ageingStepMs);
		this.rules = settings.rate.map(rateRule);
	}

	/** A place for a ticket that finds nobody before it and room enough. */
	tryStart(ticket: PoolTicket, now: number): Allocation | undefined {
		if (this.queue.size > 0 || !this.usage.fits(ticket.needs)) return undefined;
		if (ticket.isKeptOut) return undefined;
		if (exhaustedQuota(ticket.quotas, ticket.needs) !== undefined) return undefined;
		if (this.rateWaitMs(now) > 0) return undefined;
		ticket.since = now;
		return this.start(ticket, now);
	}

	enqueue(ticket: PoolTicket, now: number): void {
		this.floor = this.queue.size === 0 ? ticket.needs : lesser(this.floor, ticket.needs);
		this.queue.add(ticket, now);
		// Nothing has been given back, so only the newcomer itself could start or push others out.
		if (this.settings.preemption || this.usage.fits(ticket.needs)) this.dispatch(now);
		if (ticket.isWaiting) this.beginWait(ticket);
	}

	/** Takes a ticket out of the queue; see `PoolTicket.cancel`. */
	cancel(ticket: PoolTicket, error: Error): void {
		if (!ticket.isWaiting) return;
		const now = this.runtime.monotonic();
		this.queue.remove(ticket, now);
		ticket.timer?.cancel();
		this.quotas.leave(ticket.quotas);
		this.usage.fail(ticket.needs);
		ticket.handlers!.refused(error);
		// It may have been the one that room was kept for.
		this.dispatch(now);
	}

	/** A limit has room again for what it kept waiting. */
	reopen(limit: PoolLimit): void {
		const lanes = this.keptOut.get(limit);
		if (lanes === undefined) return;
		this.keptOut.delete(limit);
		const now = this.runtime.monotonic();
		for (const lane of lanes) this.queue.unpark(lane, now);
		this.dispatch(now);
	}

	/** Takes a place back; see `Allocation.release`. */
	release(allocation: Allocation): void {
		if (isHeld(allocation)) this.takeBack(allocation, 'released');
		else this.zombies.delete(allocation);
	}

	/** Takes a place back from a body that runs on; see `Allocation.abandon`. */
	abandon(allocation: Allocation): void {
		if (!isHeld(allocation)) return;
		this.zombies.add(allocation);
		this.onEvent?.({ type: 'zombie', path: allocation.ticket.request.path });
		this.takeBack(allocation, 'zombie');
	}

	/** Takes a place back when its body settles; see `Allocation.releaseAfter`. */
	releaseAfter(allocation: Allocation, body: Promise<unknown>): void {
		this.abandonLater(allocation);
		const settled = (): void => this.release(allocation);
		body.then(settled, settled);
	}

	/** Gives a body time to settle; see `Allocation.abandonLater`. */
	abandonLater(allocation: Allocation): void {
		if (!isHeld(allocation)) return;
		const { abandonMs } = this.settings;
		allocation.abandonTimer = this.runtime.setTimer(abandonMs, () => this.abandon(allocation));
	}

	private beginWait(ticket: PoolTicket): void {
		const { path, requirements } = ticket.request;
		this.onEvent?.({ type: 'waiting', path });
		const limitMs = requirements?.scheduleToStartMs;
		if (limitMs === undefined) return;
		const limit = { kind: 'scheduleToStart', ms: limitMs } as const;
		ticket.timer = this.runtime.setTimer(limitMs, () => this.cancel(ticket, timeoutError(limit)));
	}

	/** Starts all that may start now. */
	private dispatch(now: number): void {
		// A start or a release on the way only adds work for the loop that is running already.
		if (this.dispatching) return;
		this.dispatching = true;
		try {
			while (this.queue.size > 0 && (this.startNext(now) || this.makeRoom(now)));
		} finally {
			this.dispatching = false;
		}
		if (this.queue.size === 0) this.stopRateTimer();
	}

	private startNext(now: number): boolean {
		this.blocked = undefined;
		const waitMs = this.rateWaitMs(now);
		if (waitMs > 0) {
			this.rateTimer ??= this.runtime.setTimer(waitMs, () => {
				this.stopRateTimer();
				this.dispatch(this.runtime.monotonic());
			});
			return false;
		}
		// Who is to make room is found by looking; without pre-emption, most looks can be spared.
		if (!this.settings.preemption && !this.usage.fits(this.floor)) return false;
		const ticket = this.pick(now);
		if (ticket === undefined) return false;
		this.queue.serve(ticket, now);
		ticket.timer?.cancel();
		ticket.handlers!.granted(this.start(ticket, now));
		return true;
	}

	/** The first in the queue that fits and may pass those before it. */
	private pick(now: number): PoolTicket | undefined {
		const first = this.queue.first(now);
		if (first?.quotas.length === 0 && this.usage.fits(first.needs) && !first.isKeptOut)
			return first;
		return this.search(now);
	}

	private search(now: number): PoolTicket | undefined {
		const passed: PoolTicket[] = [];
		let picked: PoolTicket | undefined;
		let reserved = 0;
		this.queue.scan(now, (ticket): Visit => {
			const waitsIn = this.lanesBehind(ticket);
			if (waitsIn !== undefined) {
				waitsIn.add(ticket.lane!);
				return 'park';
			}
			if ((ticket.mask & reserved) === 0 && this.usage.fits(ticket.needs)) {
				picked = ticket;
				return 'stop';
			}
			if (this.keepsRoom(ticket)) reserved |= ticket.mask;
			if ((reserved & SLOTS) !== 0) {
				passed.push(ticket);
				return 'stop';
			}
			return passed.push(ticket) <= this.settings.lookAhead ? 'next' : 'stop';
		});
		this.blocked = passed[0];
		if (picked !== undefined) {
			for (const ticket of passed) if ((ticket.mask & picked.mask) !== 0) ticket.bypassed++;
		}
		return picked;
	}

	/** Where a ticket's lane waits that would not start even if it fitted. */
	private lanesBehind(ticket: PoolTicket): Set<Lane<PoolTicket>> | undefined {
		const quota = exhaustedQuota(ticket.quotas, ticket.needs);
		if (quota !== undefined) return quota.parked;
		if (!ticket.isKeptOut) return undefined;
		const limit = ticket.request.limit!;
		const lanes = this.keptOut.get(limit) ?? new Set();
		this.keptOut.set(limit, lanes);
		return lanes;
	}

	/** Whether nothing that competes with this ticket may pass it any more. */
	private keepsRoom(ticket: PoolTicket): boolean {
		return ticket.victims > 0 || ticket.bypassed >= this.settings.maxBypass;
	}

	/** Asks running work of lower classes to stop for the first that does not fit. */
	private makeRoom(now: number): boolean {
		const { blocked } = this;
		if (!this.settings.preemption || blocked === undefined || blocked.victims > 0) return false;
		const candidates = [...this.held].filter((allocation) => mayStop(allocation, blocked, now));
		const victims = selectVictims(
			candidates.map((allocation) => ({
				allocation,
				priorityClass: allocation.ticket.priorityClass,
				progress: allocation.ticket.request.progress?.() ?? 0,
				needs: allocation.ticket.needs,
			})),
			this.usage.missing(blocked.needs),
		);
		if (victims === undefined) return false;
		for (const { allocation } of victims) {
			allocation.state = 'stopping';
			allocation.madeRoomFor = blocked;
			blocked.victims++;
		}
		for (const { allocation } of victims) this.stop(allocation, blocked);
		return true;
	}

	private stop({ ticket }: Allocation, blocked: PoolTicket): void {
		const { path, requirements } = blocked.request;
		const message = `Makes room for "${path}", whose priority is ${requirements?.priority ?? 'normal'}.`;
		const cause: Cause = { kind: 'preempted', message, at: this.runtime.now() };
		this.onEvent?.({ type: 'preempted', path: ticket.request.path });
		ticket.request.onPreempt?.(cause);
	}

	private start(ticket: PoolTicket, now: number): Allocation {
		const waitedMs = now - ticket.since;
		for (const rule of this.rules) rule.take(1, now);
		this.usage.take(ticket.needs, waitedMs);
		bookQuotas(ticket.quotas, ticket.needs, 1);
		const allocation = new Allocation(ticket, now, waitedMs, this);
		this.held.add(allocation);
		return allocation;
	}

	private takeBack(allocation: Allocation, state: 'released' | 'zombie'): void {
		const { ticket, madeRoomFor } = allocation;
		allocation.state = state;
		allocation.abandonTimer?.cancel();
		this.held.delete(allocation);
		this.usage.giveBack(ticket.needs);
		bookQuotas(ticket.quotas, ticket.needs, -1);
		const now = this.runtime.monotonic();
		for (const { parked } of ticket.quotas) {
			for (const lane of parked) this.queue.unpark(lane, now);
			parked.clear();
		}
		this.quotas.leave(ticket.quotas);
		if (madeRoomFor !== undefined) madeRoomFor.victims--;
		this.dispatch(now);
	}

	private stopRateTimer(): void {
		this.rateTimer?.cancel();
		this.rateTimer = undefined;
	}

	private rateWaitMs(now: number): number {
		let waitMs = 0;
		for (const rule of this.rules) waitMs = Math.max(waitMs, rule.waitMs(1, now));
		return waitMs;
	}
}

/** The smaller of each two; the first itself when nothing is smaller, as usual. */
function lesser(first: readonly number[], second: readonly number[]): readonly number[] {
	if (first.every((value, index) => value <= second[index]!)) return first;
	return first.map((value, index) => Math.min(value, second[index]!));
}

function isHeld({ state }: Allocation): boolean {
	return state === 'held' || state === 'stopping';
}

function mayStop(
	{ ticket, state, inSideEffect, grantedAt }: Allocation,
	blocked: PoolTicket,
	now: number,
): boolean {
	const { preemptible = false, preemptions = 0 } = ticket.request;
	return (
		preemptible &&
		preemptions < MAX_PREEMPTIONS &&
		state === 'held' &&
		!inSideEffect &&
		now > grantedAt &&
		ticket.priorityClass < blocked.priorityClass
	);
}
