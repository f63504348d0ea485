import * as cockatiel from 'cockatiel';

import { CircuitBreaker, ResiliencePolicy } from '../../engine/lib/index.js';
import { interleave } from '../../support/measure.mjs';
import { aheadOf, atMost, row } from '../../support/rows.mjs';
import { noop, runtime } from '../../support/runtime.mjs';

const N = 50_000;

const ours = new ResiliencePolicy(
	{
		retry: { maxAttempts: 3 },
		timeouts: { startToCloseMs: 30_000 },
		breaker: new CircuitBreaker('bench', {}, runtime),
	},
	runtime,
);

const peerParts = () => [
	cockatiel.retry(cockatiel.handleAll, {
		maxAttempts: 2,
		backoff: new cockatiel.ExponentialBackoff(),
	}),
	cockatiel.circuitBreaker(cockatiel.handleAll, {
		halfOpenAfter: 30_000,
		breaker: new cockatiel.SamplingBreaker({ threshold: 0.5, duration: 30_000 }),
	}),
	cockatiel.timeout(30_000, cockatiel.TimeoutStrategy.Cooperative),
];
const peer = cockatiel.wrap(...peerParts());
const peerWithBulkhead = cockatiel.wrap(...peerParts(), cockatiel.bulkhead(50));

const calls = (execute) => ({
	ops: N,
	run: async () => {
		for (let index = 0; index < N; index++) await execute(noop);
	},
});

/** Retry, circuit breaker and time-out around a call that succeeds. */
export async function resilience() {
	const measured = await interleave({
		ours: calls((call) => ours.execute(call)),
		cockatiel: calls((call) => peer.execute(call)),
		'cockatiel with bulkhead': calls((call) => peerWithBulkhead.execute(call)),
	});
	return [
		row('retry+breaker+timeout', 'us/call', measured, [
			atMost(1),
			aheadOf('cockatiel', 'cockatiel with bulkhead'),
		]),
	];
}
