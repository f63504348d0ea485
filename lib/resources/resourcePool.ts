import type { Runtime } from '../core';
import { abortErrorOf, throwIfCancelled } from '../resilience';
import {
	PoolTicket,
	type Allocation,
	type PoolHandlers,
	type PoolLimit,
	type PoolRequest,
} from './allocation';
import { Dispatcher, type PoolEvent } from './dispatcher';
import { poolSettings, type PoolSettings, type ResourcePoolOptions } from './poolOptions';
import { poolSnapshot, type PoolSnapshot } from './poolSnapshot';
import { PoolUsage } from './poolUsage';
import { QuotaBook, type QuotaCounter } from './quotas';
import { Dimensions, fromUnits, overflow, priorityClass, toUnits } from './requirements';

/** Shared, since most steps have none. */
const NO_QUOTAS: ReadonlyArray<QuotaCounter<PoolTicket>> = [];

/**
 * Admits work by what it needs: all of it at once or nothing, so that no two steps can each hold
 * what the other waits for.
 *
 * The order is priority class (grown by age), then turns by fairness key, then arrival. A step that
 * does not fit yet may be passed by `maxBypass` starts; then room is kept for it.
 *
 * @example
 * const pool = new ResourcePool({ totals: { cpu: 8, gpu: 2 }, maxConcurrent: 50 }, runtime);
 * const allocation = await pool.acquire({ path: 'train', requirements: { gpu: 1 } });
 * await train().finally(() => allocation.release());
 */
export class ResourcePool {
	private readonly settings: PoolSettings;
	private readonly dimensions: Dimensions;
	private readonly usage: PoolUsage;
	private readonly quotas: QuotaBook<PoolTicket>;
	private readonly dispatcher: Dispatcher;

	constructor(
		options: ResourcePoolOptions,
		private readonly runtime: Pick<Runtime, 'monotonic' | 'now' | 'setTimer'>,
		onEvent?: (event: PoolEvent) => void,
	) {
		this.settings = poolSettings(options);
		const { totals, maxConcurrent, quotas } = this.settings;
		const types = Object.keys(totals);
		this.dimensions = new Dimensions(types);
		this.usage = new PoolUsage(
			this.dimensions.names,
			[maxConcurrent, ...types.map((type) => totals[type]!)].map(toUnits),
		);
		this.quotas = new QuotaBook(quotas, this.dimensions);
		this.dispatcher = new Dispatcher(this.settings, this.usage, this.quotas, runtime, onEvent);
	}

	/** Steps that hold a place. */
	get running(): number {
		return this.dispatcher.held.size;
	}

	/** Steps that wait for a place. */
	get waiting(): number {
		return this.dispatcher.queue.size;
	}

	/**
	 * Asks for a place; the answer goes to the handlers, at once when there is room.
	 *
	 * @returns the request, to leave the queue by `cancel`
	 * @throws {EngineError} `RESOURCE_OVERFLOW` or `QUOTA_EXCEEDED` when waiting could never help
	 */
	request(request: PoolRequest, handlers: PoolHandlers): PoolTicket {
		const ticket = this.ticketFor(request, handlers);
		const now = this.runtime.monotonic();
		const allocation = this.dispatcher.tryStart(ticket, now);
		if (allocation === undefined) this.dispatcher.enqueue(ticket, now);
		else handlers.granted(allocation);
		return ticket;
	}

	/** A limit outside the pool has room again: what it kept waiting may start. */
	reopen(limit: PoolLimit): void {
		this.dispatcher.reopen(limit);
	}

	/** A place now, or nothing; never jumps the queue. @throws as {@link request} does */
	tryAcquire(request: PoolRequest): Allocation | undefined {
		const ticket = this.ticketFor(request, undefined);
		const allocation = this.dispatcher.tryStart(ticket, this.runtime.monotonic());
		if (allocation === undefined) this.quotas.leave(ticket.quotas);
		return allocation;
	}

	/**
	 * Waits for a place.
	 *
	 * @param signal - leaves the queue at once when it aborts
	 * @throws {EngineError} `RESOURCE_OVERFLOW` or `QUOTA_EXCEEDED` when waiting could never help
	 * @throws {TimeoutError} after `requirements.scheduleToStartMs` in the queue
	 */
	acquire(request: PoolRequest, signal?: AbortSignal): Promise<Allocation> {
		return new Promise((resolve, reject) => {
			if (signal === undefined) {
				this.request(request, { granted: resolve, refused: reject });
				return;
			}
			throwIfCancelled(signal);
			const onAbort = (): void => ticket.cancel(abortErrorOf(signal));
			const ticket = this.request(request, {
				granted: (allocation) => {
					signal.removeEventListener('abort', onAbort);
					resolve(allocation);
				},
				refused: (error) => {
					signal.removeEventListener('abort', onAbort);
					reject(error);
				},
			});
			if (ticket.isWaiting) signal.addEventListener('abort', onAbort);
		});
	}

	/** Usage with statistics, what runs, what waits, zombies: as plain JSON. */
	snapshot(): PoolSnapshot {
		const { held, zombies, queue } = this.dispatcher;
		const { name } = this.settings;
		const { names } = this.dimensions;
		return poolSnapshot({ name, names, usage: this.usage, held, waiting: queue, zombies });
	}

	private ticketFor(request: PoolRequest, handlers: PoolHandlers | undefined): PoolTicket {
		const { requirements = {} } = request;
		const needs = this.dimensions.needs(requirements);
		const { totals } = this.usage;
		const tooMuch = needs.findIndex((need, index) => need > totals[index]!);
		if (tooMuch >= 0) {
			const type = this.dimensions.names[tooMuch]!;
			throw overflow(type, fromUnits(needs[tooMuch]!), fromUnits(totals[tooMuch]!));
		}
		return new PoolTicket(
			request,
			priorityClass(requirements.priority),
			needs,
			this.usage.scarceIn(needs),
			this.settings.quotas.length === 0 ? NO_QUOTAS : this.quotas.join(keysOf(request), needs),
			handlers,
			this.dispatcher,
		);
	}
}

/** Who it runs for has a quota key of its own. */
function keysOf({ quotaKeys = [], fairnessKey }: PoolRequest): readonly string[] {
	return fairnessKey === undefined ? quotaKeys : [...quotaKeys, `fairness:${fairnessKey}`];
}
