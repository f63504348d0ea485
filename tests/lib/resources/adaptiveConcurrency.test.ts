import * as fc from 'fast-check';

import { AdaptiveConcurrency } from '../../../lib/resources/adaptiveConcurrency';

describe('AdaptiveConcurrency', () => {
	it('starts with eight', () => {
		expect(new AdaptiveConcurrency().limit).toBe(8);
	});

	it('grows by one for each full round of successes, up to the most', () => {
		const limit = new AdaptiveConcurrency({ initial: 2, max: 4 });
		const after = (calls: number): number => {
			for (let call = 0; call < calls; call++) limit.success(limit.start(), 10);
			return limit.limit;
		};
		expect(after(2)).toBe(2);
		expect(after(1)).toBe(3);
		expect(after(2)).toBe(3);
		expect(after(1)).toBe(4);
		expect(after(100)).toBe(4);
	});

	it('is cut in half by a refusal, once for all calls that started under the old limit', () => {
		const limit = new AdaptiveConcurrency({ initial: 16 });
		const calls = Array.from({ length: 16 }, () => limit.start());
		calls.forEach((call) => limit.refused(call));
		expect(limit.limit).toBe(8);
		limit.refused(limit.start());
		expect(limit.limit).toBe(4);
	});

	it('never falls below the least', () => {
		const limit = new AdaptiveConcurrency({ initial: 8, min: 3, decrease: 0.1 });
		limit.refused(limit.start());
		expect(limit.limit).toBe(3);
		expect(new AdaptiveConcurrency({ initial: 1, min: 3 }).limit).toBe(3);
		expect(new AdaptiveConcurrency({ initial: 99 }).limit).toBe(64);
	});

	it('takes a slow answer for a refusal when told to', () => {
		const limit = new AdaptiveConcurrency({ initial: 8, latencyFactor: 2 });
		limit.success(limit.start(), 100);
		limit.success(limit.start(), 200);
		expect(limit.limit).toBe(8);
		limit.success(limit.start(), 203);
		expect(limit.limit).toBe(4);
		const deaf = new AdaptiveConcurrency({ initial: 8 });
		deaf.success(deaf.start(), 1);
		deaf.success(deaf.start(), 1e9);
		expect(deaf.limit).toBe(8);
	});

	it('gets used to a service that has become slower', () => {
		const limit = new AdaptiveConcurrency({ initial: 10, min: 1, latencyFactor: 2 });
		limit.success(limit.start(), 100);
		for (let call = 0; call < 200; call++) limit.success(limit.start(), 300);
		expect(limit.limit).toBeGreaterThan(4);
		limit.success(limit.start(), 50);
		const before = limit.limit;
		limit.success(limit.start(), 101);
		expect(limit.limit).toBeLessThan(before);
	});

	it('adds as much as it is told', () => {
		const limit = new AdaptiveConcurrency({ initial: 1, increase: 5 });
		limit.success(limit.start(), 1);
		expect(limit.limit).toBe(6);
	});

	it.each([
		[{ initial: 0 }],
		[{ min: 0 }],
		[{ max: 0 }],
		[{ increase: 0 }],
		[{ decrease: 0 }],
		[{ decrease: 1 }],
		[{ latencyFactor: 1 }],
		[{ maximum: 3 }],
	])('refuses %j', (options) => {
		expect(() => new AdaptiveConcurrency(options as object)).toThrow(
			/^Adaptive concurrency options: /,
		);
	});

	it('stays within its bounds whatever happens', () => {
		fc.assert(
			fc.property(fc.array(fc.option(fc.integer({ min: 1, max: 1000 }))), (ends) => {
				const limit = new AdaptiveConcurrency({ min: 2, max: 9, latencyFactor: 3 });
				for (const durationMs of ends) {
					if (durationMs === null) limit.refused(limit.start());
					else limit.success(limit.start(), durationMs);
					expect(limit.limit).toBeGreaterThanOrEqual(2);
					expect(limit.limit).toBeLessThanOrEqual(9);
				}
			}),
		);
	});
});
