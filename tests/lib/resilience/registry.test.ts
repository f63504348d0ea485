import { VirtualRuntime } from '../../../lib/core/virtualRuntime';
import {
	EndpointRegistry,
	endpointKey,
	type EndpointsState,
} from '../../../lib/resilience/registry';

describe('EndpointRegistry', () => {
	it('gives everybody with the same key the same breaker and limiter', () => {
		const registry = new EndpointRegistry(new VirtualRuntime());
		const first = registry.get('a', { rate: [{ limit: 1, perMs: 100 }] });
		expect(registry.get('a')).toBe(first);
		expect(registry.get('b')).not.toBe(first);
		expect(first.breaker.key).toBe('a');
		expect([first.limiter.tryAcquire(), first.limiter.tryAcquire()]).toEqual([true, false]);
	});

	it('sets a breaker up as the first caller says, and tells of its changes', () => {
		const changes: unknown[] = [];
		const registry = new EndpointRegistry(new VirtualRuntime(), (change) => changes.push(change));
		const { breaker } = registry.get('a', { breaker: { minCalls: 1 } });
		breaker.record(breaker.enter(), 'failure');
		expect(changes).toEqual([{ key: 'a', from: 'closed', to: 'open' }]);
	});

	it('forgets the endpoint that was used longest ago', () => {
		const registry = new EndpointRegistry(new VirtualRuntime(), undefined, 2);
		const [a, b] = [registry.get('a'), registry.get('b')];
		expect(registry.get('a')).toBe(a);
		registry.get('c');
		expect([...registry.entries()].map(([key]) => key)).toEqual(['a', 'c']);
		expect(registry.get('b')).not.toBe(b);
	});
});

describe('what is known of endpoints', () => {
	it('lasts over a restart: circuits, trips in a row and pauses', () => {
		const runtime = new VirtualRuntime();
		const registry = new EndpointRegistry(runtime);
		const breaker = { minCalls: 1, openMs: 1000 };
		const open = registry.get('open', { breaker }).breaker;
		open.record(open.enter(), 'failure');
		registry.get('well').breaker.enter();
		registry.get('busy').limiter.throttle(500);
		const state = JSON.parse(JSON.stringify(registry)) as EndpointsState;
		expect(state).toEqual({
			schemaVersion: 1,
			breakers: [
				{ schemaVersion: 1, key: 'open', status: 'open', trips: 1, probeAt: runtime.now() + 1000 },
			],
			throttled: [{ key: 'busy', until: runtime.now() + 500 }],
		});
		const next = new EndpointRegistry(runtime);
		next.restore(state, { breaker });
		expect(next.get('open').breaker.msUntilProbe).toBe(1000);
		expect(next.get('busy').limiter.throttledMs).toBe(500);
		expect([...next.entries()].map(([key]) => key)).toEqual(['open', 'busy']);
	});

	it('keeps the trips of a circuit that is probed, and circuits that were opened by hand', async () => {
		const runtime = new VirtualRuntime();
		const registry = new EndpointRegistry(runtime);
		const { breaker } = registry.get('a', { breaker: { minCalls: 1, openMs: 10 } });
		breaker.record(breaker.enter(), 'failure');
		await runtime.advance(10);
		expect(registry.toJSON().breakers).toMatchObject([{ status: 'half_open', trips: 1 }]);
		breaker.reset();
		expect(registry.toJSON().breakers).toEqual([]);
		breaker.forceOpen();
		expect(registry.toJSON().breakers).toMatchObject([{ status: 'forced_open', trips: 0 }]);
	});

	it('does not take the place of what is known here already', () => {
		const runtime = new VirtualRuntime();
		const registry = new EndpointRegistry(runtime);
		const { breaker } = registry.get('a');
		const state = {
			schemaVersion: 1,
			key: 'a',
			status: 'forced_open',
			trips: 1,
			probeAt: 0,
		} as const;
		registry.restore({ schemaVersion: 1, breakers: [state], throttled: [] });
		expect(breaker.status).toBe('closed');
	});
});

describe('endpointKey', () => {
	it('tells host, credential and model apart', () => {
		expect(endpointKey('api.test', '7', 'large')).toBe('api.test|7|large');
		expect(endpointKey('api.test')).toBe('api.test||');
	});
});
