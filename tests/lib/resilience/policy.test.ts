import { EngineError, type ErrorClass, type ErrorInfo } from '../../../lib/core';
import { VirtualRuntime } from '../../../lib/core/virtualRuntime';
import { CircuitBreaker } from '../../../lib/resilience/circuitBreaker';
import type { AttemptEnd, BlockedBy, Gate, Pass } from '../../../lib/resilience/gate';
import { ResiliencePolicy } from '../../../lib/resilience/policy';
import { RateLimiter } from '../../../lib/resilience/rateLimiter';

const fail = (errorClass: ErrorClass, info: ErrorInfo = {}): EngineError =>
	new EngineError('FAILED', 'Failed.', { errorClass, ...info });

const steady = { maxAttempts: 3, jitter: 'none' } as const;
const never = (): Promise<never> => new Promise(() => undefined);

/** A gate with a number of places, that notes who passes and how. */
class TestGate implements Gate {
	readonly ends: AttemptEnd[] = [];
	readonly abandoned: Array<Promise<unknown>> = [];
	readonly waiting: Array<() => void> = [];
	readonly signals: AbortSignal[] = [];

	constructor(
		private readonly name: string,
		private readonly log: string[],
		private places = 1,
	) {}

	tryEnter(attempt: number): Pass | undefined {
		return this.places > 0 ? this.pass(attempt) : undefined;
	}

	async enter(attempt: number, signal: AbortSignal): Promise<Pass> {
		this.signals.push(signal);
		await new Promise<void>((resolve) => this.waiting.push(resolve));
		return this.pass(attempt);
	}

	free(): void {
		this.places++;
		this.waiting.shift()?.();
	}

	private pass(attempt: number): Pass {
		this.places--;
		this.log.push(`${this.name} in ${attempt}`);
		return {
			leave: (end) => {
				this.places++;
				this.ends.push(end);
				this.log.push(`${this.name} out`);
			},
			abandon: (body) => {
				this.abandoned.push(body);
				this.log.push(`${this.name} abandoned`);
			},
		};
	}
}

describe('ResiliencePolicy', () => {
	it('makes one attempt without anything around it', async () => {
		const runtime = new VirtualRuntime();
		const policy = new ResiliencePolicy({}, runtime);
		await expect(policy.execute(({ attempt }) => Promise.resolve(attempt))).resolves.toBe(1);
		const error = fail('server');
		await expect(policy.execute(() => Promise.reject(error))).rejects.toBe(error);
		expect(runtime.pendingTimers).toBe(0);
	});

	it('reads no clock for a call that succeeds within plain limits', async () => {
		const runtime = new VirtualRuntime();
		const clock = jest.spyOn(runtime, 'monotonic');
		const breaker = new CircuitBreaker('api', {}, runtime);
		const timeouts = { startToCloseMs: 100 };
		const policy = new ResiliencePolicy({ retry: steady, breaker, timeouts }, runtime);
		await policy.execute(() => Promise.resolve());
		expect(clock).not.toHaveBeenCalled();
		expect(runtime.pendingTimers).toBe(0);
	});

	it('retries outside the breaker: it sees every attempt', async () => {
		const runtime = new VirtualRuntime();
		const breaker = new CircuitBreaker('api', { minCalls: 3 }, runtime);
		const call = jest.fn(() => Promise.reject(fail('server')));
		const policy = new ResiliencePolicy({ retry: steady, breaker, whenOpen: 'fail' }, runtime);
		await expect(runtime.until(policy.execute(call))).rejects.toThrow('All 3 attempts failed.');
		expect(breaker.status).toBe('open');
		await expect(policy.execute(call)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
		expect(call).toHaveBeenCalledTimes(3);
	});

	it('passes budget, breaker, rate limit and pool in this order, anew for each attempt', async () => {
		const runtime = new VirtualRuntime();
		const log: string[] = [];
		const [budget, pool] = [new TestGate('budget', log), new TestGate('pool', log)];
		const breaker = new CircuitBreaker('api', {}, runtime);
		const limiter = new RateLimiter([{ limit: 9, perMs: 9 }], runtime);
		const [enter, acquire] = [breaker.enter.bind(breaker), limiter.tryAcquire.bind(limiter)];
		breaker.enter = () => (log.push('breaker'), enter());
		limiter.tryAcquire = (cost) => (log.push(`rate ${cost}`), acquire(cost));
		const policy = new ResiliencePolicy(
			{ retry: steady, budget, breaker, limiter, pool, rateCost: 2 },
			runtime,
		);
		const call = jest.fn(({ attempt }: { attempt: number }) => {
			log.push('call');
			return attempt === 1 ? Promise.reject(fail('server')) : Promise.resolve('done');
		});
		await expect(runtime.until(policy.execute(call))).resolves.toBe('done');
		expect(log).toEqual([
			...['budget in 1', 'breaker', 'rate 2', 'pool in 1', 'call', 'pool out', 'budget out'],
			...['budget in 2', 'breaker', 'rate 2', 'pool in 2', 'call', 'pool out', 'budget out'],
		]);
		expect(pool.ends).toEqual([
			{ started: true, error: expect.any(EngineError) as unknown },
			{ started: true, value: 'done' },
		]);
	});

	it('holds no place during the pause between attempts', async () => {
		const runtime = new VirtualRuntime();
		const log: string[] = [];
		const pool = new TestGate('pool', log);
		const policy = new ResiliencePolicy({ retry: steady, pool }, runtime);
		const result = policy.execute(({ attempt }) =>
			attempt === 1 ? Promise.reject(fail('server')) : Promise.resolve(),
		);
		await runtime.advance(500);
		expect(log).toEqual(['pool in 1', 'pool out']);
		await runtime.until(result);
	});

	it('says what it waits for, and that it goes on', async () => {
		const runtime = new VirtualRuntime();
		const [budget, pool] = [new TestGate('budget', [], 0), new TestGate('pool', [], 0)];
		const limiter = new RateLimiter([{ limit: 1, perMs: 100 }], runtime);
		const breaker = new CircuitBreaker('api', { minCalls: 1, openMs: 50 }, runtime);
		breaker.record(breaker.enter(), 'failure');
		limiter.tryAcquire();
		const blocked: Array<BlockedBy | undefined> = [];
		const policy = new ResiliencePolicy({ budget, breaker, limiter, pool }, runtime);
		const onBlocked = (by: BlockedBy | undefined): number => blocked.push(by);
		const result = policy.execute(() => Promise.resolve(1), { onBlocked });
		const start = runtime.now();
		await runtime.drain();
		budget.free();
		await runtime.advance(100);
		pool.free();
		await expect(runtime.until(result)).resolves.toBe(1);
		const detail = expect.stringMatching(/^(running calls|the service|its turn|free)/) as unknown;
		expect(blocked).toEqual([
			{ kind: 'budget', detail, since: start },
			undefined,
			{ kind: 'breaker', detail, since: start },
			undefined,
			{ kind: 'rate', detail, since: start + 50 },
			undefined,
			{ kind: 'pool', detail, since: start + 100 },
			undefined,
		]);
		expect(runtime.pendingTimers).toBe(0);
	});

	it('tells when the end of a call has opened or closed the circuit', async () => {
		const runtime = new VirtualRuntime();
		const breaker = new CircuitBreaker('api', { minCalls: 2, openMs: 50 }, runtime);
		const policy = new ResiliencePolicy({ breaker }, runtime);
		const changes: unknown[] = [];
		const onBreaker = (change: unknown): number => changes.push(change);
		for (let calls = 0; calls < 2; calls++) {
			await policy
				.execute(() => Promise.reject(fail('server')), { onBreaker })
				.catch(() => undefined);
		}
		expect(changes).toEqual([{ key: 'api', from: 'closed', to: 'open' }]);
		await runtime.until(policy.execute(() => Promise.resolve(), { onBreaker }));
		expect(changes.slice(1)).toEqual([{ key: 'api', from: 'half_open', to: 'closed' }]);
	});

	it('waits without anybody being told', async () => {
		const runtime = new VirtualRuntime();
		const limiter = new RateLimiter([{ limit: 1, perMs: 100 }], runtime);
		limiter.tryAcquire();
		const policy = new ResiliencePolicy({ limiter }, runtime);
		await runtime.until(policy.execute(() => Promise.resolve()));
		expect(runtime.monotonic()).toBe(100);
	});

	it('counts one for the limiter unless told otherwise', async () => {
		const runtime = new VirtualRuntime();
		const limiter = new RateLimiter([{ limit: 2, perMs: 100 }], runtime);
		const policy = new ResiliencePolicy({ limiter }, runtime);
		for (let call = 0; call < 3; call++) {
			await runtime.until(policy.execute(() => Promise.resolve()));
		}
		expect(runtime.monotonic()).toBe(50);
	});

	it('makes everybody with the same key wait when the other side asks for it', async () => {
		const runtime = new VirtualRuntime();
		const limiter = new RateLimiter([], runtime);
		const policy = new ResiliencePolicy({ limiter }, runtime);
		const refused = fail('rate_limit', { retryAfterMs: 700 });
		await expect(policy.execute(() => Promise.reject(refused))).rejects.toBe(refused);
		expect(limiter.waitMs()).toBe(700);
		const broken = fail('server', { retryAfterMs: 9000 });
		await runtime.advance(700);
		await expect(policy.execute(() => Promise.reject(broken))).rejects.toBe(broken);
		const unclear = fail('rate_limit');
		await expect(policy.execute(() => Promise.reject(unclear))).rejects.toBe(unclear);
		expect(limiter.waitMs()).toBe(0);
		const alone = new ResiliencePolicy({}, runtime);
		await expect(alone.execute(() => Promise.reject(refused))).rejects.toBe(refused);
	});

	describe('while the circuit is open', () => {
		function open(more: object = {}): {
			runtime: VirtualRuntime;
			breaker: CircuitBreaker;
			policy: ResiliencePolicy;
		} {
			const runtime = new VirtualRuntime();
			const breaker = new CircuitBreaker('api', { minCalls: 1, openMs: 100 }, runtime);
			breaker.record(breaker.enter(), 'failure');
			return { runtime, breaker, policy: new ResiliencePolicy({ breaker, ...more }, runtime) };
		}

		it('waits for a probe', async () => {
			const { runtime, policy, breaker } = open();
			const result = policy.execute(() => Promise.resolve(runtime.monotonic()));
			await expect(runtime.until(result)).resolves.toBe(100);
			expect(breaker.status).toBe('closed');
		});

		it('lets one of many probe; the others follow when it has succeeded', async () => {
			const { runtime, policy } = open();
			const at: number[] = [];
			const call = async (): Promise<void> => {
				at.push(runtime.monotonic());
				await runtime.sleep(30);
			};
			await runtime.until(Promise.all([1, 2, 3].map(() => policy.execute(call))));
			expect(at).toEqual([100, 130, 130]);
		});

		it('fails at once when told to, or when nothing but a reset would help', async () => {
			const impatient = open({ whenOpen: 'fail' });
			const first = impatient.policy.execute(never);
			await expect(first).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
			const { policy, breaker } = open();
			breaker.forceOpen();
			await expect(policy.execute(never)).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
		});

		it('fails at once when the time limits do not reach to the probe', async () => {
			for (const [timeouts, options] of [
				[{ scheduleToCloseMs: 100 }, {}],
				[{ scheduleToStartMs: 100 }, {}],
				[{}, { deadlineAt: 100 }],
			] as const) {
				const { policy, runtime } = open({ timeouts });
				const result = policy.execute(never, options);
				await expect(result).rejects.toMatchObject({ code: 'CIRCUIT_OPEN' });
				expect(runtime.pendingTimers).toBe(0);
			}
			const { policy, runtime } = open({ timeouts: { scheduleToStartMs: 101 } });
			await expect(runtime.until(policy.execute(() => Promise.resolve(1)))).resolves.toBe(1);
		});

		it('ends the wait for a busy probe at its limit', async () => {
			const { runtime, policy, breaker } = open({ timeouts: { scheduleToStartMs: 500 } });
			await runtime.advance(100);
			breaker.enter();
			await expect(runtime.until(policy.execute(never))).rejects.toMatchObject({
				details: { kind: 'scheduleToStart', limitMs: 500 },
			});
			expect(runtime.monotonic()).toBe(600);
		});
	});

	describe('time limits', () => {
		it('ends an attempt, retries it, and keeps its place until its body settles', async () => {
			const runtime = new VirtualRuntime();
			const log: string[] = [];
			const [budget, pool] = [new TestGate('budget', log, 9), new TestGate('pool', log, 9)];
			const timeouts = { startToCloseMs: 50 };
			const policy = new ResiliencePolicy(
				{ retry: { maxAttempts: 2, jitter: 'none' }, budget, pool, timeouts },
				runtime,
			);
			await expect(runtime.until(policy.execute(never))).rejects.toMatchObject({
				code: 'RETRY_EXHAUSTED',
				errorClass: 'timeout',
			});
			expect(runtime.monotonic()).toBe(1100);
			expect(log.slice(0, 4)).toEqual([
				'budget in 1',
				'pool in 1',
				'pool abandoned',
				'budget abandoned',
			]);
			expect([pool.abandoned.length, budget.abandoned.length]).toEqual([2, 2]);
			expect(pool.ends).toEqual([]);
		});

		it('counts an attempt that took too long as a failure of the service', async () => {
			const runtime = new VirtualRuntime();
			const breaker = new CircuitBreaker('api', { minCalls: 1 }, runtime);
			const timeouts = { idleMs: 50 };
			const policy = new ResiliencePolicy({ breaker, timeouts }, runtime);
			await expect(runtime.until(policy.execute(never))).rejects.toMatchObject({
				details: { kind: 'idle' },
			});
			expect(breaker.status).toBe('open');
		});

		it('measures slow calls without the wait before them', async () => {
			const runtime = new VirtualRuntime();
			const options = { minCalls: 1, slowCallMs: 100, slowRate: 0.5 };
			const breaker = new CircuitBreaker('api', options, runtime);
			const limiter = new RateLimiter([{ limit: 1, perMs: 500 }], runtime);
			limiter.tryAcquire();
			const policy = new ResiliencePolicy({ breaker, limiter }, runtime);
			await runtime.until(policy.execute(() => runtime.sleep(100)));
			expect(breaker.status).toBe('closed');
			await runtime.until(policy.execute(() => runtime.sleep(101)));
			expect(breaker.status).toBe('open');
		});

		it('gives the last attempt only what is left of the whole time', async () => {
			const runtime = new VirtualRuntime();
			const timeouts = { startToCloseMs: 100, scheduleToCloseMs: 1150 };
			const policy = new ResiliencePolicy({ retry: steady, timeouts }, runtime);
			await runtime.advance(5000);
			await expect(runtime.until(policy.execute(never))).rejects.toMatchObject({
				code: 'TIMEOUT',
				details: { kind: 'scheduleToClose', limitMs: 50 },
			});
			expect(runtime.monotonic()).toBe(6150);
		});

		it('keeps the deadline of the run', async () => {
			const runtime = new VirtualRuntime();
			const policy = new ResiliencePolicy({ timeouts: { scheduleToCloseMs: 900 } }, runtime);
			await runtime.advance(1000);
			const result = policy.execute(never, { deadlineAt: 1300 });
			await expect(runtime.until(result)).rejects.toMatchObject({
				details: { kind: 'run', limitMs: 300 },
			});
			const retrying = new ResiliencePolicy({ retry: steady }, runtime);
			const call = (): Promise<never> => Promise.reject(fail('server'));
			const late = retrying.execute(call, { deadlineAt: 2000 });
			await expect(runtime.until(late)).rejects.toMatchObject({ details: { reason: 'deadline' } });
		});

		it('ends the wait for a place, and gives back what arrives too late', async () => {
			const runtime = new VirtualRuntime();
			const log: string[] = [];
			const pool = new TestGate('pool', log, 0);
			const breaker = new CircuitBreaker('api', { minCalls: 1 }, runtime);
			const timeouts = { scheduleToStartMs: 80 };
			const call = jest.fn(never);
			const policy = new ResiliencePolicy({ retry: steady, pool, breaker, timeouts }, runtime);
			await expect(runtime.until(policy.execute(call))).rejects.toMatchObject({
				details: { kind: 'scheduleToStart', limitMs: 80 },
			});
			expect(pool.signals[0]!.aborted).toBe(true);
			pool.free();
			await runtime.drain();
			expect(log).toEqual(['pool in 1', 'pool out']);
			expect(pool.ends).toEqual([{ started: false }]);
			expect(call).not.toHaveBeenCalled();
			expect(breaker.status).toBe('closed');
			expect(runtime.pendingTimers).toBe(0);
		});

		it('counts all waits of one attempt together', async () => {
			const runtime = new VirtualRuntime();
			const [budget, pool] = [new TestGate('budget', [], 0), new TestGate('pool', [], 0)];
			const timeouts = { scheduleToStartMs: 100 };
			const policy = new ResiliencePolicy({ budget, pool, timeouts }, runtime);
			const result = policy.execute(never).catch((error: unknown) => error);
			await runtime.advance(60);
			budget.free();
			await expect(runtime.until(result)).resolves.toMatchObject({
				details: { kind: 'scheduleToStart', limitMs: 40 },
			});
			expect(runtime.monotonic()).toBe(100);
			expect(budget.ends).toEqual([{ started: false, error: expect.anything() as unknown }]);
		});
	});

	it('does not take a wait that was in vain for a sign of health', async () => {
		const runtime = new VirtualRuntime();
		const breaker = new CircuitBreaker('api', { minCalls: 2, failureRate: 1 }, runtime);
		const timeouts = { scheduleToStartMs: 10 };
		const pool = new TestGate('pool', [], 0);
		const waiting = new ResiliencePolicy({ breaker, pool, timeouts }, runtime);
		await expect(runtime.until(waiting.execute(never))).rejects.toThrow('waited longer');
		const failing = new ResiliencePolicy({ breaker }, runtime);
		for (let call = 0; call < 2; call++) {
			await failing.execute(() => Promise.reject(fail('server'))).catch(() => undefined);
		}
		expect(breaker.status).toBe('open');
	});

	describe('a cancel', () => {
		it('before the start lets nothing begin', async () => {
			const runtime = new VirtualRuntime();
			const log: string[] = [];
			const pool = new TestGate('pool', log);
			const policy = new ResiliencePolicy({ pool }, runtime);
			const signal = AbortSignal.abort();
			await expect(policy.execute(never, { signal })).rejects.toMatchObject({
				errorClass: 'abort',
			});
			expect(log).toEqual([]);
		});

		it('between two gates gives the first one back', async () => {
			const runtime = new VirtualRuntime();
			const controller = new AbortController();
			const log: string[] = [];
			const budget = new TestGate('budget', log);
			const enter = budget.tryEnter.bind(budget);
			budget.tryEnter = (attempt) => {
				controller.abort();
				return enter(attempt);
			};
			const policy = new ResiliencePolicy({ budget, pool: new TestGate('pool', log) }, runtime);
			const result = policy.execute(never, { signal: controller.signal });
			await expect(result).rejects.toMatchObject({ errorClass: 'abort' });
			expect(log).toEqual(['budget in 1', 'budget out']);
		});

		it('ends a wait for the rate limit at once', async () => {
			const runtime = new VirtualRuntime();
			const limiter = new RateLimiter([{ limit: 1, perMs: 100 }], runtime);
			limiter.tryAcquire();
			const controller = new AbortController();
			const policy = new ResiliencePolicy({ limiter }, runtime);
			const result = policy.execute(never, { signal: controller.signal });
			await runtime.drain();
			controller.abort('stop');
			await expect(result).rejects.toMatchObject({ errorClass: 'abort', cause: 'stop' });
			expect(runtime.pendingTimers).toBe(0);
		});

		it('reaches the running call, whose end is the result, and leaves no listener', async () => {
			const runtime = new VirtualRuntime();
			const controller = new AbortController();
			const remove = jest.spyOn(controller.signal, 'removeEventListener');
			const log: string[] = [];
			const policy = new ResiliencePolicy({ pool: new TestGate('pool', log) }, runtime);
			const call = ({ signal }: { signal: AbortSignal }): Promise<string> =>
				new Promise((resolve) => signal.addEventListener('abort', () => resolve('saved')));
			const result = policy.execute(call, { signal: controller.signal });
			await runtime.drain();
			controller.abort();
			await expect(result).resolves.toBe('saved');
			expect(log).toEqual(['pool in 1', 'pool out']);
			expect(remove).toHaveBeenCalledTimes(1);
		});
	});
});
