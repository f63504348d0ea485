import * as fc from 'fast-check';

import { EngineError, type ErrorClass } from '../../../lib/core';
import { VirtualRuntime } from '../../../lib/core/virtualRuntime';
import { breakerWindow } from '../../../lib/resilience/breakerWindow';
import {
	CircuitBreaker,
	CircuitOpenError,
	outcomeOf,
	type BreakerChange,
	type CallOutcome,
	type CircuitBreakerOptions,
} from '../../../lib/resilience';

const fail = (errorClass: ErrorClass): EngineError =>
	new EngineError('FAILED', 'Failed.', { errorClass });

interface Setup {
	runtime: VirtualRuntime;
	breaker: CircuitBreaker;
	changes: string[];
	/** Makes calls that end like this. */
	calls: (...outcomes: CallOutcome[]) => void;
}

function setup(options: CircuitBreakerOptions = {}): Setup {
	const runtime = new VirtualRuntime();
	const changes: string[] = [];
	const onChange = ({ from, to }: BreakerChange): number => changes.push(`${from} > ${to}`);
	const breaker = new CircuitBreaker('api', options, runtime, onChange);
	const calls = (...outcomes: CallOutcome[]): void =>
		outcomes.forEach((outcome) => breaker.record(breaker.enter(), outcome));
	return { runtime, breaker, changes, calls };
}

const small = { minCalls: 2, openMs: 100, maxOpenMs: 350 };

describe('outcomeOf', () => {
	it.each([
		['server', 'failure'],
		['network', 'failure'],
		['timeout', 'failure'],
		['overloaded', 'failure'],
		['unknown', 'failure'],
		['rate_limit', 'rate_limited'],
		['abort', 'neutral'],
		['validation', 'neutral'],
		['auth', 'neutral'],
		['guardrail', 'neutral'],
		['budget', 'neutral'],
		['bad_output', 'neutral'],
	] as const)('calls an error of class %s a %s', (errorClass, outcome) => {
		expect(outcomeOf(fail(errorClass))).toBe(outcome);
	});
});

describe('CircuitBreaker', () => {
	it('opens when half of at least five calls have failed', () => {
		const { breaker, calls, changes } = setup();
		calls('failure', 'failure', 'failure', 'failure');
		expect(breaker.status).toBe('closed');
		calls('failure');
		expect(breaker.status).toBe('open');
		expect(changes).toEqual(['closed > open']);
	});

	it('stays closed below the rate and opens at it', () => {
		const { breaker, calls } = setup({ minCalls: 1, failureRate: 0.5 });
		calls('success', 'success', 'success', 'failure', 'failure');
		expect(breaker.status).toBe('closed');
		calls('failure');
		expect(breaker.status).toBe('open');
	});

	it('does not judge when a call succeeds', () => {
		const { breaker, calls } = setup({ minCalls: 3, failureRate: 0.5 });
		calls('failure', 'failure', 'success');
		expect(breaker.status).toBe('closed');
	});

	it('forgets calls that left the window', () => {
		const { breaker, calls } = setup({
			window: { kind: 'count', size: 3 },
			minCalls: 3,
			failureRate: 1,
		});
		calls('failure', 'failure', 'success', 'failure', 'failure');
		expect(breaker.status).toBe('closed');
		calls('failure');
		expect(breaker.status).toBe('open');
	});

	it('forgets calls that are too old with a window of time', async () => {
		const { breaker, calls, runtime } = setup({
			...small,
			window: { kind: 'time', size: 1000 },
			minCalls: 3,
		});
		calls('failure', 'failure');
		await runtime.advance(1000);
		calls('failure', 'failure');
		expect(breaker.status).toBe('closed');
		await runtime.advance(899);
		calls('failure');
		expect(breaker.status).toBe('open');
	});

	it('throws the same error as long as it is open, without making the call', async () => {
		const { breaker, calls, runtime } = setup(small);
		calls('failure', 'failure');
		const call = jest.fn(() => Promise.resolve(1));
		const first = await breaker.execute(call).catch((error: unknown) => error);
		expect(first).toBeInstanceOf(CircuitOpenError);
		expect(first).toMatchObject({
			code: 'CIRCUIT_OPEN',
			errorClass: 'overloaded',
			retryable: false,
			key: 'api',
			probeAt: 100,
			message: 'Calls to "api" are stopped because too many of them failed.',
			hint: 'Wait until the service has recovered, or use a fallback.',
			details: { key: 'api' },
		});
		await runtime.advance(99);
		await expect(breaker.execute(call)).rejects.toBe(first);
		expect(call).not.toHaveBeenCalled();
		expect(breaker.msUntilProbe).toBe(1);
	});

	it('lets one probe through when the time is over, and closes when it succeeds', async () => {
		const { breaker, calls, runtime, changes } = setup(small);
		calls('failure', 'failure');
		await runtime.advance(100);
		expect(breaker.msUntilProbe).toBe(0);
		const probe = breaker.enter();
		expect(breaker.status).toBe('half_open');
		expect(breaker.msUntilProbe).toBe(Infinity);
		expect(() => breaker.enter()).toThrow(CircuitOpenError);
		breaker.record(probe, 'success');
		expect(breaker.status).toBe('closed');
		expect(breaker.msUntilProbe).toBe(0);
		expect(changes).toEqual(['closed > open', 'open > half_open', 'half_open > closed']);
		calls('failure');
		expect(breaker.status).toBe('closed');
	});

	it('opens twice as long after each failed probe, up to the longest', async () => {
		const { breaker, calls, runtime } = setup(small);
		calls('failure', 'failure');
		const lengths: number[] = [];
		for (let round = 0; round < 4; round++) {
			lengths.push(breaker.msUntilProbe);
			await runtime.advance(breaker.msUntilProbe);
			calls('failure');
		}
		expect(lengths).toEqual([100, 200, 350, 350]);
		await runtime.advance(350);
		calls('success', 'failure', 'failure');
		expect(breaker.msUntilProbe).toBe(100);
	});

	it('asks for as many probes as it is told, and runs no more at once', async () => {
		const { breaker, calls, runtime } = setup({ ...small, halfOpenCalls: 2 });
		calls('failure', 'failure');
		await runtime.advance(100);
		const first = breaker.enter();
		const second = breaker.enter();
		expect(() => breaker.enter()).toThrow(CircuitOpenError);
		breaker.record(first, 'success');
		expect(breaker.status).toBe('half_open');
		expect(() => breaker.enter()).toThrow(CircuitOpenError);
		breaker.record(second, 'success');
		expect(breaker.status).toBe('closed');
	});

	it('gives the place of a probe back when its end says nothing', async () => {
		const { breaker, calls, runtime } = setup(small);
		calls('failure', 'failure');
		await runtime.advance(100);
		calls('neutral', 'rate_limited');
		expect(breaker.status).toBe('half_open');
		expect(breaker.msUntilProbe).toBe(0);
		calls('success');
		expect(breaker.status).toBe('closed');
	});

	it('ignores calls that began before the state changed', async () => {
		const { breaker, calls, runtime } = setup(small);
		const late = breaker.enter();
		calls('failure', 'failure');
		breaker.record(late, 'success');
		expect(breaker.status).toBe('open');
		await runtime.advance(100);
		expect(breaker.status).toBe('half_open');
		breaker.record(late, 'failure');
		expect(breaker.status).toBe('half_open');
	});

	it('ignores what says nothing about the service', () => {
		const { breaker, calls } = setup({ minCalls: 1 });
		calls('neutral', 'neutral', 'neutral');
		expect(breaker.status).toBe('closed');
		const strict = setup({ minCalls: 2, failureRate: 1 });
		strict.calls('neutral', 'failure', 'failure');
		expect(strict.breaker.status).toBe('open');
	});

	it('closes when the call it makes as a probe succeeds', async () => {
		const { breaker, calls, runtime } = setup(small);
		calls('failure', 'failure');
		await runtime.advance(100);
		await breaker.execute(() => Promise.resolve());
		expect(breaker.status).toBe('closed');
	});

	it('opens when too many calls are slow', () => {
		const { breaker } = setup({ minCalls: 2, slowCallMs: 50, slowRate: 0.5 });
		breaker.record(breaker.enter(), 'success', 50);
		breaker.record(breaker.enter(), 'success', 50);
		breaker.record(breaker.enter(), 'success', 51);
		expect(breaker.status).toBe('closed');
		breaker.record(breaker.enter(), 'success', 51);
		expect(breaker.status).toBe('open');
	});

	it('opens again when a probe is slow', async () => {
		const { breaker, runtime } = setup({ ...small, minCalls: 1, slowCallMs: 50 });
		breaker.record(breaker.enter(), 'success', 60);
		await runtime.advance(100);
		breaker.record(breaker.enter(), 'success', 60);
		expect(breaker.msUntilProbe).toBe(200);
		await runtime.advance(200);
		breaker.record(breaker.enter(), 'neutral', 60);
		expect(breaker.status).toBe('half_open');
	});

	it('measures its calls only when slow ones matter', async () => {
		const { breaker, runtime } = setup({ minCalls: 1, slowCallMs: 50 });
		await expect(runtime.until(breaker.execute(() => runtime.sleep(51)))).resolves.toBe(undefined);
		expect(breaker.status).toBe('open');
		const plain = setup();
		const clock = jest.spyOn(plain.runtime, 'monotonic');
		await plain.breaker.execute(() => Promise.resolve());
		await expect(plain.breaker.execute(() => Promise.reject(fail('auth')))).rejects.toThrow();
		expect(clock).not.toHaveBeenCalled();
	});

	it('measures calls that fail', async () => {
		const { breaker, runtime } = setup({
			minCalls: 1,
			slowCallMs: 50,
			failureRate: 1,
			slowRate: 0.5,
		});
		await breaker.execute(() => Promise.resolve());
		const slow = async (): Promise<void> => {
			await runtime.sleep(51);
			throw fail('server');
		};
		await expect(runtime.until(breaker.execute(slow))).rejects.toThrow('Failed.');
		expect(breaker.status).toBe('open');
	});

	it('does not open for a few refusals, only when there is nothing else for longer than openMs', async () => {
		const { breaker, calls, runtime } = setup(small);
		calls(...Array<CallOutcome>(50).fill('rate_limited'));
		await runtime.advance(100);
		calls('rate_limited');
		expect(breaker.status).toBe('closed');
		await runtime.advance(1);
		calls('rate_limited');
		expect(breaker.status).toBe('open');
	});

	it('starts a storm of refusals anew after a success, but not after a failure', async () => {
		const { breaker, calls, runtime } = setup({ ...small, minCalls: 20 });
		calls('rate_limited');
		await runtime.advance(90);
		calls('success', 'rate_limited');
		await runtime.advance(90);
		calls('rate_limited', 'failure');
		expect(breaker.status).toBe('closed');
		await runtime.advance(11);
		calls('rate_limited');
		expect(breaker.status).toBe('open');
	});

	it('can be forced open until it is reset', async () => {
		const { breaker, runtime, changes } = setup();
		breaker.forceOpen();
		await runtime.advance(1e9);
		expect(breaker.status).toBe('forced_open');
		expect(breaker.msUntilProbe).toBe(Infinity);
		expect(() => breaker.enter()).toThrow(
			expect.objectContaining({ code: 'CIRCUIT_OPEN', probeAt: Infinity }),
		);
		breaker.reset();
		expect(breaker.status).toBe('closed');
		breaker.reset();
		expect(changes).toEqual(['closed > forced_open', 'forced_open > closed']);
	});

	it('passes results and errors of its calls on, with their context', async () => {
		const { breaker } = setup();
		const signal = AbortSignal.abort();
		await expect(breaker.execute(({ attempt }) => Promise.resolve(attempt))).resolves.toBe(1);
		const second = breaker.execute(({ attempt }) => Promise.resolve(attempt), { attempt: 2 });
		await expect(second).resolves.toBe(2);
		const error = fail('server');
		await expect(breaker.execute(() => Promise.reject(error))).rejects.toBe(error);
		const call = jest.fn(() => Promise.resolve());
		await expect(breaker.execute(call, { signal })).rejects.toMatchObject({ errorClass: 'abort' });
		expect(call).not.toHaveBeenCalled();
	});

	it('counts the failures of its calls, and stops listening to the caller', async () => {
		const { breaker } = setup({ minCalls: 1 });
		const controller = new AbortController();
		const remove = jest.spyOn(controller.signal, 'removeEventListener');
		const call = jest.fn(({ signal }: { signal: AbortSignal }) =>
			Promise.reject(signal.aborted ? new Error() : fail('server')),
		);
		await expect(breaker.execute(call, { signal: controller.signal })).rejects.toThrow('Failed.');
		expect(breaker.status).toBe('open');
		expect(remove).toHaveBeenCalledTimes(1);
	});

	it('carries its state over a restart', async () => {
		const { breaker, calls, runtime } = setup(small);
		expect(breaker.toJSON()).toEqual({
			schemaVersion: 1,
			key: 'api',
			status: 'closed',
			trips: 0,
			probeAt: 0,
		});
		calls('failure', 'failure');
		await runtime.advance(40);
		const state = breaker.toJSON();
		expect(state).toEqual({
			schemaVersion: 1,
			key: 'api',
			status: 'open',
			trips: 1,
			probeAt: runtime.now() + 60,
		});
		const other = new CircuitBreaker('api', small, runtime);
		await runtime.advance(10);
		other.restore(state);
		expect(other.msUntilProbe).toBe(50);
		await runtime.advance(50);
		expect(other.status).toBe('half_open');
		other.record(other.enter(), 'failure');
		expect(other.msUntilProbe).toBe(200);
	});

	it('never waits longer than it would have itself, whatever the other clock says', () => {
		const { breaker, runtime } = setup(small);
		const probeAt = runtime.now() + 1e9;
		breaker.restore({ schemaVersion: 1, key: 'api', status: 'open', trips: 2, probeAt });
		expect(breaker.msUntilProbe).toBe(200);
	});

	it('takes over a closed and a forced state', () => {
		const { breaker } = setup(small);
		const state = { schemaVersion: 1, key: 'api', trips: 0, probeAt: 0 } as const;
		breaker.restore({ ...state, status: 'forced_open' });
		expect(breaker.status).toBe('forced_open');
		breaker.restore({ ...state, status: 'closed' });
		expect(breaker.status).toBe('closed');
	});

	it('wakes those who wait for a probe when its time comes', async () => {
		const { breaker, calls, runtime } = setup(small);
		calls('failure', 'failure');
		const { signal } = new AbortController();
		await runtime.until(breaker.untilProbe(runtime, signal));
		expect(runtime.monotonic()).toBe(100);
		expect(breaker.msUntilProbe).toBe(0);
	});

	it('wakes those who wait when a probe ends or the state changes, and leaves no timer', async () => {
		const { breaker, calls, runtime } = setup(small);
		calls('failure', 'failure');
		const { signal } = new AbortController();
		const reset = breaker.untilProbe(runtime, signal);
		expect(runtime.pendingTimers).toBe(1);
		breaker.reset();
		await reset;
		expect(runtime.pendingTimers).toBe(0);
		calls('failure', 'failure');
		await runtime.advance(100);
		const probe = breaker.enter();
		const busy = breaker.untilProbe(runtime, signal);
		expect(runtime.pendingTimers).toBe(0);
		breaker.record(probe, 'neutral');
		await busy;
		expect(breaker.msUntilProbe).toBe(0);
	});

	it('lets go of those who wait when they are cancelled', async () => {
		const { breaker, calls, runtime } = setup(small);
		calls('failure', 'failure');
		const controller = new AbortController();
		const remove = jest.spyOn(controller.signal, 'removeEventListener');
		const waiting = breaker.untilProbe(runtime, controller.signal);
		controller.abort('stop');
		await expect(waiting).rejects.toMatchObject({ errorClass: 'abort', cause: 'stop' });
		expect(runtime.pendingTimers).toBe(0);
		expect(remove).toHaveBeenCalledWith('abort', expect.any(Function));
	});

	it('calls back once, and not after it was taken back', () => {
		const { breaker } = setup();
		const [kept, taken] = [jest.fn(), jest.fn()];
		breaker.onceChanged(kept);
		breaker.onceChanged(taken)();
		breaker.forceOpen();
		breaker.reset();
		expect(kept).toHaveBeenCalledTimes(1);
		expect(taken).not.toHaveBeenCalled();
	});

	it.each([
		[{ failureRate: 0 }],
		[{ failureRate: 1.1 }],
		[{ minCalls: 0 }],
		[{ slowRate: 0 }],
		[{ slowRate: 2 }],
		[{ openMs: 0 }],
		[{ maxOpenMs: 0 }],
		[{ halfOpenCalls: 0 }],
		[{ window: { kind: 'count', size: 0 } }],
		[{ window: { kind: 'era', size: 5 } }],
		[{ unknown: 1 }],
		[{ slowCallMs: -1 }],
	])('refuses %j', (options) => {
		expect(() => setup(options as CircuitBreakerOptions)).toThrow(
			/^Options of circuit breaker "api": /,
		);
	});

	it('moves only along closed, open, half open, and lets no call through while open', () => {
		const allowed = new Set([
			'closed > open',
			'open > half_open',
			'half_open > open',
			'half_open > closed',
		]);
		const step = fc.oneof(
			fc.record({ wait: fc.integer({ min: 0, max: 200 }) }),
			fc.record({
				outcome: fc.constantFrom<CallOutcome>('success', 'failure', 'neutral', 'rate_limited'),
			}),
			fc.record({ enter: fc.constant(true) }),
		);
		return fc.assert(
			fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
				const { breaker, runtime, changes } = setup(small);
				const running: number[] = [];
				for (const each of steps) {
					if ('wait' in each) await runtime.advance(each.wait);
					else if ('outcome' in each && running.length > 0) {
						breaker.record(running.shift()!, each.outcome);
					} else {
						const { status } = breaker;
						try {
							running.push(breaker.enter());
							expect(status).not.toBe('open');
						} catch (error) {
							expect(error).toBeInstanceOf(CircuitOpenError);
							expect(status).not.toBe('closed');
						}
					}
				}
				for (const change of changes) expect(allowed).toContain(change);
			}),
			{ numRuns: 150 },
		);
	});
});

describe('breakerWindow', () => {
	it('counts the same as a plain list, by number of calls', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 8 }),
				fc.array(fc.tuple(fc.boolean(), fc.boolean()), { maxLength: 40 }),
				(size, calls) => {
					const window = breakerWindow({ kind: 'count', size });
					calls.forEach(([failed, slow]) => window.record(failed, slow, 0));
					const last = calls.slice(-size);
					expect(window).toMatchObject({
						calls: last.length,
						failures: last.filter(([failed]) => failed).length,
						slow: last.filter(([, slow]) => slow).length,
					});
				},
			),
		);
	});

	it('counts the same as a plain list, by tenths of the time', () => {
		fc.assert(
			fc.property(
				fc.array(fc.tuple(fc.boolean(), fc.boolean(), fc.integer({ min: 0, max: 900 })), {
					maxLength: 40,
				}),
				(calls) => {
					const window = breakerWindow({ kind: 'time', size: 1000 });
					const seen: Array<[boolean, boolean, number]> = [];
					let now = 0;
					for (const [failed, slow, wait] of calls) {
						now += wait;
						window.record(failed, slow, now);
						seen.push([failed, slow, Math.floor(now / 100)]);
					}
					const last = seen.filter(([, , part]) => part > Math.floor(now / 100) - 10);
					expect(window).toMatchObject({
						calls: last.length,
						failures: last.filter(([failed]) => failed).length,
						slow: last.filter(([, slow]) => slow).length,
					});
				},
			),
		);
	});

	it.each(['count', 'time'] as const)('is empty once it is cleared, by %s', (kind) => {
		const window = breakerWindow({ kind, size: 2 });
		for (const now of [0, 1, 2]) window.record(true, true, now);
		window.clear();
		expect(window).toMatchObject({ calls: 0, failures: 0, slow: 0 });
		window.record(false, true, 3);
		window.record(true, false, 3);
		window.record(false, false, 3);
		expect(window.calls).toBe(kind === 'count' ? 2 : 3);
		expect(window.slow).toBe(kind === 'count' ? 0 : 1);
	});
});
