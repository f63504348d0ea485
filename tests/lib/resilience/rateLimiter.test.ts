import * as fc from 'fast-check';

import { AbortError } from '../../../lib/core';
import { VirtualRuntime } from '../../../lib/core/virtualRuntime';
import { RateLimiter } from '../../../lib/resilience/rateLimiter';
import { rateRule, type RateLimit } from '../../../lib/resilience/rateRules';

/** When each of `count` calls that ask at once may start. */
async function starts(limits: RateLimit[], count: number, cost = 1): Promise<number[]> {
	const runtime = new VirtualRuntime();
	const limiter = new RateLimiter(limits, runtime);
	const at: number[] = [];
	const all = Array.from({ length: count }, () =>
		limiter.acquire(cost).then(() => at.push(runtime.monotonic())),
	);
	await runtime.until(Promise.all(all));
	expect(runtime.pendingTimers).toBe(0);
	expect(limiter.waiting).toBe(0);
	return at;
}

describe('token bucket', () => {
	it('lets a burst start at once and the rest at the steady rate', async () => {
		expect(await starts([{ limit: 3, perMs: 300 }], 6)).toEqual([0, 0, 0, 100, 200, 300]);
		expect(await starts([{ limit: 3, perMs: 300, burst: 1 }], 4)).toEqual([0, 100, 200, 300]);
		expect(await starts([{ limit: 3, perMs: 300, burst: 5 }], 6)).toEqual([0, 0, 0, 0, 0, 100]);
	});

	it('counts what a call costs', async () => {
		expect(await starts([{ limit: 10, perMs: 1000 }], 3, 5)).toEqual([0, 0, 500]);
	});

	it('never saves up more than a burst', async () => {
		const runtime = new VirtualRuntime();
		const limiter = new RateLimiter([{ limit: 2, perMs: 100 }], runtime);
		await runtime.advance(1e6);
		expect([1, 2, 3].map(() => limiter.tryAcquire())).toEqual([true, true, false]);
		expect(limiter.waitMs()).toBe(50);
		await runtime.advance(49);
		expect(limiter.tryAcquire()).toBe(false);
		await runtime.advance(1);
		expect(limiter.tryAcquire()).toBe(true);
	});

	it('waits whole milliseconds', () => {
		const rule = rateRule({ limit: 3, perMs: 1000 });
		rule.take(3, 0);
		expect(rule.waitMs(1, 0)).toBe(334);
		expect(rule.waitMs(1, 334)).toBe(0);
	});

	it('does not miss a millionth', () => {
		const rule = rateRule({ limit: 1, perMs: 1 });
		expect(rule.waitMs(1.000001, 0)).toBe(0);
		expect(rule.waitMs(1.00001, 0)).toBe(1);
	});
});

describe('sliding window', () => {
	it('lets no more than the limit start in any window', async () => {
		const limit: RateLimit = { algorithm: 'sliding_window', limit: 2, perMs: 100 };
		expect(await starts([limit], 6)).toEqual([0, 0, 100, 100, 200, 200]);
	});

	it('says exactly when there is room again', () => {
		const rule = rateRule({ algorithm: 'sliding_window', limit: 5, perMs: 100 });
		rule.take(2, 0);
		rule.take(2, 30);
		rule.take(1, 60);
		expect(rule.waitMs(1, 70)).toBe(30);
		expect(rule.waitMs(2, 70)).toBe(30);
		expect(rule.waitMs(3, 70)).toBe(60);
		expect(rule.waitMs(5, 70)).toBe(90);
		expect(rule.waitMs(6, 70)).toBe(Infinity);
		expect(rule.waitMs(2, 99)).toBe(1);
		expect(rule.waitMs(2, 100)).toBe(0);
		expect(rule.waitMs(3, 100)).toBe(30);
	});

	it('keeps its promise for random calls', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 5 }),
				fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 60 }),
				(limit, gaps) => {
					const rule = rateRule({ algorithm: 'sliding_window', limit, perMs: 100 });
					const taken: number[] = [];
					let now = 0;
					for (const gap of gaps) {
						now += gap;
						const inWindow = taken.filter((at) => at > now - 100).length;
						const waitMs = rule.waitMs(1, now);
						expect(waitMs === 0).toBe(inWindow < limit);
						if (waitMs > 0) continue;
						rule.take(1, now);
						taken.push(now);
					}
				},
			),
		);
	});
});

describe('RateLimiter', () => {
	const slow: RateLimit = { limit: 1, perMs: 100 };

	it('keeps every limit it is given', async () => {
		const minute: RateLimit = { algorithm: 'sliding_window', limit: 3, perMs: 1000 };
		expect(await starts([slow, minute], 5)).toEqual([0, 100, 200, 1000, 1100]);
	});

	it('serves in the order of arrival, also against newcomers', async () => {
		const runtime = new VirtualRuntime();
		const limiter = new RateLimiter([{ limit: 4, perMs: 400 }], runtime);
		const order: string[] = [];
		const take = (name: string, cost: number): Promise<unknown> =>
			limiter.acquire(cost).then(() => order.push(`${name}@${runtime.monotonic()}`));
		const all = [take('a', 3), take('big', 4), take('small', 1)];
		await runtime.drain();
		expect(limiter.tryAcquire(1)).toBe(false);
		expect(limiter.waiting).toBe(2);
		await runtime.until(Promise.all(all));
		expect(order).toEqual(['a@0', 'big@300', 'small@400']);
	});

	it('lets go of a caller that cancels, and serves the next at once', async () => {
		const runtime = new VirtualRuntime();
		const limiter = new RateLimiter([{ limit: 4, perMs: 400 }], runtime);
		limiter.tryAcquire(3);
		const controller = new AbortController();
		const remove = jest.spyOn(controller.signal, 'removeEventListener');
		const big = limiter.acquire(4, controller.signal);
		const other = new AbortController();
		const otherRemove = jest.spyOn(other.signal, 'removeEventListener');
		const small = limiter.acquire(1, other.signal);
		controller.abort(new AbortError('Not needed.'));
		await expect(big).rejects.toThrow('Not needed.');
		await small;
		expect(remove).not.toHaveBeenCalled();
		expect(otherRemove).toHaveBeenCalledWith('abort', expect.any(Function));
		expect(runtime.monotonic()).toBe(0);
		expect(limiter.waiting).toBe(0);
		expect(runtime.pendingTimers).toBe(0);
		other.abort();
		await expect(limiter.acquire(1, controller.signal)).rejects.toThrow('Not needed.');
	});

	it('leaves no timer when the last one cancels', async () => {
		const runtime = new VirtualRuntime();
		const limiter = new RateLimiter([slow], runtime);
		limiter.tryAcquire();
		const controllers = Array.from({ length: 5 }, () => new AbortController());
		const waiting = controllers.map(({ signal }) => limiter.acquire(1, signal));
		for (const controller of controllers) controller.abort('stop');
		for (const each of waiting) await expect(each).rejects.toMatchObject({ errorClass: 'abort' });
		expect(runtime.pendingTimers).toBe(0);
		expect(limiter.waiting).toBe(0);
	});

	it('refuses what could never start', async () => {
		const limiter = new RateLimiter([slow, { limit: 9, perMs: 1 }], new VirtualRuntime());
		await expect(limiter.acquire(2)).rejects.toMatchObject({
			code: 'RATE_LIMIT_OVERFLOW',
			errorClass: 'validation',
			message: 'A call that counts 2 can never start under a limit of 1.',
			hint: 'Raise the limit or make the call smaller.',
		});
		expect(() => limiter.tryAcquire(1.5)).toThrow('A call that counts 1.5');
	});

	it('keeps a pause that the other side asks for, and never a shorter one', async () => {
		const runtime = new VirtualRuntime();
		const limiter = new RateLimiter([], runtime);
		const clock = jest.spyOn(runtime, 'monotonic');
		expect(limiter.tryAcquire()).toBe(true);
		expect(clock).not.toHaveBeenCalled();
		limiter.throttle(500);
		limiter.throttle(50);
		expect(limiter.tryAcquire()).toBe(false);
		expect(limiter.waitMs()).toBe(500);
		await runtime.advance(100);
		await runtime.until(limiter.acquire());
		expect(runtime.monotonic()).toBe(500);
		expect(limiter.tryAcquire()).toBe(true);
		expect(limiter.waitMs()).toBe(0);
	});

	it('throttles those who wait already', async () => {
		const runtime = new VirtualRuntime();
		const limiter = new RateLimiter([slow], runtime);
		limiter.tryAcquire();
		const waiting = limiter.acquire();
		limiter.throttle(250);
		await runtime.until(waiting);
		expect(runtime.monotonic()).toBe(250);
	});

	it.each([
		[{ limit: 0.5, perMs: 10 }],
		[{ limit: 1, perMs: 0 }],
		[{ limit: 1, perMs: 10, burst: 0.5 }],
		[{ limit: Infinity, perMs: 10 }],
		[{ limit: 1, perMs: Infinity }],
		[{ limit: 1, perMs: 10, burst: Infinity }],
		[{ limit: 1, perMs: 10, algorithm: 'leaky' }],
		[{ limit: 1, perMs: 10, bursts: 1 }],
	])('refuses the limit %j', (limit) => {
		expect(() => rateRule(limit as RateLimit)).toThrow(/^Rate limit: /);
	});

	it('never starts more than rate and burst allow, whoever cancels', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 1, max: 4 }),
				fc.array(fc.tuple(fc.integer({ min: 0, max: 80 }), fc.boolean()), { maxLength: 30 }),
				async (limit, callers) => {
					const runtime = new VirtualRuntime();
					const limiter = new RateLimiter([{ limit, perMs: 100 }], runtime);
					const at: number[] = [];
					const all: Array<Promise<unknown>> = [];
					for (const [gap, cancels] of callers) {
						const controller = new AbortController();
						const start = limiter.acquire(1, controller.signal).then(
							() => at.push(runtime.monotonic()),
							() => undefined,
						);
						all.push(start);
						if (cancels) controller.abort();
						await runtime.advance(gap);
					}
					await runtime.until(Promise.all(all));
					at.forEach((from, index) => {
						const until = at.slice(index).filter((to) => to - from < 100).length;
						expect(until).toBeLessThanOrEqual(limit * 2);
					});
					expect([limiter.waiting, runtime.pendingTimers]).toEqual([0, 0]);
				},
			),
			{ numRuns: 60 },
		);
	});
});
