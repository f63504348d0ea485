import type { Gate, Pass } from '../resilience';
import type { Allocation, PoolRequest } from './allocation';
import type { ResourcePool } from './resourcePool';

/**
 * Lets each attempt of a policy run only with a place in a pool.
 *
 * @param request - what to ask for; given the attempt's number, for instance to count pre-emptions
 */
export function poolGate(pool: ResourcePool, request: (attempt: number) => PoolRequest): Gate {
	return {
		tryEnter: (attempt) => {
			const allocation = pool.tryAcquire(request(attempt));
			return allocation === undefined ? undefined : passOf(allocation);
		},
		enter: async (attempt, signal) => passOf(await pool.acquire(request(attempt), signal)),
	};
}

function passOf(allocation: Allocation): Pass {
	return {
		leave: () => allocation.release(),
		abandon: (body) => allocation.releaseAfter(body),
	};
}
