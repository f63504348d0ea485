import {
	MemoryJournal,
	ResourcePool,
	restoreGraph,
	defineGraph,
	startGraph,
	type BodyContext,
	type GraphStep,
	type Journal,
} from '../../../lib';
import {
	current,
	freshRuntime,
	full,
	ok,
	start,
	started,
	statuses,
	stubborn,
	takes,
	type Steps,
} from './play';

beforeEach(() => void freshRuntime());
const begin = (steps: Steps, options = {}) => start(steps, { runtime: current, ...options });

const needs = (cpu: number, run: GraphStep['run'] = takes(10), more: object = {}): GraphStep => ({
	run,
	resources: { cpu, resourceTypes: ['cpu'], ...more },
});

describe('a run that shares a pool and has few places of its own', () => {
	it('holds nothing of the pool that it cannot use, so that two runs do not wait for each other', async () => {
		const pool = new ResourcePool({ totals: { cpu: 1 } }, current);
		const others = await pool.acquire({ path: 'others', requirements: { cpu: 1 } });
		const { run, end } = begin(
			{
				waits: needs(1),
				// It takes the only place of the run, and what it does needs the pool, too.
				inner: {
					run: async () => {
						const allocation = await pool.acquire({ path: 'inner', requirements: { cpu: 1 } });
						allocation.release();
					},
				},
			},
			{ pool, maxConcurrent: 1 },
		);
		await current.drain();
		expect(statuses(run)).toEqual({ waits: 'queued', inner: 'running' });
		others.release();
		expect((await end()).status).toBe('completed');
		expect([pool.running, pool.waiting]).toEqual([0, 0]);
	});

	it('keeps its turn in the pool while it has no place: others pass, and it is first again', async () => {
		const pool = new ResourcePool({ totals: { cpu: 1 } }, current);
		const others = await pool.acquire({ path: 'others', requirements: { cpu: 1 } });
		const log: string[] = [];
		const sinks = [
			({ type, stepPath }: { type: string; stepPath?: string }) => {
				if (type === 'step.started') log.push(stepPath!);
			},
		];
		const graph = (steps: Steps) => defineGraph({ name: 'test', steps: full(steps) });
		const first = startGraph(graph({ a: needs(1), busy: takes(30) }), {
			runtime: current,
			runId: 'first',
			pool,
			maxConcurrent: 1,
			sinks,
		});
		await current.drain();
		const second = startGraph(graph({ b: needs(1), c: needs(1), d: needs(1), e: needs(1) }), {
			runtime: current,
			runId: 'second',
			pool,
			sinks,
		});
		await current.advance(5);
		others.release();
		await current.until(Promise.all([first.result, second.result]));
		expect(log).toEqual(['busy', 'b', 'c', 'd', 'a', 'e']);
	});

	it('does not start what was cancelled in the moment in which the pool had room for it', async () => {
		const pool = new ResourcePool({ totals: { cpu: 1 } }, current);
		const others = await pool.acquire({ path: 'others', requirements: { cpu: 1 } });
		const { run, log, end } = begin(
			{
				a: needs(1),
				x: () => {
					others.release();
					run.cancelStep('a');
				},
			},
			{ pool },
		);
		await end();
		expect([started(log), statuses(run).a, pool.running]).toEqual([['x'], 'cancelled', 0]);
	});

	it('leaves the queue of the pool when it is released', async () => {
		const pool = new ResourcePool({ totals: { cpu: 1 } }, current);
		const others = await pool.acquire({ path: 'others', requirements: { cpu: 1 } });
		const { run } = begin({ a: needs(1) }, { pool });
		await current.drain();
		await current.until(run.pause());
		run.release();
		expect(pool.waiting).toBe(0);
		others.release();
		expect([pool.running, statuses(run).a]).toEqual([0, 'queued']);
	});
});

describe('the line for a place in the run', () => {
	const prio = (priority?: string, run = takes(10)): GraphStep =>
		({ run, resources: { ...(priority && { priority }) } }) as GraphStep;

	it('lets the more important go first, then the earlier', async () => {
		const { log, run, end } = begin(
			{
				first: takes(10),
				plain: takes(10),
				low: prio('low'),
				normal: prio('normal'),
				critical: prio('critical'),
				unsaid: prio(),
				high: prio('high'),
			},
			{ maxConcurrent: 1 },
		);
		await current.drain();
		const order = ['high', 'first', 'plain', 'normal', 'unsaid', 'low'];
		expect(run.checkpoint().queue).toEqual(order);
		await end();
		expect(started(log)).toEqual(['critical', ...order]);
	});

	it('raises who has waited long, so that nobody waits for ever', async () => {
		const { log, run, end } = begin(
			{ busy: takes(100_000), low: prio('low'), last: prio('normal') },
			{ maxConcurrent: 1 },
		);
		await current.advance(90_001);
		run.addStep('critical', prio('critical'));
		run.addStep('more', prio('critical'));
		await end();
		expect(started(log)).toEqual(['busy', 'low', 'last', 'critical', 'more']);
	});
});

describe('a place in the pool', () => {
	it('is a zombie’s until its body settles', async () => {
		for (const cancel of [false, true]) {
			freshRuntime();
			const pool = new ResourcePool({ totals: { cpu: 1 } }, current);
			const slow = needs(1, stubborn(500));
			const { run, runtime } = begin(
				{ a: cancel ? slow : { ...slow, timeouts: { startToCloseMs: 10 } }, other: takes(600) },
				{ pool, abandonMs: 20 },
			);
			await runtime.advance(10);
			if (cancel) run.cancelStep('a');
			await runtime.advance(20);
			expect(pool.snapshot().zombies).toEqual(['run/a']);
			expect([pool.running, run.metrics.zombies]).toEqual([0, 1]);
			await runtime.advance(470);
			expect([pool.snapshot().zombies, run.metrics.zombies]).toEqual([[], 0]);
		}
	});

	it('is given back in time also by a body that outlives the run', async () => {
		const pool = new ResourcePool({ totals: { cpu: 1 }, abandonMs: 40 }, current);
		const { run, runtime } = begin(
			{ a: { ...needs(1, stubborn(500)), timeouts: { startToCloseMs: 10 } } },
			{ pool },
		);
		await runtime.advance(10);
		expect([run.status, pool.running]).toEqual(['failed', 1]);
		await runtime.advance(40);
		expect([pool.running, pool.snapshot().zombies]).toEqual([0, ['run/a']]);
		await runtime.advance(450);
		expect([pool.snapshot().zombies, runtime.pendingTimers]).toEqual([[], 0]);
	});

	it('of a body that has lost its attempt while that is recorded becomes a zombie’s afterwards', async () => {
		const pool = new ResourcePool({ totals: { cpu: 1 } }, current);
		const journal: Journal = Object.assign(new MemoryJournal(), {
			failed: async () => await current.sleep(100),
		});
		const { run, runtime } = begin(
			{ a: { ...needs(1, stubborn(500)), timeouts: { startToCloseMs: 10 } } },
			{ pool, abandonMs: 20, journal },
		);
		await runtime.advance(40);
		expect([statuses(run).a, pool.running, run.metrics.zombies]).toEqual(['running', 1, 1]);
		await runtime.advance(80);
		expect([statuses(run).a, pool.running, pool.snapshot().zombies]).toEqual([
			'timed_out',
			0,
			['run/a'],
		]);
		await runtime.advance(400);
		expect(pool.snapshot().zombies).toEqual([]);
	});

	it('counts for the quota of whoever it is taken for', async () => {
		const quotas = [{ key: 'fairness:*', maxConcurrent: 1 }];
		const pool = new ResourcePool({ totals: { cpu: 9 }, quotas }, current);
		const steps: Steps = { a: needs(1), b: needs(1) };
		const { end } = begin(steps, { pool, fairnessKey: 'customer 7' });
		await end();
		expect(current.monotonic()).toBe(20);
		expect((await pool.acquire({ path: 'x' })).ticket.quotas).toEqual([]);
	});
});

describe('a step that waits for something that is not asked in its run', () => {
	it('holds no place meanwhile, and goes on with one', async () => {
		let tell: (value: string) => void = () => undefined;
		const { run, end, log } = begin(
			{
				a: async (context) =>
					await context.waitElsewhere(async () => await new Promise((resolve) => (tell = resolve))),
				b: takes(20),
			},
			{ maxConcurrent: 1 },
		);
		await current.advance(5);
		expect([run.status, run.requests, statuses(run)]).toEqual([
			'running',
			[],
			{ a: 'waiting', b: 'running' },
		]);
		tell('told');
		await current.drain();
		expect(statuses(run).a).toBe('queued');
		expect((await end()).outputs.a).toBe('told');
		expect(log.filter((line) => line.startsWith('human'))).toEqual([]);
	});

	it('ends as the wait does', async () => {
		const { result } = await begin({
			a: async (context) =>
				await context.waitElsewhere(() => {
					throw new Error('no');
				}),
		})
			.end()
			.then((result) => ({ result }));
		expect(result.error?.message).toBe('Step "a" failed: no');
	});

	it('is not listened to any more when it was cancelled, or its attempt has ended', async () => {
		let tell: (value: string) => void = () => undefined;
		let late: BodyContext | undefined;
		const { run, end, log } = begin({
			a: async (context) => {
				late = context;
				return await context.waitElsewhere(
					async () => await new Promise((resolve) => (tell = resolve)),
				);
			},
			b: takes(50),
		});
		await current.advance(5);
		run.cancelStep('a');
		tell('too late');
		await end();
		expect(statuses(run)).toEqual({ a: 'cancelled', b: 'completed' });
		expect(log.filter((line) => line.startsWith('human'))).toEqual([]);
		await expect(late!.waitElsewhere(ok)).rejects.toThrow('The attempt that asks has ended.');
	});
});

describe('a step that has made room for others', () => {
	const low = (calls: number[]): Steps => ({
		low: {
			...needs(
				1,
				async (context) => {
					calls.push(context.attempt);
					await takes(50)(context);
				},
				{ priority: 'low' },
			),
			preemptible: true,
			retry: { maxAttempts: 2 },
		},
	});
	const claim = async (pool: ResourcePool) => {
		const allocation = await pool.acquire({
			path: 'important',
			requirements: { cpu: 1, priority: 'critical', resourceTypes: ['cpu'] },
		});
		await current.sleep(10);
		allocation.release();
	};

	it('is left alone after two times, also over a restart', async () => {
		const pool = new ResourcePool({ totals: { cpu: 1 }, preemption: true }, current);
		const calls: number[] = [];
		const { run, runtime } = begin(low(calls), { pool });
		for (let i = 0; i < 2; i++) {
			await runtime.advance(5);
			await runtime.until(claim(pool));
		}
		await runtime.advance(5);
		const checkpoint = run.checkpoint();
		expect(checkpoint.steps[0]).toMatchObject({ preemptions: 2, attempt: 1 });
		await runtime.until(run.cancel('moved', { mode: 'abandon' }));
		const graph = defineGraph({ name: 'test', steps: full(low(calls)) });
		const restored = restoreGraph(graph, checkpoint, { runtime, pool });
		await runtime.advance(5);
		const late = claim(pool);
		await runtime.advance(5);
		expect(pool.snapshot().preempted).toEqual([]);
		await runtime.until(late);
		expect(restored.status).toBe('completed');
	});

	it.each(['at once', 'slow'] as const)(
		'has not spent an attempt, even if the process ends then (journal: %s)',
		async (kind) => {
			const memory = new MemoryJournal();
			const journal: Journal = {
				find: (path, hash) => memory.find(path, hash),
				completed: (path, hash, result) => memory.completed(path, hash, result),
				failed: (path, hash, attempt, error) => memory.failed(path, hash, attempt, error),
				started: (path, hash, attempt) => {
					if (kind === 'at once') return memory.started(path, hash, attempt);
					return current.sleep(3).then(() => memory.started(path, hash, attempt));
				},
			};
			const calls: number[] = [];
			const { run, runtime } = begin(low(calls), { journal });
			await runtime.advance(10);
			const checkpoint = await runtime.until(run.pause('immediate'));
			expect(checkpoint.steps[0]).toMatchObject({ status: 'queued', attempt: 0 });
			run.release();
			const graph = defineGraph({ name: 'test', steps: full(low(calls)) });
			const restored = restoreGraph(graph, checkpoint, { runtime, journal });
			await runtime.until(restored.result);
			expect(calls).toEqual([1, 1]);
			expect(memory.all().map(({ path }) => path)).toEqual(['low', '$run']);
		},
	);

	it.each<[string, () => Promise<void>]>([
		['rejects', async () => await Promise.reject(new Error('full'))],
		[
			'throws',
			() => {
				throw new Error('full');
			},
		],
	])('gets in line again although the journal %s', async (_, fail) => {
		let starts = 0;
		const journal: Journal = Object.assign(new MemoryJournal(), {
			started: () => (++starts === 2 ? fail() : undefined),
		});
		const calls: number[] = [];
		const { run, runtime, end } = begin(low(calls), { journal });
		await runtime.advance(10);
		await runtime.until(run.pause('immediate'));
		run.resume();
		expect((await end()).status).toBe('completed');
		expect(calls).toEqual([1, 1]);
	});

	it('may be cancelled while it is being recorded', async () => {
		let starts = 0;
		const journal: Journal = Object.assign(new MemoryJournal(), {
			started: (path: string) => (path === 'low' && ++starts === 2 ? current.sleep(50) : undefined),
		});
		const { run, runtime, end, log } = begin({ ...low([]), other: takes(500) }, { journal });
		await runtime.advance(10);
		void run.pause('immediate');
		await runtime.advance(10);
		expect([run.status, statuses(run).low]).toEqual(['pausing', 'queued']);
		expect(run.cancelStep('low')).toBe(true);
		run.resume();
		await end();
		expect(started(log)).toEqual(['other', 'low']);
		expect(statuses(run)).toEqual({ low: 'cancelled', other: 'completed' });
	});
});

describe('a step whose result may have expired', () => {
	it('has it again when it expired while the step waited for the pool', async () => {
		const pool = new ResourcePool({ totals: { cpu: 1 } }, current);
		const others = await pool.acquire({ path: 'others', requirements: { cpu: 1 } });
		const { log, runtime, run, end } = begin(
			{
				fresh: { run: ok },
				use: {
					...needs(1),
					dependsOn: [{ on: 'fresh', lifecycle: 'temporary', expiryMs: 50 }],
					timeouts: { scheduleToStartMs: 120 },
				},
			},
			{ pool },
		);
		await runtime.advance(100);
		others.release();
		await runtime.advance(5);
		expect(started(log)).toEqual(['fresh', 'fresh#2', 'use']);
		expect(pool.running).toBe(1);
		await runtime.advance(5);
		expect((await end()).status).toBe('completed');
		expect([pool.running, pool.waiting, statuses(run).use]).toEqual([0, 0, 'completed']);
	});
});
