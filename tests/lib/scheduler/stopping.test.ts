import {
	CancellationScope,
	defineGraph,
	MemoryJournal,
	restoreGraph,
	type GraphRunOptions,
	type GraphStep,
	type Journal,
	type JournalEntry,
} from '../../../lib';
import {
	current,
	fails,
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
const never = async (): Promise<never> => await new Promise(() => undefined);

describe('a cancel of a run that is being undone', () => {
	const undone: string[] = [];
	const undo =
		(ms: number): GraphStep['compensate'] =>
		async ({ path, signal }) => {
			await takes(ms)({ signal });
			undone.push(path);
		};
	const steps: Steps = {
		a: { run: ok, compensate: undo(30) },
		b: { run: ok, dependsOn: 'a', compensate: undo(30) },
		c: { run: fails, dependsOn: 'b' },
	};
	beforeEach(() => void undone.splice(0));

	it('changes nothing, and is told', async () => {
		const { run, events, end } = begin(steps);
		await current.advance(10);
		const cancelled = run.cancel('No more.');
		expect((await end()).status).toBe('failed');
		expect((await cancelled).status).toBe('failed');
		expect(undone).toEqual(['b', 'a']);
		expect(events.find(({ type }) => type === 'run.cancel_repeated')?.data).toMatchObject({
			cause: { kind: 'user', message: 'No more.' },
			force: false,
		});
		await run.cancel('Too late.');
		expect(events.filter(({ type }) => type === 'run.cancel_repeated')).toHaveLength(1);
	});

	it('ends it with force: what is not undone is reported', async () => {
		const { run, end } = begin(steps);
		await current.advance(10);
		const cancelled = run.cancel('Enough.', { force: true });
		const { status, compensationErrors } = await end();
		expect([status, undone, current.monotonic()]).toEqual(['failed', [], 10]);
		expect(compensationErrors.map(({ path, error }) => [path, error.code])).toEqual([
			['b', 'UNDO_STOPPED'],
			['a', 'UNDO_STOPPED'],
		]);
		expect(compensationErrors[0]!.error.message).toBe('"b" was not undone to its end: Enough.');
		await cancelled;
		expect(current.pendingTimers).toBe(0);
	});

	it('from the scope around it changes nothing either', async () => {
		const scope = new CancellationScope();
		const { end } = begin(steps, { scope });
		await current.advance(10);
		scope.cancel({ kind: 'user', message: 'All of it.', at: 0 });
		expect((await end()).status).toBe('failed');
		expect(undone).toEqual(['b', 'a']);
	});

	it('tells an undoing that takes too long to stop', async () => {
		let reason: unknown;
		const late: Steps = {
			a: {
				run: ok,
				compensate: async ({ signal }) => {
					signal.addEventListener('abort', () => (reason = signal.reason));
					await never();
				},
				compensateRetry: { maxAttempts: 1 },
			},
			b: { run: fails, dependsOn: 'a' },
		};
		const { end } = begin(late, { cleanupTimeoutMs: 50 });
		expect((await end()).compensationErrors).toMatchObject([{ error: { code: 'TIMEOUT' } }]);
		expect(reason).toMatchObject({ code: 'ABORTED' });
	});
});

describe('a journal that does not answer', () => {
	const journal = (silent: keyof Journal): Journal => {
		const isSilent = (name: keyof Journal, path: string): boolean =>
			name === silent && !path.startsWith('$');
		return {
			find: (path) => (isSilent('find', path) ? never() : undefined),
			started: () => undefined,
			completed: (path) => (isSilent('completed', path) ? never() : undefined),
			failed: (path) => (isSilent('failed', path) ? never() : undefined),
		};
	};

	it.each(['completed', 'failed', 'find'] as const)(
		'in %s does not keep a run that is cancelled from ending',
		async (silent) => {
			const steps: Steps = { a: silent === 'failed' ? fails : ok };
			const { run, end } = begin(steps, { journal: journal(silent), cleanupTimeoutMs: 50 });
			await current.advance(5);
			void run.cancel();
			await current.advance(5);
			void run.cancel();
			expect((await end()).status).toBe('cancelled');
			expect(current.monotonic()).toBe(55);
			expect(statuses(run).a).toBe(silent === 'find' ? 'cancelled' : 'failed');
			if (silent !== 'find') {
				expect(run.step('a')).toMatchObject({ error: { code: 'JOURNAL_FAILED' } });
			}
		},
	);

	it('and then does has come too late', async () => {
		const saves: Array<() => void> = [];
		const late: Journal = {
			find: () => undefined,
			started: () => undefined,
			completed: (path) =>
				path.startsWith('$') ? undefined : new Promise((resolve) => saves.push(resolve)),
			failed: () => undefined,
		};
		const { run, log, end } = begin(
			{ a: ok, b: takes(100) },
			{ journal: late, cleanupTimeoutMs: 50 },
		);
		await current.advance(5);
		expect(run.cancelStep('a')).toBe(false);
		await current.advance(50);
		expect(statuses(run)).toEqual({ a: 'failed', b: 'running' });
		saves[0]!();
		await current.advance(50);
		saves[1]!();
		await end();
		expect(statuses(run)).toEqual({ a: 'failed', b: 'completed' });
		expect(log.filter((line) => line.endsWith(':a'))).toEqual([
			'step.ready:a',
			'step.queued:a',
			'step.started:a',
			'step.failed:a',
		]);
	});

	it('for facts about the run is not waited for long', async () => {
		const silent: Journal = Object.assign(new MemoryJournal(), {
			completed: (path: string) => (path.startsWith('$') ? never() : undefined),
		});
		const { end, log } = begin({ a: ok }, { journal: silent, cleanupTimeoutMs: 50 });
		expect((await end()).status).toBe('completed');
		expect(log).toContain('run.not_recorded');
		expect(current.monotonic()).toBe(50);
	});

	it('and then does is not listened to any more', async () => {
		const answers: Array<(entry?: JournalEntry) => void> = [];
		const late: Journal = {
			find: (path) =>
				path.startsWith('$')
					? undefined
					: new Promise<JournalEntry | undefined>((resolve) => answers.push(resolve)),
			started: () => undefined,
			completed: () => undefined,
			failed: () => undefined,
		};
		const { run, log, end } = begin(
			{ a: ok, b: takes(100) },
			{ journal: late, cleanupTimeoutMs: 50 },
		);
		await current.drain();
		expect(run.cancelStep('a')).toBe(true);
		await current.advance(50);
		expect(statuses(run).a).toBe('cancelled');
		const result = { output: 'old', attempt: 1, order: 1 };
		answers[0]!({ path: 'a', inputHash: '', status: 'completed', attempt: 1, result });
		answers[1]!();
		await end();
		expect(statuses(run)).toEqual({ a: 'cancelled', b: 'completed' });
		expect(started(log)).toEqual(['b']);
	});

	it('of what an earlier process did keeps the run from starting', async () => {
		const broken: Journal = {
			find: async () => await Promise.reject(new Error('disk gone')),
			started: () => undefined,
			completed: () => undefined,
			failed: () => undefined,
		};
		const { run, end, log } = begin({ a: ok, b: { run: ok, onDemand: true } }, { journal: broken });
		expect(await end()).toMatchObject({
			status: 'failed',
			error: { code: 'JOURNAL_FAILED', message: expect.stringContaining('disk gone') as string },
		});
		expect([started(log), statuses(run)]).toEqual([[], { a: 'cancelled', b: 'cancelled' }]);
	});
});

describe('draining a run', () => {
	it('breaks off what may be, waits for the rest, and lets go of it', async () => {
		const causes: unknown[] = [];
		const steps: Steps = {
			a: {
				run: async ({ signal }) => {
					signal.addEventListener('abort', () => causes.push(signal.reason));
					await takes(100)({ signal });
				},
				preemptible: true,
			},
			b: stubborn(20),
			c: { run: ok, dependsOn: 'b' },
		};
		const { run, events } = begin(steps, { timeoutMs: 1000 });
		await current.advance(5);
		const checkpoint = await current.until(run.drain());
		expect([run.status, current.monotonic(), current.pendingTimers]).toEqual(['paused', 20, 0]);
		expect(causes).toMatchObject([{ details: { cause: { kind: 'shutdown' } } }]);
		expect(events.at(-1)).toMatchObject({ type: 'checkpoint.taken', data: { reason: 'drain' } });
		const { end, log } = restore(steps, checkpoint);
		expect((await end()).status).toBe('completed');
		expect(started(log)).toEqual(['a', 'c']);
	});

	it('of a run that is paused or has ended is simple', async () => {
		const { run } = begin({ a: takes(20) });
		await current.advance(5);
		await current.until(run.pause());
		expect((await run.drain()).status).toBe('paused');
		const other = begin({ a: ok });
		await other.end();
		await expect(other.run.drain()).rejects.toThrow('cannot be paused: it is completed');
	});
});

describe('a run that goes on from a checkpoint', () => {
	const steps = (broken: boolean): Steps => ({
		bad: { run: broken ? fails : ok, optional: true },
		after: { run: ok, dependsOn: 'bad' },
		slow: { run: takes(100), timeouts: { startToCloseMs: broken ? 5 : 500 }, optional: true },
		unwanted: { run: takes(100), optional: true },
		more: { run: ok, dependsOn: 'unwanted' },
		rest: takes(50),
	});

	const checkpointOf = async () => {
		const { run } = begin(steps(true));
		await current.advance(10);
		run.cancelStep('unwanted');
		await current.advance(10);
		const checkpoint = await current.until(run.pause());
		run.release();
		return checkpoint;
	};

	it('tries again what failed, and not what somebody did not want', async () => {
		const { run, end } = restore(steps(false), await checkpointOf());
		await end();
		expect(statuses(run)).toEqual({
			bad: 'completed',
			after: 'completed',
			slow: 'completed',
			unwanted: 'cancelled',
			more: 'skipped',
			rest: 'completed',
		});
	});

	it('leaves all that has ended, when only what is unfinished is to go on', async () => {
		const { run, end, log } = restore(steps(false), await checkpointOf(), {
			resumeFrom: 'unfinished',
		});
		const { outcome } = await end();
		expect(started(log)).toEqual([]);
		expect(outcome).toBe('partial');
		expect(statuses(run)).toEqual({
			bad: 'failed',
			after: 'skipped',
			slow: 'timed_out',
			unwanted: 'cancelled',
			more: 'skipped',
			rest: 'completed',
		});
		expect(run.step('bad')).toMatchObject({ attempt: 1, error: { code: 'BOOM' } });
	});

	it('tries again what was cancelled with its whole run', async () => {
		const { run, end } = begin({ a: takes(50) });
		await current.advance(5);
		void run.cancel('Not now.');
		await end();
		const restored = restore({ a: takes(50) }, run.checkpoint());
		expect((await restored.end()).status).toBe('completed');
	});
});

describe('a step of which nobody knows whether an earlier process did it', () => {
	const dies = async (whenUnknown?: GraphStep['whenUnknown']) => {
		const journal = new MemoryJournal();
		const calls: number[] = [];
		const steps: Steps = {
			pay: {
				run: async (context) => {
					calls.push(context.attempt);
					await takes(50)(context);
					return 'paid';
				},
				...(whenUnknown && { whenUnknown }),
			},
		};
		begin(steps, { journal });
		await current.advance(10);
		current.crash();
		return { journal, calls, steps, again: () => begin(steps, { journal }) };
	};

	it('runs again, unless it says otherwise', async () => {
		for (const whenUnknown of [undefined, 'retry'] as const) {
			const { again, calls } = await dies(whenUnknown);
			expect((await again().end()).status).toBe('completed');
			expect(calls).toEqual([1, 1]);
		}
	});

	it('may fail instead', async () => {
		const { again, calls } = await dies('fail');
		expect(await again().end()).toMatchObject({
			status: 'failed',
			error: {
				code: 'OUTCOME_UNKNOWN',
				message:
					'Step "pay" failed: Step "pay" was broken off in attempt 1: nobody knows whether it was done.',
			},
		});
		expect(calls).toEqual([1]);
	});

	it.each([
		['paid by hand', [1]],
		[{ retry: true }, [1, 2]],
	])('may ask: %j', async (answer, expected) => {
		const { again, calls } = await dies('ask');
		const { run, end } = again();
		await current.advance(1);
		expect([run.status, run.requests]).toMatchObject([
			'waiting',
			[{ requestId: 'run:pay:unknown-outcome', payload: { attempt: 1 } }],
		]);
		await run.answer('run:pay:unknown-outcome', answer);
		const { outputs } = await end();
		expect(outputs.pay).toBe(typeof answer === 'string' ? answer : 'paid');
		expect(calls).toEqual(expected);
	});

	it('is not asked about twice', async () => {
		const { again, journal, calls } = await dies('ask');
		const first = again();
		await current.advance(1);
		const { completed } = journal;
		// The process dies between the answer and the result that follows from it.
		journal.completed = (path, hash, result) => {
			if (path !== 'pay') completed.call(journal, path, hash, result);
		};
		await first.run.answer('run:pay:unknown-outcome', 'paid by hand');
		current.crash();
		journal.completed = completed;
		expect((await again().end()).outputs.pay).toBe('paid by hand');
		expect(calls).toEqual([1]);
	});

	it('is one that was never begun when it was only broken off to make room', async () => {
		const journal = new MemoryJournal();
		journal.started('pay', '', 0);
		const steps: Steps = { pay: { run: () => 'paid', whenUnknown: 'fail' } };
		expect((await begin(steps, { journal }).end()).status).toBe('completed');
	});
});
