import { goTo, type GraphStep } from '../../../lib';
import { current, fails, freshRuntime, ok, play, started, statuses, takes } from './play';

beforeEach(() => void freshRuntime());
const at = (steps: Parameters<typeof play>[0], options = {}, more = {}) =>
	play(steps, { runtime: current, ...options }, more);
const named = (run: GraphStep['run'], next?: string[]): GraphStep => ({
	run,
	onDemand: true,
	next,
});

describe('a step that names its successors', () => {
	it('leads to one, several or none, besides its output', async () => {
		const { log, result } = await at({
			a: () => goTo(['b', 'c', 'b'], 'from a'),
			b: named(() => goTo('d', 'from b')),
			c: named(() => goTo(null, 'from c')),
			d: named(ok),
			never: named(ok),
		});
		expect(started(log)).toEqual(['a', 'b', 'c', 'd']);
		expect(result.outputs).toEqual({ a: 'from a', b: 'from b', c: 'from c', d: 'ok' });
		expect(result.status).toBe('completed');
	});

	it('fails when it names a step that does not exist', async () => {
		const { result } = await at({ a: () => goTo('nowhere') });
		expect(result.error).toMatchObject({
			code: 'UNKNOWN_STEP',
			errorClass: 'validation',
			message: 'Step "a" failed: Step "a" names "nowhere" as its successor, which does not exist.',
			details: { stepId: 'a', next: 'nowhere' },
		});
	});

	it('joins: what several name runs once, after all of them', async () => {
		const parents: unknown[] = [];
		const { log } = await at({
			a: () => goTo(['slow', 'quick']),
			slow: named(async (context) => {
				await takes(50)(context);
				return goTo('merge');
			}),
			quick: named(async (context) => {
				await takes(5)(context);
				return goTo('merge');
			}),
			merge: named((context) => void parents.push([...context.parents])),
		});
		expect(started(log)).toEqual(['a', 'slow', 'quick', 'merge']);
		expect(log.indexOf('step.started:merge')).toBeGreaterThan(log.indexOf('step.completed:slow'));
		expect(parents).toEqual([['quick', 'slow']]);
	});

	it('waits only for those that may still name the successor, when they say so', async () => {
		const { log } = await at({
			a: { run: () => goTo(['slow', 'quick']), next: ['slow', 'quick'] },
			slow: named(takes(50), []),
			quick: named(() => goTo('next'), ['next']),
			next: named(ok),
		});
		expect(log.indexOf('step.started:next')).toBeLessThan(log.indexOf('step.completed:slow'));
	});

	it('waits for one that leads there over others', async () => {
		const { log } = await at({
			a: { run: () => goTo(['far', 'near']), next: ['far', 'near'] },
			far: named(
				async (context) => {
					await takes(20)(context);
					return goTo('middle');
				},
				['middle'],
			),
			middle: named(() => goTo('end'), ['end', 'middle']),
			near: named(() => goTo('end'), ['end']),
			end: named(ok, []),
		});
		expect(started(log)).toEqual(['a', 'far', 'near', 'middle', 'end']);
	});

	it('waits also for a named step that still waits for something else', async () => {
		const { log } = await at({
			a: { run: () => goTo(['gated', 'quick']), next: ['gated', 'quick'] },
			slow: { run: takes(30), next: [] },
			gated: { run: () => goTo('end'), onDemand: true, dependsOn: 'slow', next: ['end'] },
			quick: named(() => goTo('end'), ['end']),
			end: named(ok, []),
		});
		expect(started(log)).toEqual(['a', 'slow', 'quick', 'gated', 'end']);
	});

	it('goes on when a branch fails: the others still join', async () => {
		const { run, result } = await at({
			a: () => goTo(['b', 'c']),
			b: named(fails),
			c: named(() => goTo('d')),
			d: named(ok),
		});
		expect(statuses(run)).toEqual({ a: 'completed', b: 'failed', c: 'completed', d: 'completed' });
		expect(result.status).toBe('failed');
	});

	it('of a step that waits anyway adds nothing to its wait', async () => {
		const { log } = await at({
			a: () => goTo('c'),
			b: takes(20),
			c: { run: ok, dependsOn: ['a', 'b'] },
		});
		expect(started(log)).toEqual(['a', 'b', 'c']);
	});
});

describe('a step that is both unblocked and named', () => {
	it('by the same completion runs once', async () => {
		const { log, result } = await at(
			{ a: { run: () => goTo('b', 1), next: ['b'] }, b: { run: ok, dependsOn: 'a' } },
			{},
			{ start: ['a'] },
		);
		expect(started(log)).toEqual(['a', 'b']);
		expect(result.status).toBe('completed');
	});

	it('by one after another has failed does not make that one run again', async () => {
		const { log, run } = await at({
			a: { run: takes(20), next: [] },
			late: { run: () => goTo('user'), next: ['user'], dependsOn: 'a' },
			bad: { run: fails, next: [], optional: true },
			user: { run: ok, next: [], onDemand: false, dependsOn: ['a', 'late', 'bad'] },
		});
		expect(started(log)).toEqual(['a', 'bad', 'late']);
		expect(statuses(run).user).toBe('skipped');
	});

	it('by one while another still holds it up runs once, and follows both', async () => {
		let parents: readonly string[] = [];
		const { log } = await at({
			a: () => goTo('c', 1),
			b: { run: takes(5) },
			c: {
				run: (context) => {
					parents = context.parents;
				},
				dependsOn: ['a', 'b'],
			},
		});
		expect(started(log)).toEqual(['a', 'b', 'c']);
		expect(parents).toEqual(['a', 'b']);
	});
});

describe('loops', () => {
	it('run a step again as a new execution with its own path', async () => {
		const paths: string[] = [];
		const { run, result } = await at({
			count: ({ path, iteration }) => {
				paths.push(path);
				return goTo(iteration < 3 ? 'count' : null, iteration);
			},
		});
		expect(paths).toEqual(['count', 'count#2', 'count#3']);
		expect(result.outputs).toEqual({ count: 3 });
		expect(run.step('count')).toMatchObject({ path: 'count#3', iteration: 3, attempt: 1 });
		expect(run.progress.epoch).toBe(2);
	});

	it('end at the limit with an error', async () => {
		let runs = 0;
		const endless = (): unknown => {
			runs++;
			return goTo('a');
		};
		const { result, run } = await at({ a: endless });
		expect(runs).toBe(25);
		expect(run.step('a')).toMatchObject({ path: 'a#26', status: 'failed', attempt: 0 });
		expect(result.error).toMatchObject({
			code: 'ITERATION_LIMIT',
			errorClass: 'validation',
			message:
				'Step "a#26" failed: Step "a" was to run for the 26th time; its limit is 25 executions in a run.',
			hint: 'Raise maxIterations, or give the loop a way out.',
		});
		runs = 0;
		await at({ a: { run: endless, maxIterations: 2 } });
		expect(runs).toBe(2);
	});

	it('run a busy step once more after it has ended', async () => {
		const spans: string[] = [];
		const { log } = await at({
			a: { run: () => goTo('work'), next: ['work'] },
			b: {
				run: async (context) => {
					await takes(10)(context);
					return goTo('work');
				},
				next: [],
			},
			work: {
				run: async (context) => {
					const from = current.monotonic();
					await takes(50)(context);
					spans.push(`${context.path} ${from}-${current.monotonic()}`);
				},
				onDemand: true,
				next: [],
			},
		});
		expect(spans).toEqual(['work 0-50', 'work#2 50-100']);
		expect(started(log)).toEqual(['a', 'b', 'work', 'work#2']);
	});

	it('need a new completion of a required dependency, which runs again', async () => {
		const runs: string[] = [];
		const note = ({ path }: { path: string }): void => void runs.push(path);
		await at({
			setup: note,
			work: {
				run: (context) => {
					note(context);
					return goTo(context.iteration < 3 ? 'work' : null);
				},
				dependsOn: 'setup',
			},
		});
		expect(runs).toEqual(['setup', 'work', 'setup#2', 'work#2', 'setup#3', 'work#3']);
	});

	it.each(['once', 'session'] as const)(
		'do not run a dependency again whose completion counts for longer (%s)',
		async (lifecycle) => {
			const runs: string[] = [];
			await at({
				setup: ({ path }) => void runs.push(path),
				work: {
					run: ({ path, iteration }) => {
						runs.push(path);
						return goTo(iteration < 3 ? 'work' : null);
					},
					dependsOn: { setup: { lifecycle } },
				},
			});
			expect(runs).toEqual(['setup', 'work', 'work#2', 'work#3']);
		},
	);

	it('deadlock when the dependency may not run again', async () => {
		const { result } = await at({
			setup: { run: ok, restartable: false },
			work: { run: ({ iteration }) => goTo(iteration < 2 ? 'work' : null), dependsOn: 'setup' },
		});
		expect(result.error).toMatchObject({
			code: 'DEADLOCK',
			message:
				'Step "work#2" failed: Nothing can start any more: "work" waits for "setup" (required, completed).',
		});
	});
});

describe('results that expire', () => {
	it('are had again once when they expire before the step starts', async () => {
		const runs: string[] = [];
		const note = (context: { path: string }): void =>
			void runs.push(`${context.path}@${current.monotonic()}`);
		await at({
			token: note,
			slow: takes(100),
			use: {
				run: note,
				dependsOn: { token: { lifecycle: 'temporary', expiryMs: 50 }, slow: 'required' },
			},
		});
		expect(runs).toEqual(['token@0', 'token#2@100', 'use@100']);
	});

	it('are used as they are within their time', async () => {
		const { log } = await at({
			token: ok,
			slow: takes(50),
			use: {
				run: ok,
				dependsOn: { token: { lifecycle: 'temporary', expiryMs: 50 }, slow: 'required' },
			},
		});
		expect(started(log)).toEqual(['token', 'slow', 'use']);
	});

	it('block the step when they expire again', async () => {
		const { result, log } = await at(
			{
				token: ok,
				hog: takes(100),
				use: { run: ok, dependsOn: { token: { lifecycle: 'temporary', expiryMs: 50 } } },
				hog2: { run: takes(100), dependsOn: 'hog' },
				hog3: { run: takes(100), dependsOn: 'hog2' },
			},
			{ maxConcurrent: 1 },
		);
		expect(started(log)).toEqual(['token', 'hog', 'hog2', 'token#2', 'hog3']);
		expect(result.error?.code).toBe('DEADLOCK');
	});

	it('are renewed at an interval as long as somebody waits', async () => {
		const runs: number[] = [];
		const { result, runtime } = await at({
			poll: () => void runs.push(current.monotonic()),
			slow: takes(35),
			use: {
				run: ok,
				dependsOn: { poll: { lifecycle: 'periodic', intervalMs: 10 }, slow: 'required' },
			},
		});
		expect(runs).toEqual([0, 10, 20, 30]);
		expect([result.status, runtime.pendingTimers]).toEqual(['completed', 0]);
	});

	it('are not renewed when nobody waits any more, or the run is paused', async () => {
		const runs: number[] = [];
		const poll = (): void => void runs.push(current.monotonic());
		await at({
			poll,
			other: takes(35),
			use: { run: ok, dependsOn: { poll: { lifecycle: 'periodic', intervalMs: 10 } } },
		});
		expect(runs).toEqual([0]);
	});

	it('are not renewed after the wait for them is over', async () => {
		const runs: number[] = [];
		await at({
			poll: () => void runs.push(current.monotonic()),
			slow: takes(15),
			long: takes(40),
			use: {
				run: ok,
				dependsOn: {
					poll: { lifecycle: 'periodic', intervalMs: 10, expiryMs: 8 },
					slow: 'required',
				},
			},
		});
		expect(runs).toEqual([0, 10]);
	});

	it('refuse an interval that is longer than a run may wait', async () => {
		const steps = {
			a: ok,
			b: { run: ok, dependsOn: { a: { lifecycle: 'periodic' as const, intervalMs: 300_001 } } },
		};
		await expect(at(steps)).rejects.toThrow(
			'Step "b" wants "a" again every 300001 ms; inside a run 300000 ms is the most. Use a schedule trigger for longer intervals.',
		);
		await expect(at(steps, { maxInRunWaitMs: 300_001 })).resolves.toBeDefined();
	});
});
