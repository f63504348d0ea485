import { EngineError, ResourcePool, type BodyContext, type GraphStep } from '../../../lib';
import { current, freshRuntime, ok, play, start, started, statuses, stubborn, takes } from './play';

beforeEach(() => void freshRuntime());
/** When every run of these tests begins. */
const SINCE = Date.UTC(2030, 0, 1);
const at = (steps: Parameters<typeof play>[0], options = {}) =>
	play(steps, { runtime: current, ...options });
const begin = (steps: Parameters<typeof play>[0], options = {}) =>
	start(steps, { runtime: current, ...options });

/** Fails so many times, then returns the number of the attempt. */
const failing =
	(times: number, errorClass: 'server' | 'validation' = 'server') =>
	async ({ attempt }: BodyContext): Promise<number> => {
		await Promise.resolve();
		if (attempt > times) return attempt;
		throw new EngineError('PLANNED', `attempt ${attempt}`, { errorClass });
	};

const retry = { maxAttempts: 3, jitter: 'none' as const };

describe('a step with a retry policy', () => {
	it('tries again after growing pauses', async () => {
		const { result, events, runtime, run } = await at({ a: { run: failing(2), retry } });
		expect([result.outputs, runtime.monotonic()]).toEqual([{ a: 3 }, 3000]);
		expect(events.filter(({ type }) => type === 'step.retry')).toMatchObject([
			{ attempt: 1, data: { delayMs: 1000, error: { code: 'PLANNED', message: 'attempt 1' } } },
			{ attempt: 2, data: { delayMs: 2000, error: { message: 'attempt 2' } } },
		]);
		expect(run.metrics).toMatchObject({ attempts: 3, retries: 2 });
		expect(run.step('a')).toMatchObject({ attempt: 3 });
	});

	it('gives up after the last attempt, and at once when trying again cannot help', async () => {
		const spent = await at({ a: { run: failing(9), retry } });
		expect(spent.run.step('a')).toMatchObject({ status: 'failed', attempt: 3 });
		const hopeless = await at({ a: { run: failing(9, 'validation'), retry } });
		expect(hopeless.run.step('a')).toMatchObject({
			status: 'failed',
			attempt: 1,
			error: { code: 'PLANNED', message: 'attempt 1' },
		});
	});

	it('lets others run during its pause', async () => {
		const { log, runtime } = await at(
			{ a: { run: failing(1), retry }, b: takes(500), c: takes(500) },
			{ maxConcurrent: 1 },
		);
		expect(started(log)).toEqual(['a', 'b', 'c', 'a']);
		expect(runtime.monotonic()).toBe(1000);
	});

	it('needs no timer for no pause', async () => {
		const { runtime, log } = await at({
			a: { run: failing(1), retry: { ...retry, initialDelayMs: 0 } },
		});
		expect(runtime.monotonic()).toBe(0);
		expect(log.filter((line) => line.startsWith('step.queued'))).toHaveLength(2);
	});

	it('does not wait longer than a run may', async () => {
		const { result, runtime } = await at(
			{ a: { run: failing(1), retry: { ...retry, initialDelayMs: 500 } } },
			{ maxInRunWaitMs: 499 },
		);
		expect([result.status, runtime.monotonic()]).toEqual(['failed', 0]);
		const fine = await at(
			{ a: { run: failing(1), retry: { ...retry, initialDelayMs: 500 } } },
			{ maxInRunWaitMs: 500 },
		);
		expect(fine.result.status).toBe('completed');
	});

	it('may end with a default instead of a failure', async () => {
		const policy = { ...retry, onExhausted: 'default' as const, defaultValue: 'nothing found' };
		const { result } = await at({ a: { run: failing(9), retry: policy } });
		expect([result.status, result.outputs]).toEqual(['completed', { a: 'nothing found' }]);
	});

	it('may ask a person how to go on: a value, or as many attempts again', async () => {
		const policy = { ...retry, maxAttempts: 2, onExhausted: 'pause' as const };
		const { run, runtime, end, events } = begin({ a: { run: failing(3), retry: policy } });
		expect(await runtime.until(run.untilIdle())).toBe('waiting');
		expect(run.requests).toMatchObject([
			{ requestId: 'run:a:exhausted', name: 'exhausted', payload: { error: { code: 'PLANNED' } } },
		]);
		await run.answer('run:a:exhausted', { retry: true });
		expect((await end()).outputs).toEqual({ a: 4 });
		expect(events.filter(({ type }) => type === 'step.started')).toHaveLength(4);

		const other = begin({ a: { run: failing(3), retry: policy }, b: { run: ok, dependsOn: 'a' } });
		await other.runtime.until(other.run.untilIdle());
		await other.run.answer('run:a:exhausted', 'use this');
		expect((await other.end()).outputs).toEqual({ a: 'use this', b: 'ok' });
		expect(other.run.step('a')).not.toHaveProperty('error');
	});

	it('hands its heartbeat on to the next attempt', async () => {
		const seen: unknown[] = [];
		const { events } = await at({
			a: {
				run: (context: BodyContext) => {
					seen.push(context.lastHeartbeat);
					context.heartbeat({ page: context.attempt });
					if (context.attempt < 3) throw new Error('again');
				},
				retry,
			},
		});
		expect(seen).toEqual([undefined, { page: 1 }, { page: 2 }]);
		expect(events.filter(({ type }) => type === 'step.heartbeat')).toHaveLength(3);
	});

	it('has the same key in all attempts, another one in other steps, runs, executions and inputs', async () => {
		const keys = new Map<string, Set<string>>();
		const note = (name: string) => (context: BodyContext) => {
			const set = keys.get(name) ?? new Set();
			keys.set(name, set.add(context.idempotencyKey));
			if (context.attempt < 2) throw new Error('again');
		};
		const steps = (prefix: string) => ({
			a: { run: note(`${prefix} a`), retry },
			b: { run: note(`${prefix} b`), retry },
			c: { run: note(`${prefix} c`), retry, input: () => prefix },
		});
		await at(steps('one'));
		await at(steps('two'), { runId: 'other' });
		await at(steps('three'), { input: 7 });
		const all = [...keys.values()];
		expect(all.every(({ size }) => size === 1)).toBe(true);
		expect(new Set(all.map((set) => [...set][0])).size).toBe(9);
		expect([...all[0]!][0]).toMatch(/^[0-9a-f]{64}$/);
	});
});

describe('the time limits of a step', () => {
	it('end an attempt that takes too long; the next may do better', async () => {
		const { result, runtime, events } = await at({
			a: {
				run: (context) => takes(context.attempt === 1 ? 500 : 20, 'done')(context),
				retry: { ...retry, initialDelayMs: 10 },
				timeouts: { startToCloseMs: 100 },
			},
		});
		expect([result.outputs, runtime.monotonic()]).toEqual([{ a: 'done' }, 130]);
		expect(events.find(({ type }) => type === 'step.retry')?.data).toMatchObject({
			error: {
				code: 'TIMEOUT',
				message: 'The attempt took longer than 100 ms.',
				details: { kind: 'startToClose', limitMs: 100 },
			},
		});
		expect(runtime.pendingTimers).toBe(0);
	});

	it('end the step as timed out when nothing is left', async () => {
		const { run, result } = await at({
			a: { run: takes(500), timeouts: { startToCloseMs: 100 } },
			b: { run: ok, dependsOn: 'a' },
		});
		expect(statuses(run)).toEqual({ a: 'timed_out', b: 'skipped' });
		expect(result.error).toMatchObject({
			code: 'TIMEOUT',
			message: 'Step "a" timed out: The attempt took longer than 100 ms.',
		});
	});

	it('count all attempts and pauses, and spare a pause that would come too late', async () => {
		const { run, runtime } = await at({
			a: {
				run: failing(9),
				retry: { ...retry, maxAttempts: 9 },
				timeouts: { scheduleToCloseMs: 2500 },
			},
		});
		expect(run.step('a')).toMatchObject({ status: 'failed', attempt: 2 });
		expect(runtime.monotonic()).toBe(1000);
	});

	it('count the wait in line for the whole', async () => {
		const { run, runtime } = await at(
			{ hog: takes(80), a: { run: takes(50), timeouts: { scheduleToCloseMs: 100 } } },
			{ maxConcurrent: 1 },
		);
		expect(run.step('a')).toMatchObject({
			status: 'timed_out',
			error: { details: { kind: 'scheduleToClose', limitMs: 20 } },
		});
		expect(runtime.monotonic()).toBe(100);
	});

	it('end the wait for a place', async () => {
		const { run, events, runtime } = await at(
			{ hog: takes(80), a: { run: ok, timeouts: { scheduleToStartMs: 30 } } },
			{ maxConcurrent: 1 },
		);
		expect(run.step('a')).toMatchObject({
			status: 'timed_out',
			attempt: 0,
			error: {
				code: 'TIMEOUT',
				message: 'Step "a" waited longer than 30 ms for a place to run.',
				retryable: false,
				details: { kind: 'scheduleToStart', limitMs: 30 },
			},
		});
		expect(events.filter(({ stepPath }) => stepPath === 'a').map(({ type }) => type)).toEqual([
			'step.ready',
			'step.queued',
			'step.timed_out',
		]);
		expect(runtime.monotonic()).toBe(80);
		const inTime = await at({ a: { run: takes(50), timeouts: { scheduleToStartMs: 30 } } });
		expect(inTime.result.status).toBe('completed');
	});

	it('end an attempt that gives no sign of life, and not one that does', async () => {
		const alive = async (context: BodyContext): Promise<void> => {
			for (let i = 0; i < 5; i++) {
				await takes(20)(context);
				if (i % 2 === 0) context.activity();
				else context.progress(i / 5);
			}
		};
		const good = await at({ a: { run: alive, timeouts: { idleMs: 25, startToCloseMs: 1000 } } });
		expect([good.result.status, current.monotonic()]).toEqual(['completed', 100]);
		freshRuntime();
		const { run } = await at({ a: { run: takes(100), timeouts: { idleMs: 25 } } });
		expect(run.step('a')).toMatchObject({
			status: 'timed_out',
			error: { details: { kind: 'idle', limitMs: 25 } },
		});
		expect(current.monotonic()).toBe(25);
	});

	it('do not apply where there are none', async () => {
		const { runtime } = await at({ a: { run: ok, timeouts: {} } });
		expect(runtime.pendingTimers).toBe(0);
	});

	it('abort the signal of the attempt with the error', async () => {
		let reason: unknown;
		await at({
			a: {
				run: async (context: BodyContext) => {
					await takes(100)(context).catch((error: unknown) => {
						reason = error;
					});
				},
				timeouts: { startToCloseMs: 10 },
			},
		});
		expect(reason).toMatchObject({ code: 'TIMEOUT' });
	});
});

describe('a body that outlives its attempt', () => {
	it('keeps its place until it settles; its result is nobody’s', async () => {
		const { run, log, end } = begin(
			{
				a: { run: stubborn(80, 'late'), timeouts: { startToCloseMs: 10 } },
				b: { run: takes(5), dependsOn: { a: 'sequential' } },
				c: takes(500),
			},
			{ maxConcurrent: 2 },
		);
		await current.advance(50);
		expect(statuses(run)).toMatchObject({ a: 'timed_out', b: 'ready' });
		expect(run.blockedBy('b')).toEqual({
			kind: 'slot',
			detail: '2 of 2 places are taken',
			since: SINCE + 10,
		});
		await current.advance(31);
		expect(statuses(run).b).toBe('running');
		expect(log).toContain('late.result:a');
		expect((await end()).outputs).toEqual({ b: undefined, c: undefined });
	});

	it('loses its place after a while and counts as a zombie until it settles', async () => {
		const { run, events, end } = begin(
			{ a: { run: stubborn(80), timeouts: { startToCloseMs: 10 } }, b: takes(5), c: takes(200) },
			{ maxConcurrent: 2, abandonMs: 20 },
		);
		await current.advance(29);
		expect(run.metrics.zombies).toBe(0);
		await current.advance(2);
		expect(run.metrics.zombies).toBe(1);
		expect(events.find(({ type }) => type === 'pool.zombie')).toMatchObject({
			stepPath: 'a',
			attempt: 1,
		});
		await current.advance(60);
		expect(run.metrics.zombies).toBe(0);
		await end();
	});

	it('cannot speak for its step any more', async () => {
		const { run, end } = begin({
			a: {
				run: async (context: BodyContext) => {
					await stubborn(50)();
					context.progress(0.9, 'too late');
					context.heartbeat('too late');
					await expect(context.waitFor('x')).rejects.toThrow('The attempt that asks has ended.');
					throw new Error('late');
				},
				timeouts: { startToCloseMs: 10 },
			},
			b: takes(100),
		});
		await end();
		expect(run.progress.message).toBe('b');
		expect(run.step('a')).not.toHaveProperty('heartbeat');
	});
});

describe('a step that needs resources', () => {
	const needs = (cpu: number, run: GraphStep['run'] = takes(10)): GraphStep => ({
		run,
		resources: { cpu, resourceTypes: ['cpu'] },
	});

	it('waits until the pool has room for it', async () => {
		const pool = new ResourcePool({ totals: { cpu: 2 } }, current);
		const { log, runtime, run, end } = begin({ a: needs(2), b: needs(1), c: needs(1) }, { pool });
		await runtime.advance(1);
		expect(run.blockedBy('b')).toEqual({
			kind: 'pool',
			detail: 'not enough free resources',
			since: SINCE,
		});
		expect(log).toContain('pool.waiting:b');
		await end();
		expect([runtime.monotonic(), pool.running]).toEqual([20, 0]);
	});

	it('runs without a pool as if it needed nothing', async () => {
		const { result } = await at({ a: needs(100) });
		expect(result.status).toBe('completed');
	});

	it('fails at once when the pool can never have what it needs', async () => {
		const pool = new ResourcePool({ totals: { cpu: 2 } }, current);
		const { run, log } = await at({ a: needs(3) }, { pool });
		expect(run.step('a')).toMatchObject({ status: 'failed', error: { code: 'RESOURCE_OVERFLOW' } });
		expect(log).not.toContain('step.started:a');
	});

	it('times out in the queue of the pool', async () => {
		const pool = new ResourcePool({ totals: { cpu: 1 } }, current);
		const { run } = await at(
			{
				a: needs(1, takes(50)),
				b: { run: ok, resources: { cpu: 1, resourceTypes: ['cpu'], scheduleToStartMs: 20 } },
			},
			{ pool },
		);
		expect(run.step('b')).toMatchObject({ status: 'timed_out', attempt: 0 });
		expect(pool.waiting).toBe(0);
	});

	it('leaves the queue of the pool when the time to its start is up', async () => {
		const pool = new ResourcePool({ totals: { cpu: 1 } }, current);
		const { run, runtime, end } = begin(
			{ a: needs(1, takes(50)), b: { ...needs(1), timeouts: { scheduleToStartMs: 30 } } },
			{ pool },
		);
		await runtime.advance(29);
		expect([pool.waiting, statuses(run).b]).toEqual([1, 'queued']);
		await runtime.advance(1);
		expect([pool.waiting, statuses(run).b]).toEqual([0, 'timed_out']);
		await end();
		expect(run.step('b')).toMatchObject({
			attempt: 0,
			error: { details: { kind: 'scheduleToStart', limitMs: 30 } },
		});
	});

	it('leaves the queue of the pool at once when it is cancelled', async () => {
		const pool = new ResourcePool({ totals: { cpu: 1 } }, current);
		const { run, runtime, end } = begin({ a: needs(1, takes(50)), b: needs(1) }, { pool });
		await runtime.advance(1);
		expect(run.cancelStep('b')).toBe(true);
		expect([pool.waiting, statuses(run).b]).toEqual([0, 'cancelled']);
		await end();
		expect([pool.running, runtime.monotonic()]).toEqual([0, 50]);
	});

	it('needs a place in the run, too, and holds nothing of the pool while it waits for one', async () => {
		const pool = new ResourcePool({ totals: { cpu: 5 } }, current);
		const others = await pool.acquire({ path: 'others', requirements: { cpu: 5 } });
		const { run, runtime, end } = begin(
			{ a: needs(1), b: needs(1), c: needs(1) },
			{ pool, maxConcurrent: 1 },
		);
		await runtime.drain();
		expect(pool.waiting).toBe(3);
		others.release();
		expect([pool.running, pool.waiting]).toEqual([1, 2]);
		expect(statuses(run)).toEqual({ a: 'running', b: 'queued', c: 'queued' });
		run.cancelStep('b');
		expect([pool.running, pool.waiting]).toEqual([1, 1]);
		await end();
		expect([pool.running, runtime.monotonic()]).toEqual([0, 20]);
		expect(statuses(run)).toEqual({ a: 'completed', b: 'cancelled', c: 'completed' });
	});

	it('is granted nothing while the run is paused, and keeps its place in the queue', async () => {
		const pool = new ResourcePool({ totals: { cpu: 5 } }, current);
		const others = await pool.acquire({ path: 'others', requirements: { cpu: 5 } });
		const { run, runtime, end } = begin({ a: needs(2), b: needs(2), x: takes(10) }, { pool });
		await runtime.drain();
		const paused = run.pause();
		others.release();
		expect([pool.running, pool.waiting]).toEqual([0, 2]);
		await runtime.until(paused);
		run.resume();
		expect(statuses(run)).toMatchObject({ a: 'running', b: 'running' });
		await end();
		expect(pool.running).toBe(0);
	});

	it('gives back what it was granted before the pause and could not use yet', async () => {
		const pool = new ResourcePool({ totals: { cpu: 5 } }, current);
		const others = await pool.acquire({ path: 'others', requirements: { cpu: 5 } });
		let paused: Promise<unknown> = Promise.resolve();
		const { run, runtime, end } = begin(
			{
				a: needs(2),
				b: needs(1),
				c: needs(1),
				x: () => {
					others.release();
					run.cancelStep('c');
					paused = run.pause();
				},
			},
			{ pool },
		);
		await runtime.drain();
		await runtime.until(paused);
		expect([pool.running, pool.waiting, statuses(run)]).toEqual([
			0,
			0,
			{ a: 'queued', b: 'queued', c: 'cancelled', x: 'completed' },
		]);
		run.resume();
		await end();
		expect(statuses(run)).toMatchObject({ a: 'completed', b: 'completed' });
	});

	it('holds nothing while it backs off', async () => {
		const pool = new ResourcePool({ totals: { cpu: 1 } }, current);
		const { runtime, run, end } = begin(
			{ a: { ...needs(1, failing(1)), retry }, b: takes(5) },
			{ pool },
		);
		await runtime.advance(500);
		expect([statuses(run).a, pool.running]).toEqual(['backing_off', 0]);
		const since = SINCE;
		expect(run.blockedBy('a')).toEqual({ kind: 'timer', detail: 'attempt 2 after a pause', since });
		await end();
	});

	it('makes room for more important work, and runs again without spending an attempt', async () => {
		const pool = new ResourcePool({ totals: { cpu: 1 }, preemption: true }, current);
		const attempts: string[] = [];
		const { events, log } = await at(
			{
				low: {
					run: async (context: BodyContext) => {
						attempts.push(`${context.attempt}@${current.monotonic()}`);
						await takes(50)(context);
					},
					resources: { cpu: 1, resourceTypes: ['cpu'], priority: 'low' },
					preemptible: true,
				},
				trigger: takes(20),
				high: {
					run: takes(10),
					dependsOn: 'trigger',
					resources: { cpu: 1, resourceTypes: ['cpu'], priority: 'critical' },
				},
			},
			{ pool },
		);
		expect(attempts).toEqual(['1@0', '1@30']);
		expect(log).toContain('pool.preempted:low');
		expect(events.find(({ data }) => data?.preempted === true)).toMatchObject({
			type: 'step.queued',
			stepPath: 'low',
		});
		expect([current.monotonic(), pool.running]).toEqual([80, 0]);
	});

	it('gives the place of a body that does not obey back to the pool, too', async () => {
		const pool = new ResourcePool({ totals: { cpu: 1 } }, current);
		const { runtime } = await at(
			{
				a: { ...needs(1, stubborn(500)), timeouts: { startToCloseMs: 10 } },
				b: needs(1),
			},
			{ pool, abandonMs: 20 },
		);
		expect(runtime.monotonic()).toBe(40);
	});
});

describe('bodies', () => {
	it('may be plain functions that return or throw', async () => {
		const { run, result } = await at({
			a: () => 1,
			b: () => {
				throw new Error('at once');
			},
			c: () => null,
			d: () => ({ then: undefined }),
			e: () => ({ then: (done: (value: string) => void) => done('thenable') }),
		});
		expect(result.outputs).toEqual({ a: 1, c: null, d: { then: undefined }, e: 'thenable' });
		expect(run.step('b')).toMatchObject({ error: { message: 'at once' } });
	});

	it('run a long chain without a deep stack', async () => {
		const steps: Record<string, GraphStep> = {};
		for (let i = 0; i < 20_000; i++) {
			steps[`s${i}`] = { run: () => i, dependsOn: i === 0 ? [] : `s${i - 1}` };
		}
		const { result } = await at(steps);
		expect(result.outputs.s19999).toBe(19_999);
	});

	it('may say how far they are, and the run adds it up by weight', async () => {
		const { run, runtime, end, events } = begin({
			a: {
				run: async (context: BodyContext) => {
					context.progress(0.25, 'reading');
					await takes(10)(context);
					context.progress(0.5);
					context.progress(0.1);
					await takes(10)(context);
				},
				weight: 3,
				description: 'Read the papers',
			},
			b: { run: takes(5), dependsOn: 'a' },
		});
		expect(run.progress).toEqual({
			percent: 0,
			epoch: 0,
			lastActivityAt: runtime.now(),
			stalled: false,
		});
		await runtime.advance(1);
		expect(run.progress).toMatchObject({ percent: 18.75, step: 'a', message: 'reading' });
		await runtime.advance(10);
		expect(run.progress.percent).toBe(37.5);
		await runtime.advance(10);
		expect(run.progress).toMatchObject({ percent: 75, step: 'b', message: 'b' });
		await end();
		expect(run.progress.percent).toBe(100);
		expect(events.find(({ type }) => type === 'step.progress')).toMatchObject({
			stepPath: 'a',
			attempt: 1,
			data: { fraction: 0.25, message: 'reading' },
		});
	});

	it('make the run stalled when nothing happens for long', async () => {
		const { run, runtime, end } = begin({ a: takes(100) }, { stallMs: 50 });
		await runtime.advance(50);
		expect(run.progress.stalled).toBe(false);
		await runtime.advance(1);
		expect(run.progress.stalled).toBe(true);
		await end();
		await runtime.advance(1000);
		expect(run.progress.stalled).toBe(false);
		const patient = begin({ a: takes(60_002) });
		await patient.runtime.advance(60_000);
		expect(patient.run.progress.stalled).toBe(false);
		await patient.runtime.advance(1);
		expect(patient.run.progress.stalled).toBe(true);
	});

	it('make a run without steps complete at once', async () => {
		const { result, run } = await at({});
		expect([result.status, result.outcome, run.progress.percent]).toEqual([
			'completed',
			'success',
			0,
		]);
	});
});

describe('what a step waits for', () => {
	it('is shown for people', async () => {
		const { run, runtime, end } = begin(
			{
				a: takes(50),
				b: { run: ok, dependsOn: ['a', ['a2', 'optional']] },
				a2: takes(50),
				c: {
					run: ok,
					dependsOn: [
						['a', 'or'],
						['a2', 'or'],
					],
				},
				d: { run: ok, onDemand: true },
				e: takes(50),
			},
			{ maxConcurrent: 2 },
		);
		await runtime.advance(1);
		expect(run.blockedBy('a')).toBeUndefined();
		expect(run.blockedBy('b')).toEqual({
			kind: 'dependency',
			detail: '"a" (required, running), "a2" (optional, running)',
			since: SINCE,
		});
		expect(run.blockedBy('c')?.detail).toBe('or of "a" (running), "a2" (running)');
		expect(run.blockedBy('d')).toEqual({
			kind: 'dependency',
			detail: 'a step that names it',
			since: SINCE,
		});
		expect(run.blockedBy('e')).toEqual({
			kind: 'slot',
			detail: '2 of 2 places are taken',
			since: SINCE,
		});
		expect(() => run.blockedBy('x')).toThrow('There is no step "x" in "test".');
		expect(run.metrics).toEqual({
			steps: {
				pending: 3,
				blocked: 0,
				ready: 1,
				queued: 0,
				running: 2,
				backing_off: 0,
				waiting: 0,
				completed: 0,
				failed: 0,
				skipped: 0,
				cancelled: 0,
				timed_out: 0,
			},
			attempts: 2,
			retries: 0,
			zombies: 0,
			events: 8,
		});
		await end();
	});
});
