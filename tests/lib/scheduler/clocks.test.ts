import {
	defineGraph,
	EngineError,
	goTo,
	MemoryJournal,
	restoreGraph,
	type GraphRunOptions,
	type GraphStep,
	type Journal,
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
	takes,
	type Steps,
} from './play';

beforeEach(() => void freshRuntime());
const at = (steps: Steps, options = {}) => play(steps, { runtime: current, ...options });
const begin = (steps: Steps, options = {}) => start(steps, { runtime: current, ...options });
const restore = (steps: Steps, checkpoint: unknown, options: Partial<GraphRunOptions> = {}) => {
	const log: string[] = [];
	const run = restoreGraph(
		defineGraph({ name: 'test', steps: full(steps) }),
		JSON.parse(JSON.stringify(checkpoint)),
		{
			runtime: current,
			sinks: [({ type, stepPath }) => void log.push(`${type}:${stepPath ?? ''}`)],
			...options,
		},
	);
	return { run, log, end: () => current.until(run.result) };
};
const NOW = Date.UTC(2030, 0, 1);

describe('the time for all attempts of a step', () => {
	it('ends its wait in line, too: for its first place', async () => {
		const { run, log } = await at(
			{
				hog: takes(100),
				a: { run: ok, timeouts: { scheduleToCloseMs: 30, scheduleToStartMs: 70 } },
			},
			{ maxConcurrent: 1 },
		);
		expect(started(log)).toEqual(['hog']);
		expect(run.step('a')).toMatchObject({
			status: 'timed_out',
			endedAt: NOW + 30,
			error: {
				code: 'TIMEOUT',
				message: 'Step "a" was not done within 30 ms: it still waited for a place to run.',
				details: { kind: 'scheduleToClose', limitMs: 30 },
			},
		});
	});

	it('ends its wait in line for a later attempt, and counts from the beginning', async () => {
		const a: GraphStep = {
			run: fails,
			retry: { maxAttempts: 2, initialDelayMs: 10, jitter: 'none' },
			timeouts: { scheduleToCloseMs: 40 },
		};
		const { run, runtime } = await at({ a, hog: takes(100) }, { maxConcurrent: 1 });
		expect(run.step('a')).toMatchObject({ status: 'timed_out', endedAt: NOW + 40, attempt: 1 });
		expect([runtime.monotonic(), runtime.pendingTimers]).toEqual([100, 0]);
	});

	it('does not end a step that has found a place', async () => {
		const { run } = await at(
			{ hog: takes(20), a: { run: takes(15), timeouts: { scheduleToCloseMs: 40 } } },
			{ maxConcurrent: 1 },
		);
		expect(statuses(run).a).toBe('completed');
	});

	it('stands still for a body that waits for an answer and then for a place', async () => {
		const { run, end, runtime } = begin(
			{
				a: {
					run: async (context) => await context.waitFor('x'),
					timeouts: { scheduleToCloseMs: 40 },
				},
				hog: { run: takes(100), dependsOn: [['other', 'optional']] },
				other: takes(5),
			},
			{ maxConcurrent: 1 },
		);
		await runtime.advance(10);
		await run.answer('run:a:x', 1);
		expect(statuses(run)).toMatchObject({ a: 'queued', hog: 'running' });
		expect((await end()).outputs.a).toBe(1);
	});

	it('goes on counting for a step that was broken off and stands in line again', async () => {
		const { run, runtime, end } = begin(
			{
				a: { run: takes(30), preemptible: true, timeouts: { scheduleToCloseMs: 40 } },
				hog: { run: takes(200) },
			},
			{ maxConcurrent: 2 },
		);
		await runtime.advance(10);
		void run.pause('immediate');
		await runtime.advance(30);
		expect(run.step('a')).toMatchObject({ status: 'timed_out', endedAt: NOW + 40 });
		run.resume();
		await end();
	});
});

describe('a step that is not tried again although it has attempts left', () => {
	const late = (): never => {
		throw new EngineError('BUSY', 'Busy.', { errorClass: 'rate_limit', retryAfterMs: 5000 });
	};

	it.each([
		[{ retry: {}, timeouts: { scheduleToCloseMs: 1000 } }, 'deadline', 'only 1000 ms are left'],
		[{ retry: { maxElapsedMs: 1000 } }, 'max_elapsed', 'after maxElapsedMs of 1000 ms'],
		[{ retry: {} }, 'deadline', 'a run waits 2000 ms at most'],
	])('says why: %j', async (options, reason, why) => {
		const { run } = await at({ a: { run: late, ...options } }, { maxInRunWaitMs: 2000 });
		const { error } = run.step('a') as { error?: { message: string; details?: unknown } };
		expect(error?.message).toContain(
			'Busy. It was not tried again: The next attempt would start in',
		);
		expect(error?.message).toContain(why);
		expect(error?.details).toEqual({ notRetried: reason });
	});

	it('says nothing when its attempts are spent', async () => {
		const { run } = await at({ a: { run: late, retry: { maxAttempts: 1 } } });
		expect(run.step('a')).toMatchObject({ error: { message: 'Busy.' } });
	});
});

describe('the time limit of a run over crashes', () => {
	const dies = (steps: Steps, journal: Journal, options: object = {}) =>
		begin(steps, { journal, timeoutMs: 100, ...options });

	it('goes on where it was, and the time until somebody takes over counts', async () => {
		const journal = new MemoryJournal();
		const steps: Steps = { a: takes(1000) };
		dies(steps, journal);
		await current.advance(60);
		current.crash();
		await current.advance(10);
		dies(steps, journal);
		await current.advance(10);
		current.crash();
		const { end } = dies(steps, journal);
		expect((await end()).status).toBe('timed_out');
		expect(current.monotonic()).toBe(100);
	});

	it('is over at once when it passed meanwhile', async () => {
		const journal = new MemoryJournal();
		dies({ a: takes(1000) }, journal);
		await current.advance(60);
		current.crash();
		await current.advance(500);
		const { end, log } = dies({ a: takes(1000) }, journal);
		expect((await end()).status).toBe('timed_out');
		expect([current.monotonic(), started(log)]).toEqual([560, ['a']]);
	});

	it('does not count the time that the run waited for people or was paused', async () => {
		const journal = new MemoryJournal();
		const steps: Steps = {
			a: async (context) => await context.waitFor('x'),
			b: { run: takes(90), dependsOn: 'a' },
		};
		dies(steps, journal);
		await current.advance(500);
		current.crash();
		await current.advance(500);
		const { run, end } = dies(steps, journal);
		await current.advance(5);
		await run.answer('run:a:x', 1);
		expect((await end()).status).toBe('completed');
	});

	it('begins anew for a run that had ended, and is not recorded without a journal or limit', async () => {
		const journal = new MemoryJournal();
		await dies({ a: takes(90), b: { run: fails, dependsOn: 'a' } }, journal).end();
		const again = dies({ a: takes(90), b: { run: takes(90), dependsOn: 'a' } }, journal);
		expect((await again.end()).status).toBe('completed');
		const other = new MemoryJournal();
		await begin({ a: ok }, { journal: other }).end();
		expect(other.find('$clock', '')).toBeUndefined();
	});

	it('is the smaller of what the checkpoint and the journal say', async () => {
		const journal = new MemoryJournal();
		const steps: Steps = { a: takes(1000) };
		const { run } = dies(steps, journal);
		await current.advance(10);
		const checkpoint = run.checkpoint();
		await current.advance(50);
		current.crash();
		const restored = restore(steps, checkpoint, { journal, timeoutMs: 100 });
		expect((await restored.end()).status).toBe('timed_out');
		expect(current.monotonic()).toBe(100);
	});

	it('is recorded in order, however long each record takes', async () => {
		const memory = new MemoryJournal();
		let delayMs = 40;
		const journal: Journal = {
			find: (path, hash) => memory.find(path, hash),
			started: (path, hash, attempt) => memory.started(path, hash, attempt),
			failed: (path, hash, attempt, error) => memory.failed(path, hash, attempt, error),
			completed: async (path, hash, result) => {
				if (path === '$clock') await current.sleep((delayMs -= 15));
				memory.completed(path, hash, result);
			},
		};
		const { run } = dies({ a: takes(1000) }, journal);
		await current.advance(1);
		void run.pause();
		await current.advance(1);
		run.resume();
		await current.advance(50);
		expect(memory.find('$clock', '')?.result?.output).toMatchObject({ runs: true });
	});
});

describe('the wait for a dependency', () => {
	const steps: Steps = {
		a: async (context) => await context.waitFor('x'),
		b: { run: ok, dependsOn: [{ on: 'a', timeoutMs: 100 }] },
		c: { run: ok, dependsOn: [{ on: 'a', type: 'timeout', timeoutMs: 100 }] },
	};

	it('goes on where it was after a restart', async () => {
		const { run, runtime } = begin(steps);
		await runtime.advance(60);
		const checkpoint = run.checkpoint();
		expect(checkpoint.steps[1]).toMatchObject({ givesUpAt: { a: NOW + 100 } });
		run.release();
		const restored = restore(steps, checkpoint);
		await runtime.advance(39);
		expect(statuses(restored.run)).toMatchObject({ b: 'pending', c: 'pending' });
		await runtime.advance(1);
		expect(statuses(restored.run)).toMatchObject({ b: 'timed_out', c: 'completed' });
		expect(restored.run.checkpoint().steps[1]).not.toHaveProperty('givesUpAt');
	});

	it('is over at once after a restart that took longer', async () => {
		const { run, runtime } = begin(steps);
		await runtime.advance(60);
		const checkpoint = run.checkpoint();
		run.release();
		await runtime.advance(1000);
		const restored = restore(steps, checkpoint);
		await runtime.advance(0);
		expect(statuses(restored.run)).toMatchObject({ b: 'timed_out', c: 'completed' });
	});

	it('begins anew for the next execution', async () => {
		const again: Steps = {
			first: { run: () => goTo('loop'), next: ['loop'] },
			slow: { run: takes(50), next: [] },
			loop: {
				run: ({ iteration }) => goTo(iteration === 1 ? 'loop' : null),
				onDemand: true,
				next: ['loop'],
				dependsOn: [{ on: 'slow', timeoutMs: 90, lifecycle: 'once' }],
			},
		};
		const { run, runtime } = begin(again);
		await runtime.advance(10);
		const checkpoint = run.checkpoint();
		expect(checkpoint.steps.find(({ stepId }) => stepId === 'loop')).toMatchObject({
			givesUpAt: { slow: NOW + 90 },
		});
		const { log, end } = restore(again, checkpoint);
		await end();
		expect(started(log)).toEqual(['slow', 'loop', 'loop#2']);
	});
});

describe('what earlier executions have used up', () => {
	it('stays used up over a restart', async () => {
		const steps: Steps = {
			source: { run: takes(50), next: [] },
			loop: {
				run: ({ iteration }) => goTo(iteration === 1 ? 'loop' : null),
				next: ['loop'],
				dependsOn: ['source', ['other', 'optional']],
			},
			other: { run: fails, next: [], optional: true },
		};
		const { run, runtime } = begin(steps);
		await runtime.advance(75);
		expect(run.step('loop')).toMatchObject({
			path: 'loop#2',
			status: 'pending',
			used: { source: 1 },
		});
		const checkpoint = run.checkpoint();
		expect(statuses(run).source).toBe('running');
		run.release();
		const { log, run: restored, end } = restore(steps, checkpoint);
		expect((await end()).status).toBe('completed');
		expect(started(log)).toEqual(['source#2', 'other', 'loop#2']);
		expect(restored.step('loop').path).toBe('loop#2');
	});

	it('is not taken for new when the source had completed before', async () => {
		const steps: Steps = {
			source: { run: ok, restartable: false, next: [] },
			loop: {
				run: ({ iteration }) => goTo(iteration === 1 ? 'loop' : null),
				next: ['loop'],
				dependsOn: 'source',
			},
			hold: { run: takes(100), next: [] },
		};
		const { run, runtime } = begin(steps);
		await runtime.advance(10);
		expect(statuses(run)).toMatchObject({ loop: 'blocked' });
		const checkpoint = run.checkpoint();
		run.release();
		const { run: restored, end } = restore(steps, checkpoint);
		await end();
		expect(restored.step('loop')).toMatchObject({ status: 'failed', error: { code: 'DEADLOCK' } });
	});
});

describe('a dependency that counts once and for all', () => {
	it('stays met when a later execution of it fails', async () => {
		const { log, run } = await at({
			source: {
				run: ({ iteration }) => (iteration === 1 ? 'first' : fails()),
			},
			late: takes(100),
			fresh: {
				run: ok,
				dependsOn: [{ on: 'source', lifecycle: 'temporary', expiryMs: 10 }, 'late'],
			},
			user: {
				run: ({ deps }) => deps.source?.value,
				dependsOn: [{ on: 'source', lifecycle: 'once' }, 'after'],
			},
			after: { run: ok, dependsOn: 'late2' },
			late2: takes(200),
		});
		expect(started(log)).toContain('source#2');
		expect(statuses(run)).toMatchObject({ source: 'failed', fresh: 'skipped', user: 'completed' });
	});

	it('is met for a step that takes part only later', async () => {
		const { run } = await at({
			source: { run: ({ iteration }) => (iteration === 1 ? 'first' : fails()) },
			late: takes(100),
			fresh: {
				run: ok,
				dependsOn: [{ on: 'source', lifecycle: 'temporary', expiryMs: 10 }, 'late'],
			},
			names: { run: () => goTo('user'), dependsOn: [['fresh', 'sequential']] },
			user: { run: ok, onDemand: true, dependsOn: [{ on: 'source', lifecycle: 'once' }] },
		});
		expect(statuses(run)).toMatchObject({ source: 'failed', user: 'completed' });
	});

	it('has its result also when it runs again just when the run moves to another process', async () => {
		const seen: unknown[] = [];
		const steps: Steps = {
			source: {
				run: async ({ iteration }) =>
					await takes(20, `value ${iteration}`)({ signal: new AbortController().signal }),
				next: [],
			},
			hold: { run: takes(40), next: [] },
			fresh: {
				run: ok,
				dependsOn: [{ on: 'source', lifecycle: 'temporary', expiryMs: 10 }, 'hold'],
			},
			user: {
				run: ({ deps }) => void seen.push(deps.source!.value),
				dependsOn: [{ on: 'source', lifecycle: 'once' }, 'hold2'],
			},
			hold2: { run: takes(45), next: [] },
		};
		const { run, runtime } = begin(steps);
		await runtime.advance(42);
		expect(run.step('source')).toMatchObject({ path: 'source#2', status: 'running' });
		const checkpoint = run.checkpoint();
		run.release();
		const { end } = restore({ ...steps, hold2: ok }, checkpoint);
		await end();
		expect(seen).toEqual(['value 1']);
	});

	it('is not met by a completion that nobody has been told of', async () => {
		const { run, log } = await at({
			source: takes(5),
			user: { run: ok, dependsOn: [{ on: 'source', lifecycle: 'once' }] },
		});
		expect(started(log)).toEqual(['source', 'user']);
		expect(statuses(run).user).toBe('completed');
	});
});

describe('what a step learns of a dependency', () => {
	it('has the reason why it was skipped, cancelled or timed out', async () => {
		const seen: Record<string, unknown> = {};
		const { run, runtime, end } = begin({
			bad: fails,
			skipped: { run: ok, dependsOn: 'bad' },
			cancelled: takes(50),
			look: {
				run: ({ deps }) => {
					for (const [id, { status, cause }] of Object.entries(deps))
						seen[id] = [status, cause?.kind];
				},
				dependsOn: [
					['bad', 'sequential'],
					['skipped', 'sequential'],
					['cancelled', 'sequential'],
				],
			},
		});
		await runtime.advance(1);
		run.cancelStep('cancelled');
		await end();
		expect(seen).toEqual({
			bad: ['failed', undefined],
			skipped: ['skipped', 'dependency'],
			cancelled: ['cancelled', 'user'],
		});
	});
});
