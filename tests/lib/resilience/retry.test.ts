import * as fc from 'fast-check';

import {
	AbortError,
	EngineError,
	ValidationError,
	type ErrorClass,
	type ErrorInfo,
} from '../../../lib/core';
import { VirtualRuntime } from '../../../lib/core/virtualRuntime';
import { RetryExhaustedError, retry } from '../../../lib/resilience/retry';
import { decideRetry, mayRetry, retryPolicy } from '../../../lib/resilience/retryPolicy';

const fail = (errorClass: ErrorClass, info: ErrorInfo = {}): EngineError =>
	new EngineError('FAILED', `It was ${errorClass}.`, { errorClass, ...info });

/** A call that fails this often and then gives the number of its attempt. */
function failing(times: number, error: unknown = fail('server')): jest.Mock<Promise<number>> {
	return jest.fn(({ attempt }: { attempt: number }) =>
		attempt <= times ? Promise.reject(error as Error) : Promise.resolve(attempt),
	);
}

const steady = { jitter: 'none' } as const;

describe('retry', () => {
	it('returns the first success and pauses 1 s, 2 s, 4 s on the way', async () => {
		const runtime = new VirtualRuntime();
		const result = retry({ maxAttempts: 4, ...steady }, runtime).execute(failing(3));
		await expect(runtime.until(result)).resolves.toBe(4);
		expect(runtime.slept).toEqual([1000, 2000, 4000]);
	});

	it('calls once and sleeps never when the first attempt succeeds', async () => {
		const runtime = new VirtualRuntime();
		const call = failing(0);
		await expect(retry({}, runtime).execute(call)).resolves.toBe(1);
		expect(call).toHaveBeenCalledTimes(1);
		expect(runtime.slept).toEqual([]);
	});

	it('counts the first attempt in maxAttempts, and not in maxRetries', async () => {
		const runtime = new VirtualRuntime();
		for (const options of [{ maxAttempts: 4 }, { maxRetries: 3 }]) {
			const call = failing(99);
			const result = retry({ ...options, ...steady }, runtime).execute(call);
			await expect(runtime.until(result)).rejects.toMatchObject({
				code: 'RETRY_EXHAUSTED',
				message: 'All 4 attempts failed. Last error: It was server.',
				errorClass: 'server',
				retryable: false,
				details: { attempts: 4, reason: 'attempts' },
				cause: { code: 'FAILED' },
			});
			expect(call).toHaveBeenCalledTimes(4);
		}
	});

	it('retries without any timer when the pause is zero', async () => {
		const runtime = new VirtualRuntime();
		const policy = retry({ maxAttempts: 3, initialDelayMs: 0 }, runtime);
		await expect(policy.execute(failing(2))).resolves.toBe(3);
		expect(runtime.slept).toEqual([]);
		expect(runtime.pendingTimers).toBe(0);
	});

	it('throws an error that is not retried as it is, without a second call', async () => {
		const runtime = new VirtualRuntime();
		const error = new ValidationError('Wrong.');
		const call = failing(9, error);
		await expect(retry({}, runtime).execute(call)).rejects.toBe(error);
		expect(call).toHaveBeenCalledTimes(1);
	});

	it('throws the only error as it is when one attempt was allowed', async () => {
		const error = fail('server');
		const policy = retry({ maxAttempts: 1 }, new VirtualRuntime());
		await expect(policy.execute(failing(9, error))).rejects.toBe(error);
	});

	it('gives the default value when no further attempt comes, but not for what is cancelled', async () => {
		const runtime = new VirtualRuntime();
		const policy = retry({ maxAttempts: 1, onExhausted: 'default', defaultValue: 'none' }, runtime);
		await expect(policy.execute(failing(9))).resolves.toBe('none');
		await expect(policy.execute(failing(9, fail('auth')))).resolves.toBe('none');
		const cancelled = fail('abort');
		await expect(policy.execute(failing(9, cancelled))).rejects.toBe(cancelled);
	});

	it('tells of each retry before its pause', async () => {
		const runtime = new VirtualRuntime();
		const notices: unknown[] = [];
		const onRetry = (notice: unknown): number => notices.push([runtime.monotonic(), notice]);
		const error = fail('network');
		const result = retry(steady, runtime).execute(failing(2, error), { onRetry });
		await runtime.until(result);
		expect(notices).toEqual([
			[0, { attempt: 1, error, delayMs: 1000 }],
			[1000, { attempt: 2, error, delayMs: 2000 }],
		]);
	});

	it('goes on counting where a restart interrupted it', async () => {
		const runtime = new VirtualRuntime();
		const call = failing(99);
		const result = retry({ maxAttempts: 4, ...steady }, runtime).execute(call, { attempt: 3 });
		await expect(runtime.until(result)).rejects.toThrow('All 4 attempts failed.');
		expect(call.mock.calls.map(([{ attempt }]) => attempt as number)).toEqual([3, 4]);
		expect(runtime.slept).toEqual([4000]);
	});

	it('ends a pause at once when the caller cancels', async () => {
		const runtime = new VirtualRuntime();
		const controller = new AbortController();
		const call = failing(9);
		const result = retry(steady, runtime).execute(call, { signal: controller.signal });
		const settled = expect(result).rejects.toMatchObject({ errorClass: 'abort', cause: 'stop' });
		await runtime.advance(500);
		controller.abort('stop');
		await settled;
		expect(runtime.monotonic()).toBe(500);
		expect(runtime.pendingTimers).toBe(0);
		expect(call).toHaveBeenCalledTimes(1);
	});

	it('does not begin when the caller has cancelled', async () => {
		const call = failing(0);
		const signal = AbortSignal.abort(new AbortError('Not needed.'));
		const policy = retry({}, new VirtualRuntime());
		await expect(policy.execute(call, { signal })).rejects.toThrow('Not needed.');
		expect(call).not.toHaveBeenCalled();
	});

	it('does not retry a call that failed because of the cancel', async () => {
		const controller = new AbortController();
		const call = jest.fn(async () => {
			controller.abort('stop');
			return await Promise.reject(fail('network'));
		});
		const policy = retry({}, new VirtualRuntime());
		const { signal } = controller;
		await expect(policy.execute(call, { signal })).rejects.toMatchObject({ errorClass: 'abort' });
		expect(call).toHaveBeenCalledTimes(1);
	});

	it('gives each attempt a signal that follows the caller, and stops listening afterwards', async () => {
		const controller = new AbortController();
		const remove = jest.spyOn(controller.signal, 'removeEventListener');
		const policy = retry({}, new VirtualRuntime());
		const signal = await policy.execute((context) => Promise.resolve(context.signal), {
			signal: controller.signal,
		});
		expect(remove).toHaveBeenCalledTimes(1);
		controller.abort();
		expect(signal.aborted).toBe(false);
	});

	it('starts no attempt after maxElapsedMs', async () => {
		const runtime = new VirtualRuntime();
		const call = failing(9);
		const policy = retry({ maxAttempts: 9, maxElapsedMs: 3000, ...steady }, runtime);
		await runtime.advance(7);
		await expect(runtime.until(policy.execute(call))).rejects.toMatchObject({
			code: 'RETRY_EXHAUSTED',
			message:
				'The next attempt would start in 4000 ms, after maxElapsedMs of 3000 ms. Last error: It was server.',
			details: { attempts: 3, reason: 'max_elapsed' },
		});
		expect(runtime.slept).toEqual([1000, 2000]);
	});

	it('waits as long as the other side asks when that is longer', async () => {
		const runtime = new VirtualRuntime();
		const slow = fail('rate_limit', { retryAfterMs: 90_000 });
		await runtime.until(retry({ maxAttempts: 2, ...steady }, runtime).execute(failing(1, slow)));
		const quick = fail('rate_limit', { retryAfterMs: 10 });
		await runtime.until(retry({ maxAttempts: 2, ...steady }, runtime).execute(failing(1, quick)));
		const deaf = { maxAttempts: 2, respectRetryAfter: false, ...steady };
		await runtime.until(retry(deaf, runtime).execute(failing(1, slow)));
		expect(runtime.slept).toEqual([90_000, 1000, 1000]);
	});

	it('fails at once when the next attempt would come after the deadline', async () => {
		const runtime = new VirtualRuntime();
		const busy = fail('rate_limit', { retryAfterMs: 86_400_000 });
		await runtime.advance(1000);
		const result = retry({}, runtime).execute(failing(9, busy), { deadlineAt: 6000.5 });
		await expect(result).rejects.toMatchObject({
			code: 'RETRY_EXHAUSTED',
			message:
				'The next attempt would start in 86400000 ms, but only 5001 ms are left. Last error: It was rate_limit.',
			errorClass: 'rate_limit',
			details: { attempts: 1, reason: 'deadline' },
		});
		expect(runtime.slept).toEqual([]);
	});

	it('remembers the pause before for decorrelated jitter', async () => {
		const runtime = new VirtualRuntime();
		jest.spyOn(runtime, 'random').mockReturnValue(0.5);
		const options = { maxAttempts: 4, jitter: 'decorrelated', initialDelayMs: 100 } as const;
		await runtime.until(retry(options, runtime).execute(failing(3)));
		expect(runtime.slept).toEqual([200, 350, 575]);
	});
});

describe('retryPolicy', () => {
	it('has the documented defaults', () => {
		expect(retryPolicy()).toEqual({
			maxAttempts: 3,
			initialDelayMs: 1000,
			maxDelayMs: 60_000,
			backoffFactor: 2,
			jitter: 'full',
			respectRetryAfter: true,
			onExhausted: 'fail',
		});
	});

	it.each([
		[{ maxAttempts: 0 }, 'maxAttempts'],
		[{ maxAttempts: 1.5 }, 'maxAttempts'],
		[{ maxRetries: -1 }, 'maxRetries'],
		[{ maxRetries: 0.5 }, 'maxRetries'],
		[{ initialDelayMs: -1 }, 'initialDelayMs'],
		[{ maxDelayMs: -1 }, 'maxDelayMs'],
		[{ backoffFactor: 0.5 }, 'backoffFactor'],
		[{ jitter: 'some' as never }, 'jitter'],
		[{ retryOn: ['oops' as never] }, 'retryOn'],
		[{ doNotRetryOn: ['oops' as never] }, 'doNotRetryOn'],
		[{ maxElapsedMs: -1 }, 'maxElapsedMs'],
		[{ onExhausted: 'cry' as never }, 'onExhausted'],
		[{ attempts: 3 } as never, 'attempts'],
		[{ maxAttempts: 3, maxRetries: 2 }, 'maxAttempts and maxRetries mean the same'],
	])('refuses %j and names the option', (options, name) => {
		expect(() => retryPolicy(options)).toThrow(name);
		expect(() => retryPolicy(options)).toThrow('Retry options: ');
	});

	it('accepts the least of everything', () => {
		const least = {
			maxRetries: 0,
			initialDelayMs: 0,
			maxDelayMs: 0,
			backoffFactor: 1,
			maxElapsedMs: 0,
			retryOn: [],
			doNotRetryOn: [],
			onExhausted: 'pause' as const,
		};
		expect(retryPolicy(least)).toMatchObject({ maxAttempts: 1, onExhausted: 'pause' });
	});
});

describe('mayRetry', () => {
	const plain = retryPolicy();

	it.each([
		['abort', false],
		['validation', false],
		['auth', false],
		['not_found', false],
		['conflict', false],
		['quota_exhausted', false],
		['budget', false],
		['guardrail', false],
		['rate_limit', true],
		['timeout', true],
		['network', true],
		['server', true],
		['overloaded', true],
		['bad_output', true],
		['unknown', true],
	] as const)('answers for class %s: %s', (errorClass, expected) => {
		expect(mayRetry(plain, fail(errorClass))).toBe(expected);
	});

	it('retries errors that are not our own', () => {
		expect(mayRetry(plain, new Error('plain'))).toBe(true);
		expect(mayRetry(plain, 'thrown text')).toBe(true);
		expect(mayRetry(plain, Object.assign(new Error(), { name: 'AbortError' }))).toBe(false);
	});

	it('believes what an error says of itself', () => {
		expect(mayRetry(plain, fail('server', { retryable: false }))).toBe(false);
		expect(mayRetry(plain, fail('validation', { retryable: true }))).toBe(true);
	});

	it('lets the lists of the user win', () => {
		const only = retryPolicy({ retryOn: ['auth', 'server'] });
		expect(mayRetry(only, fail('auth'))).toBe(true);
		expect(mayRetry(only, fail('network'))).toBe(false);
		expect(mayRetry(only, fail('server', { retryable: false }))).toBe(true);
		const not = retryPolicy({ doNotRetryOn: ['server'] });
		expect(mayRetry(not, fail('server'))).toBe(false);
		expect(mayRetry(not, fail('network'))).toBe(true);
		const both = retryPolicy({ retryOn: ['server'], doNotRetryOn: ['server'] });
		expect(mayRetry(both, fail('server'))).toBe(false);
	});
});

describe('decideRetry', () => {
	it('says why it gives up', () => {
		const first = { attempt: 1, elapsedMs: 0 };
		const policy = retryPolicy(steady);
		expect(decideRetry(policy, { ...first, error: fail('auth') }, () => 0)).toEqual({
			retry: false,
			reason: 'not_retryable',
			message: 'Errors of class "auth" are not retried.',
		});
		const single = retryPolicy({ maxAttempts: 1 });
		expect(decideRetry(single, { ...first, error: fail('server') }, () => 0)).toMatchObject({
			reason: 'attempts',
			message: 'The only attempt failed.',
		});
	});

	it('starts exactly at maxElapsedMs, but not exactly at the deadline', () => {
		const failed = { attempt: 1, elapsedMs: 500, error: fail('server') };
		const bounded = retryPolicy({ ...steady, maxElapsedMs: 1500 });
		expect(decideRetry(bounded, failed, () => 0)).toEqual({ retry: true, delayMs: 1000 });
		const policy = retryPolicy(steady);
		expect(decideRetry(policy, { ...failed, remainingMs: 1000 }, () => 0)).toMatchObject({
			reason: 'deadline',
		});
		expect(decideRetry(policy, { ...failed, remainingMs: 1001 }, () => 0)).toMatchObject({
			retry: true,
		});
	});

	it('never makes more than maxAttempts attempts and never waits less than asked', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 8 }),
				fc.integer({ min: 1, max: 12 }),
				fc.option(fc.integer({ min: 0, max: 1e6 }), { nil: undefined }),
				fc.double({ min: 0, max: 0.999, noNaN: true }),
				(maxAttempts, attempt, retryAfterMs, random) => {
					const error = fail('rate_limit', { retryAfterMs });
					const decision = decideRetry(
						retryPolicy({ maxAttempts }),
						{ error, attempt, elapsedMs: 0 },
						() => random,
					);
					expect(decision.retry).toBe(attempt < maxAttempts);
					if (decision.retry) expect(decision.delayMs).toBeGreaterThanOrEqual(retryAfterMs ?? 0);
				},
			),
		);
	});
});

describe('RetryExhaustedError', () => {
	it('keeps the class of the last error, so that a fallback can judge it', () => {
		const decision = { retry: false, reason: 'attempts', message: 'All 2 failed.' } as const;
		const error = new RetryExhaustedError(2, decision, 'text');
		expect(error).toMatchObject({
			name: 'RetryExhaustedError',
			errorClass: 'unknown',
			message: 'All 2 failed. Last error: text',
		});
	});
});
