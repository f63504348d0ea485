import {
	CancellationScope,
	restoreGraph,
	defineGraph,
	goTo,
	VirtualRuntime,
	type BodyContext,
	type GraphStep,
	type RunCheckpoint,
} from '../../../lib';
import {
	current,
	fails,
	freshRuntime,
	full,
	ok,
	play,
	start,
	started,
	statuses,
	stubborn,
	takes,
	type Steps,
} from './play';

beforeEach(() => void freshRuntime());
const at = (steps: Steps, options = {}) => play(steps, { runtime: current, ...options });
const begin = (steps: Steps, options = {}) => start(steps, { runtime: current, ...options });

describe('cancelling a run', () => {
	it('stops what runs, and what has not begun never does', async () => {
		const { run, runtime, log } = begin(
			{
				a: takes(100),
				b: { run: ok, dependsOn: 'a' },
				c: takes(100),
				d: { run: ok, onDemand: true },
			},
			{ maxConcurrent: 1 },
		);
		await runtime.advance(10);
		const result = await runtime.until(run.cancel('Enough.'));
		expect(statuses(run)).toEqual({ a: 'cancelled', b: 'cancelled', c: 'cancelled', d: 'skipped' });
		expect(started(log)).toEqual(['a']);
		expect(result).toMatchObject({
			status: 'cancelled',
			outcome: 'failure',
			cause: { kind: 'user', message: 'Enough.', at: runtime.now() },
			error: { code: 'STEP_CANCELLED', message: 'Step "a" was cancelled: Enough.' },
		});
		expect(run.step('a')).toMatchObject({ cause: { message: 'Enough.' } });
		expect([runtime.monotonic(), runtime.pendingTimers]).toEqual([10, 0]);
		expect(log.slice(-1)).toEqual(['run.cancelled']);
	});

	it('keeps the result of a body that ends well all the same', async () => {
		const { run, runtime } = begin({ a: stubborn(50, 'paid for'), b: { run: ok, dependsOn: 'a' } });
		await runtime.advance(10);
		const result = await runtime.until(run.cancel());
		expect(statuses(run)).toEqual({ a: 'completed', b: 'cancelled' });
		expect([result.status, result.outputs]).toEqual(['cancelled', { a: 'paid for' }]);
		expect(result.cause?.message).toBe('The run was cancelled.');
		expect(runtime.monotonic()).toBe(50);
	});

	it('does not wait for ever for a body that does not obey', async () => {
		const { run, runtime, log } = begin({ a: stubborn(500) }, { abandonMs: 40 });
		await runtime.advance(10);
		const cancelled = run.cancel();
		await runtime.advance(39);
		expect(statuses(run).a).toBe('running');
		await runtime.until(cancelled);
		expect([statuses(run).a, runtime.monotonic()]).toEqual(['cancelled', 50]);
		expect(log).toContain('pool.zombie:a');
		await runtime.advance(1000);
		expect(log).toContain('late.result:a');
	});

	it.each(['try', 'abandon'] as const)('reports at once with mode %s', async (mode) => {
		const { run, runtime } = begin({ a: stubborn(500) });
		await runtime.advance(10);
		await runtime.until(run.cancel('Now.', { mode, kind: 'shutdown' }));
		expect([statuses(run).a, runtime.monotonic()]).toEqual(['cancelled', 10]);
		expect(run.step('a')).toMatchObject({ cause: { kind: 'shutdown' } });
	});

	it('ends pauses, waits and back-offs at once', async () => {
		const { run, runtime } = begin({
			wait: ({ waitFor }: BodyContext) => waitFor.call(undefined, 'x'),
			ask: async (context: BodyContext) => await context.waitFor('x'),
			back: { run: fails, retry: { initialDelayMs: 1000, jitter: 'none' } },
		});
		await runtime.advance(10);
		expect(statuses(run)).toMatchObject({ ask: 'waiting', back: 'backing_off' });
		await runtime.until(run.cancel());
		expect(statuses(run)).toMatchObject({ ask: 'cancelled', back: 'cancelled' });
		expect([runtime.monotonic(), runtime.pendingTimers, run.requests]).toEqual([10, 0, []]);
	});

	it('works before the run has begun, twice, and after its end', async () => {
		const { run, runtime, log } = begin({ a: ok });
		const first = run.cancel('First.');
		const second = run.cancel('Second.');
		expect((await runtime.until(first)).cause?.message).toBe('First.');
		expect(await second).toBe(await first);
		expect(started(log)).toEqual([]);
		const done = await at({ a: ok });
		expect((await done.run.cancel()).status).toBe('completed');
	});

	it('comes down from a scope, with its cause', async () => {
		const scope = new CancellationScope();
		const { run, runtime } = begin({ a: takes(100) }, { scope });
		await runtime.advance(10);
		scope.cancel({ kind: 'budget', message: 'No money left.', at: 0 });
		const result = await runtime.until(run.result);
		expect(result.cause).toEqual({ kind: 'budget', message: 'No money left.', at: 0 });
		const other = new CancellationScope();
		await at({ a: ok }, { scope: other });
		other.cancel({ kind: 'user', message: 'Too late.', at: 0 });
	});

	it('goes down to the scope and signal of a body', async () => {
		const heard: string[] = [];
		const { run, runtime } = begin({
			a: async (context: BodyContext) => {
				context.scope.onCancel(({ message }) => void heard.push(message));
				await takes(100)(context);
			},
			b: async (context: BodyContext) => {
				await stubborn(20)();
				heard.push(`late ${context.scope.cause?.message}`);
			},
		});
		await runtime.advance(10);
		await runtime.until(run.cancel('Stop.'));
		expect(heard).toEqual(['Stop.', 'late Stop.']);
	});
});

describe('the time limit of a run', () => {
	it('stops everything at its end', async () => {
		const { run, result, runtime } = await at(
			{ a: stubborn(500), b: { run: ok, dependsOn: 'a' } },
			{ timeoutMs: 100 },
		);
		expect(result).toMatchObject({
			status: 'timed_out',
			outcome: 'failure',
			cause: { kind: 'timeout', message: 'The time limit of the run passed.' },
		});
		expect(statuses(run)).toEqual({ a: 'cancelled', b: 'cancelled' });
		expect(runtime.monotonic()).toBe(100);
	});

	it('leaves nothing behind when the run is done before', async () => {
		const { result, runtime } = await at({ a: takes(99) }, { timeoutMs: 100 });
		expect([result.status, runtime.pendingTimers]).toEqual(['completed', 0]);
	});

	it('holds for a run that is being stopped and waits for bodies that do not obey', async () => {
		const { run, runtime } = begin({ a: stubborn(500) }, { timeoutMs: 100 });
		await runtime.advance(90);
		const result = await runtime.until(run.cancel('Stop.'));
		expect([result.status, result.cause?.message, runtime.monotonic()]).toEqual([
			'cancelled',
			'Stop.',
			100,
		]);
		await runtime.advance(100_000);
		expect(statuses(run)).toEqual({ a: 'cancelled' });
	});

	it('stands still while the run waits or is paused, unless it counts that', async () => {
		const steps = { a: async (context: BodyContext) => await context.waitFor('x') };
		const { run, runtime, end } = begin(steps, { timeoutMs: 100 });
		await runtime.advance(5000);
		expect(run.status).toBe('waiting');
		await run.answer('run:a:x', 1);
		expect((await end()).status).toBe('completed');

		const counted = begin(steps, { timeoutMs: 100, countWaitingTime: true });
		expect((await counted.end()).status).toBe('timed_out');

		const paused = begin(
			{ a: takes(60), b: { run: takes(60), dependsOn: 'a' } },
			{ timeoutMs: 100 },
		);
		await current.advance(10);
		await current.until(paused.run.pause());
		await current.advance(1000);
		paused.run.resume();
		const { status, startedAt, endedAt } = await paused.end();
		expect([status, endedAt - startedAt]).toEqual(['timed_out', 60 + 1000 + 40]);
	});
});

describe('cancelling one step', () => {
	it('leaves the others alone; what needs it is skipped', async () => {
		const { run, runtime, end } = begin({
			a: takes(100),
			b: { run: ok, dependsOn: 'a' },
			c: takes(100),
		});
		await runtime.advance(10);
		expect(run.cancelStep('a', { message: 'Not this one.', kind: 'superseded' })).toBe(true);
		expect(run.cancelStep('a')).toBe(true);
		const result = await end();
		expect(statuses(run)).toEqual({ a: 'cancelled', b: 'skipped', c: 'completed' });
		expect(result.error).toMatchObject({
			code: 'STEP_CANCELLED',
			errorClass: 'abort',
			message: 'Step "a" was cancelled: Not this one.',
		});
		expect(run.cancelStep('a')).toBe(false);
		expect(() => run.cancelStep('x')).toThrow('There is no step "x" in "test".');
	});

	it('takes a step out of the line', async () => {
		const { run, runtime, log, end } = begin({ a: takes(10), b: ok, c: ok }, { maxConcurrent: 1 });
		await runtime.advance(1);
		run.cancelStep('b');
		await end();
		expect(started(log)).toEqual(['a', 'c']);
		expect(run.step('b')).toMatchObject({
			status: 'cancelled',
			cause: { kind: 'user', message: 'Step "b" was cancelled.' },
		});
	});

	it('takes back a naming that has not been followed yet', async () => {
		const { run, runtime, end } = begin({
			a: () => goTo('c'),
			b: takes(50),
			c: { run: ok, onDemand: true },
		});
		await runtime.advance(1);
		expect(run.blockedBy('c')?.detail).toBe('steps that may still name it');
		expect(run.cancelStep('c')).toBe(false);
		await end();
		expect(statuses(run).c).toBe('skipped');
	});

	it('may be done again with less patience', async () => {
		for (const mode of ['try', 'abandon'] as const) {
			freshRuntime();
			const { run, log, end } = begin({ a: stubborn(500), b: takes(800) }, { abandonMs: 50 });
			await current.advance(10);
			run.cancelStep('a');
			await current.advance(10);
			run.cancelStep('a', { mode });
			expect(statuses(run).a).toBe('cancelled');
			await end();
			expect(log.filter((line) => line === 'step.cancelled:a')).toHaveLength(1);
		}
	});

	it('frees its place at once with mode abandon, later with mode try', async () => {
		const steps = { a: stubborn(100), b: takes(10) };
		const { run, log, runtime, end } = begin(steps, { maxConcurrent: 1 });
		await runtime.advance(5);
		run.cancelStep('a', { mode: 'abandon' });
		expect(log).toContain('step.started:b');
		await end();
		const other = begin(steps, { maxConcurrent: 1, abandonMs: 20 });
		await runtime.advance(5);
		other.run.cancelStep('a', { mode: 'try' });
		expect(statuses(other.run)).toEqual({ a: 'cancelled', b: 'ready' });
		await runtime.advance(21);
		expect(statuses(other.run).b).toBe('running');
		await other.end();
	});
});

describe('pausing', () => {
	it('lets running steps finish, starts nothing new, and gives a checkpoint', async () => {
		const { run, runtime, log, end } = begin({
			a: takes(50),
			b: { run: takes(50), dependsOn: 'a' },
		});
		await runtime.advance(10);
		const checkpoint = await runtime.until(run.pause());
		expect([run.status, runtime.monotonic()]).toEqual(['paused', 50]);
		expect(statuses(run)).toEqual({ a: 'completed', b: 'ready' });
		expect(checkpoint).toMatchObject({
			schemaVersion: 1,
			runId: 'run',
			name: 'test',
			status: 'paused',
			completed: ['a'],
			queue: ['b'],
		});
		await runtime.advance(1000);
		expect(started(log)).toEqual(['a']);
		expect(await run.untilIdle()).toBe('paused');
		run.resume();
		run.resume();
		expect((await end()).status).toBe('completed');
		expect(log.filter((line) => line.startsWith('run.') || line.startsWith('checkpoint'))).toEqual([
			'run.running',
			'run.pausing',
			'run.paused',
			'checkpoint.taken',
			'run.running',
			'run.completed',
		]);
	});

	it('breaks off what may be broken off, when it is to be immediate', async () => {
		const attempts: number[] = [];
		const slow = async (context: BodyContext): Promise<void> => {
			attempts.push(context.attempt);
			await takes(100)(context);
		};
		const { run, runtime, end } = begin({ a: { run: slow, preemptible: true }, b: takes(30) });
		await runtime.advance(10);
		await runtime.until(run.pause('immediate'));
		expect([statuses(run), runtime.monotonic()]).toEqual([{ a: 'queued', b: 'completed' }, 30]);
		run.resume();
		await end();
		expect([attempts, runtime.monotonic()]).toEqual([[1, 1], 130]);
	});

	it('of a run that does not start new things keeps back-offs and waits', async () => {
		const { run, runtime, end } = begin({
			a: {
				run: ({ attempt }: BodyContext) => (attempt === 1 ? fails() : 'ok'),
				retry: { initialDelayMs: 50, jitter: 'none' },
			},
			b: async (context: BodyContext) => await context.waitFor('x'),
		});
		await runtime.advance(10);
		await runtime.until(run.pause());
		await runtime.advance(100);
		await run.answer('run:b:x', 'yes');
		expect(statuses(run)).toEqual({ a: 'queued', b: 'queued' });
		run.resume();
		expect((await end()).outputs).toEqual({ a: 'ok', b: 'yes' });
	});

	it('works before the run has begun, and more than once', async () => {
		const { run, runtime, end } = begin({ a: ok });
		const [first, second] = [run.pause(), run.pause()];
		expect(await runtime.until(first)).toEqual(await second);
		expect(await run.pause()).toMatchObject({ status: 'paused' });
		run.resume();
		expect((await end()).status).toBe('completed');
	});

	it('keeps a run from ending', async () => {
		const { run, runtime, end, log } = begin({ a: takes(10) }, { cleanup: () => undefined });
		await runtime.advance(5);
		await runtime.until(run.pause());
		await runtime.advance(100);
		expect([run.status, log.includes('run.cleaned_up')]).toEqual(['paused', false]);
		run.resume();
		expect((await end()).status).toBe('completed');
	});

	it('is refused when the run is over or being stopped', async () => {
		const done = await at({ a: ok });
		await expect(done.run.pause()).rejects.toThrow('The run cannot be paused: it is completed.');
		const { run, runtime } = begin({ a: stubborn(50) });
		await runtime.advance(1);
		const cancelled = run.cancel();
		await expect(run.pause()).rejects.toThrow('The run cannot be paused: it is cancelling.');
		await runtime.until(cancelled);
	});

	it('is answered when a cancel overtakes it', async () => {
		const { run, runtime } = begin({ a: takes(50) });
		await runtime.advance(1);
		const paused = run.pause();
		await runtime.until(run.cancel());
		expect((await paused).status).toBe('cancelled');
	});
});

describe('waiting until a run is idle', () => {
	it('ends when only answers can help, or the run has ended', async () => {
		const { run, runtime } = begin({
			a: async (context: BodyContext) => await context.waitFor('x'),
			b: takes(30),
		});
		const idle = run.untilIdle();
		expect(await runtime.until(idle)).toBe('waiting');
		expect(runtime.monotonic()).toBe(30);
		const ended = run.untilIdle();
		expect(await ended).toBe('waiting');
		await run.answer('run:a:x', 1);
		expect(await runtime.until(run.untilIdle())).toBe('completed');
	});
});

describe('a run that goes on from a checkpoint', () => {
	const restore = (steps: Steps, checkpoint: unknown, options = {}) => {
		const log: string[] = [];
		const run = restoreGraph(defineGraph({ name: 'test', steps: full(steps) }), checkpoint, {
			runtime: current,
			sinks: [({ type, stepPath }) => void log.push(`${type}:${stepPath ?? ''}`)],
			...options,
		});
		return { run, log, end: () => current.until(run.result) };
	};
	const json = (checkpoint: RunCheckpoint): RunCheckpoint =>
		JSON.parse(JSON.stringify(checkpoint)) as RunCheckpoint;

	it('keeps what is completed and runs the rest, in another process', async () => {
		const steps: Steps = {
			a: takes(10, { big: 1 }),
			b: { run: takes(50, 'b'), dependsOn: 'a' },
			c: { run: ({ deps }: BodyContext) => [deps.a!.value, deps.b!.value], dependsOn: ['a', 'b'] },
		};
		const first = begin(steps, { input: { q: 1 } });
		await current.advance(20);
		const checkpoint = json(first.run.checkpoint());
		expect(checkpoint).toMatchObject({
			input: { q: 1 },
			status: 'running',
			completed: ['a'],
			history: [],
			steps: [
				{ stepId: 'a', status: 'completed', output: { big: 1 }, order: 1 },
				{ stepId: 'b', status: 'running', attempt: 1 },
				{ stepId: 'c', status: 'pending', attempt: 0 },
			],
		});
		freshRuntime();
		const { run, log, end } = restore(steps, checkpoint);
		expect(run.runId).toBe('run');
		const result = await end();
		expect(started(log)).toEqual(['b', 'c']);
		expect(result.outputs.c).toEqual([{ big: 1 }, 'b']);
		expect(run.step('b')).toMatchObject({ attempt: 2 });
		expect(run.progress.percent).toBe(100);
	});

	it('numbers its events where the checkpoint left off', async () => {
		const first = begin({ a: takes(10), b: { run: ok, dependsOn: 'a' } });
		await current.advance(5);
		const checkpoint = json(await current.until(first.run.pause()));
		const seqs: number[] = [];
		const { end } = restore({ a: ok, b: { run: ok, dependsOn: 'a' } }, checkpoint, {
			sinks: [({ seq }: { seq: number }) => void seqs.push(seq)],
		});
		await end();
		expect(seqs[0]).toBe(checkpoint.seq + 1);
	});

	it('tries failed, cancelled and skipped steps again', async () => {
		let broken = true;
		const steps: Steps = {
			a: () => {
				if (broken) throw new Error('down');
				return 'up';
			},
			b: { run: ok, dependsOn: 'a' },
			c: takes(100),
		};
		const first = begin(steps);
		await current.advance(5);
		expect(statuses(first.run)).toMatchObject({ a: 'failed', b: 'skipped' });
		const checkpoint = json(first.run.checkpoint());
		broken = false;
		const { run, end } = restore(steps, checkpoint);
		await end();
		expect(statuses(run)).toEqual({ a: 'completed', b: 'completed', c: 'completed' });
		expect(run.step('a')).toMatchObject({ attempt: 1 });
	});

	it('waits for the rest of a back-off', async () => {
		const a: GraphStep = {
			run: ({ attempt }) => (attempt < 2 ? fails() : current.monotonic()),
			retry: { initialDelayMs: 1000, jitter: 'none' },
		};
		const first = begin({ a });
		await current.advance(400);
		const checkpoint = json(first.run.checkpoint());
		expect(checkpoint.steps[0]).toMatchObject({
			status: 'backing_off',
			nextAttemptAt: current.now() + 600,
			error: { code: 'BOOM' },
		});
		const { end } = restore({ a }, checkpoint);
		expect((await end()).outputs.a).toBe(1000);
		const late = restore({ a }, checkpoint);
		await current.advance(0);
		expect(statuses(late.run).a).toBe('completed');
	});

	it('counts the rest of a back-off neither as time in line nor after the step has started', async () => {
		const a: GraphStep = {
			run: async (context) => {
				if (context.attempt < 2) return await fails();
				return await takes(100, 'done')(context);
			},
			retry: { initialDelayMs: 1000, jitter: 'none' },
			timeouts: { scheduleToStartMs: 650 },
		};
		const first = begin({ a });
		await current.advance(400);
		const { end, run } = restore({ a }, json(first.run.checkpoint()));
		await end();
		expect(run.step('a')).toMatchObject({ status: 'completed', output: 'done' });
	});

	it('does not start what backs off when it is cancelled meanwhile', async () => {
		const a: GraphStep = { run: fails, retry: { initialDelayMs: 1000, jitter: 'none' } };
		const first = begin({ a });
		await current.advance(400);
		const { run, log, end } = restore({ a }, json(first.run.checkpoint()));
		await current.advance(10);
		run.cancelStep('a');
		await end();
		expect(started(log)).toEqual([]);
	});

	it('follows successors that were named, joins included', async () => {
		const steps: Steps = {
			a: () => goTo(['b', 'c']),
			b: { run: () => goTo('d'), onDemand: true },
			c: {
				run: async (context: BodyContext) => {
					await takes(50)(context);
					return goTo('d');
				},
				onDemand: true,
			},
			d: { run: ({ parents }: BodyContext) => [...parents], onDemand: true },
		};
		const first = begin(steps);
		await current.advance(10);
		const checkpoint = json(first.run.checkpoint());
		expect(checkpoint.steps).toMatchObject([
			{ stepId: 'a', next: ['b', 'c'] },
			{ stepId: 'b', next: ['d'] },
			{ stepId: 'c', status: 'running', namedBy: ['a'] },
			{ stepId: 'd', status: 'pending', namedBy: ['b'] },
		]);
		const { log, end } = restore(steps, checkpoint);
		const result = await end();
		expect(started(log)).toEqual(['c', 'd']);
		expect(result.outputs.d).toEqual(['b', 'c']);
	});

	it('remembers earlier executions and repeated naming', async () => {
		const steps: Steps = {
			loop: {
				run: async (context: BodyContext) => {
					await takes(20)(context);
					return goTo(context.iteration < 3 ? 'loop' : null, context.iteration);
				},
				next: ['loop'],
			},
			again: {
				run: async (context: BodyContext) => {
					await takes(5)(context);
					return goTo('busy');
				},
				next: ['busy'],
			},
			busy: { run: takes(100), next: [], onDemand: false },
		};
		const first = begin(steps);
		await current.advance(30);
		const checkpoint = json(first.run.checkpoint());
		expect(checkpoint.history).toMatchObject([{ path: 'loop', status: 'completed', output: 1 }]);
		expect(checkpoint.steps[2]).toMatchObject({ stepId: 'busy', againBy: ['again'] });
		const { run, log, end } = restore(steps, checkpoint);
		const result = await end();
		expect(started(log)).toEqual(['loop#2', 'busy', 'loop#3', 'busy#2']);
		expect(result.outputs.loop).toBe(3);
		expect(json(run.checkpoint()).history.map(({ path }) => path)).toEqual([
			'loop',
			'loop#2',
			'busy',
		]);
	});

	it('taken in the middle of things follows what was not followed yet', async () => {
		let checkpoint: RunCheckpoint | undefined;
		const steps: Steps = {
			a: () => goTo('b'),
			b: { run: ok, onDemand: true },
		};
		const first = begin(steps, {
			onCompleted: ({ stepId }: { stepId: string }) => {
				if (stepId === 'a') checkpoint = json(first.run.checkpoint());
			},
		});
		await first.end();
		expect(checkpoint!.steps).toMatchObject([{ stepId: 'a', untold: true }]);
		const { log, end } = restore(steps, checkpoint);
		await end();
		expect(started(log)).toEqual(['b']);
	});

	it('re-opens questions with the same id and what is left of their time', async () => {
		const steps: Steps = {
			a: async (context: BodyContext) => {
				const first = await context.waitFor('one');
				return [first, await context.waitFor('two', { timeoutMs: 1000 })];
			},
		};
		const first = begin(steps);
		await current.advance(10);
		await first.run.answer('run:a:one', 1);
		await current.advance(10);
		const checkpoint = json(first.run.checkpoint());
		expect(checkpoint.steps[0]).toMatchObject({
			status: 'waiting',
			answers: { one: 1 },
			waitsFor: [{ requestId: 'run:a:two', expiresAt: checkpoint.createdAt + 990 }],
		});
		const { run, log, end } = restore(steps, checkpoint);
		await current.advance(1);
		expect([run.status, run.requests]).toMatchObject(['waiting', [{ requestId: 'run:a:two' }]]);
		expect(log).toContain('human.asked:a');
		await run.answer('run:a:two', 2);
		expect((await end()).outputs).toEqual({ a: [1, 2] });
		expect(run.step('a')).toMatchObject({ attempt: 1 });

		const late = restore(steps, checkpoint);
		await late.end();
		expect(late.run.step('a')).toMatchObject({
			status: 'timed_out',
			error: { message: 'Nobody answered "two" of step "a" within 1000 ms.' },
		});
	});

	it('waits for all that a restarted step had asked at once', async () => {
		const steps: Steps = {
			a: async (context: BodyContext) =>
				await Promise.all([context.waitFor('one'), context.waitFor('two')]),
		};
		const first = begin(steps);
		await current.advance(1);
		const { run, end } = restore(steps, json(first.run.checkpoint()));
		await current.advance(1);
		await run.answer('run:a:one', 1);
		expect(run.status).toBe('waiting');
		await run.answer('run:a:two', 2);
		expect((await end()).outputs).toEqual({ a: [1, 2] });
	});

	it('as another run has its dependencies of the session again', async () => {
		const steps: Steps = {
			login: ok,
			setup: ok,
			slow: takes(50),
			use: {
				run: ok,
				dependsOn: { login: { lifecycle: 'session' }, setup: 'required', slow: 'required' },
			},
		};
		const first = begin(steps);
		await current.advance(10);
		const checkpoint = json(first.run.checkpoint());
		const same = restore(steps, checkpoint);
		await same.end();
		expect(started(same.log)).toEqual(['slow', 'use']);
		const fork = restore(steps, checkpoint, { runId: 'fork' });
		await fork.end();
		expect(fork.run.runId).toBe('fork');
		expect(started(fork.log)).toEqual(['slow', 'login#2', 'use']);
	});

	it('runs steps that the graph has gained, and drops those it has lost', async () => {
		const first = begin({ a: ok, old: { run: ok, dependsOn: 'wait' }, wait: takes(50) });
		await current.advance(10);
		const { run, log, end } = restore(
			{ a: ok, wait: takes(5), fresh: { run: ok, dependsOn: 'a' } },
			json(first.run.checkpoint()),
		);
		await end();
		expect(started(log)).toEqual(['wait', 'fresh']);
		expect(statuses(run)).toEqual({ a: 'completed', wait: 'completed', fresh: 'completed' });
	});

	it('forgets the earlier executions of steps that the graph has lost', async () => {
		const loop: GraphStep = { run: ({ iteration }) => (iteration < 3 ? goTo('loop') : 'over') };
		const first = begin({ loop, wait: { run: takes(50), next: [] } });
		await current.advance(10);
		const checkpoint = json(first.run.checkpoint());
		expect(checkpoint.history.map(({ path }) => path)).toEqual(['loop', 'loop#2']);
		const { run, end } = restore({ wait: takes(5) }, checkpoint);
		await end();
		expect(statuses(run)).toEqual({ wait: 'completed' });
		expect(run.checkpoint().history).toEqual([]);
	});

	it('keeps what is left of the time limit', async () => {
		const steps: Steps = { a: takes(500) };
		const first = begin(steps, { timeoutMs: 100 });
		await current.advance(30);
		const checkpoint = json(first.run.checkpoint());
		expect(checkpoint.remainingMs).toBe(70);
		freshRuntime();
		const { end } = restore(steps, checkpoint, { timeoutMs: 100 });
		await end();
		expect(current.monotonic()).toBe(70);
	});

	it('carries the data of its caller', async () => {
		const first = begin({ a: ok }, { snapshot: () => ({ mine: [1] }) });
		expect(first.run.checkpoint().snapshot).toEqual({ mine: [1] });
		await first.end();
	});

	it('is refused when it was changed, is something else, or belongs to another graph', async () => {
		const { run } = await at({ a: ok });
		const checkpoint = json(run.checkpoint());
		expect(() => restore({ a: ok }, { ...checkpoint, completed: [] })).toThrow(
			'The checkpoint of run "run" was changed after it was taken: its checksum does not match.',
		);
		expect(() => restore({ a: ok }, { hello: 1 })).toThrow(/^Checkpoint: schemaVersion: /);
		const other = defineGraph({ name: 'other', steps: full({ a: ok }) });
		expect(() => restoreGraph(other, checkpoint, { runtime: current })).toThrow(
			'The checkpoint is of "test", not of "other".',
		);
	});

	it('is handed out at an interval, as long as the run goes on', async () => {
		const times: number[] = [];
		const { runtime } = await at(
			{ a: takes(35) },
			{ checkpointEveryMs: 10, onCheckpoint: () => void times.push(current.monotonic()) },
		);
		expect([times, runtime.pendingTimers]).toEqual([[10, 20, 30], 0]);
	});

	it('can be released: nothing of the run happens here any more', async () => {
		const { run, runtime, log } = begin(
			{ a: async (context: BodyContext) => await context.waitFor('x', { timeoutMs: 100 }) },
			{ timeoutMs: 1000, countWaitingTime: true },
		);
		await runtime.until(run.untilIdle());
		run.release();
		expect(runtime.pendingTimers).toBe(0);
		const before = log.length;
		await runtime.advance(5000);
		expect(log).toHaveLength(before);
		expect(new VirtualRuntime().pendingTimers).toBe(0);
	});
});
