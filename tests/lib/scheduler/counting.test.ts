import {
	defineGraph,
	goTo,
	ResourcePool,
	restoreGraph,
	type BodyContext,
	type GraphStep,
	type RunCheckpoint,
} from '../../../lib';
import { isStale } from '../../../lib/scheduler/staleness';
import type { Edge } from '../../../lib/scheduler/step';
import { stepPlan } from '../../../lib/scheduler/stepPlan';
import type { Dependency } from '../../../lib/scheduler/dependency';
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

const planFor = (...dependencies: Array<Partial<Dependency>>) =>
	stepPlan(
		's',
		1,
		{ run: ok },
		false,
		dependencies.map((dependency) => ({ on: 'a', type: 'required', ...dependency })),
		dependencies.map(() => 0),
	);

describe('a step counts its dependencies', () => {
	it.each([
		[{}, true],
		[{ lifecycle: 'always' }, true],
		[{ lifecycle: 'once' }, false],
		[{ lifecycle: 'session' }, false],
		[{ lifecycle: 'temporary', expiryMs: 1 }, false],
		[{ lifecycle: 'periodic', intervalMs: 1 }, false],
		[{ type: 'optional' }, false],
		[{ type: 'and' }, false],
		[{ condition: () => true }, false],
		[{ timeoutMs: 5 }, false],
	] as Array<[Partial<Dependency>, boolean]>)('with %j: %s', (dependency, counts) => {
		expect(planFor(dependency).counts).toBe(counts);
		expect(planFor({}, dependency).counts).toBe(counts);
	});

	it('and knows whether their results may expire', () => {
		expect(planFor().temporal).toBe(false);
		expect(planFor({}, {}).temporal).toBe(false);
		expect(planFor({ type: 'optional' }).temporal).toBe(false);
		expect(planFor({}, { lifecycle: 'temporary', expiryMs: 1 }).temporal).toBe(true);
		expect(planFor({ lifecycle: 'periodic', intervalMs: 1 }).temporal).toBe(true);
	});
});

describe('a step that is named after what it needs has ended', () => {
	it('is skipped when that has failed', async () => {
		const { run } = await at({
			a: fails,
			done: ok,
			b: { run: async (context) => goTo(['c', 'd'], await takes(10)(context)) },
			c: { run: ok, dependsOn: ['done', 'a'], onDemand: true },
			d: { run: ok, dependsOn: 'done', onDemand: true },
		});
		expect(run.step('c')).toMatchObject({
			status: 'skipped',
			cause: { byStepId: 'a', message: '"a", which it needs, is failed.' },
		});
		expect(statuses(run).d).toBe('completed');
	});
});

describe('a result is stale', () => {
	const stale = (config: object, from: object = {}, used = 0): boolean =>
		isStale({ from: { order: 3, endedAt: 100, ...from }, used, config } as unknown as Edge, 150);

	it('after its time, when it has one', () => {
		expect(stale({ lifecycle: 'temporary', expiryMs: 49 })).toBe(true);
		expect(stale({ lifecycle: 'temporary', expiryMs: 50 })).toBe(false);
		expect(stale({ lifecycle: 'periodic', intervalMs: 49 })).toBe(true);
		expect(stale({ lifecycle: 'periodic', intervalMs: 50 })).toBe(false);
		expect(stale({ lifecycle: 'periodic', intervalMs: 49, expiryMs: 60 })).toBe(false);
		expect(stale({ lifecycle: 'periodic', intervalMs: 60, expiryMs: 49 })).toBe(true);
		// An earlier execution of the dependent has used it: that is no matter of time.
		expect(stale({ lifecycle: 'temporary', expiryMs: 50 }, {}, 3)).toBe(false);
		expect(stale({ lifecycle: 'periodic', intervalMs: 50 }, {}, 3)).toBe(false);
	});

	it('when it was used up, unless it counts for ever or for the whole run', () => {
		expect([stale({}, {}, 2), stale({}, {}, 3)]).toEqual([false, true]);
		expect(stale({ lifecycle: 'once' }, {}, 3)).toBe(false);
		expect(stale({ lifecycle: 'session' }, {}, 3)).toBe(false);
		expect(stale({ lifecycle: 'session' }, { rare: {} })).toBe(false);
		expect(stale({ lifecycle: 'session' }, { rare: { foreign: true } })).toBe(true);
	});
});

describe('a step that runs again since somebody wants its result fresh', () => {
	const temporary = { on: 'a', type: 'required', lifecycle: 'temporary', expiryMs: 20 } as const;
	const steps: Steps = {
		a: takes(5),
		slow: takes(50),
		slower: takes(100),
		fresh: { run: ok, dependsOn: [temporary, ['slow', 'optional']] },
		first: { run: takes(200), dependsOn: 'a' },
		both: { run: () => current.monotonic(), dependsOn: ['a', 'slower'] },
		soon: { run: () => current.monotonic(), dependsOn: ['slow', 'a'] },
	};

	it('leaves met what it has met, and opens nothing twice', async () => {
		const { result, log } = await at(steps);
		expect(started(log)).toEqual(['a', 'slow', 'slower', 'first', 'soon', 'a#2', 'fresh', 'both']);
		expect(result.outputs).toMatchObject({ both: 100, soon: 50 });
	});

	it('follows its own earlier execution', async () => {
		const parents: Record<string, readonly string[]> = {};
		const note = (context: BodyContext): void => {
			parents[context.path] = context.parents;
		};
		const { result } = await at({
			...steps,
			a: async (context) => {
				note(context);
				return await takes(5)(context);
			},
			fresh: { run: note, dependsOn: [temporary, ['slow', 'optional']] },
		});
		expect(result.status).toBe('completed');
		expect(parents).toEqual({ a: [], 'a#2': ['a'], fresh: ['a#2', 'slow'] });
	});

	it('does not count as a loop, however often', async () => {
		const interval = { on: 'tick', type: 'required', lifecycle: 'periodic', intervalMs: 10 };
		const { run } = await at({
			tick: { run: takes(1), maxIterations: 3 },
			slow: takes(100),
			last: { run: ok, dependsOn: [interval as never, 'slow'] },
		});
		expect(statuses(run)).toEqual({ tick: 'completed', slow: 'completed', last: 'completed' });
		expect(run.step('tick').iteration).toBeGreaterThan(5);
	});

	it('stays what it was when it fails: who had counted it goes on', async () => {
		let runs = 0;
		const { run } = await at({
			...steps,
			a: async () => {
				if (++runs > 1) throw new Error('Only once.');
				await current.sleep(5);
			},
		});
		expect(statuses(run)).toMatchObject({ a: 'failed', fresh: 'skipped', both: 'completed' });
	});
});

describe('looking at a run while it tells dependents', () => {
	it('does not make any of them wait for ever, or start too early', async () => {
		const { run, log, end } = begin({
			a: takes(5),
			slow: takes(50),
			before: { run: ok, dependsOn: ['a', 'slow'] },
			trigger: { run: ok, dependsOn: 'a' },
			after: { run: ok, dependsOn: ['slow', 'a'] },
			last: { run: ok, dependsOn: 'a' },
		});
		const reasons: unknown[] = [];
		run.subscribe(({ type, stepPath }) => {
			if (type !== 'step.ready' || stepPath !== 'trigger') return;
			for (const id of ['before', 'after', 'last']) reasons.push(run.blockedBy(id)?.detail);
		});
		await end();
		expect(started(log)).toEqual(['a', 'slow', 'trigger', 'last', 'before', 'after']);
		expect(reasons).toHaveLength(3);
		expect(reasons[0]).toContain('"slow" (required, running)');
	});
});

describe('a place in the pool', () => {
	/** A pool that remembers what it was asked for. */
	class Asked extends ResourcePool {
		readonly requests: Array<Parameters<ResourcePool['request']>[0]> = [];

		override request(...args: Parameters<ResourcePool['request']>) {
			this.requests.push(args[0]);
			return super.request(...args);
		}
	}

	it('is asked for in the name of the run, with what pre-emption has to know', async () => {
		const pool = new Asked({ totals: { cpu: 1 }, preemption: true }, current);
		const low: GraphStep = {
			run: async (context) => {
				context.progress(0.5);
				await takes(30)(context);
			},
			resources: { cpu: 1, priority: 'low', resourceTypes: ['cpu'] },
			preemptible: true,
		};
		const high: GraphStep = {
			run: takes(5),
			resources: { cpu: 1, priority: 'critical', resourceTypes: ['cpu'] },
			dependsOn: 'wait',
		};
		const { log } = await at({ low, wait: takes(10), high }, { pool });
		expect(log).toContain('pool.preempted:low');
		const [first, second, again] = pool.requests;
		expect(first).toMatchObject({ path: 'run/low', fairnessKey: 'run', preemptible: true });
		expect(first!.preemptions).toBeUndefined();
		expect(second).toMatchObject({ path: 'run/high' });
		expect(again).toMatchObject({ path: 'run/low', preemptions: 1 });
		expect(again!.progress!()).toBe(0.5);
		expect(second!.progress!()).toBe(0);
	});

	it('is shared fairly by the key of the run, when it has one', async () => {
		const pool = new Asked({ totals: { cpu: 1 } }, current);
		const a: GraphStep = { run: ok, resources: { cpu: 1, resourceTypes: ['cpu'] } };
		await at({ a }, { pool, fairnessKey: 'customer 7' });
		expect(pool.requests[0]).toMatchObject({ fairnessKey: 'customer 7' });
	});
});

describe('a checkpoint', () => {
	it('has the times of steps, and the input of what can be undone', async () => {
		const { run } = await at({
			a: { run: takes(5, 'done'), compensate: ok, input: () => ({ order: 17 }) },
			b: { run: takes(3), dependsOn: 'a', input: () => 1 },
		});
		const [a, b] = run.checkpoint().steps;
		expect(a).toMatchObject({ startedAt: current.now() - 8, input: { order: 17 } });
		expect(b).toMatchObject({ startedAt: current.now() - 3 });
		expect(b).not.toHaveProperty('input');
		expect(run.checkpoint().steps[0]).toHaveProperty('endedAt', current.now() - 3);
	});

	it('names what has completed in the order in which it did', async () => {
		const { run } = await at({ c: takes(30), a: takes(10), b: takes(20) });
		expect(run.checkpoint().completed).toEqual(['a', 'b', 'c']);
	});

	it('remembers failed executions, too, after which there is nothing to undo', async () => {
		const c = async (context: BodyContext): Promise<unknown> => {
			await takes(15)(context);
			return context.iteration === 1 ? await fails() : 'done';
		};
		const steps: Steps = {
			a: { run: () => goTo('c'), next: ['c'] },
			// Names it while it runs, and so once more.
			b: { run: async (context) => goTo('c', await takes(10)(context)), next: [] },
			c: { run: c, next: [], onDemand: true, optional: true, compensate: ok },
		};
		const first = begin(steps);
		await current.advance(20);
		const checkpoint = JSON.parse(JSON.stringify(first.run.checkpoint())) as RunCheckpoint;
		expect(checkpoint.history).toMatchObject([{ path: 'c', status: 'failed' }]);
		const restored = restoreGraph(defineGraph({ name: 'test', steps: full(steps) }), checkpoint, {
			runtime: current,
		});
		expect((await current.until(restored.result)).status).toBe('completed');
		expect(restored.checkpoint().history).toEqual(checkpoint.history);
		first.run.release();
	});

	it('of a question can be restored and the step cancelled: nobody is there to hear of it', async () => {
		const steps: Steps = { ask: async (context) => await context.waitFor('x') };
		const first = begin(steps);
		await current.advance(1);
		const checkpoint = JSON.parse(JSON.stringify(first.run.checkpoint())) as RunCheckpoint;
		first.run.release();
		const graph = defineGraph({ name: 'test', steps: full(steps) });
		const restored = restoreGraph(graph, checkpoint, { runtime: current });
		await current.advance(1);
		expect(restored.requests).toHaveLength(1);
		restored.cancelStep('ask');
		await current.until(restored.result);
		expect([statuses(restored), restored.requests]).toEqual([{ ask: 'cancelled' }, []]);
	});

	it('says nothing of a start that has not been', async () => {
		const { run, end } = begin({ a: takes(10), b: { run: ok, dependsOn: 'a' } });
		await current.advance(1);
		const b = run.checkpoint().steps.find(({ stepId }) => stepId === 'b');
		expect(b).not.toHaveProperty('startedAt');
		await end();
	});
});
