import { VirtualRuntime } from '../../../lib/core/virtualRuntime';
import { EndpointRegistry, endpointKey } from '../../../lib/resilience/registry';

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

describe('endpointKey', () => {
	it('tells host, credential and model apart', () => {
		expect(endpointKey('api.test', '7', 'large')).toBe('api.test|7|large');
		expect(endpointKey('api.test')).toBe('api.test||');
	});
});
