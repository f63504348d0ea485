import {
	BudgetLedger,
	defineGraph,
	EndpointRegistry,
	RateLimiter,
	ResiliencePolicy,
	restoreGraph,
	type BodyContext,
} from '../../../lib';
import { current, freshRuntime, full, start, takes, type Steps } from './play';

beforeEach(() => void freshRuntime());
const begin = (steps: Steps, options = {}) => start(steps, { runtime: current, ...options });

describe('what a running step waits for', () => {
	it('is told by the policy around its call, and gone when the call goes on', async () => {
		const limiter = new RateLimiter([{ limit: 1, perMs: 100 }], current);
		limiter.tryAcquire();
		const policy = new ResiliencePolicy({ limiter }, current);
		const call = async (context: BodyContext) =>
			await policy.execute(async () => await current.sleep(50), {
				signal: context.signal,
				onBlocked: (by) => context.blocked(by),
			});
		const { run, end } = begin({ a: call });
		await current.advance(10);
		expect(run.blockedBy('a')).toEqual({
			kind: 'rate',
			detail: 'its turn under the rate limit',
			since: Date.UTC(2030, 0, 1),
		});
		await current.advance(110);
		expect([run.step('a').status, run.blockedBy('a')]).toEqual(['running', undefined]);
		await end();
	});
});

describe('the budget of a run', () => {
	it('is lent to each step under its path, and saved as the host says', async () => {
		const saved: string[] = [];
		const ledger = new BudgetLedger();
		const save = async () => void (await saved.push('saved'));
		const pay = async ({ budget, path }: BodyContext) => {
			await budget!.save?.();
			return [budget!.ledger === ledger, budget!.path, path];
		};
		const own = await begin({ a: pay }, { budget: { ledger, save } }).end();
		expect(own.outputs).toEqual({ a: [true, 'a', 'a'] });
		const inner = await begin({ a: pay }, { budget: { ledger, path: 'outer/1' } }).end();
		expect(inner.outputs).toEqual({ a: [true, 'outer/1/a', 'a'] });
		expect(saved).toEqual(['saved']);
		const none = await begin({ a: ({ budget }) => budget === undefined }).end();
		expect(none.outputs).toEqual({ a: true });
	});

	it('is told of in the events of the run alone, not in those of runs inside it', () => {
		const ledger = new BudgetLedger({ tokens: { hard: 5 } });
		const own = begin({ a: () => 1 }, { budget: { ledger } });
		const inner = begin({ a: () => 1 }, { budget: { ledger, path: 'outer/1' } });
		ledger.raise({ tokens: { hard: 1 } }, 'me', 0);
		ledger.tryReserve({ path: 'a', amounts: { tokens: 1 } });
		expect(own.log).toEqual(['budget.raised', 'budget.reserved:a']);
		expect(inner.log).toEqual([]);
	});

	it('is in the checkpoints of the run alone, not in those of runs inside it', () => {
		const ledger = new BudgetLedger({ tokens: { hard: 5 } });
		const own = begin({ a: () => 1 }, { budget: { ledger } }).run;
		expect(own.checkpoint().budget).toMatchObject({ limits: { tokens: { hard: 5 } } });
		const inner = begin({ a: () => 1 }, { budget: { ledger, path: 'outer/1' } }).run;
		expect(inner.checkpoint()).not.toHaveProperty('budget');
		const none = begin({ a: () => 1 }).run;
		expect(none.checkpoint()).not.toHaveProperty('budget');
	});
});

describe('the events of questions', () => {
	const asks = (name: string, timeoutMs?: number) => async (context: BodyContext) =>
		await context.waitFor(name, timeoutMs === undefined ? {} : { timeoutMs }).catch(() => 'late');

	it('say who was asked, and how each question ended', async () => {
		const { run, events } = begin({
			answered: asks('x'),
			late: asks('x', 50),
			withdrawn: asks('x'),
		});
		await current.advance(1);
		await run.answer('run:answered:x', 'yes');
		await current.advance(60);
		run.cancelStep('withdrawn');
		await current.until(run.result);
		const told = events.filter(({ type }) => type.startsWith('human.'));
		expect(told.map(({ type, stepPath, data }) => [type, stepPath, data])).toEqual([
			['human.asked', 'answered', { requestId: 'run:answered:x', name: 'x' }],
			['human.asked', 'late', { requestId: 'run:late:x', name: 'x' }],
			['human.asked', 'withdrawn', { requestId: 'run:withdrawn:x', name: 'x' }],
			['human.answered', 'answered', { requestId: 'run:answered:x', name: 'x' }],
			['human.timed_out', 'late', { requestId: 'run:late:x', name: 'x' }],
			['human.withdrawn', 'withdrawn', { requestId: 'run:withdrawn:x', name: 'x' }],
		]);
	});
});

describe('how much longer a run will take', () => {
	it('follows from its pace so far, without pauses and waiting', async () => {
		const { run, end } = begin(
			{
				a: takes(100),
				b: async (context: BodyContext) => await context.waitFor('x'),
				c: takes(100),
			},
			{ maxConcurrent: 1 },
		);
		expect(run.progress.etaMs).toBeUndefined();
		await current.advance(50);
		expect(run.progress.etaMs).toBeUndefined();
		await current.advance(60);
		expect(run.progress).toMatchObject({ percent: 33.333333, etaMs: 220 });
		await current.advance(95);
		expect([run.status, run.progress.etaMs]).toEqual(['waiting', 100]);
		await current.advance(10_000);
		expect(run.progress.etaMs).toBe(100);
		await run.answer('run:b:x', 1);
		await end();
		expect(run.progress.etaMs).toBeUndefined();
	});

	it('counts only what this process did after a restart', async () => {
		const steps: Steps = { a: takes(100), b: takes(100), c: takes(100) };
		const first = begin(steps, { maxConcurrent: 1 });
		await current.advance(110);
		const checkpoint = first.run.checkpoint();
		first.run.release();
		const graph = defineGraph({ name: 'test', steps: full(steps) });
		const run = restoreGraph(graph, checkpoint, { runtime: current, maxConcurrent: 1 });
		await current.advance(50);
		expect(run.progress).toMatchObject({ percent: 33.333333 });
		expect(run.progress.etaMs).toBeUndefined();
		await current.advance(50);
		expect(run.progress.etaMs).toBe(100);
		await current.until(run.result);
	});

	it('is better known with how long the steps took the last time', async () => {
		const steps: Steps = {
			a: takes(10),
			b: takes(190),
			c: () => 1,
			d: { run: () => Promise.reject(new Error('no')), optional: true },
		};
		const first = begin(steps, { maxConcurrent: 1 });
		await first.end();
		const { weights } = first.run;
		expect(weights).toEqual({ a: 10, b: 190, c: 1 });
		const { run } = begin(
			{ ...steps, c: { run: () => 1, weight: 9 } },
			{ maxConcurrent: 1, weights: { ...weights, d: 1 } },
		);
		await current.advance(10);
		expect(run.progress).toMatchObject({ percent: 4.761905, etaMs: 200 });
	});
});

describe('the health of services', () => {
	it('goes with the run over a checkpoint', async () => {
		const endpoints = new EndpointRegistry(current);
		endpoints.get('api').limiter.throttle(500);
		const { run } = begin({ a: takes(10) }, { endpoints });
		const checkpoint = run.checkpoint();
		run.release();
		const graph = defineGraph({ name: 'test', steps: full({ a: takes(10) }) });
		const next = new EndpointRegistry(current);
		const again = restoreGraph(graph, checkpoint, { runtime: current, endpoints: next });
		expect(next.get('api').limiter.throttledMs).toBe(500);
		await current.until(again.result);
		const none = begin({ a: () => 1 }).run.checkpoint();
		expect(none).not.toHaveProperty('endpoints');
		const old = restoreGraph(graph, none, { runtime: current, endpoints: next });
		await current.until(restoreGraph(graph, checkpoint, { runtime: current }).result);
		await current.until(old.result);
	});
});
