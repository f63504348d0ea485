import {
	defineGraph,
	goTo,
	MemoryJournal,
	ResourcePool,
	restoreGraph,
	type BodyContext,
	type GraphRunOptions,
	type GraphStep,
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

describe('meetings of rare things', () => {
	it('a body that outlives its attempt is not asked to make room for the next', async () => {
		const pool = new ResourcePool({ totals: { cpu: 1 }, preemption: true }, current);
		const cpu = (run: GraphStep['run'], priority: 'low' | 'critical'): GraphStep => ({
			run,
			resources: { cpu: 1, resourceTypes: ['cpu'], priority },
		});
		const { run, log, end } = begin(
			{
				low: {
					...cpu(stubborn(100), 'low'),
					preemptible: true,
					timeouts: { startToCloseMs: 10 },
				},
				trigger: takes(20),
				high: { ...cpu(takes(10), 'critical'), dependsOn: 'trigger' },
			},
			{ pool },
		);
		await end();
		expect(log).not.toContain('pool.preempted:low');
		expect(statuses(run)).toEqual({ low: 'timed_out', trigger: 'completed', high: 'completed' });
	});

	it('a step that was cancelled in line and named again runs once', async () => {
		const namer: GraphStep = { run: () => goTo('x'), next: ['x'] };
		const x: GraphStep = { run: ok, next: [], onDemand: false };
		const hog: GraphStep = { run: takes(20), next: [] };
		const after = begin({ hog, x, namer: { ...namer, dependsOn: 'hog' } }, { maxConcurrent: 1 });
		await current.advance(1);
		after.run.cancelStep('x');
		await after.end();
		expect(started(after.log)).toEqual(['hog', 'namer', 'x#2']);

		// Here its place in line has not come up when it is named.
		const slowNamer: GraphStep = {
			...namer,
			run: async (context) => goTo((await takes(9, 'x')(context)) as string),
		};
		const before = begin({ namer: slowNamer, x, hog }, { maxConcurrent: 1 });
		await current.advance(1);
		before.run.cancelStep('x');
		await before.end();
		expect(started(before.log)).toEqual(['namer', 'x#2', 'hog']);
	});

	it('an immediate pause leaves alone what waits for somebody', async () => {
		const { run, end } = begin({
			ask: {
				run: async (context) => await context.waitFor('x'),
				preemptible: true,
			},
			idle: { run: ok, preemptible: true },
		});
		await current.advance(1);
		await current.until(run.pause('immediate'));
		expect(statuses(run)).toEqual({ ask: 'waiting', idle: 'completed' });
		await run.answer('run:ask:x', 1);
		run.resume();
		expect((await end()).outputs.ask).toBe(1);
	});

	it('the scope and signal of an attempt are the same each time they are asked for', async () => {
		await at({
			a: (context) => {
				expect(context.scope).toBe(context.scope);
				expect(context.signal).toBe(context.signal);
				expect(context.now()).toBe(current.now());
			},
		});
	});

	it('parents are those that completed, and those that named the step', async () => {
		const parents: Record<string, readonly string[]> = {};
		await at({
			a: () => goTo('c'),
			b: fails,
			c: {
				run: (context) => void (parents.c = context.parents),
				dependsOn: { a: 'required', b: 'sequential' },
			},
			d: { run: (context) => void (parents.d = context.parents), dependsOn: { b: 'optional' } },
		});
		expect(parents).toEqual({ c: ['a'], d: [] });
	});

	it('a graph may look ahead in all directions', () => {
		const steps = full({
			a: { run: ok, dependsOn: ['b', 'c', ['e', 'optional']] },
			b: { run: ok, dependsOn: 'd' },
			c: { run: ok, dependsOn: 'd' },
			d: ok,
			e: { run: ok, dependsOn: { a: 'optional' } },
		});
		expect(() => defineGraph({ name: 'g', steps })).not.toThrow();
	});

	it('a run that is stopped with a past cancels what still waits for its gates', async () => {
		const journal = new MemoryJournal();
		journal.completed('a', '', { output: 1, attempt: 1, order: 1 });
		const { run, end } = begin(
			{
				a: ok,
				b: takes(50),
				c: {
					run: ok,
					dependsOn: [
						['a', 'xor'],
						['b', 'xor'],
						['never', 'xor'],
					],
				},
				never: { run: ok, onDemand: true },
			},
			{ journal },
		);
		await current.advance(1);
		void run.cancel('Stop.');
		await end();
		expect(statuses(run)).toEqual({
			a: 'completed',
			b: 'cancelled',
			c: 'cancelled',
			never: 'skipped',
		});
	});
});

describe('checkpoints of rare states', () => {
	it('keep heartbeats, earlier executions and what is undone already', async () => {
		const undone: string[] = [];
		const steps: Steps = {
			loop: {
				run: ({ iteration }) => goTo(iteration < 2 ? 'loop' : 'bad', iteration),
				compensate: ({ path, input, output }) =>
					void undone.push(`${path} ${String(input)} ${String(output)}`),
			},
			bad: { run: fails, onDemand: true },
			never: { run: ok, onDemand: true },
			beat: async (context: BodyContext) => {
				context.heartbeat(context.lastHeartbeat ?? 'first');
				await takes(5)(context);
			},
		};
		const first = await at(steps, { input: 'in' });
		expect(undone).toEqual(['loop#2 in 2', 'loop in 1']);
		const checkpoint = first.run.checkpoint();
		expect(checkpoint.history).toMatchObject([{ path: 'loop', compensation: 'done' }]);
		const second = restore(steps, checkpoint);
		await second.end();
		expect(undone).toHaveLength(2);
		expect(started(second.log)).toEqual(['bad']);
		expect(statuses(second.run).never).toBe('skipped');

		freshRuntime();
		const running = begin(steps, { input: 'in', compensateOn: 'never' });
		await current.advance(1);
		const early = running.run.checkpoint();
		expect(early.steps.at(-1)).toMatchObject({ stepId: 'beat', heartbeat: 'first' });
		const smaller = restore({ beat: steps.beat!, extra: ok }, early);
		await smaller.end();
		expect(started(smaller.log)).toEqual(['beat', 'extra']);
	});

	it('undo after a restart what had completed before', async () => {
		const undone: string[] = [];
		const steps: Steps = {
			a: {
				run: () => 7,
				compensate: ({ path, output }) => void undone.push(`${path} ${String(output)}`),
			},
			b: { run: takes(50), dependsOn: 'a' },
			c: { run: fails, dependsOn: 'b' },
		};
		const first = begin(steps);
		await current.advance(10);
		const checkpoint = first.run.checkpoint();
		current.crash();
		const { end } = restore(steps, checkpoint);
		await end();
		expect(undone).toEqual(['a 7']);
	});

	it('fail a step that waited when its input cannot be computed any more', async () => {
		const steps = (input: GraphStep['input']): Steps => ({
			a: { run: async (context) => await context.waitFor('x'), input },
		});
		const first = begin(steps(() => 'in'));
		await current.advance(1);
		const broken = steps(() => {
			throw new Error('no input');
		});
		const { run, log, end } = restore(broken, first.run.checkpoint());
		await current.advance(1);
		await run.answer('run:a:x', 1);
		expect(await end()).toMatchObject({ status: 'failed', error: { code: 'INPUT_FAILED' } });
		expect(run.step('a')).toMatchObject({
			status: 'failed',
			error: { message: 'The input of step "a" could not be computed: no input' },
		});
		expect(started(log)).toEqual([]);
	});

	it('keep a pause of no length', async () => {
		const a: GraphStep = {
			run: ({ attempt }) => (attempt < 2 ? fails() : 'ok'),
			retry: { initialDelayMs: 0 },
		};
		const first = begin({ a, hog: takes(100) }, { maxConcurrent: 1 });
		first.run.subscribe(({ type }) => {
			if (type === 'step.retry') checkpoint = first.run.checkpoint();
		});
		let checkpoint: unknown;
		await current.advance(1);
		const { end } = restore({ a, hog: takes(100) }, checkpoint);
		expect((await end()).outputs.a).toBe('ok');
	});

	it('count the limits of a step that waited from its new start', async () => {
		const steps: Steps = {
			a: {
				run: async (context) => {
					await context.waitFor('x');
					await takes(100)(context);
				},
				timeouts: { scheduleToCloseMs: 30 },
				retry: { maxAttempts: 2, initialDelayMs: 1 },
			},
		};
		const first = begin(steps);
		await current.advance(1);
		const { run, end } = restore(steps, first.run.checkpoint());
		await current.advance(1);
		await run.answer('run:a:x', 1);
		await end();
		expect(run.step('a')).toMatchObject({
			status: 'timed_out',
			error: { details: { kind: 'scheduleToClose', limitMs: 30 } },
		});
	});
});

describe('answers at rare moments', () => {
	it('to a step that is cancelled while the answer is being recorded are accepted in vain', async () => {
		let release: () => void = () => undefined;
		const memory = new MemoryJournal();
		const journal = Object.assign(Object.create(memory) as MemoryJournal, {
			completed: async (...args: Parameters<MemoryJournal['completed']>): Promise<void> => {
				if (args[0].includes('/answer/')) {
					await new Promise<void>((resolve) => {
						release = resolve;
					});
				}
				memory.completed(...args);
			},
		});
		const { run, end } = begin(
			{ a: async (context: BodyContext) => await context.waitFor('x') },
			{ journal },
		);
		await current.advance(1);
		const receipt = run.answer('run:a:x', 1);
		await current.drain();
		run.cancelStep('a');
		release();
		expect(await receipt).toEqual({ accepted: true });
		await end();
		expect(statuses(run).a).toBe('cancelled');
	});

	it('to the question of a step whose attempts are spent are recorded before they count', async () => {
		const journal = new MemoryJournal();
		const a: GraphStep = { run: fails, retry: { maxAttempts: 1, onExhausted: 'pause' } };
		const { run, end } = begin({ a }, { journal });
		await current.until(run.untilIdle());
		await run.answer('run:a:exhausted', 'by hand');
		expect((await end()).outputs).toEqual({ a: 'by hand' });
		expect(journal.find('a', '')).toMatchObject({ result: { output: 'by hand', attempt: 1 } });
		const again = await at({ a }, { journal });
		expect([started(again.log), again.result.outputs]).toEqual([[], { a: 'by hand' }]);
	});

	it('to the question of a step that is cancelled while its output is being recorded', async () => {
		const memory = new MemoryJournal();
		const journal = Object.assign(Object.create(memory) as MemoryJournal, {
			completed: async (...args: Parameters<MemoryJournal['completed']>): Promise<void> => {
				if (args[0] === 'a') await current.sleep(10);
				memory.completed(...args);
			},
		});
		const a: GraphStep = { run: fails, retry: { maxAttempts: 1, onExhausted: 'pause' } };
		const { run, end } = begin({ a }, { journal });
		await current.until(run.untilIdle());
		expect(await run.answer('run:a:exhausted', 'by hand')).toEqual({ accepted: true });
		run.cancelStep('a');
		expect((await end()).outputs).toEqual({});
		await current.advance(10);
		expect(statuses(run).a).toBe('cancelled');
	});

	it.each([
		['before', true],
		['after', false],
	])('given %s a checkpoint count for the payload they were given to', async (_, early) => {
		const a = (payload: unknown): Steps => ({
			a: async (context) => [await context.waitFor('x', { payload }), await takes(10)(context)][0],
		});
		const checkpointed = async (): Promise<unknown> => {
			const first = begin(a('pay 10'));
			await current.advance(1);
			if (early) await first.run.answer('run:a:x', 'yes');
			await current.drain();
			const checkpoint = first.run.checkpoint();
			first.run.release();
			return checkpoint;
		};
		for (const payload of ['pay 10', 'pay 1000']) {
			const { run, end } = restore(a(payload), await checkpointed());
			await current.advance(1);
			if (!early) await run.answer('run:a:x', 'yes');
			await current.drain();
			const isSame = payload === 'pay 10';
			expect(run.requests).toMatchObject(isSame ? [] : [{ requestId: 'run:a:x', payload }]);
			if (!isSame) expect(await run.answer('run:a:x', 'no')).toEqual({ accepted: true });
			expect((await end()).outputs.a).toBe(isSame ? 'yes' : 'no');
		}
	});

	it('given after a checkpoint are found in the journal when it is restored', async () => {
		const journal = new MemoryJournal();
		const steps: Steps = {
			a: async (context) => await context.waitFor('x', { payload: { pay: 10 } }),
		};
		const first = begin(steps, { journal });
		await current.advance(1);
		const checkpoint = first.run.checkpoint();
		await first.run.answer('run:a:x', 'yes');
		current.crash();
		const { run, end } = restore(steps, checkpoint, { journal });
		expect((await end()).outputs).toEqual({ a: 'yes' });
		expect(run.requests).toEqual([]);
	});

	it.each([
		['', 20, 0],
		[' while the journal is asked', 0, 20],
	])('are not to be had for an attempt that has ended%s', async (_, workMs, lookupMs) => {
		const late: string[] = [];
		const memory = new MemoryJournal();
		const journal = Object.assign(Object.create(memory) as MemoryJournal, {
			find: async (path: string, hash: string) => {
				if (path.includes('/answer/')) await current.sleep(lookupMs);
				return memory.find(path, hash);
			},
		});
		const a = async (context: BodyContext): Promise<void> => {
			await current.sleep(workMs);
			await context.waitFor('x').catch((error: Error) => void late.push(error.message));
		};
		const { run, end } = begin({ a }, { journal });
		await current.advance(5);
		run.cancelStep('a', { mode: 'abandon' });
		await end();
		await current.advance(50);
		expect([late, run.requests]).toEqual([['The attempt that asks has ended.'], []]);
	});

	it('to the question how to go on count for that time alone', async () => {
		const journal = new MemoryJournal();
		const a: GraphStep = { run: fails, retry: { maxAttempts: 1, onExhausted: 'pause' } };
		const { run, end } = begin({ a }, { journal });
		await current.until(run.untilIdle());
		expect(await run.answer('run:a:exhausted', { retry: true })).toEqual({ accepted: true });
		await current.until(run.untilIdle());
		expect(await run.answer('run:a:exhausted', 'by hand')).toEqual({ accepted: true });
		expect((await end()).outputs).toEqual({ a: 'by hand' });
	});

	it('to a step that is cancelled while the journal is asked for an earlier one', async () => {
		const memory = new MemoryJournal();
		const journal = Object.assign(Object.create(memory) as MemoryJournal, {
			find: async (path: string, hash: string) => {
				if (path.includes('/answer/')) await current.sleep(1);
				return memory.find(path, hash);
			},
		});
		const { run, end } = begin(
			{ a: async (context: BodyContext) => await context.waitFor('x') },
			{ journal },
		);
		await current.advance(5);
		memory.completed('a/answer/x', '', { output: 'first', attempt: 1, order: 0 });
		const receipt = run.answer('run:a:x', 'second');
		run.cancelStep('a');
		expect(await current.until(receipt)).toEqual({
			accepted: false,
			reason: 'answered',
			value: 'first',
		});
		await end();
		expect(statuses(run).a).toBe('cancelled');
	});

	describe('to a body of which a part asks again while the others are in line', () => {
		const steps = (timeoutMs?: number): Steps => ({
			trigger: takes(2),
			hog: { run: takes(20), dependsOn: 'trigger' },
			a: async (context: BodyContext) => {
				const again = async (): Promise<unknown> => {
					await context.waitFor('y');
					await takes(5)(context);
					return await context.waitFor('z', { timeoutMs }).catch((error: Error) => error.message);
				};
				return await Promise.all([context.waitFor('x'), again()]);
			},
		});
		const untilAsked = async (timeoutMs?: number) => {
			const started = begin(steps(timeoutMs), { maxConcurrent: 1 });
			await current.advance(4);
			await started.run.answer('run:a:y', 1);
			await started.run.answer('run:a:x', 2);
			await current.advance(6);
			expect(statuses(started.run)).toMatchObject({ hog: 'running', a: 'queued' });
			return started;
		};

		it('reach it at once', async () => {
			const { run, log, end } = await untilAsked();
			await run.answer('run:a:z', 3);
			expect((await end()).outputs.a).toEqual([2, 3]);
			expect(started(log)).toEqual(['trigger', 'a', 'hog', 'a']);
		});

		it('are waited for without a place', async () => {
			const { run, end } = await untilAsked();
			await current.advance(20);
			expect([run.status, statuses(run).a]).toEqual(['waiting', 'waiting']);
			await run.answer('run:a:z', 3);
			expect((await end()).outputs.a).toEqual([2, 3]);
		});

		it('may be missed', async () => {
			const { end } = await untilAsked(1);
			expect((await end()).outputs.a).toEqual([2, 'Nobody answered "z" of step "a" within 1 ms.']);
		});
	});

	describe('to a body of which a part fails while another waits', () => {
		const failing: GraphStep['run'] = async (context) => {
			const fail = async (): Promise<never> => {
				await takes(10)(context);
				return await fails();
			};
			if (context.attempt === 1) await Promise.race([context.waitFor('x'), fail()]);
			return await context.waitFor('x');
		};

		it('are asked for again by the next attempt', async () => {
			const { run, log, end } = begin({
				a: { run: failing, retry: { initialDelayMs: 5, jitter: 'none' } },
			});
			await current.advance(12);
			expect([statuses(run).a, run.requests]).toEqual(['backing_off', []]);
			await current.advance(5);
			expect(run.requests).toMatchObject([{ requestId: 'run:a:x' }]);
			await run.answer('run:a:x', 1);
			expect((await end()).outputs).toEqual({ a: 1 });
			expect(log.filter((line) => line === 'human.asked:a')).toHaveLength(2);
		});

		it('make way for the question how to go on', async () => {
			const { run, end } = begin({
				a: { run: failing, retry: { maxAttempts: 1, onExhausted: 'pause' } },
			});
			await current.advance(12);
			expect(run.requests).toMatchObject([{ requestId: 'run:a:exhausted' }]);
			await run.answer('run:a:exhausted', 'by hand');
			expect((await end()).outputs).toEqual({ a: 'by hand' });
		});
	});

	it('are refused once a step has ended that asked again while it was in line', async () => {
		const { run, end } = begin(
			{
				trigger: takes(2),
				hog: { run: takes(20), dependsOn: 'trigger' },
				a: async (context) => {
					const later = takes(10)(context).then(() => context.waitFor('y'));
					return await Promise.all([context.waitFor('x'), later]);
				},
			},
			{ maxConcurrent: 1 },
		);
		await current.advance(4);
		await run.answer('run:a:x', 1);
		await current.advance(40);
		expect(statuses(run)).toMatchObject({ hog: 'completed', a: 'waiting' });
		run.cancelStep('a');
		expect(run.requests).toEqual([]);
		expect(await run.answer('run:a:y', 1)).toEqual({ accepted: false, reason: 'withdrawn' });
		await end();
	});

	describe('to a body that ends while it is in line with them', () => {
		const inLine = async (last: () => Promise<unknown>, options: Partial<GraphStep> = {}) => {
			const run: GraphStep['run'] = async (context) => {
				if (context.attempt > 1) return 'again';
				return await Promise.race([context.waitFor('x'), takes(10)(context).then(last)]);
			};
			const steps: Steps = {
				trigger: takes(2),
				hog: { run: takes(20), dependsOn: 'trigger' },
				a: { run, ...options },
			};
			const started = begin(steps, { maxConcurrent: 1 });
			await current.advance(4);
			await started.run.answer('run:a:x', 1);
			expect(statuses(started.run).a).toBe('queued');
			await current.advance(8);
			return started;
		};

		it('come too late', async () => {
			const { run, end } = await inLine(ok);
			expect(statuses(run)).toMatchObject({ hog: 'running', a: 'completed' });
			expect((await end()).outputs.a).toBe('ok');
		});

		it('do not hinder the next attempt', async () => {
			const { run, log, end } = await inLine(fails, { retry: { initialDelayMs: 1 } });
			expect(statuses(run)).toMatchObject({ hog: 'running' });
			expect(['backing_off', 'queued']).toContain(statuses(run).a);
			expect((await end()).outputs.a).toBe('again');
			expect(started(log)).toEqual(['trigger', 'a', 'hog', 'a']);
		});

		it('leave no place behind that the next attempt would take for its own', async () => {
			const pool = new ResourcePool({ totals: { cpu: 1 } }, current);
			const run: GraphStep['run'] = async (context) => {
				if (context.attempt > 1) return pool.running;
				return await Promise.race([context.waitFor('x'), takes(10)(context).then(fails)]);
			};
			const resources = { cpu: 1, resourceTypes: ['cpu' as const] };
			const a: GraphStep = { run, resources, retry: { initialDelayMs: 0 } };
			const graph = begin({ a }, { pool, maxConcurrent: 1 });
			await current.advance(1);
			const others = await pool.acquire({ path: 'others', requirements: resources });
			await graph.run.answer('run:a:x', 1);
			graph.run.addStep('hog', { run: takes(20) });
			await current.advance(1);
			others.release();
			expect([pool.running, statuses(graph.run)]).toEqual([0, { a: 'queued', hog: 'running' }]);
			await current.advance(10);
			expect([pool.running, statuses(graph.run)]).toEqual([0, { a: 'queued', hog: 'running' }]);
			expect((await graph.end()).outputs.a).toBe(1);
			expect(pool.running).toBe(0);
		});

		it('leave the queue of the pool without being timed out there', async () => {
			const pool = new ResourcePool({ totals: { cpu: 1 } }, current);
			const run: GraphStep['run'] = async (context) => {
				if (context.attempt > 1) return 'again';
				return await Promise.race([context.waitFor('x'), takes(10)(context).then(fails)]);
			};
			const resources = { cpu: 1, resourceTypes: ['cpu' as const] };
			const graph = begin({ a: { run, resources, retry: { initialDelayMs: 1 } } }, { pool });
			await current.advance(1);
			const others = await pool.acquire({ path: 'others', requirements: resources });
			await graph.run.answer('run:a:x', 1);
			expect(statuses(graph.run).a).toBe('queued');
			await current.advance(20);
			others.release();
			expect((await graph.end()).outputs.a).toBe('again');
			expect(pool.running).toBe(0);
		});

		it('do not hinder the question how to go on', async () => {
			const { run, end } = await inLine(fails, {
				retry: { maxAttempts: 1, onExhausted: 'pause' },
			});
			expect(statuses(run).a).toBe('waiting');
			await run.answer('run:a:exhausted', 'by hand');
			expect((await end()).outputs.a).toBe('by hand');
		});
	});

	it('of a body that is asked to make room and waits instead are followed by its failure', async () => {
		const { run, end } = begin({
			a: {
				run: async (context) => {
					await takes(50)(context).catch(() => undefined);
					await context.waitFor('x');
					return await fails();
				},
				preemptible: true,
			},
		});
		await current.advance(1);
		const paused = run.pause('immediate');
		await current.until(paused);
		expect(statuses(run).a).toBe('waiting');
		run.resume();
		await run.answer('run:a:x', 1);
		await end();
		expect(run.step('a')).toMatchObject({ status: 'failed', attempt: 1 });
	});

	it('to the same question, asked twice at once, reach both', async () => {
		const { run, end } = begin({
			a: async (context: BodyContext) =>
				await Promise.all([context.waitFor('x'), context.waitFor('x')]),
		});
		await current.advance(1);
		await run.answer('run:a:x', 1);
		expect((await end()).outputs.a).toEqual([1, 1]);
	});
});
