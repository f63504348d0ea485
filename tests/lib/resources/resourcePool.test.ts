import * as fc from 'fast-check';

import { AbortError, type Cause, type Priority } from '../../../lib/core';
import { VirtualRuntime } from '../../../lib/core/virtualRuntime';
import type { Allocation, PoolRequest, PoolTicket } from '../../../lib/resources/allocation';
import type { PoolEvent } from '../../../lib/resources/dispatcher';
import type { ResourcePoolOptions } from '../../../lib/resources/poolOptions';
import { ResourcePool } from '../../../lib/resources/resourcePool';

interface Bench {
	runtime: VirtualRuntime;
	pool: ResourcePool;
	events: PoolEvent[];
	/** Names in the order in which they started. */
	started: string[];
	/** Errors by name. */
	refused: Record<string, unknown>;
	/** What runs now. */
	running: Map<string, Allocation>;
	/** Asks for cpu alone unless told otherwise. */
	ask: (
		path: string,
		cpu?: number,
		more?: Partial<PoolRequest> & { priority?: Priority },
	) => PoolTicket;
	done: (...paths: string[]) => void;
}

function bench(options: ResourcePoolOptions = { totals: { cpu: 4 } }): Bench {
	const runtime = new VirtualRuntime();
	const events: PoolEvent[] = [];
	const pool = new ResourcePool(options, runtime, (event) => events.push(event));
	const started: string[] = [];
	const refused: Record<string, unknown> = {};
	const running = new Map<string, Allocation>();
	const ask: Bench['ask'] = (path, cpu = 1, { priority, ...more } = {}) =>
		pool.request(
			{
				path,
				...more,
				requirements: { cpu, resourceTypes: ['cpu'], priority, ...more.requirements },
			},
			{
				granted: (allocation) => {
					started.push(path);
					running.set(path, allocation);
				},
				refused: (error) => (refused[path] = error),
			},
		);
	const done = (...paths: string[]): void => paths.forEach((path) => running.get(path)!.release());
	return { runtime, pool, events, started, refused, running, ask, done };
}

describe('ResourcePool', () => {
	it('starts what fits, at once, and the rest when there is room', () => {
		const { pool, ask, started, done } = bench();
		for (const name of ['a', 'b', 'c']) ask(name, 2);
		expect(started).toEqual(['a', 'b']);
		expect([pool.running, pool.waiting]).toEqual([2, 1]);
		done('a');
		expect(started).toEqual(['a', 'b', 'c']);
		expect([pool.running, pool.waiting]).toEqual([2, 0]);
	});

	it('has the documented totals and needs', async () => {
		const { pool } = bench({});
		await pool.acquire({ path: 'plain' });
		const { usage, allocations } = pool.snapshot();
		expect(allocations.plain!.holds).toEqual({ cpu: 1, memoryMb: 100, io: 1, network: 1 });
		const totals = Object.entries(usage).map(([type, { total }]) => [type, total]);
		expect(Object.fromEntries(totals)).toEqual({
			slots: null,
			cpu: 4,
			memoryMb: 1024,
			io: 100,
			network: 100,
			gpu: 0,
		});
	});

	it('gives all or nothing: nothing is held while it waits', () => {
		const { pool, started } = bench({ totals: { cpu: 4, gpu: 1, tokens: 10 } });
		const ask = (path: string, cpu: number, gpu: number, tokens: number): void =>
			void pool.request(
				{ path, requirements: { cpu, gpu, custom: { tokens } } },
				{ granted: () => started.push(path), refused: () => undefined },
			);
		ask('a', 1, 1, 0);
		ask('b', 1, 1, 4);
		ask('c', 3, 0, 10);
		expect(started).toEqual(['a', 'c']);
		expect(pool.snapshot().usage).toMatchObject({
			cpu: { current: 4 },
			gpu: { current: 1 },
			tokens: { current: 10, total: 10 },
		});
	});

	it('is empty again when all have given back, whatever fractions they took', () => {
		const { pool, ask, done } = bench({ totals: { cpu: 1 } });
		for (let index = 0; index < 10; index++) ask(`${index}`, 0.1);
		expect(pool.running).toBe(10);
		for (let index = 0; index < 10; index++) done(`${index}`);
		const { cpu } = pool.snapshot().usage;
		expect(cpu).toEqual({
			total: 1,
			current: 0,
			peak: 1,
			totalAllocations: 10,
			failedAllocations: 0,
			totalWaitMs: 0,
		});
	});

	it('checks only the types of the mask', () => {
		const { pool } = bench({ totals: { cpu: 1, memoryMb: 10 } });
		const requirements = { memoryMb: 10, gpu: 3 };
		const masked = { memoryMb: 5000, custom: { other: 1 }, resourceTypes: ['cpu'] };
		expect(pool.tryAcquire({ path: 'masked', requirements: masked })).toBeDefined();
		expect(() => pool.tryAcquire({ path: 'all', requirements })).toThrow('"gpu"');
		const memory = { memoryMb: 5000 };
		expect(() => pool.tryAcquire({ path: 'all', requirements: memory })).toThrow('"memoryMb"');
	});

	it('refuses at once what is more than there is', async () => {
		const { pool, ask, refused } = bench();
		const overflow = {
			code: 'RESOURCE_OVERFLOW',
			errorClass: 'validation',
			retryable: false,
			hint: 'Ask for less, give the pool more, or leave this type out with resourceTypes.',
		};
		expect(() => ask('big', 4.5)).toThrow(
			expect.objectContaining({
				...overflow,
				message: 'The step needs 4.5 of "cpu", but the pool has 4 in all.',
				details: { type: 'cpu', needed: 4.5, total: 4 },
			}),
		);
		const other = pool.acquire({ path: 'x', requirements: { custom: { tpu: 2 } } });
		await expect(other).rejects.toMatchObject({
			...overflow,
			details: { type: 'tpu', needed: 2, total: 0 },
		});
		expect(refused).toEqual({});
		ask('exact', 4);
		expect(pool.running).toBe(1);
	});

	it.each([NaN, -1, Infinity])('refuses the amount %p', (cpu) => {
		expect(() => bench().ask('x', cpu)).toThrow(/^Resource "cpu" must be a number from 0 up/);
	});

	it('does not ask for what is zero', () => {
		const { pool } = bench({ totals: { cpu: 1 } });
		const requirements = { cpu: 0, memoryMb: 0, io: 0, network: 0, custom: { unheard: 0 } };
		pool.tryAcquire({ path: 'free', requirements });
		expect(pool.snapshot().allocations.free!.holds).toEqual({});
	});

	it('runs no more than maxConcurrent, whatever they need', () => {
		const { pool, ask, started, done } = bench({ maxConcurrent: 2, totals: { cpu: 100 } });
		for (const name of ['a', 'b', 'c', 'd']) ask(name, 0);
		expect(started).toEqual(['a', 'b']);
		done('b');
		expect(started).toEqual(['a', 'b', 'c']);
		expect(pool.snapshot().usage.slots).toMatchObject({ total: 2, current: 2, peak: 2 });
	});

	it('takes a place back only once', () => {
		const { pool, ask, running, done } = bench();
		ask('a', 3);
		const allocation = running.get('a')!;
		done('a', 'a');
		expect(pool.snapshot().usage.cpu!.current).toBe(0);
		expect(allocation.state).toBe('released');
	});

	describe('order', () => {
		it('goes by priority, then by arrival', () => {
			const { ask, started, done } = bench({ totals: { cpu: 1 } });
			ask('first');
			const priorities = ['low', 'normal', 'critical', 'high', undefined, 'critical'] as const;
			priorities.forEach((priority, index) => ask(`${priority}${index}`, 1, { priority }));
			while (started.length < 7) done(started.at(-1)!);
			expect(started.slice(1)).toEqual([
				'critical2',
				'critical5',
				'high3',
				'normal1',
				'undefined4',
				'low0',
			]);
		});

		it('lets low pass a fresh critical after 90 seconds', async () => {
			for (const [waited, first] of [
				[89_999, 'critical'],
				[90_000, 'low'],
			] as const) {
				const { runtime, ask, started, done } = bench({ totals: { cpu: 1 } });
				ask('first');
				ask('low', 1, { priority: 'low' });
				await runtime.advance(waited);
				ask('critical', 1, { priority: 'critical' });
				done('first');
				expect(started[1]).toBe(first);
			}
		});

		it('ages faster when told to', async () => {
			const { runtime, ask, started, done } = bench({ totals: { cpu: 1 }, ageingStepMs: 10 });
			ask('first');
			ask('low', 1, { priority: 'low' });
			await runtime.advance(30);
			ask('critical', 1, { priority: 'critical' });
			done('first');
			expect(started[1]).toBe('low');
		});

		it('takes turns by fairness key', () => {
			const { ask, started, done } = bench({ totals: { cpu: 1 } });
			ask('first');
			for (const name of ['a1', 'a2', 'a3', 'b1', 'b2']) ask(name, 1, { fairnessKey: name[0] });
			while (started.length < 6) done(started.at(-1)!);
			expect(started.slice(1)).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
		});

		it('never lets a newcomer jump the queue, even when it fits', () => {
			const { pool, ask, started } = bench({ totals: { cpu: 2 }, maxBypass: 0 });
			ask('a');
			ask('big', 2);
			ask('small');
			expect(started).toEqual(['a']);
			const small = { path: 'x', requirements: { resourceTypes: ['cpu'] } };
			expect(pool.tryAcquire(small)).toBeUndefined();
		});

		it('lets at most maxBypass starts pass one that does not fit, then keeps room for it', () => {
			const { ask, started, done } = bench({ totals: { cpu: 2 }, maxBypass: 2 });
			ask('a');
			ask('big', 2);
			for (const name of ['s1', 's2', 's3']) ask(name);
			expect(started).toEqual(['a', 's1']);
			done('s1');
			expect(started).toEqual(['a', 's1', 's2']);
			done('s2');
			expect(started).toEqual(['a', 's1', 's2']);
			done('a');
			expect(started).toEqual(['a', 's1', 's2', 'big']);
			done('big');
			expect(started).toEqual(['a', 's1', 's2', 'big', 's3']);
		});

		it('passes ten by itself', () => {
			const { ask, started, done } = bench({ totals: { cpu: 2 } });
			ask('a');
			ask('big', 2);
			for (let index = 0; index < 20; index++) ask(`s${index}`);
			while (started.at(-1)!.startsWith('s') && started.length < 11) done(started.at(-1)!);
			expect(started.length).toBe(11);
			done('s9');
			expect(started.length).toBe(11);
		});

		it('keeps room only in what the big one needs', () => {
			const { pool, started } = bench({ totals: { cpu: 2, gpu: 1 }, maxBypass: 0 });
			const ask = (path: string, cpu: number, gpu: number): void =>
				void pool.request(
					{ path, requirements: { cpu, gpu, resourceTypes: ['cpu', 'gpu'] } },
					{ granted: () => started.push(path), refused: () => undefined },
				);
			ask('a', 1, 0);
			ask('big', 2, 0);
			ask('cpu', 1, 0);
			ask('gpu', 0, 1);
			expect(started).toEqual(['a', 'gpu']);
		});

		it('keeps everything when there are only so many places to run', () => {
			const options = { totals: { cpu: 2, gpu: 1 }, maxBypass: 0, maxConcurrent: 9 };
			const { pool, started } = bench(options);
			const ask = (path: string, cpu: number, gpu: number): void =>
				void pool.request(
					{ path, requirements: { cpu, gpu, resourceTypes: ['cpu', 'gpu'] } },
					{ granted: () => started.push(path), refused: () => undefined },
				);
			ask('a', 1, 0);
			ask('big', 2, 0);
			ask('gpu', 0, 1);
			expect(started).toEqual(['a']);
		});

		it('counts only starts that take what the passed one needs', () => {
			const { pool, started, running } = bench({ totals: { cpu: 2, gpu: 9 }, maxBypass: 1 });
			const ask = (path: string, cpu: number, gpu: number): void =>
				void pool.request(
					{ path, requirements: { cpu, gpu, resourceTypes: ['cpu', 'gpu'] } },
					{
						granted: (allocation) => {
							started.push(path);
							running.set(path, allocation);
						},
						refused: () => undefined,
					},
				);
			ask('a', 1, 0);
			ask('big', 2, 0);
			for (const name of ['g1', 'g2', 'g3']) ask(name, 0, 1);
			ask('c1', 1, 0);
			expect(started).toEqual(['a', 'g1', 'g2', 'g3', 'c1']);
			ask('c2', 1, 0);
			running.get('c1')!.release();
			expect(started.at(-1)).toBe('c1');
		});

		it('looks only so far for one that fits', () => {
			for (const [lookAhead, found] of [
				[2, false],
				[3, true],
			] as const) {
				const { ask, started } = bench({ totals: { cpu: 4 }, lookAhead });
				ask('a', 3);
				for (const name of ['b1', 'b2', 'b3']) ask(name, 2);
				ask('small', 1);
				expect(started).toEqual(found ? ['a', 'small'] : ['a']);
			}
		});

		it('says of nobody that it waits who started at once, past others', () => {
			const { ask, events, runtime, started } = bench({ totals: { cpu: 2 } });
			ask('a');
			ask('big', 2);
			ask('small', 1, { requirements: { scheduleToStartMs: 100 } });
			expect(started).toEqual(['a', 'small']);
			expect(events).toEqual([{ type: 'waiting', path: 'big' }]);
			expect(runtime.pendingTimers).toBe(0);
		});

		it('starts any number that end at once, without ever deeper calls', () => {
			const { pool, ask, done } = bench({ totals: { cpu: 1 } });
			let ended = 0;
			ask('first');
			for (let index = 0; index < 20_000; index++) {
				pool.request(
					{ path: `${index}`, requirements: { resourceTypes: ['cpu'] } },
					{
						granted: (allocation) => {
							ended++;
							allocation.release();
						},
						refused: () => undefined,
					},
				);
			}
			done('first');
			expect([ended, pool.waiting, pool.running]).toEqual([20_000, 0, 0]);
		});
	});

	describe('leaving the queue', () => {
		it('frees the way for the next at once', () => {
			const { ask, started, refused, pool } = bench({ totals: { cpu: 2 }, maxBypass: 0 });
			ask('a');
			const big = ask('big', 2);
			ask('small');
			expect(big.isWaiting).toBe(true);
			big.cancel(new AbortError('Not needed.'));
			expect(started).toEqual(['a', 'small']);
			expect(refused.big).toMatchObject({ message: 'Not needed.' });
			expect(big.isWaiting).toBe(false);
			expect(pool.snapshot().usage.cpu!.failedAllocations).toBe(1);
			big.cancel();
			expect(pool.snapshot().usage.cpu!.failedAllocations).toBe(1);
		});

		it('does nothing to what has started', () => {
			const { ask, refused, pool } = bench();
			ask('a').cancel();
			expect([pool.running, Object.keys(refused)]).toEqual([1, []]);
		});

		it('is an abort unless told otherwise', () => {
			const { ask, refused } = bench({ totals: { cpu: 1 } });
			ask('a');
			ask('b').cancel();
			expect(refused.b).toMatchObject({ code: 'ABORTED', message: 'The work was cancelled.' });
		});

		it('happens when the caller aborts, with its reason', async () => {
			const { pool, ask, runtime } = bench({ totals: { cpu: 1 } });
			ask('a');
			const controller = new AbortController();
			const remove = jest.spyOn(controller.signal, 'removeEventListener');
			const request = { path: 'b', requirements: { resourceTypes: ['cpu'] } };
			const waiting = pool.acquire(request, controller.signal);
			controller.abort('stop');
			await expect(waiting).rejects.toMatchObject({ errorClass: 'abort', cause: 'stop' });
			await expect(pool.acquire(request, controller.signal)).rejects.toMatchObject({
				errorClass: 'abort',
			});
			expect(remove).toHaveBeenCalledWith('abort', expect.any(Function));
			expect([pool.waiting, runtime.pendingTimers]).toEqual([0, 0]);
		});

		it('leaves no listener when a place was granted', async () => {
			const { pool, ask, done } = bench({ totals: { cpu: 1 } });
			const { signal } = new AbortController();
			const [add, remove] = [
				jest.spyOn(signal, 'addEventListener'),
				jest.spyOn(signal, 'removeEventListener'),
			];
			const request = { path: 'b', requirements: { resourceTypes: ['cpu'] } };
			(await pool.acquire(request, signal)).release();
			expect(add).not.toHaveBeenCalled();
			ask('a');
			const waiting = pool.acquire(request, signal);
			expect(add).toHaveBeenCalledTimes(1);
			done('a');
			await waiting;
			expect(remove).toHaveBeenLastCalledWith('abort', expect.any(Function));
		});

		it('happens after scheduleToStartMs, and leaves no timer otherwise', async () => {
			const { ask, refused, runtime, done, started, pool } = bench({ totals: { cpu: 1 } });
			ask('a');
			const requirements = { scheduleToStartMs: 100 };
			ask('late', 1, { requirements });
			await runtime.advance(99);
			expect(refused).toEqual({});
			await runtime.advance(1);
			expect(refused.late).toMatchObject({
				code: 'TIMEOUT',
				retryable: false,
				details: { kind: 'scheduleToStart', limitMs: 100 },
			});
			ask('b', 1, { requirements });
			ask('c', 1, { requirements }).cancel();
			expect(runtime.pendingTimers).toBe(1);
			done('a');
			expect(started).toEqual(['a', 'b']);
			expect([pool.waiting, runtime.pendingTimers]).toEqual([0, 0]);
			ask('now', 0, { requirements });
			expect(runtime.pendingTimers).toBe(0);
		});
	});

	describe('quotas', () => {
		const quotas = [
			{ key: 'kind:agent', limits: { cpu: 2 } },
			{ key: 'host:slow', maxConcurrent: 1 },
			{ key: 'host:*', maxConcurrent: 2 },
		];
		const agent = { quotaKeys: ['kind:agent'] };

		it('hold back what exceeds them, and let others pass', () => {
			const { ask, started, done } = bench({ totals: { cpu: 9 }, quotas });
			ask('a1', 1, agent);
			ask('a2', 1, agent);
			ask('a3', 1, agent);
			ask('a4', 1, agent);
			ask('free');
			expect(started).toEqual(['a1', 'a2', 'free']);
			done('free');
			expect(started).toEqual(['a1', 'a2', 'free']);
			done('a1');
			expect(started).toEqual(['a1', 'a2', 'free', 'a3']);
			done('a3', 'a2');
			expect(started).toEqual(['a1', 'a2', 'free', 'a3', 'a4']);
		});

		it('refuse at once what could not start even alone', () => {
			const { ask, pool } = bench({ totals: { cpu: 9 }, quotas });
			expect(() => ask('a', 3, agent)).toThrow(
				expect.objectContaining({
					code: 'QUOTA_EXCEEDED',
					errorClass: 'validation',
					message: 'The step needs 3 of "cpu", but the quota "kind:agent" allows 2 in all.',
					hint: 'Ask for less or raise the quota.',
					details: { key: 'kind:agent', type: 'cpu', needed: 3, limit: 2 },
				}),
			);
			ask('b', 2, agent);
			expect(pool.running).toBe(1);
		});

		it('count each key of a pattern on its own, and the first that covers it', () => {
			const { ask, started } = bench({ totals: { cpu: 9 }, quotas });
			for (const host of ['a', 'a', 'a', 'b', 'slow', 'slow']) {
				ask(`${host}${started.length}`, 1, { quotaKeys: [`host:${host}`] });
			}
			expect(started).toEqual(['a0', 'a1', 'b2', 'slow3']);
		});

		it('hold for all keys of a step', () => {
			const { ask, started, done } = bench({ totals: { cpu: 9 }, quotas });
			ask('a', 2, agent);
			ask('b', 1, { quotaKeys: ['host:slow'] });
			ask('both', 1, { quotaKeys: ['kind:agent', 'host:slow', 'unknown'] });
			done('a');
			expect(started).toEqual(['a', 'b']);
			done('b');
			expect(started).toEqual(['a', 'b', 'both']);
		});

		it('are free for keys that none covers', () => {
			const { ask, started } = bench({ totals: { cpu: 3 }, quotas });
			const quotaKeys = ['kind:http', 'hos', 'kind:agents'];
			for (const name of ['a', 'b', 'c']) ask(name, 1, { quotaKeys });
			expect(started).toEqual(['a', 'b', 'c']);
		});

		it('are released by a cancel too', () => {
			const { ask, started, done } = bench({ totals: { cpu: 9 }, quotas });
			ask('a', 2, agent);
			const waiting = ask('b', 2, agent);
			ask('c', 2, agent);
			waiting.cancel();
			expect(started).toEqual(['a']);
			done('a');
			expect(started).toEqual(['a', 'c']);
			done('c');
			ask('d', 2, agent);
			expect(started).toEqual(['a', 'c', 'd']);
		});

		it('make steps queue behind one another, even those that need less', () => {
			const { ask, started, done } = bench({ totals: { cpu: 9 }, quotas });
			ask('a', 1, agent);
			ask('b', 2, agent);
			ask('c', 1, agent);
			expect(started).toEqual(['a']);
			done('a');
			expect(started).toEqual(['a', 'b']);
		});

		it('name the type that is too much', () => {
			const both = [{ key: 'both', maxConcurrent: 1, limits: { cpu: 2 } }];
			const { ask } = bench({ totals: { cpu: 9 }, quotas: both });
			expect(() => ask('a', 3, { quotaKeys: ['both'] })).toThrow('needs 3 of "cpu"');
		});

		it('hold for places that were taken without waiting', () => {
			const { pool } = bench({ totals: { cpu: 9 }, quotas });
			const request = { path: 'x', ...agent, requirements: { cpu: 2, resourceTypes: ['cpu'] } };
			const first = pool.tryAcquire(request);
			expect([first?.state, pool.tryAcquire(request)]).toEqual(['held', undefined]);
			first!.release();
			expect(pool.tryAcquire(request)).toBeDefined();
		});

		it('do not count an attempt to get a place that failed', () => {
			const { pool, ask, started } = bench({ totals: { cpu: 2 }, quotas });
			ask('a', 2);
			const request = { path: 'x', ...agent, requirements: { resourceTypes: ['cpu'] } };
			expect(pool.tryAcquire(request)).toBeUndefined();
			expect(started).toEqual(['a']);
		});
	});

	describe('rate', () => {
		it('spaces starts out, and leaves no timer behind', async () => {
			const { ask, started, runtime } = bench({
				totals: { cpu: 99 },
				rate: [{ limit: 2, perMs: 100 }],
			});
			const at: number[] = [];
			for (let index = 0; index < 5; index++) ask(`${index}`);
			for (let now = 0; now <= 150; now += 50) {
				at.push(started.length);
				await runtime.advance(50);
			}
			expect(at).toEqual([2, 3, 4, 5]);
			expect(runtime.pendingTimers).toBe(0);
		});

		it('takes its timer back when the last one leaves', () => {
			const { ask, runtime } = bench({ totals: { cpu: 9 }, rate: [{ limit: 1, perMs: 100 }] });
			ask('a');
			const [b, c] = [ask('b'), ask('c')];
			expect(runtime.pendingTimers).toBe(1);
			b.cancel();
			expect(runtime.pendingTimers).toBe(1);
			c.cancel();
			expect(runtime.pendingTimers).toBe(0);
		});

		it('keeps all limits', async () => {
			const { ask, started, runtime } = bench({
				totals: { cpu: 9 },
				rate: [
					{ limit: 1, perMs: 10 },
					{ algorithm: 'sliding_window', limit: 2, perMs: 100 },
				],
			});
			for (let index = 0; index < 3; index++) ask(`${index}`);
			await runtime.advance(99);
			expect(started.length).toBe(2);
			await runtime.advance(1);
			expect(started.length).toBe(3);
		});
	});

	describe('pre-emption', () => {
		const preemption = { totals: { cpu: 2 }, preemption: true };

		/** A pool in which this runs since 10 ms. */
		async function busy(
			requests: Array<[string, number, Partial<PoolRequest> & { priority?: Priority }]>,
		): Promise<Bench & { causes: Record<string, Cause> }> {
			const made = bench(preemption);
			const causes: Record<string, Cause> = {};
			for (const [path, cpu, more] of requests) {
				const onPreempt = (cause: Cause): void => void (causes[path] = cause);
				made.ask(path, cpu, { preemptible: true, onPreempt, ...more });
			}
			await made.runtime.advance(10);
			return { ...made, causes };
		}

		it('stops lower work; the place moves when the victim has settled', async () => {
			const { ask, started, causes, done, running, pool, events, runtime } = await busy([
				['low', 2, { priority: 'low' }],
			]);
			ask('high', 2, { priority: 'high' });
			expect(causes.low).toEqual({
				kind: 'preempted',
				message: 'Makes room for "high", whose priority is high.',
				at: runtime.now(),
			});
			expect(started).toEqual(['low']);
			expect(running.get('low')!.isPreempted).toBe(true);
			expect(pool.snapshot().preempted).toEqual(['low']);
			expect(events.map(({ type, path }) => `${type} ${path}`)).toEqual([
				'preempted low',
				'waiting high',
			]);
			done('low');
			expect(started).toEqual(['low', 'high']);
			expect(running.get('low')!.isPreempted).toBe(true);
			expect(running.get('high')!.isPreempted).toBe(false);
			expect(pool.snapshot().preempted).toEqual([]);
		});

		it('lets nobody else have the place meanwhile', async () => {
			const { ask, started, done } = await busy([
				['low1', 1, { priority: 'low' }],
				['low2', 1, { priority: 'low' }],
			]);
			ask('high', 2, { priority: 'high' });
			ask('small', 1);
			done('low1');
			expect(started).toEqual(['low1', 'low2']);
			done('low2');
			expect(started).toEqual(['low1', 'low2', 'high']);
		});

		it('happens when the victim stops while it is told', async () => {
			const made = bench(preemption);
			const { ask, started, done, runtime } = made;
			ask('low', 2, { priority: 'low', preemptible: true, onPreempt: () => done('low') });
			await runtime.advance(1);
			ask('high', 2, { priority: 'high' });
			expect(started).toEqual(['low', 'high']);
		});

		it('spares those it need not stop: the cheapest go', async () => {
			const { ask, causes } = await busy([
				['normal', 1, { priority: 'normal' }],
				['low', 1, { priority: 'low' }],
			]);
			ask('critical', 1, { priority: 'critical' });
			expect(Object.keys(causes)).toEqual(['low']);
			const byProgress = await busy([
				['far', 1, { priority: 'low', progress: () => 0.9 }],
				['fresh', 1, { priority: 'low' }],
			]);
			byProgress.ask('critical', 1, { priority: 'critical' });
			expect(Object.keys(byProgress.causes)).toEqual(['fresh']);
		});

		it.each([
			['of the same class', { priority: 'high' as const }],
			['that may not be stopped', { priority: 'low' as const, preemptible: false }],
			['that does not say it may be stopped', { priority: 'low' as const, preemptible: undefined }],
			['that had to stop twice before', { priority: 'low' as const, preemptions: 2 }],
		])('leaves work alone %s', async (_, more) => {
			const { ask, causes, started } = await busy([['running', 2, more]]);
			ask('high', 2, { priority: 'high' });
			expect([Object.keys(causes), started]).toEqual([[], ['running']]);
		});

		it('stops work that had to stop once before', async () => {
			const { ask, causes } = await busy([['a', 2, { priority: 'low', preemptions: 1 }]]);
			ask('high', 2, { priority: 'high' });
			expect(Object.keys(causes)).toEqual(['a']);
		});

		it('leaves work alone in the middle of a side effect, or that has only just started', async () => {
			const { ask, causes, running } = await busy([['a', 2, { priority: 'low' }]]);
			running.get('a')!.inSideEffect = true;
			ask('high', 2, { priority: 'high' });
			expect(causes).toEqual({});
			const made = bench(preemption);
			const onPreempt = jest.fn();
			made.ask('a', 2, { priority: 'low', preemptible: true, onPreempt });
			made.ask('high', 2, { priority: 'high' });
			expect(onPreempt).not.toHaveBeenCalled();
		});

		it('does not happen unless it is switched on, or when it would not be enough', async () => {
			const off = bench({ totals: { cpu: 2 } });
			const onPreempt = jest.fn();
			off.ask('low', 2, { priority: 'low', preemptible: true, onPreempt });
			await off.runtime.advance(10);
			off.ask('high', 2, { priority: 'high' });
			expect(onPreempt).not.toHaveBeenCalled();
			const { ask, causes } = await busy([
				['low', 1, { priority: 'low' }],
				['fixed', 1, { priority: 'high' }],
			]);
			ask('high', 2, { priority: 'high' });
			expect(causes).toEqual({});
		});

		it('asks nobody twice, and works without anybody listening', async () => {
			const made = bench(preemption);
			made.ask('low', 2, { priority: 'low', preemptible: true });
			await made.runtime.advance(10);
			made.ask('high', 2, { priority: 'high' });
			made.ask('critical', 2, { priority: 'critical' });
			expect(made.events.filter(({ type }) => type === 'preempted')).toHaveLength(1);
			made.done('low');
			expect(made.started).toEqual(['low', 'critical']);
		});

		it('lets others pass again once its victims have settled', async () => {
			const { ask, started, done } = await busy([['low', 2, { priority: 'low' }]]);
			ask('high', 2, { priority: 'high' });
			ask('critical', 1, { priority: 'critical' });
			done('low');
			ask('small', 1);
			expect(started).toEqual(['low', 'critical', 'small']);
		});

		it('works for steps that say nothing of what they need', async () => {
			const made = bench({ maxConcurrent: 1, preemption: true });
			const causes: Cause[] = [];
			const handlers = { granted: () => undefined, refused: () => undefined };
			const low = { requirements: { priority: 'low' as const }, preemptible: true };
			const onPreempt = (cause: Cause): void => void causes.push(cause);
			made.pool.request({ path: 'low', ...low, onPreempt }, handlers);
			await made.runtime.advance(1);
			made.pool.request({ path: 'plain' }, handlers);
			expect(causes.map(({ message }) => message)).toEqual([
				'Makes room for "plain", whose priority is normal.',
			]);
		});

		it('names the normal priority when none was given', async () => {
			const { ask, causes } = await busy([['low', 2, { priority: 'low' }]]);
			ask('plain', 2);
			expect(causes.low!.message).toBe('Makes room for "plain", whose priority is normal.');
		});
	});

	describe('zombies', () => {
		it('lose their place after abandonMs, and are shown until they settle', async () => {
			const { pool, ask, started, running, runtime, events } = bench({
				totals: { cpu: 1 },
				abandonMs: 500,
			});
			ask('stuck');
			ask('next');
			let settle: () => void = () => undefined;
			const body = new Promise<void>((resolve) => (settle = resolve));
			const allocation = running.get('stuck')!;
			allocation.releaseAfter(body);
			await runtime.advance(499);
			expect(started).toEqual(['stuck']);
			await runtime.advance(1);
			expect(started).toEqual(['stuck', 'next']);
			expect(allocation.state).toBe('zombie');
			expect(pool.snapshot().zombies).toEqual(['stuck']);
			expect(events.at(-1)).toEqual({ type: 'zombie', path: 'stuck' });
			settle();
			await runtime.drain();
			expect(pool.snapshot().zombies).toEqual([]);
			expect(pool.snapshot().usage.cpu!.current).toBe(1);
		});

		it('are none when the body settles in time, well or not', async () => {
			const { pool, ask, running, runtime } = bench();
			for (const body of [Promise.resolve(), Promise.reject(new Error('x'))]) {
				ask('a');
				running.get('a')!.releaseAfter(body);
				await runtime.drain();
				expect([pool.running, runtime.pendingTimers]).toEqual([0, 0]);
			}
			expect(pool.snapshot().zombies).toEqual([]);
		});

		it('are none when the place was given back before', async () => {
			const { pool, ask, running, runtime, done } = bench({ totals: { cpu: 1 } });
			ask('a');
			running.get('a')!.releaseAfter(new Promise(() => undefined));
			done('a');
			ask('b');
			await runtime.advance(30_000);
			expect(pool.snapshot()).toMatchObject({ zombies: [], usage: { cpu: { current: 1 } } });
		});

		it('cannot come of a place that was given back', async () => {
			const { pool, ask, running, runtime, done } = bench();
			ask('a');
			const allocation = running.get('a')!;
			done('a');
			allocation.abandon();
			allocation.abandonLater();
			expect([runtime.pendingTimers, allocation.state]).toEqual([0, 'released']);
			expect(pool.snapshot().zombies).toEqual([]);
			await runtime.drain();
		});

		it('have thirty seconds by default', async () => {
			const runtime = new VirtualRuntime();
			const pool = new ResourcePool({}, runtime);
			pool.tryAcquire({ path: 'a' })!.releaseAfter(new Promise(() => undefined));
			await runtime.advance(29_999);
			expect(pool.running).toBe(1);
			await runtime.advance(1);
			expect(pool.running).toBe(0);
		});
	});

	it('gives no place at once to what a limit outside keeps out', () => {
		const pool = new ResourcePool({}, new VirtualRuntime());
		let hasRoom = false;
		const limit = { key: 'run', hasRoom: () => hasRoom };
		expect(pool.tryAcquire({ path: 'a', limit })).toBeUndefined();
		hasRoom = true;
		expect(pool.tryAcquire({ path: 'a', limit })).toBeDefined();
	});

	it('shows what runs and waits, and what it has done', async () => {
		const { pool, ask, runtime, done } = bench({ name: 'shared', totals: { cpu: 2 } });
		await runtime.advance(5);
		ask('a', 2);
		ask('b', 1.5, { priority: 'high' });
		await runtime.advance(20);
		done('a');
		ask('c', 1);
		const snapshot = pool.snapshot();
		expect(snapshot).toMatchObject({
			name: 'shared',
			allocations: { b: { since: 25, holds: { cpu: 1.5 } } },
			waiting: [{ path: 'c', since: 25, needs: { cpu: 1 }, priority: 'normal' }],
			preempted: [],
			zombies: [],
		});
		expect(snapshot.usage.cpu).toEqual({
			total: 2,
			current: 1.5,
			peak: 2,
			totalAllocations: 2,
			failedAllocations: 0,
			totalWaitMs: 20,
		});
		expect(Object.keys(snapshot.allocations)).toEqual(['b']);
		ask('d', 1).cancel();
		expect(pool.snapshot().usage.cpu!.failedAllocations).toBe(1);
		const untouched = { peak: 0, totalAllocations: 0, failedAllocations: 0, totalWaitMs: 0 };
		expect(pool.snapshot().usage.memoryMb).toMatchObject(untouched);
		expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
	});

	it.each([
		[{ totals: { cpu: -1 } }],
		[{ maxConcurrent: 0 }],
		[{ ageingStepMs: 0 }],
		[{ maxBypass: -1 }],
		[{ maxBypass: 0.5 }],
		[{ lookAhead: 0 }],
		[{ lookAhead: 1.5 }],
		[{ abandonMs: -1 }],
		[{ quotas: [{ key: '' }] }],
		[{ quotas: [{ key: 'a', limit: 1 }] }],
		[{ quotas: [{ key: 'a', limits: { cpu: -1 } }] }],
		[{ quotas: [{ key: 'a', maxConcurrent: -1 }] }],
		[{ cpus: 4 }],
	])('refuses the options %j', (options) => {
		expect(() => bench(options as ResourcePoolOptions)).toThrow(/^Resource pool options: /);
	});

	it('keeps its promises for any work: within the totals, nothing lost, nothing left', async () => {
		const task = fc.record({
			cpu: fc.integer({ min: 0, max: 4 }),
			gpu: fc.integer({ min: 0, max: 2 }),
			priority: fc.constantFrom<Priority>('low', 'normal', 'high', 'critical'),
			key: fc.constantFrom('a', 'b', undefined),
			agent: fc.boolean(),
			durationMs: fc.integer({ min: 0, max: 50 }),
			gapMs: fc.integer({ min: 0, max: 10 }),
			cancelled: fc.boolean(),
		});
		await fc.assert(
			fc.asyncProperty(fc.array(task, { maxLength: 40 }), fc.boolean(), async (tasks, preempt) => {
				const runtime = new VirtualRuntime();
				const pool = new ResourcePool(
					{
						totals: { cpu: 4, gpu: 2 },
						maxConcurrent: 5,
						maxBypass: 3,
						preemption: preempt,
						quotas: [{ key: 'agent', maxConcurrent: 2 }],
					},
					runtime,
				);
				let [agents, ended] = [0, 0];
				const run = async (index: number, preemptions: number): Promise<void> => {
					const { cpu, gpu, priority, key, agent, durationMs, cancelled } = tasks[index]!;
					const controller = new AbortController();
					let preempted: () => void = () => undefined;
					const stop = new Promise<void>((resolve) => (preempted = resolve));
					const waiting = pool.acquire(
						{
							path: `${index}`,
							requirements: { cpu, gpu, priority, resourceTypes: ['cpu', 'gpu'] },
							fairnessKey: key,
							quotaKeys: agent ? ['agent'] : undefined,
							preemptible: true,
							preemptions,
							onPreempt: preempted,
						},
						controller.signal,
					);
					if (cancelled && preemptions === 0) controller.abort();
					const allocation = await waiting.catch(() => undefined);
					if (allocation === undefined) return;
					if (agent) agents++;
					const { usage } = pool.snapshot();
					for (const { current, total } of Object.values(usage)) {
						expect(current).toBeLessThanOrEqual(total ?? Infinity);
						expect(current).toBeGreaterThanOrEqual(0);
					}
					expect(agents).toBeLessThanOrEqual(2);
					await Promise.race([runtime.sleep(durationMs), stop]);
					if (agent) agents--;
					allocation.release();
					if (allocation.isPreempted) await run(index, preemptions + 1);
				};
				const all: Array<Promise<unknown>> = [];
				for (const [index, { gapMs }] of tasks.entries()) {
					all.push(run(index, 0).then(() => ended++));
					await runtime.advance(gapMs);
				}
				await runtime.until(Promise.all(all));
				expect(ended).toBe(tasks.length);
				const { usage } = pool.snapshot();
				expect(Object.values(usage).map(({ current }) => current)).toEqual(
					Object.values(usage).map(() => 0),
				);
				expect([pool.running, pool.waiting]).toEqual([0, 0]);
			}),
			{ numRuns: 120 },
		);
	});

	it('starts exactly what a plain reading of the rules would start', () => {
		const command = fc.oneof(
			fc.record({
				cpu: fc.integer({ min: 1, max: 4 }),
				priority: fc.integer({ min: 0, max: 3 }),
			}),
			fc.record({ finish: fc.nat() }),
		);
		const names = ['low', 'normal', 'high', 'critical'] as const;
		fc.assert(
			fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
				const { ask, started, done, running } = bench({ totals: { cpu: 4 }, maxBypass: 2 });
				const waiting: Array<{ path: string; cpu: number; rank: number; bypassed: number }> = [];
				const runs = new Map<string, number>();
				const expected: string[] = [];
				const dispatch = (): void => {
					for (;;) {
						const free = 4 - [...runs.values()].reduce((sum, cpu) => sum + cpu, 0);
						const ranked = [...waiting].sort((a, b) => b.rank - a.rank);
						const at = ranked.findIndex(({ cpu }) => cpu <= free);
						if (at < 0 || ranked.slice(0, at).some(({ bypassed }) => bypassed >= 2)) return;
						for (const passed of ranked.slice(0, at)) passed.bypassed++;
						const [next] = waiting.splice(waiting.indexOf(ranked[at]!), 1);
						runs.set(next!.path, next!.cpu);
						expected.push(next!.path);
					}
				};
				commands.forEach((each, index) => {
					if ('cpu' in each) {
						const path = `${index}`;
						waiting.push({ path, cpu: each.cpu, rank: each.priority, bypassed: 0 });
						dispatch();
						ask(path, each.cpu, { priority: names[each.priority] });
					} else if (runs.size > 0) {
						const path = [...runs.keys()][each.finish % runs.size]!;
						runs.delete(path);
						dispatch();
						done(path);
						running.delete(path);
					}
					expect(started).toEqual(expected);
				});
			}),
			{ numRuns: 200 },
		);
	});
});
