import type { Runtime } from '../core';
import type { CircuitBreakerOptions } from './breakerOptions';
import type { BreakerChange, BreakerState } from './breakerState';
import { CircuitBreaker } from './circuitBreaker';
import { RateLimiter } from './rateLimiter';
import type { RateLimit } from './rateRules';

/** What all callers of one endpoint share. */
export interface Endpoint {
	readonly breaker: CircuitBreaker;
	readonly limiter: RateLimiter;
}

/** How a new endpoint is set up; the first caller decides. */
export interface EndpointOptions {
	breaker?: CircuitBreakerOptions;
	rate?: readonly RateLimit[];
}

/** What is known of endpoints that are not as they should be, as plain JSON. */
export interface EndpointsState {
	schemaVersion: 1;
	/** Circuits that are not closed. */
	breakers: BreakerState[];
	/** Endpoints that asked for a pause, and until when, in milliseconds since the epoch. */
	throttled: Array<{ key: string; until: number }>;
}

/** Something that knows how endpoints are, and can be told after a restart. */
export interface EndpointHealth {
	toJSON(): EndpointsState;
	restore(state: EndpointsState): void;
}

/**
 * Circuit breakers and rate limiters by key, so that everybody who calls the same service with the
 * same credential and model learns from everybody else. A host makes one for the whole process.
 */
export class EndpointRegistry implements EndpointHealth {
	private readonly endpoints = new Map<string, Endpoint>();

	/**
	 * @param maxEndpoints - with more keys than this, the ones used longest ago are forgotten
	 */
	constructor(
		private readonly runtime: Pick<Runtime, 'monotonic' | 'now' | 'setTimer'>,
		private readonly onChange?: (change: BreakerChange) => void,
		private readonly maxEndpoints = 1000,
	) {}

	/** @param key - see {@link endpointKey} */
	get(key: string, options: EndpointOptions = {}): Endpoint {
		const endpoint = this.endpoints.get(key) ?? this.make(key, options);
		// A map keeps the order of arrival: what is used moves to the end, the front is oldest.
		this.endpoints.delete(key);
		this.endpoints.set(key, endpoint);
		if (this.endpoints.size > this.maxEndpoints) {
			const [oldest] = this.endpoints.keys();
			this.endpoints.delete(oldest!);
		}
		return endpoint;
	}

	/** All endpoints, the one used longest ago first. */
	entries(): IterableIterator<[string, Endpoint]> {
		return this.endpoints.entries();
	}

	toJSON(): EndpointsState {
		const now = this.runtime.now();
		const all = [...this.endpoints];
		return {
			schemaVersion: 1,
			breakers: all
				.map(([, { breaker }]) => breaker.toJSON())
				.filter(({ status }) => status !== 'closed'),
			throttled: all
				.filter(([, { limiter }]) => limiter.throttledMs > 0)
				.map(([key, { limiter }]) => ({ key, until: now + limiter.throttledMs })),
		};
	}

	/**
	 * Takes over what another process knew, or this one before a restart. Endpoints that are known
	 * here already keep what they are: that is newer.
	 */
	restore({ breakers, throttled }: EndpointsState, options?: EndpointOptions): void {
		const known = new Set(this.endpoints.keys());
		for (const state of breakers) {
			if (!known.has(state.key)) this.get(state.key, options).breaker.restore(state);
		}
		for (const { key, until } of throttled) {
			this.get(key, options).limiter.throttle(until - this.runtime.now());
		}
	}

	private make(key: string, options: EndpointOptions): Endpoint {
		return {
			breaker: new CircuitBreaker(key, options.breaker ?? {}, this.runtime, this.onChange),
			limiter: new RateLimiter(options.rate ?? [], this.runtime),
		};
	}
}

/** The key of an endpoint: what shares its health and its limits. Never pass a secret. */
export function endpointKey(host: string, credentialId = '', modelFamily = ''): string {
	return [host, credentialId, modelFamily].join('|');
}
