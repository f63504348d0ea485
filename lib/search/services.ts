import type { Runtime } from '../core';
import { EndpointRegistry } from '../resilience';
import type { Endpoint } from '../resilience';
import { ResourcePool } from '../resources';
import type { SearchEngine } from './searchEngine';

/** What all searches that ask one service share: its health, its pace, and its places. */
export interface Service extends Endpoint {
	readonly pool: ResourcePool;
}

/** Calls of one service at the same time, where it does not say. */
const MAX_CONCURRENT = 4;

/**
 * Three failures without a success in between stop the calls, for half a minute at first; then one
 * call finds out whether the service is back.
 */
const BREAKER = {
	window: { kind: 'count', size: 3 },
	minCalls: 3,
	failureRate: 1,
	openMs: 30_000,
} as const;

/**
 * The services that searches ask, by their keys: what one search learns about a service, that it
 * is down or wants a pause, holds for the others. Make one for the whole process.
 */
export class SearchServices {
	private readonly endpoints: EndpointRegistry;
	private readonly pools = new Map<string, ResourcePool>();

	constructor(private readonly runtime: Pick<Runtime, 'monotonic' | 'now' | 'setTimer'>) {
		this.endpoints = new EndpointRegistry(runtime);
	}

	/** What stands before an engine; undefined for one that asks nobody. */
	of({ service, limits = {} }: SearchEngine): Service | undefined {
		if (service === undefined) return undefined;
		const { breaker, limiter } = this.endpoints.get(service, {
			breaker: BREAKER,
			rate: limits.rate,
		});
		const pool = this.pools.get(service) ?? this.makePool(service, limits.maxConcurrent);
		return { breaker, limiter, pool };
	}

	private makePool(name: string, maxConcurrent = MAX_CONCURRENT): ResourcePool {
		const pool = new ResourcePool({ name, maxConcurrent }, this.runtime);
		this.pools.set(name, pool);
		return pool;
	}
}
