import {
	defineGraph,
	MemoryJournal,
	restoreGraph,
	goTo,
	TimeoutError,
	type BodyContext,
	type CompensationContext,
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

/** A journal that takes time, and fails when told to. */
function slow(journal: MemoryJournal, broken: ReadonlySet<keyof Journal> = new Set()): Journal {
	const later = async <Value>(name: keyof Journal, value: () => Value): Promise<Value> => {
		await current.sleep(1);
		if (broken.has(name)) throw new Error(`${name} is broken`);
		return value();
	};
	return {
		find: (path, hash) => later('find', () => journal.find(path, hash)),
		started: (path, hash, attempt) => later('started', () => journal.started(path, hash, attempt)),
		completed: (path, hash, result) =>
			later('completed', () => journal.completed(path, hash, result)),
		failed: (path, hash, attempt, error) =>
			later('failed', () => journal.failed(path, hash, attempt, error)),
	};
}

const throwing = (name: keyof Journal): Journal =>
	Object.assign(new MemoryJournal(), {
		[name]: () => {
			throw new Error(`${name} is broken`);
		},
	});

const entryOf = (journal: MemoryJournal, path: string): JournalEntry | undefined =>
	journal.all().find((entry) => entry.path === path);

describe.each(['at once', 'slow'] as const)('a journal that answers %s', (kind) => {
	const wrap = (journal: MemoryJournal): Journal => (kind === 'slow' ? slow(journal) : journal);

	it('records starts, results and failures', async () => {
		const journal = new MemoryJournal();
		await at(
			{
				a: () => goTo('c', { n: 1 }),
				b: fails,
				c: { run: ok, onDemand: true, input: () => ({ x: 1 }) },
			},
			{ journal: wrap(journal) },
		);
		expect(entryOf(journal, 'a')).toMatchObject({
			status: 'completed',
			inputHash: '',
			attempt: 1,
			result: { output: { n: 1 }, next: ['c'], attempt: 1 },
		});
		expect(entryOf(journal, 'b')).toMatchObject({
			status: 'failed',
			attempt: 1,
			error: { code: 'BOOM' },
		});
		expect(entryOf(journal, 'c')?.inputHash).toMatch(/^[0-9a-f]{64}$/);
		expect(entryOf(journal, '$run')).toMatchObject({
			result: { output: { status: 'failed', outcome: 'failure' } },
		});
	});

	it('spares completed steps when the run is started again; failed ones run', async () => {
		const journal = new MemoryJournal();
		let broken = true;
		const steps: Steps = {
			a: () => goTo(['b'], 'a'),
			b: { run: ok, onDemand: true },
			c: () => {
				if (broken) throw new Error('down');
				return 'up';
			},
			d: { run: ok, dependsOn: 'c' },
		};
		await at(steps, { journal: wrap(journal) });
		broken = false;
		const { log, run, result, events } = await at(steps, { journal: wrap(journal) });
		expect(started(log)).toEqual(['c', 'd']);
		expect(result.outputs).toEqual({ a: 'a', b: 'ok', c: 'up', d: 'ok' });
		expect(run.step('a')).toMatchObject({ reused: true, attempt: 1 });
		expect(run.step('c')).toMatchObject({ attempt: 1 });
		expect(
			events.find(({ stepPath, type }) => stepPath === 'a' && type === 'step.completed'),
		).toMatchObject({ data: { reused: true } });
	});

	it('spares what was completed after the checkpoint that the run goes on from', async () => {
		const journal = new MemoryJournal();
		const ran: string[] = [];
		const steps: Steps = {
			a: {
				run: async (context) => {
					ran.push('a');
					await takes(5)(context);
				},
			},
			b: { run: () => void ran.push('b'), dependsOn: 'a' },
		};
		const first = begin(steps, { journal: wrap(journal) });
		await first.runtime.advance(4);
		const checkpoint = JSON.parse(JSON.stringify(first.run.checkpoint())) as unknown;
		await first.end();
		const graph = defineGraph({ name: 'test', steps: full(steps) });
		const again = restoreGraph(graph, checkpoint, { runtime: current, journal: wrap(journal) });
		expect((await current.until(again.result)).status).toBe('completed');
		expect(ran).toEqual(['a', 'b']);
	});

	it('runs a step again whose input has changed', async () => {
		const journal = new MemoryJournal();
		const steps = (x: number): Steps => ({
			a: { run: ({ input }) => input, input: () => x },
			b: ok,
		});
		await at(steps(1), { journal: wrap(journal) });
		const { log, result } = await at(steps(2), { journal: wrap(journal) });
		expect(started(log)).toEqual(['a']);
		expect(result.outputs.a).toBe(2);
		const other = await at(steps(2), { journal: wrap(journal), input: 'other' });
		expect(started(other.log)).toEqual(['b']);
	});

	it('counts attempts that were broken off, where attempts are counted', async () => {
		const journal = new MemoryJournal();
		const attempts: number[] = [];
		const a: GraphStep = {
			run: ({ attempt }) => {
				attempts.push(attempt);
				throw new Error('again');
			},
			retry: { maxAttempts: 3, initialDelayMs: 0 },
		};
		journal.started('a', '', 2);
		journal.started('b', '', 7);
		const { run } = await at({ a, b: ok }, { journal: wrap(journal) });
		expect(attempts).toEqual([3]);
		expect(run.step('a')).toMatchObject({ status: 'failed', attempt: 3 });
		expect(run.step('b')).toMatchObject({ status: 'completed', attempt: 1 });
	});

	it('gives what stands in for a step that was broken off in its last attempt', async () => {
		const retry = { maxAttempts: 3, defaultValue: 'none' };
		const journal = new MemoryJournal();
		journal.started('a', '', 3);
		journal.started('b', '', 3);
		const { run, log, end, runtime } = begin(
			{
				a: { run: ok, retry: { ...retry, onExhausted: 'default' } },
				b: { run: ok, retry: { ...retry, onExhausted: 'pause' } },
			},
			{ journal: wrap(journal) },
		);
		await runtime.until(run.untilIdle());
		expect(run.requests).toMatchObject([{ payload: { error: { code: 'ATTEMPTS_SPENT' } } }]);
		await runtime.until(run.answer(run.requests[0]!.requestId, 'a person says so'));
		expect((await end()).outputs).toEqual({ a: 'none', b: 'a person says so' });
		expect(started(log)).toEqual([]);
	});

	it('fails a step that was broken off in its last attempt', async () => {
		const journal = new MemoryJournal();
		journal.started('a', '', 3);
		const { run, log } = await at(
			{ a: { run: ok, retry: { maxAttempts: 3 } } },
			{ journal: wrap(journal) },
		);
		expect(started(log)).toEqual([]);
		expect(run.step('a')).toMatchObject({
			status: 'failed',
			attempt: 3,
			error: {
				code: 'ATTEMPTS_SPENT',
				message: 'Step "a" was broken off in its last attempt, number 3.',
				retryable: false,
				details: { attempt: 3, runId: 'run' },
			},
		});
	});

	it('remembers answers', async () => {
		const journal = new MemoryJournal();
		const a = async (context: BodyContext): Promise<unknown> => {
			const answer = await context.waitFor('x');
			await takes(1000)(context);
			return answer;
		};
		const first = begin({ a }, { journal: wrap(journal) });
		await current.advance(50);
		await current.until(first.run.answer('run:a:x', 'yes'));
		current.crash();
		const { result, run } = await at({ a }, { journal: wrap(journal) });
		expect([result.outputs, run.requests]).toEqual([{ a: 'yes' }, []]);
	});

	it('gives an answer again to what was shown, not to anything else', async () => {
		const journal = new MemoryJournal();
		const a =
			(payload: unknown) =>
			async (context: BodyContext): Promise<unknown> => {
				const answer = await context.waitFor('x', { payload });
				await takes(1000)(context);
				return answer;
			};
		const first = begin({ a: a({ pay: 10, to: 'Ann' }) }, { journal: wrap(journal) });
		await current.advance(50);
		await current.until(first.run.answer('run:a:x', 'yes'));
		current.crash();
		const same = begin({ a: a({ to: 'Ann', pay: 10 }) }, { journal: wrap(journal) });
		await current.advance(50);
		expect(statuses(same.run).a).toBe('running');
		current.crash();
		const changed = begin({ a: a({ pay: 1000, to: 'Ann' }) }, { journal: wrap(journal) });
		await current.advance(50);
		expect(changed.run.requests).toMatchObject([{ payload: { pay: 1000, to: 'Ann' } }]);
		const receipt = changed.run.answer('run:a:x', 'no');
		expect(await current.until(receipt)).toEqual({ accepted: true });
		expect((await changed.end()).outputs).toEqual({ a: 'no' });
	});

	it('remembers that the run was cancelled', async () => {
		const journal = new MemoryJournal();
		const undone: string[] = [];
		const steps: Steps = {
			a: { run: ok, compensate: ({ path }) => void undone.push(path) },
			b: { run: takes(500), dependsOn: 'a' },
			c: { run: ok, dependsOn: { b: 'sequential' }, compensate: () => undefined },
		};
		const first = begin(steps, { journal: wrap(journal) });
		await current.advance(50);
		void first.run.cancel('Stop.');
		await current.advance(1.5);
		current.crash();
		undone.length = 0;
		journal.completed('c', '', { output: 'c', attempt: 1, order: 9 });
		const { result, log, run } = await at(steps, { journal: wrap(journal) });
		expect(started(log)).toEqual([]);
		expect(result).toMatchObject({ status: 'cancelled', cause: { message: 'Stop.' } });
		expect(statuses(run)).toEqual({ a: 'completed', b: 'cancelled', c: 'completed' });
	});

	it('goes on undoing after a restart, and never undoes twice', async () => {
		const journal = new MemoryJournal();
		const undone: string[] = [];
		const undo = async (context: CompensationContext): Promise<void> => {
			await takes(20)(context);
			undone.push(`${context.path} ${JSON.stringify(context.output)}`);
		};
		const steps: Steps = {
			a: { run: () => goTo(['p'], 1), compensate: undo },
			p: { run: () => 2, onDemand: true, compensate: undo },
			b: { run: fails, dependsOn: ['a'] },
		};
		begin(steps, { journal: wrap(journal) });
		await current.advance(35);
		expect(undone).toEqual(['p 2']);
		current.crash();
		const { result, log } = await at(steps, { journal: wrap(journal) });
		expect(undone).toEqual(['p 2', 'a 1']);
		expect(started(log)).toEqual([]);
		expect(result).toMatchObject({ status: 'failed', error: { message: 'Step "b" failed: boom' } });
		expect(entryOf(journal, 'a/compensate')?.status).toBe('completed');
	});
});

describe('a journal that fails', () => {
	const failed = (path: string, why: string) => ({
		status: 'failed',
		error: {
			code: 'JOURNAL_FAILED',
			errorClass: 'server',
			message: `Step "${path}" could not be recorded: ${why}`,
			retryable: false,
			hint: 'Check the store, then start the run again: recorded steps do not run twice.',
		},
	});

	it.each(['find', 'started', 'completed'] as const)(
		'in %s fails the step, whether it throws or rejects',
		async (name) => {
			const later = { find: (): undefined => undefined };
			for (const journal of [throwing(name), slow(new MemoryJournal(), new Set([name]))]) {
				// Only lookups of steps are to fail, not those of the run itself.
				const find = journal.find.bind(journal);
				journal.find = (path, hash) => (path.startsWith('$') ? later.find() : find(path, hash));
				const { run, result } = await at({ a: ok, b: { run: ok, dependsOn: 'a' } }, { journal });
				expect(run.step('a')).toMatchObject(failed('a', `${name} is broken`));
				expect(statuses(run).b).toBe('skipped');
				expect(result.error?.code).toBe('JOURNAL_FAILED');
			}
		},
	);

	it('in failed changes nothing: the step has failed either way', async () => {
		for (const journal of [throwing('failed'), slow(new MemoryJournal(), new Set(['failed']))]) {
			const { run } = await at({ a: fails }, { journal });
			expect(run.step('a')).toMatchObject({ status: 'failed', error: { code: 'BOOM' } });
		}
	});

	it('for facts about the run costs an event, not the run', async () => {
		const journal = slow(new MemoryJournal());
		const completed = journal.completed.bind(journal);
		journal.completed = (path, hash, result) =>
			path.startsWith('$') ? Promise.reject(new Error('full')) : completed(path, hash, result);
		const { result, events } = await at({ a: ok }, { journal });
		expect(result.status).toBe('completed');
		expect(events.find(({ type }) => type === 'run.not_recorded')?.data).toEqual({
			path: '$run',
			error: 'full',
		});
	});

	it('when somebody answers leaves the question open', async () => {
		const memory = new MemoryJournal();
		const journal = slow(memory);
		let broken = true;
		const completed = journal.completed.bind(journal);
		journal.completed = (path, hash, result) =>
			broken && path.includes('/answer/')
				? Promise.reject(new Error('full'))
				: completed(path, hash, result);
		const { run, runtime, end } = begin(
			{ a: async (context: BodyContext) => await context.waitFor('x') },
			{ journal },
		);
		await runtime.advance(20);
		await expect(runtime.until(run.answer('run:a:x', 1))).rejects.toMatchObject({
			code: 'JOURNAL_FAILED',
			message: 'The answer could not be recorded: full',
			hint: 'The question is still open: answer again.',
		});
		broken = false;
		expect(await runtime.until(run.answer('run:a:x', 2))).toEqual({ accepted: true });
		expect((await end()).outputs).toEqual({ a: 2 });
	});
});

describe('a cancel of a step that waits, in a run with a past', () => {
	const past = (...paths: string[]): MemoryJournal => {
		const journal = new MemoryJournal();
		paths.forEach((path, index) =>
			journal.completed(path, '', { output: path, attempt: 1, order: index + 1 }),
		);
		return journal;
	};

	it('leaves it alone when it turns out to be done, so that it is undone in its turn', async () => {
		const undone: string[] = [];
		const compensate = ({ path }: CompensationContext): number => undone.push(path);
		const { run, log, end } = begin(
			{
				a: { run: ok, compensate },
				b: { run: ok, compensate },
				c: { run: ok, dependsOn: 'a', compensate },
				d: { run: fails, dependsOn: 'c' },
			},
			{ journal: slow(past('a', 'b', 'c')) },
		);
		await current.advance(2.5);
		expect(run.cancelStep('c')).toBe(true);
		await end();
		expect(started(log)).toEqual(['d']);
		expect(undone).toEqual(['c', 'b', 'a']);
	});

	it('waits for its turn, and is forgotten when its turn brings a recorded result', async () => {
		const { run, log, end } = begin(
			{ a: ok, b: { run: ok, dependsOn: 'a' }, c: { run: ok, dependsOn: 'b' } },
			{ journal: slow(past('a', 'b')) },
		);
		await current.advance(2.5);
		expect([run.cancelStep('b'), run.cancelStep('c')]).toEqual([true, true]);
		expect(statuses(run)).toMatchObject({ b: 'pending', c: 'pending' });
		await end();
		expect(statuses(run)).toEqual({ a: 'completed', b: 'completed', c: 'cancelled' });
		expect(started(log)).toEqual([]);
	});

	it('holds for a named step that waits for others who may name it', async () => {
		const steps: Steps = {
			a: { run: () => goTo('c'), next: ['c'] },
			b: { run: takes(20), next: ['c'] },
			c: { run: ok, onDemand: true },
		};
		for (const [journal, status] of [
			[past(), 'cancelled'],
			[past('x', 'c'), 'completed'],
		] as const) {
			journal.completed('a', '', { output: 1, next: ['c'], attempt: 1, order: 3 });
			const { run, log, end } = begin(steps, { journal });
			await current.advance(10);
			expect(run.cancelStep('c')).toBe(true);
			await end();
			expect(statuses(run).c).toBe(status);
			expect(started(log)).toEqual(['b']);
		}
	});

	it('takes effect when nothing else can happen any more', async () => {
		const condition = (): boolean => false;
		const { run, end } = begin(
			{
				a: takes(20),
				b: { run: ok, dependsOn: [{ on: 'a', type: 'conditional', condition }] },
			},
			{ journal: past('x') },
		);
		await current.advance(10);
		expect(run.cancelStep('b')).toBe(true);
		await end();
		expect(statuses(run)).toEqual({ a: 'completed', b: 'cancelled' });
	});
});

describe('while something is being recorded', () => {
	it('a cancel comes too late for a result, and in time for a start', async () => {
		const { run, end } = begin({ a: ok }, { journal: slow(new MemoryJournal()) });
		await current.advance(4.5);
		expect(statuses(run).a).toBe('running');
		expect(run.cancelStep('a')).toBe(false);
		await end();
		expect(statuses(run).a).toBe('completed');

		const broken = slow(new MemoryJournal(), new Set(['started'] as const));
		for (const journal of [slow(new MemoryJournal()), broken]) {
			broken.find = journal.find;
			const other = begin({ a: ok }, { journal });
			await current.advance(3.5);
			expect(statuses(other.run).a).toBe('queued');
			expect(other.run.cancelStep('a')).toBe(true);
			await other.end();
			expect(started(other.log)).toEqual([]);
		}
	});

	it('a cancel waits for a lookup, and a recorded result wins', async () => {
		const memory = new MemoryJournal();
		memory.completed('a', '', { output: 'done', attempt: 1, order: 1 });
		const { run, log, end } = begin({ a: ok, b: ok }, { journal: slow(memory) });
		await current.advance(2.5);
		expect(statuses(run)).toEqual({ a: 'ready', b: 'ready' });
		expect([run.cancelStep('a'), run.cancelStep('b')]).toEqual([true, true]);
		await end();
		expect(statuses(run)).toEqual({ a: 'completed', b: 'cancelled' });
		expect(started(log)).toEqual([]);
	});

	it('a lookup is not time in line: a recorded result is found however long it takes', async () => {
		const memory = new MemoryJournal();
		memory.completed('a', '', { output: 'done', attempt: 1, order: 1 });
		const step: GraphStep = { run: ok, timeouts: { scheduleToStartMs: 0.5 } };
		const { run, log } = await at({ a: step, b: step }, { journal: slow(memory) });
		expect(statuses(run).a).toBe('completed');
		// The start of an attempt is recorded in line, too.
		expect(statuses(run).b).toBe('timed_out');
		expect(started(log)).toEqual([]);
	});

	it('a dependency that an earlier process met is not timed out while it is looked for', async () => {
		const memory = new MemoryJournal();
		const met = { output: 'done', attempt: 1 };
		for (const [index, path] of ['a', 'b', 'c'].entries()) {
			memory.completed(path, '', { ...met, order: index + 1 });
		}
		const timeoutMs = 1.5;
		const { run, log } = await at(
			{
				a: ok,
				b: { run: ok, dependsOn: 'a' },
				c: { run: ok, dependsOn: [{ on: 'b', type: 'required', timeoutMs }] },
				d: { run: takes(20), dependsOn: 'c' },
				e: { run: ok, dependsOn: [{ on: 'd', type: 'required', timeoutMs }] },
			},
			{ journal: slow(memory) },
		);
		expect(statuses(run)).toMatchObject({ c: 'completed', d: 'completed', e: 'timed_out' });
		expect(started(log)).toEqual(['d']);
	});

	it('the failure of a timed-out attempt hears nothing of its body any more', async () => {
		const { run, log } = await at(
			{ a: { run: stubborn(10.5), timeouts: { startToCloseMs: 10 } }, b: takes(50) },
			{ journal: slow(new MemoryJournal()) },
		);
		expect(statuses(run).a).toBe('timed_out');
		expect(log).toContain('late.result:a');
	});

	it('a pause waits for attempts that are about to start', async () => {
		const { run, runtime, end } = begin({ a: takes(20) }, { journal: slow(new MemoryJournal()) });
		await runtime.advance(3.5);
		expect(statuses(run).a).toBe('queued');
		await runtime.until(run.pause());
		expect([run.status, statuses(run).a]).toEqual(['paused', 'completed']);
		run.resume();
		await end();
	});
});

describe('compensation', () => {
	const undoing = (undone: string[], ms = 0) => ({
		compensate: async (context: CompensationContext) => {
			if (ms > 0) await takes(ms)(context);
			undone.push(context.path);
		},
	});

	it('undoes completed steps, the last completed first', async () => {
		const undone: string[] = [];
		const { result, run, events } = await at({
			slow: { run: takes(30), ...undoing(undone) },
			quick: { run: takes(10), ...undoing(undone) },
			none: takes(5),
			bad: { run: fails, dependsOn: ['slow', 'quick'], ...undoing(undone) },
		});
		expect(undone).toEqual(['slow', 'quick']);
		expect([result.status, result.compensationErrors]).toEqual(['failed', []]);
		expect(
			events
				.filter(({ type }) => type === 'step.compensation')
				.map(({ stepPath, data }) => `${stepPath} ${String(data?.status)}`),
		).toEqual(['slow running', 'slow done', 'quick running', 'quick done']);
		expect(run.checkpoint().steps[0]).toMatchObject({ compensation: 'done' });
	});

	it('knows what the step worked on and returned, and has a key of its own', async () => {
		let seen: Partial<CompensationContext> = {};
		let key = '';
		await at({
			a: {
				run: (context) => {
					key = context.idempotencyKey;
					return { id: 7 };
				},
				input: () => 'in',
				compensate: (context) => {
					const { runId, stepId, path, attempt, input, output, idempotencyKey } = context;
					seen = { runId, stepId, path, attempt, input, output, idempotencyKey };
					expect(context.signal.aborted).toBe(false);
				},
			},
			b: { run: fails, dependsOn: 'a' },
		});
		expect(seen).toMatchObject({
			runId: 'run',
			stepId: 'a',
			path: 'a',
			attempt: 1,
			input: 'in',
			output: { id: 7 },
		});
		expect(seen.idempotencyKey).toMatch(/^[0-9a-f]{64}$/);
		expect(seen.idempotencyKey).not.toBe(key);
	});

	it('undoes each execution of a loop', async () => {
		const undone: string[] = [];
		await at({
			a: { run: ({ iteration }) => goTo(iteration < 3 ? 'a' : 'b'), ...undoing(undone) },
			b: { run: fails, onDemand: true },
		});
		expect(undone).toEqual(['a#3', 'a#2', 'a']);
	});

	it('tries again, and goes on with the others when one cannot be undone', async () => {
		const undone: string[] = [];
		let tries = 0;
		const { result } = await at({
			a: { run: ok, ...undoing(undone) },
			b: {
				run: ok,
				dependsOn: 'a',
				compensate: () => {
					tries++;
					throw new Error('locked');
				},
				compensateRetry: { maxAttempts: 2, initialDelayMs: 10 },
			},
			c: { run: fails, dependsOn: 'b' },
		});
		expect([undone, tries]).toEqual([['a'], 2]);
		expect(result.compensationErrors).toMatchObject([
			{ path: 'b', error: { message: expect.stringContaining('locked') as string } },
		]);
	});

	it('is bounded in time, each attempt', async () => {
		const { result, runtime } = await at(
			{
				a: {
					run: ok,
					compensate: async () => await new Promise(() => undefined),
					compensateRetry: { maxAttempts: 1 },
				},
				b: { run: fails, dependsOn: 'a' },
			},
			{ cleanupTimeoutMs: 40 },
		);
		expect(result.compensationErrors).toMatchObject([
			{ path: 'a', error: { errorClass: 'timeout' } },
		]);
		expect(runtime.monotonic()).toBe(40);
	});

	it('happens on cancel and timeout, too, unless told otherwise', async () => {
		const undone: string[] = [];
		const steps: Steps = { a: { run: ok, ...undoing(undone) }, b: takes(100) };
		const cancelled = async (compensateOn?: string): Promise<string[]> => {
			undone.length = 0;
			const { run, runtime } = begin(steps, { compensateOn });
			await runtime.advance(1);
			await runtime.until(run.cancel());
			return [...undone];
		};
		expect(await cancelled()).toEqual(['a']);
		expect(await cancelled('failure_or_cancel')).toEqual(['a']);
		expect(await cancelled('failure')).toEqual([]);
		expect(await cancelled('never')).toEqual([]);
		undone.length = 0;
		await at(steps, { timeoutMs: 50 });
		expect(undone).toEqual(['a']);
		undone.length = 0;
		const failing = { ...steps, c: { run: fails } };
		await at(failing, { compensateOn: 'failure' });
		expect(undone).toEqual(['a']);
		await at(failing, { compensateOn: 'never' });
		await at(steps);
		expect(undone).toEqual(['a']);
	});

	it('is not stopped by a cancel, and refuses pauses and new steps', async () => {
		const undone: string[] = [];
		const { run, runtime } = begin({ a: { run: ok, ...undoing(undone, 50) }, b: fails });
		await runtime.advance(10);
		await expect(run.pause()).rejects.toThrow('The run cannot be paused: it is running.');
		expect(() => run.addStep('c', { run: ok })).toThrow(/comes too late/);
		const result = await runtime.until(run.cancel('Too late.'));
		expect([undone, result.status, result.cause]).toEqual([['a'], 'failed', undefined]);
	});
});

describe('cleaning up', () => {
	it('comes last, however the run went', async () => {
		const order: string[] = [];
		const cleanup = (): void => void order.push('cleanup');
		const { log } = await at(
			{ a: { run: ok, compensate: () => void order.push('undo') }, b: fails },
			{ cleanup },
		);
		expect(order).toEqual(['undo', 'cleanup']);
		expect(log.slice(-2)).toEqual(['run.cleaned_up', 'run.failed']);
	});

	it('does not change the outcome when it fails, or takes too long', async () => {
		const broken = await at({ a: ok }, { cleanup: () => Promise.reject(new Error('messy')) });
		expect(broken.result.status).toBe('completed');
		expect(broken.events.find(({ type }) => type === 'run.cleanup_failed')?.data).toEqual({
			error: 'messy',
		});
		const endless = await at({ a: ok }, { cleanup: () => new Promise(() => undefined) });
		expect([endless.result.status, endless.runtime.monotonic()]).toEqual(['completed', 10_000]);
		freshRuntime();
		const bounded = { cleanup: () => new Promise(() => undefined), cleanupTimeoutMs: 60 };
		expect((await at({ a: ok }, bounded)).runtime.monotonic()).toBe(60);
	});
});

describe('being told of completions', () => {
	it('happens before successors start, and says when everything parallel has joined', async () => {
		const heard: string[] = [];
		const { log } = await at(
			{
				a: takes(10),
				b: takes(20),
				c: { run: ok, dependsOn: ['a', 'b'] },
				d: { run: fails, dependsOn: 'c' },
			},
			{
				onCompleted: ({ path, parents, quiet, reused, stepId }: never) =>
					void heard.push(
						`${path as string} ${String(parents)} ${quiet as boolean} ${reused as boolean} ${stepId as string}`,
					),
			},
		);
		expect(heard).toEqual(['a  false false a', 'b  true false b', 'c a,b true false c']);
		expect(started(log)).toEqual(['a', 'b', 'c', 'd']);
	});

	it('is quiet only with the last of several that end together', async () => {
		const heard: string[] = [];
		await at(
			{ a: () => 1, b: () => 2 },
			{
				onCompleted: ({ path, quiet }: never) =>
					void heard.push(`${path as string} ${quiet as boolean}`),
			},
		);
		expect(heard).toEqual(['a false', 'b true']);
	});

	it('fails the run when it throws', async () => {
		const { result, run } = await at(
			{ a: ok, b: { run: ok, dependsOn: 'a' }, c: takes(50) },
			{
				onCompleted: () => {
					throw new TimeoutError('bad state');
				},
			},
		);
		expect(result).toMatchObject({
			status: 'failed',
			outcome: 'failure',
			error: { code: 'TIMEOUT', message: 'bad state' },
		});
		expect(statuses(run)).toEqual({ a: 'completed', b: 'cancelled', c: 'cancelled' });
	});
});

describe('asking', () => {
	const ask = (options = {}) => ({
		a: async (context: BodyContext) => await context.waitFor('x', options),
	});

	it('suspends the step: it holds no place, and the run waits', async () => {
		const { run, runtime, end, events } = begin(
			{ ...ask({ payload: { q: '?' } }), b: takes(20), c: takes(20) },
			{ maxConcurrent: 1 },
		);
		await runtime.until(run.untilIdle());
		expect([run.status, runtime.monotonic()]).toEqual(['waiting', 40]);
		expect(run.requests).toEqual([
			{
				requestId: 'run:a:x',
				name: 'x',
				payload: { q: '?' },
				openedAt: runtime.now() - 40,
			},
		]);
		expect(run.blockedBy('a')).toMatchObject({ kind: 'human', detail: 'an answer to "x"' });
		expect(events.find(({ type }) => type === 'human.asked')).toMatchObject({
			stepPath: 'a',
			attempt: 1,
			data: { requestId: 'run:a:x', name: 'x' },
		});
		expect(await run.answer('run:a:x', { yes: true })).toEqual({ accepted: true });
		expect((await end()).outputs.a).toEqual({ yes: true });
		expect(run.requests).toEqual([]);
	});

	it('takes the first answer alone', async () => {
		const { run, runtime, end } = begin({ ...ask(), b: takes(10) });
		await runtime.advance(1);
		const receipts = await Promise.all([run.answer('run:a:x', 1), run.answer('run:a:x', 2)]);
		expect(receipts).toEqual([
			{ accepted: true },
			{ accepted: false, reason: 'answered', value: 1 },
		]);
		expect(await run.answer('run:a:x', 3)).toEqual({
			accepted: false,
			reason: 'answered',
			value: 1,
		});
		expect(await run.answer('run:a:y', 3)).toEqual({ accepted: false, reason: 'unknown' });
		expect((await end()).outputs.a).toBe(1);
	});

	it('ends with an error when nobody answers in time; the step may live with that', async () => {
		const { run, result, runtime } = await at({
			...ask({ timeoutMs: 70 }),
			b: async (context: BodyContext) =>
				await context.waitFor('y', { timeoutMs: 30 }).catch((error: Error) => error.message),
		});
		expect(run.step('a')).toMatchObject({
			status: 'timed_out',
			error: {
				code: 'TIMEOUT',
				message: 'Nobody answered "x" of step "a" within 70 ms.',
				retryable: false,
				details: { kind: 'answer', requestId: 'run:a:x' },
			},
		});
		expect(result.outputs.b).toBe('Nobody answered "y" of step "b" within 30 ms.');
		expect(runtime.monotonic()).toBe(70);
	});

	it('stops the clocks of the attempt meanwhile', async () => {
		const { run, runtime, end } = begin({
			a: {
				run: async (context) => {
					await takes(30)(context);
					await context.waitFor('x');
					await takes(30)(context);
					await takes(50)(context);
				},
				timeouts: { startToCloseMs: 100, idleMs: 90 },
			},
		});
		await runtime.advance(5000);
		await run.answer('run:a:x', 1);
		await end();
		expect(run.step('a')).toMatchObject({
			status: 'timed_out',
			error: { details: { kind: 'startToClose', limitMs: 100 } },
		});
		expect(runtime.monotonic()).toBe(5070);
	});

	it('several things at once keeps the step suspended until all are answered', async () => {
		const order: string[] = [];
		const { run, runtime, end } = begin({
			a: async (context: BodyContext) =>
				await Promise.all(
					['x', 'y'].map(async (name) => {
						const answer = await context.waitFor(name);
						order.push(`${name} ${context.runId} ${String(answer)}`);
						return answer;
					}),
				),
		});
		await runtime.advance(1);
		await run.answer('run:a:y', 2);
		await runtime.drain();
		expect([order, run.status]).toEqual([['y run 2'], 'waiting']);
		await run.answer('run:a:x', 1);
		expect((await end()).outputs.a).toEqual([1, 2]);
		expect(order).toEqual(['y run 2', 'x run 1']);
	});

	it('the same thing again gets the same answer, in every attempt', async () => {
		const { run, runtime, end } = begin({
			a: {
				run: async (context) => {
					const answer = await context.waitFor('x');
					const again = await context.waitFor('x');
					if (context.attempt < 2) throw new Error('later');
					return [answer, again];
				},
				retry: { initialDelayMs: 10 },
			},
		});
		await runtime.advance(1);
		await run.answer('run:a:x', 1);
		expect((await end()).outputs.a).toEqual([1, 1]);
	});

	it('is over when the body goes on without an answer', async () => {
		const late: string[] = [];
		const { run, runtime, result } = await at({
			a: async (context: BodyContext) => {
				const asked = context.waitFor('x').catch((error: Error) => void late.push(error.message));
				await Promise.race([asked, takes(20)(context)]);
				return 'enough';
			},
		});
		expect(result.outputs.a).toBe('enough');
		expect([run.requests, runtime.pendingTimers]).toEqual([[], 0]);
		expect(late).toEqual(['Step "a" no longer waits for "x".']);
		expect(await run.answer('run:a:x', 1)).toEqual({ accepted: false, reason: 'withdrawn' });
	});

	it('is in time when the answer is being recorded as the time runs out', async () => {
		const { run, runtime, end } = begin(ask({ timeoutMs: 10.5 }), {
			journal: slow(new MemoryJournal()),
		});
		await runtime.advance(15);
		const receipt = run.answer('run:a:x', 'just');
		await runtime.until(receipt);
		expect((await end()).outputs.a).toBe('just');
	});

	it('is refused with what the journal knows, which then counts', async () => {
		const memory = new MemoryJournal();
		const { run, runtime, end } = begin(ask(), { journal: slow(memory) });
		await runtime.advance(20);
		memory.completed('a/answer/x', '', { output: 'first', attempt: 1, order: 0 });
		expect(await runtime.until(run.answer('run:a:x', 'second'))).toEqual({
			accepted: false,
			reason: 'answered',
			value: 'first',
		});
		expect((await end()).outputs.a).toBe('first');
	});
});
