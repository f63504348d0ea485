import { isEngineError, type Runtime } from '../core';
import {
	type CircuitBreakerOptions,
	type Endpoint,
	type EndpointHealth,
	EndpointRegistry,
	type EndpointsState,
} from '../resilience';

/**
 * The circuit breakers and rate limits of a process: one of each for every endpoint, credential and
 * model, whoever calls it. Make one and share it.
 */
export class Endpoints implements EndpointHealth {
	private readonly registry: EndpointRegistry;

	constructor(
		runtime: Pick<Runtime, 'monotonic' | 'now' | 'setTimer'>,
		private readonly breaker: CircuitBreakerOptions = {},
	) {
		this.registry = new EndpointRegistry(runtime);
	}

	/**
	 * What stands before an endpoint.
	 *
	 * @param key - see `ChatModel.key`
	 * @param requestsPerMinute - calls that may start per minute, among all who set the same limit.
	 * Default: no limit
	 */
	at(key: string, requestsPerMinute?: number): Endpoint {
		const shared = this.registry.get(key, { breaker: this.breaker });
		if (requestsPerMinute === undefined) return shared;
		// Evenly spaced, so that a node with many items does not begin with all of them at once.
		const rate = [{ limit: requestsPerMinute, perMs: 60_000, burst: 1 }];
		const { limiter } = this.registry.get(`${key}|${requestsPerMinute}/min`, { rate });
		return { breaker: shared.breaker, limiter };
	}

	toJSON(): EndpointsState {
		return this.registry.toJSON();
	}

	/** See `EndpointRegistry.restore`. */
	restore(state: EndpointsState): void {
		this.registry.restore(state, { breaker: this.breaker });
	}

	/** When a service asks for a pause, everybody who calls it pauses, whatever limit they set. */
	slowDown(key: string, error: unknown): void {
		if (!isEngineError(error) || error.errorClass !== 'rate_limit') return;
		for (const [name, { limiter }] of this.registry.entries()) {
			const sameEndpoint = name === key || name.startsWith(`${key}|`);
			if (sameEndpoint) limiter.throttle(error.retryAfterMs ?? 0);
		}
	}
}
