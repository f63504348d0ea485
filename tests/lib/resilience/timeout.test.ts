import { TimeoutError } from '../../../lib/core';
import { VirtualRuntime } from '../../../lib/core/virtualRuntime';
import { CallScope } from '../../../lib/resilience/call';
import {
	attemptLimit,
	runWithTimeout,
	timeoutError,
	waitLimit,
	type TimeoutKind,
} from '../../../lib/resilience/timeout';

const never = (): Promise<never> => new Promise(() => undefined);

describe('attemptLimit', () => {
	it('is nothing without limits', () => {
		expect(attemptLimit({})).toBeUndefined();
		expect(attemptLimit({ scheduleToStartMs: 5, idleMs: 5 })).toBeUndefined();
	});

	it('is the nearest of all that are in force', () => {
		const policy = { startToCloseMs: 100, scheduleToCloseMs: 1000 };
		const at = (sinceScheduledMs: number, more = {}) =>
			attemptLimit(policy, { sinceScheduledMs, ...more });
		expect(attemptLimit(policy)).toEqual({ kind: 'startToClose', ms: 100 });
		expect(at(850)).toEqual({ kind: 'startToClose', ms: 100 });
		expect(at(900)).toEqual({ kind: 'startToClose', ms: 100 });
		expect(at(950)).toEqual({ kind: 'scheduleToClose', ms: 50 });
		expect(at(950, { runMs: 40 })).toEqual({ kind: 'run', ms: 40 });
		expect(at(950, { runMs: 40, parentMs: 30 })).toEqual({ kind: 'parent', ms: 30 });
		expect(at(0, { parentMs: 101 })).toEqual({ kind: 'startToClose', ms: 100 });
	});

	it('counts from the schedule when nothing is said of it', () => {
		expect(attemptLimit({ scheduleToCloseMs: 70 })).toEqual({ kind: 'scheduleToClose', ms: 70 });
	});
});

describe('waitLimit', () => {
	it('counts the wait so far', () => {
		const policy = { scheduleToStartMs: 100, startToCloseMs: 1, scheduleToCloseMs: 500 };
		expect(waitLimit(policy, 30)).toEqual({ kind: 'scheduleToStart', ms: 70 });
		expect(waitLimit(policy, 30, { sinceScheduledMs: 450 })).toEqual({
			kind: 'scheduleToClose',
			ms: 50,
		});
		expect(waitLimit({}, 30)).toBeUndefined();
	});
});

describe('timeoutError', () => {
	it.each([
		['scheduleToStart', false, 'The step waited longer than 5 ms for a place to run.'],
		['startToClose', true, 'The attempt took longer than 5 ms.'],
		[
			'scheduleToClose',
			false,
			'The step was not done in time, with all its attempts; 5 ms were left.',
		],
		['idle', true, 'The call gave no sign of life for 5 ms.'],
		['run', false, 'The deadline of the run passed; 5 ms were left for this attempt.'],
		[
			'parent',
			false,
			'The deadline of the surrounding step passed; 5 ms were left for this attempt.',
		],
		['cleanup', false, 'Cleaning up took longer than 5 ms and was left alone.'],
	] as Array<[TimeoutKind, boolean, string]>)(
		'of kind %s: retryable %s',
		(kind, retryable, message) => {
			const error = timeoutError({ kind, ms: 5 });
			expect(error).toBeInstanceOf(TimeoutError);
			expect(error).toMatchObject({ message, retryable, details: { kind, limitMs: 5 } });
		},
	);

	it('shows no negative time', () => {
		expect(timeoutError({ kind: 'run', ms: -3 })).toMatchObject({
			message: 'The deadline of the run passed; 0 ms were left for this attempt.',
			details: { limitMs: 0 },
		});
	});
});

describe('runWithTimeout', () => {
	const limit = { kind: 'startToClose', ms: 100 } as const;

	it('sets no timer without limits', async () => {
		const runtime = new VirtualRuntime();
		const result = runWithTimeout(() => Promise.resolve(7), new CallScope(1), {}, runtime);
		expect(runtime.pendingTimers).toBe(0);
		await expect(result).resolves.toBe(7);
	});

	it('gives the result and takes the timer back', async () => {
		const runtime = new VirtualRuntime();
		const scope = new CallScope(3);
		const result = runWithTimeout(
			async ({ attempt }) => {
				await runtime.sleep(99);
				return attempt;
			},
			scope,
			{ limit },
			runtime,
		);
		await expect(runtime.until(result)).resolves.toBe(3);
		expect(runtime.pendingTimers).toBe(0);
		expect(scope.isAborted).toBe(false);
		expect(scope.lastActivityAt).toBe(0);
	});

	it('passes the error of the call on and takes the timer back', async () => {
		const runtime = new VirtualRuntime();
		const failing = runWithTimeout(
			() => Promise.reject(new Error('a')),
			new CallScope(1),
			{ limit },
			runtime,
		);
		await expect(failing).rejects.toThrow('a');
		const throwing = runWithTimeout(
			() => {
				throw new Error('b');
			},
			new CallScope(1),
			{ limit },
			runtime,
		);
		await expect(throwing).rejects.toThrow('b');
		expect(runtime.pendingTimers).toBe(0);
	});

	it('ends exactly at the limit and aborts the signal of the call with the same error', async () => {
		const runtime = new VirtualRuntime();
		const scope = new CallScope(1);
		let ended: unknown;
		runWithTimeout(never, scope, { limit }, runtime).catch((error: unknown) => (ended = error));
		await runtime.advance(99);
		expect(ended).toBeUndefined();
		await runtime.advance(1);
		expect(ended).toMatchObject({ code: 'TIMEOUT', details: { kind: 'startToClose' } });
		expect(scope.signal.reason).toBe(ended);
		expect(scope.isAborted).toBe(true);
	});

	it('does not start a call for which no time is left', async () => {
		const call = jest.fn(never);
		for (const ms of [0, -5]) {
			const limits = { limit: { kind: 'scheduleToClose', ms } as const };
			const result = runWithTimeout(call, new CallScope(1), limits, new VirtualRuntime());
			await expect(result).rejects.toMatchObject({ details: { kind: 'scheduleToClose' } });
		}
		expect(call).not.toHaveBeenCalled();
	});

	it('ends a silent call after idleMs, counted from its last sign of life', async () => {
		const runtime = new VirtualRuntime();
		await runtime.advance(1000);
		const scope = new CallScope(1);
		let ended: unknown;
		runWithTimeout(never, scope, { idleMs: 50 }, runtime).catch((error: unknown) => {
			ended = error;
		});
		await runtime.advance(30);
		scope.activity();
		await runtime.advance(40);
		scope.activity();
		await runtime.advance(49);
		expect(ended).toBeUndefined();
		expect(runtime.pendingTimers).toBe(1);
		await runtime.advance(1);
		expect(ended).toMatchObject({ details: { kind: 'idle', limitMs: 50 } });
		expect(runtime.pendingTimers).toBe(0);
	});

	it('keeps the hard limit however lively the call is', async () => {
		const runtime = new VirtualRuntime();
		await runtime.advance(1000);
		const scope = new CallScope(1);
		let ended: unknown;
		runWithTimeout(never, scope, { idleMs: 50, limit }, runtime).catch((error: unknown) => {
			ended = error;
		});
		for (let now = 0; now < 100; now += 20) {
			expect(ended).toBeUndefined();
			await runtime.advance(20);
			scope.activity();
		}
		expect(ended).toMatchObject({ details: { kind: 'startToClose', limitMs: 100 } });
		expect(runtime.monotonic()).toBe(1100);
		expect(runtime.pendingTimers).toBe(0);
	});

	it('ends at the hard limit when both pass at the same time', async () => {
		const runtime = new VirtualRuntime();
		const both = runWithTimeout(never, new CallScope(1), { idleMs: 100, limit }, runtime);
		await expect(runtime.until(both)).rejects.toMatchObject({ details: { kind: 'startToClose' } });
	});

	it('leaves a cancel of the caller to the call', async () => {
		const runtime = new VirtualRuntime();
		const upstream = new AbortController();
		const scope = new CallScope(1, upstream.signal);
		const result = runWithTimeout(
			({ signal }) =>
				new Promise((resolve) =>
					signal.addEventListener('abort', () => resolve('saved what it had')),
				),
			scope,
			{ limit },
			runtime,
		);
		upstream.abort();
		await expect(result).resolves.toBe('saved what it had');
		expect(runtime.pendingTimers).toBe(0);
	});
});
