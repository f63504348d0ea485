import type { DependencyConfig, GraphStep } from '../../../lib';
import { fails, freshRuntime, ok, play, start, started, statuses, takes } from './play';

beforeEach(() => void freshRuntime());
const at = async (...args: Parameters<typeof play>) => {
	const [steps, options, definition] = args;
	const { current } = await import('./play');
	return await play(steps, { runtime: current, ...options }, definition);
};
const on = (dependsOn: GraphStep['dependsOn'], run: GraphStep['run'] = ok): GraphStep => ({
	run,
	dependsOn,
});

describe('steps', () => {
	it('start as soon as what they need is done, not layer by layer', async () => {
		const { runtime, log, result } = await at({
			fast: takes(10),
			slow: takes(100),
			next: on('fast', takes(20)),
			last: on(['next', 'slow'], takes(5)),
		});
		expect(started(log)).toEqual(['fast', 'slow', 'next', 'last']);
		expect([runtime.monotonic(), result.status, result.outcome]).toEqual([
			105,
			'completed',
			'success',
		]);
	});

	it('keep to the limit, first ready first', async () => {
		const { runtime, log } = await at(
			{ a: takes(10), b: takes(10), c: takes(10), d: takes(10), e: takes(10) },
			{ maxConcurrent: 2 },
		);
		expect(started(log)).toEqual(['a', 'b', 'c', 'd', 'e']);
		expect(runtime.monotonic()).toBe(30);
	});

	it('go through their statuses, one event each', async () => {
		const { events } = await at({ a: ok });
		expect(
			events.map(({ seq, type, stepPath, attempt }) => [seq, type, stepPath, attempt]),
		).toEqual([
			[1, 'run.running', undefined, undefined],
			[2, 'step.ready', 'a', undefined],
			[3, 'step.queued', 'a', undefined],
			[4, 'step.started', 'a', 1],
			[5, 'step.completed', 'a', 1],
			[6, 'run.completed', undefined, undefined],
		]);
	});

	it('see their input, what they depend on, and all other outputs', async () => {
		let seen: unknown;
		await at(
			{
				a: () => ({ n: 1 }),
				b: on('a', (context) => {
					const { input, runInput, deps, path, stepId, runId, attempt, iteration } = context;
					seen = { input, runInput, deps, path, stepId, runId, attempt, iteration };
					expect(context.output('a')).toEqual({ n: 1 });
					expect(context.output('nobody')).toBeUndefined();
					expect(context.parents).toEqual(['a']);
				}),
			},
			{ input: { q: 'x' } },
		);
		expect(seen).toEqual({
			input: { q: 'x' },
			runInput: { q: 'x' },
			deps: { a: { status: 'completed', value: { n: 1 }, timedOut: false } },
			path: 'b',
			stepId: 'b',
			runId: 'run',
			attempt: 1,
			iteration: 1,
		});
	});

	it('compute their own input, and fail when that fails', async () => {
		const inputs: unknown[] = [];
		const { result, run } = await at(
			{
				a: () => 5,
				b: {
					run: ({ input }) => void inputs.push(input),
					dependsOn: 'a',
					input: ({ output, status, input }) => [output('a'), status('a'), status('x'), input],
				},
				c: {
					run: ok,
					input: () => {
						throw new Error('no template');
					},
				},
			},
			{ input: 'in' },
		);
		expect(inputs).toEqual([[5, 'completed', undefined, 'in']]);
		expect(run.step('c')).toMatchObject({ status: 'failed', attempt: 0 });
		expect(result.error).toMatchObject({
			code: 'INPUT_FAILED',
			message: 'Step "c" failed: The input of step "c" could not be computed: no template',
			details: { stepId: 'c' },
		});
	});
});

describe('a required dependency', () => {
	it('that fails skips its dependents, and theirs, but nobody else', async () => {
		const { run, result } = await at({
			a: fails,
			b: on('a'),
			c: on('b'),
			d: ok,
		});
		expect(statuses(run)).toEqual({ a: 'failed', b: 'skipped', c: 'skipped', d: 'completed' });
		expect(run.step('b')).toMatchObject({
			cause: { kind: 'dependency', byStepId: 'a', message: '"a", which it needs, is failed.' },
		});
		expect(run.step('c')).toMatchObject({ cause: { byStepId: 'b' } });
		expect(result).toMatchObject({
			status: 'failed',
			outcome: 'failure',
			error: { code: 'BOOM', errorClass: 'server', message: 'Step "a" failed: boom' },
		});
		expect(result.outputs).toEqual({ d: 'ok' });
	});

	it('is waited for no longer than its timeout, then its dependent has timed out', async () => {
		const { run, log, runtime } = await at({
			a: takes(100),
			b: on({ a: { timeoutMs: 30 } }),
		});
		expect(run.step('b')).toMatchObject({
			status: 'timed_out',
			cause: { kind: 'dependency', byStepId: 'a' },
			error: {
				code: 'TIMEOUT',
				errorClass: 'timeout',
				message: 'Step "b" waited longer than 30 ms for "a".',
				retryable: false,
				details: { on: 'a', limitMs: 30 },
			},
		});
		expect(log).toContain('step.dependency_timed_out:b');
		expect(runtime.monotonic()).toBe(100);
	});

	it('leaves no timer behind when it is there in time', async () => {
		const { run, runtime } = await at({ a: takes(10), b: on({ a: { timeoutMs: 30 } }) });
		expect(statuses(run)).toEqual({ a: 'completed', b: 'completed' });
		expect([runtime.monotonic(), runtime.pendingTimers]).toEqual([10, 0]);
	});

	it('does not time out a step that has gone its way meanwhile', async () => {
		const { run } = await at({
			a: takes(100),
			x: async (context) => {
				await takes(5)(context);
				throw new Error('x');
			},
			b: on({ a: { timeoutMs: 30 }, x: 'required' }),
		});
		expect(run.step('b')).toMatchObject({ status: 'skipped', cause: { byStepId: 'x' } });
	});
});

describe('an optional dependency', () => {
	it('is waited for while it runs, and may fail', async () => {
		let seen: unknown;
		const { log, result } = await at({
			a: async (context) => {
				await takes(20)(context);
				throw new Error('broken');
			},
			b: on({ a: 'optional' }, ({ deps }) => void (seen = deps.a)),
		});
		expect(started(log)).toEqual(['a', 'b']);
		expect(seen).toMatchObject({
			status: 'failed',
			value: undefined,
			timedOut: false,
			error: { message: 'broken' },
		});
		expect([result.status, result.outcome]).toEqual(['completed', 'partial']);
	});

	it('is not waited for when nobody has named it, or it is blocked', async () => {
		const { run } = await at({
			later: { run: ok, onDemand: true },
			stuck: on({ base: { type: 'conditional', condition: () => false } }),
			base: ok,
			b: on({ later: 'optional', stuck: 'optional' }),
		});
		expect(statuses(run)).toEqual({
			later: 'skipped',
			stuck: 'skipped',
			base: 'completed',
			b: 'completed',
		});
		expect(run.step('later')).toMatchObject({ cause: { message: 'No step named it.' } });
	});

	it('gives way after its timeout', async () => {
		let seen: unknown;
		const { runtime } = await at({
			a: takes(100),
			b: on({ a: { type: 'optional', timeoutMs: 30 } }, ({ deps }) => {
				seen = deps.a;
			}),
		});
		expect(seen).toEqual({ status: 'running', value: undefined, timedOut: true });
		expect(runtime.monotonic()).toBe(100);
	});

	it('may be mutual: both give way when nothing else can happen', async () => {
		const { run } = await at({ a: on({ b: 'optional' }), b: on({ a: 'optional' }) });
		expect(statuses(run)).toEqual({ a: 'completed', b: 'completed' });
	});
});

describe('the other types', () => {
	it('sequential waits for the end, however it comes', async () => {
		const { log, run, result } = await at({ a: fails, b: on({ a: 'sequential' }) });
		expect(statuses(run)).toEqual({ a: 'failed', b: 'completed' });
		expect(started(log)).toEqual(['a', 'b']);
		expect(result.status).toBe('failed');
	});

	it('parallel does not wait at all', async () => {
		const { runtime } = await at({ a: takes(20), b: on({ a: 'parallel' }, takes(20)) });
		expect(runtime.monotonic()).toBe(20);
	});

	it('conditional waits until its condition holds, looked at after each step', async () => {
		const condition: DependencyConfig['condition'] = ({ output }) => output('b') === 'done';
		const { log, run } = await at({
			a: ok,
			b: takes(10, 'done'),
			c: on({ a: { type: 'conditional', condition } }),
		});
		expect(started(log)).toEqual(['a', 'b', 'c']);
		expect(log).toContain('step.blocked:c');
		expect(statuses(run).c).toBe('completed');
	});

	it('conditional is skipped when its condition never holds', async () => {
		const { run, result } = await at({
			a: ok,
			c: on({ a: { type: 'conditional', condition: () => false } }),
		});
		expect(run.step('c')).toMatchObject({
			status: 'skipped',
			cause: { message: 'The condition of its dependency on "a" never held.', byStepId: 'a' },
		});
		expect([result.status, result.outcome]).toEqual(['completed', 'success']);
	});

	it('a condition that throws is false, and an event says so', async () => {
		const condition = () => {
			throw new Error('no such field');
		};
		const { run, events } = await at({ a: ok, b: on({ a: { condition } }) });
		expect(statuses(run).b).toBe('skipped');
		expect(events.find(({ type }) => type === 'step.condition_failed')).toMatchObject({
			stepPath: 'b',
			data: { error: 'no such field' },
		});
	});

	it('a condition of a required dependency must hold, too', async () => {
		const { run } = await at({
			a: () => 3,
			b: on({ a: { condition: ({ output }) => output('a') === 3 } }),
			c: on({ a: { condition: ({ output }) => output('a') === 4 } }),
		});
		expect(statuses(run)).toMatchObject({ b: 'completed', c: 'skipped' });
	});

	it('timeout waits for its time once everything else is ready', async () => {
		let seen: unknown;
		const { runtime } = await at({
			first: takes(50),
			slow: takes(500),
			b: on({ first: 'required', slow: { type: 'timeout', timeoutMs: 30 } }, (context) => {
				seen = context.deps.slow!.timedOut;
				expect(runtime80()).toBe(80);
			}),
		});
		function runtime80(): number {
			return clock.monotonic();
		}
		const clock = runtime;
		expect(seen).toBe(true);
	});

	it('timeout does not wait for one that has ended', async () => {
		const seen: Record<string, boolean> = {};
		const { runtime } = await at({
			good: takes(10),
			bad: fails,
			b: on(
				{ good: { type: 'timeout', timeoutMs: 90 }, bad: { type: 'timeout', timeoutMs: 90 } },
				({ deps }) => {
					for (const [id, { timedOut }] of Object.entries(deps)) seen[id] = timedOut;
				},
			),
		});
		expect(seen).toEqual({ good: false, bad: true });
		expect([runtime.monotonic(), runtime.pendingTimers]).toEqual([10, 0]);
	});

	it('timeout gives way at once when nothing else happens any more', async () => {
		const { runtime, run } = await at({
			never: on({ a: { type: 'xor' }, b: 'xor' }),
			a: ok,
			b: ok,
			c: on({ never: { type: 'timeout', timeoutMs: 1000 } }),
		});
		expect(statuses(run)).toMatchObject({ never: 'failed', c: 'completed' });
		expect(runtime.monotonic()).toBe(0);
	});
});

describe('groups', () => {
	const members = (type: 'and' | 'or' | 'xor', ...ids: string[]) =>
		ids.map((id) => [id, type] as const);

	it('and needs all of its members', async () => {
		const { run } = await at({
			a: ok,
			b: ok,
			c: fails,
			good: on(members('and', 'a', 'b')),
			bad: on(members('and', 'a', 'c')),
		});
		expect(statuses(run)).toMatchObject({ good: 'completed', bad: 'skipped' });
		expect(run.step('bad')).toMatchObject({
			cause: {
				message: 'Its "and" group cannot be met: "a" is completed, "c" is failed.',
			},
		});
	});

	it('or needs one, and starts with the first', async () => {
		const { log, run, result } = await at({
			a: takes(10),
			b: takes(50),
			c: fails,
			good: on(members('or', 'a', 'b', 'c'), takes(1)),
		});
		expect(started(log)).toEqual(['a', 'b', 'c', 'good']);
		expect(log.indexOf('step.started:good')).toBeLessThan(log.indexOf('step.completed:b'));
		expect(statuses(run).good).toBe('completed');
		expect([result.status, result.outcome]).toEqual(['completed', 'partial']);
	});

	it('or with no member completed is skipped, and the run has failed', async () => {
		const { run, result } = await at({ a: fails, b: fails, c: on(members('or', 'a', 'b')) });
		expect(statuses(run).c).toBe('skipped');
		expect(result.status).toBe('failed');
	});

	it('xor needs exactly one, known when all have ended', async () => {
		const { log, run, result } = await at({
			a: takes(10),
			b: async (context) => {
				await takes(20)(context);
				throw new Error('b');
			},
			c: on(members('xor', 'a', 'b')),
		});
		expect(log.indexOf('step.started:c')).toBeGreaterThan(log.indexOf('step.failed:b'));
		expect([statuses(run).c, result.outcome]).toEqual(['completed', 'partial']);
	});

	it('xor with none is skipped, with two it deadlocks', async () => {
		const none = await at({ a: fails, b: fails, c: on(members('xor', 'a', 'b')) });
		expect(statuses(none.run).c).toBe('skipped');
		const two = await at({ a: ok, b: ok, c: on(members('xor', 'a', 'b')) });
		expect(two.log).toContain('step.blocked:c');
		expect(two.result.error).toMatchObject({
			code: 'DEADLOCK',
			message:
				'Step "c" failed: Nothing can start any more: "c" waits for xor of "a" (completed), "b" (completed).',
			hint: 'Remove or weaken one of these dependencies.',
			details: { stepId: 'c', waiting: { c: ['a', 'b'] } },
		});
	});

	it('are judged by name, and members by their condition', async () => {
		const { run } = await at({
			a: ok,
			b: fails,
			c: on([
				{ on: 'a', type: 'or', group: 'first' },
				{ on: 'b', type: 'or', group: 'second' },
			]),
			d: on([{ on: 'a', type: 'or', condition: ({ output }) => output('a') === 'other' }]),
			e: on([{ on: 'a', type: 'or', condition: ({ output }) => output('a') === 'ok' }]),
		});
		expect(statuses(run)).toMatchObject({ c: 'skipped', d: 'skipped', e: 'completed' });
	});

	it('give way after the timeout of a member', async () => {
		const { run, log } = await at({
			a: takes(100),
			b: on([{ on: 'a', type: 'and', timeoutMs: 10 }]),
		});
		expect(statuses(run).b).toBe('completed');
		expect(log.indexOf('step.started:b')).toBeLessThan(log.indexOf('step.completed:a'));
	});
});

describe('a stall', () => {
	it('lists who waits for whom', async () => {
		const { result, run } = await at({
			a: on({ b: 'or' }),
			b: on({ a: 'or' }),
			c: on('a'),
		});
		expect(statuses(run)).toEqual({ a: 'failed', b: 'failed', c: 'failed' });
		expect(result.error?.message).toBe(
			'Step "a" failed: Nothing can start any more: ' +
				'"a" waits for or of "b" (pending); "b" waits for or of "a" (pending); ' +
				'"c" waits for "a" (required, pending).',
		);
	});

	it('fails what is blocked first; what waits for it is skipped', async () => {
		const { run } = await at({
			a: ok,
			b: ok,
			x: on([
				['a', 'xor'],
				['b', 'xor'],
			]),
			y: on('x'),
		});
		expect(statuses(run)).toMatchObject({ x: 'failed', y: 'skipped' });
	});

	it('skips what waits for a step that nobody names', async () => {
		const { run, result } = await at({ d: { run: ok, onDemand: true }, a: on('d'), b: ok });
		expect(statuses(run)).toEqual({ d: 'skipped', a: 'skipped', b: 'completed' });
		expect(result.status).toBe('completed');
	});

	it('shows twenty waiting steps and counts the rest', async () => {
		const steps: Record<string, GraphStep> = { a: on({ b: 'or' }), b: on({ a: 'or' }) };
		for (let i = 0; i < 30; i++) steps[`s${i}`] = on('a');
		const { result } = await at(steps);
		expect(result.error?.message).toContain('"s17" waits for');
		expect(result.error?.message).not.toContain('"s18" waits for');
		expect(result.error?.message).toMatch(/; and 12 more\.$/);
	});
});

describe('a step with a condition of its own', () => {
	it('is skipped when it does not hold once everything else is ready', async () => {
		const { run, result } = await at({
			a: () => 7,
			b: { run: ok, dependsOn: 'a', when: ({ output }) => output('a') === 7 },
			c: { run: ok, dependsOn: 'a', when: ({ output }) => output('a') === 8 },
		});
		expect(statuses(run)).toEqual({ a: 'completed', b: 'completed', c: 'skipped' });
		expect(run.step('c')).toMatchObject({
			cause: { kind: 'dependency', message: 'Its condition does not hold.' },
		});
		expect(result.outcome).toBe('success');
	});
});

describe('an optional step', () => {
	it('may fail without failing the run', async () => {
		const { result } = await at({ a: { run: fails, optional: true }, b: ok });
		expect([result.status, result.outcome, result.error]).toEqual([
			'completed',
			'partial',
			undefined,
		]);
	});

	it('does not excuse a step that somebody else needs', async () => {
		const { result } = await at({ a: fails, b: on({ a: 'optional' }), c: on('a') });
		expect(result.status).toBe('failed');
	});
});

describe('failure mode fail_fast', () => {
	it('stops everything else at the first failure', async () => {
		const { run, result, runtime } = await at(
			{ a: takes(100), b: fails, c: on('a'), d: { run: fails, optional: true } },
			{ failureMode: 'fail_fast' },
		);
		expect(statuses(run)).toMatchObject({ a: 'cancelled', b: 'failed', c: 'cancelled' });
		expect(runtime.monotonic()).toBe(0);
		expect(result).toMatchObject({
			status: 'failed',
			cause: { kind: 'sibling', byStepId: 'b', message: 'Step "b" failed.' },
			error: { message: 'Step "b" failed: boom' },
		});
	});

	it('lets tolerated failures pass', async () => {
		const { result } = await at(
			{ a: { run: fails, optional: true }, b: takes(5) },
			{ failureMode: 'fail_fast' },
		);
		expect([result.status, result.outcome]).toEqual(['completed', 'partial']);
	});
});

describe('steps added to a run', () => {
	it('start when their dependencies let them', async () => {
		const { result, log } = await at({
			a: (context) => {
				context.addStep('b', { run: () => 'new', dependsOn: 'a' });
				context.addStep('c', { run: ok, onDemand: true });
			},
		});
		expect(result.outputs).toEqual({ a: undefined, b: 'new' });
		expect(log).toContain('step.added:b');
	});

	it('are refused when the id is taken, a dependency is missing, or the run is over', async () => {
		const { run, end } = start({ a: takes(10) }, { runtime: (await import('./play')).current });
		run.addStep('early', { run: ok });
		expect(() => run.addStep('a', { run: ok })).toThrow('There already is a step "a".');
		expect(() => run.addStep('b', { run: ok, dependsOn: 'x' })).toThrow(
			'Step "b" depends on "x", which does not exist.',
		);
		const { outputs } = await end();
		expect(outputs).toEqual({ a: undefined, early: 'ok' });
		expect(() => run.addStep('b', { run: ok })).toThrow(
			'Step "b" comes too late: the run is completed.',
		);
	});
});
