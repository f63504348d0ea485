import {
	BudgetLedger,
	CircuitBreaker,
	EngineError,
	goTo,
	ResiliencePolicy,
	RunMeter,
	type BodyContext,
	type GraphRunOptions,
} from '../../../lib';
import { current, freshRuntime, ok, start, takes, type Steps } from './play';

beforeEach(() => void freshRuntime());

async function measured(steps: Steps, options: Partial<GraphRunOptions> = {}) {
	const meter = new RunMeter();
	const { sink, onCheckpoint } = meter;
	const { end } = start(steps, { runtime: current, sinks: [sink], onCheckpoint, ...options });
	await end();
	return meter.report();
}

describe('RunMeter', () => {
	it('has nothing to tell before anything happens', () => {
		const none = { count: 0, p50: 0, p95: 0 };
		expect(new RunMeter().report()).toEqual({
			ended: {},
			reused: 0,
			attempts: 0,
			retries: 0,
			durationMs: none,
			queueMs: none,
			waits: { pool: 0, rate: 0, breaker: 0, budget: 0 },
			breakerTrips: 0,
			preemptions: 0,
			zombies: 0,
			calls: 0,
			tokens: 0,
			costUsd: 0,
			checkpoints: 0,
			checkpointBytes: 0,
		});
	});

	it('tells how long steps took and stood in line, by median and 95th percentile', async () => {
		const steps = Object.fromEntries(
			Array.from({ length: 20 }, (_, index) => [`s${index}`, takes(10 * (index + 1))]),
		);
		const report = await measured(steps, { maxConcurrent: 20 });
		expect(report).toMatchObject({
			ended: { completed: 20 },
			attempts: 20,
			durationMs: { count: 20, p50: 100, p95: 190 },
			queueMs: { count: 20, p50: 0, p95: 0 },
		});
		freshRuntime();
		const inLine = await measured({ a: takes(10), b: takes(10), c: ok }, { maxConcurrent: 1 });
		expect(inLine.queueMs).toEqual({ count: 3, p50: 10, p95: 20 });
	});

	it('counts executions by their ends, retries, and results that were reused', async () => {
		let failures = 0;
		const report = await measured({
			a: {
				run: () => {
					if (++failures < 3) throw new Error('again');
					return goTo('b');
				},
				retry: { maxAttempts: 3, initialDelayMs: 5, jitter: 'none' },
			},
			b: ({ iteration }: BodyContext) => goTo(iteration === 1 ? 'b' : null),
			c: { run: () => Promise.reject(new Error('broken')), dependsOn: 'a' },
			d: { run: ok, dependsOn: 'c' },
		});
		expect(report).toMatchObject({
			ended: { completed: 3, failed: 1, skipped: 1 },
			attempts: 6,
			retries: 2,
			durationMs: { count: 4, p95: 15 },
			queueMs: { count: 4, p95: 0 },
		});
		const sink = new RunMeter();
		void sink.sink({ seq: 1, at: 1, runId: 'r', type: 'step.ready', stepPath: 'a' });
		void sink.sink({
			...{ seq: 2, at: 1, runId: 'r', type: 'step.completed', stepPath: 'a' },
			data: { reused: true },
		});
		expect(sink.report()).toMatchObject({ reused: 1, durationMs: { count: 0 } });
	});

	it('counts what calls wait for, circuits they open, and what they use', async () => {
		const ledger = new BudgetLedger({ tokens: { hard: 10 } });
		const breaker = new CircuitBreaker('api', { minCalls: 1, openMs: 50 }, current);
		const policy = new ResiliencePolicy(
			{ breaker, retry: { maxAttempts: 2, initialDelayMs: 0, jitter: 'none' } },
			current,
		);
		let calls = 0;
		const call = async (context: BodyContext) => {
			const { budget, signal, path } = context;
			const reservation = await budget!.ledger.reserve({ path, amounts: { tokens: 4 } }, signal);
			reservation.settle({
				...{ inputTokens: 3, outputTokens: 1, totalTokens: 4, costUsd: 0.5, calls: 1 },
			});
			await policy.execute(
				async () => {
					if (++calls === 1) throw new EngineError('E', 'down', { errorClass: 'server' });
					await current.sleep(1);
				},
				{
					signal,
					onBlocked: (by) => context.blocked(by),
					onBreaker: (change) => context.breakerChanged(change),
				},
			);
			breaker.reset();
		};
		const report = await measured(
			{ a: call, b: takes(100) },
			{ budget: { ledger }, checkpointEveryMs: 60 },
		);
		expect(report).toMatchObject({
			waits: { pool: 0, rate: 0, breaker: 1, budget: 0 },
			breakerTrips: 1,
			calls: 1,
			tokens: 4,
			costUsd: 0.5,
			checkpoints: 1,
		});
		expect(report.checkpointBytes).toBeGreaterThan(500);
	});

	it('counts each kind of event by itself, with and without a step', () => {
		const { sink, report } = new RunMeter();
		const types = {
			...{ 'pool.waiting': 1, 'rate.waiting': 2, 'breaker.waiting': 3, 'budget.waiting': 4 },
			...{ 'breaker.open': 5, 'pool.preempted': 6, 'pool.zombie': 7, 'checkpoint.taken': 8 },
		};
		for (const [type, times] of Object.entries(types)) {
			for (let seq = 0; seq < times; seq++) void sink({ seq, at: 0, runId: 'r', type });
		}
		void sink({ seq: 9, at: 0, runId: 'r', type: 'step.completed', stepPath: 'a', data: {} });
		void sink({ seq: 9, at: 0, runId: 'r', type: 'step.completed' });
		expect(report()).toMatchObject({
			waits: { pool: 1, rate: 2, breaker: 3, budget: 4 },
			...{ breakerTrips: 5, preemptions: 6, zombies: 7, checkpoints: 8 },
			...{ ended: { completed: 1 }, reused: 0 },
		});
	});

	it('makes do with what it hears', () => {
		const { sink, report } = new RunMeter();
		const event = { seq: 1, runId: 'r', stepPath: 'a' };
		void sink({ ...event, at: 10, type: 'step.started' });
		void sink({ ...event, at: 15, type: 'step.started' });
		void sink({ ...event, at: 20, type: 'step.completed' });
		void sink({ ...event, at: 20, type: 'budget.settled', data: { amounts: { calls: 2 } } });
		void sink({ ...event, at: 20, type: 'budget.settled', data: { amounts: { tokens: 3 } } });
		expect(report()).toMatchObject({
			attempts: 2,
			durationMs: { count: 1, p50: 10, p95: 10 },
			queueMs: { count: 0, p50: 0, p95: 0 },
			...{ calls: 2, tokens: 3, costUsd: 0 },
		});
	});

	it('hears nothing of calls whose attempt has ended', async () => {
		let context!: BodyContext;
		const { end, log } = start({ a: (given: BodyContext) => void (context = given) });
		await end();
		const before = [...log];
		context.blocked({ kind: 'rate', detail: 'its turn', since: 0 });
		context.breakerChanged({ key: 'k', from: 'closed', to: 'open' });
		context.tell({ seq: 1, at: 0, runId: 'i', type: 'step.started', stepPath: 'x' }, 'n');
		expect(log).toEqual(before);
	});
});
