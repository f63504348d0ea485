import * as fc from 'fast-check';

import { backoffDelayMs, type BackoffOptions, type Jitter } from '../../../lib/resilience/backoff';

const options = (jitter: Jitter, more: Partial<BackoffOptions> = {}): BackoffOptions => ({
	initialDelayMs: 100,
	maxDelayMs: 1000,
	backoffFactor: 2,
	jitter,
	...more,
});

const delays = (given: BackoffOptions, random: number): number[] =>
	[2, 3, 4, 5, 6, 7].map((attempt) => backoffDelayMs(given, attempt, undefined, () => random));

describe('backoffDelayMs', () => {
	it('doubles from the initial pause to the longest', () => {
		expect(delays(options('none'), 0.5)).toEqual([100, 200, 400, 800, 1000, 1000]);
	});

	it('stays the same with a factor of 1', () => {
		expect(delays(options('none', { backoffFactor: 1 }), 0.5)).toEqual(Array(6).fill(100));
	});

	it('spreads over the whole pause with full jitter', () => {
		expect(delays(options('full'), 0)).toEqual(Array(6).fill(0));
		expect(delays(options('full'), 0.25)).toEqual([25, 50, 100, 200, 250, 250]);
	});

	it('keeps half of the pause with equal jitter', () => {
		expect(delays(options('equal'), 0)).toEqual([50, 100, 200, 400, 500, 500]);
		expect(delays(options('equal'), 0.5)).toEqual([75, 150, 300, 600, 750, 750]);
	});

	it('grows from the pause before with decorrelated jitter', () => {
		const next = (previous: number | undefined, random: number): number =>
			backoffDelayMs(options('decorrelated'), 9, previous, () => random);
		expect(next(undefined, 0)).toBe(100);
		expect(next(undefined, 0.5)).toBe(200);
		expect(next(200, 0.5)).toBe(350);
		expect(next(900, 0.99)).toBe(1000);
		expect(next(10, 0.5)).toBe(100);
	});

	it('is zero for ever when it starts with zero, however often it has grown', () => {
		const zero = options('none', { initialDelayMs: 0, backoffFactor: 1e308 });
		expect(backoffDelayMs(zero, 5000, undefined, () => 0.5)).toBe(0);
	});

	it('never leaves its bounds, whatever the chance', () => {
		fc.assert(
			fc.property(
				fc.constantFrom<Jitter>('none', 'full', 'equal', 'decorrelated'),
				fc.record({
					initialDelayMs: fc.nat(100_000),
					maxDelayMs: fc.nat(100_000),
					backoffFactor: fc.double({ min: 1, max: 10, noNaN: true }),
				}),
				fc.integer({ min: 2, max: 2000 }),
				fc.option(fc.double({ min: 0, max: 1e5, noNaN: true }), { nil: undefined }),
				fc.double({ min: 0, max: 0.9999999, noNaN: true }),
				(jitter, given, attempt, previous, random) => {
					const delay = backoffDelayMs({ ...given, jitter }, attempt, previous, () => random);
					const computed = Math.min(
						given.maxDelayMs,
						given.initialDelayMs * given.backoffFactor ** (attempt - 2) || 0,
					);
					const least = { none: computed, full: 0, equal: computed / 2, decorrelated: 0 }[jitter];
					expect(delay).toBeGreaterThanOrEqual(least);
					expect(delay).toBeLessThanOrEqual(
						jitter === 'decorrelated' ? given.maxDelayMs : computed,
					);
				},
			),
		);
	});
});
