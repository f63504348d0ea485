import { z } from 'zod';

import {
	ERROR_CLASSES,
	errorClassOf,
	isEngineError,
	isRetryableClass,
	parse,
	type ErrorClass,
} from '../core';
import { backoffDelayMs, type BackoffOptions } from './backoff';

/** When and how often to try again. Plain data: it can be stored with the step it belongs to. */
export interface RetryPolicy extends BackoffOptions {
	/** Attempts in all, the first included; 1 never retries. */
	maxAttempts: number;
	/** Only these classes are retried. Default: what each error says of itself. */
	retryOn?: ErrorClass[];
	/** These classes are never retried; wins over `retryOn`. */
	doNotRetryOn?: ErrorClass[];
	/** No new attempt may start later than this after the first one, in milliseconds. */
	maxElapsedMs?: number;
	/** Whether a longer pause asked for by the other side replaces the computed one. */
	respectRetryAfter: boolean;
	/**
	 * What happens when no further attempt comes, because all are spent or the failure is not retried.
	 * What was cancelled stays so.
	 */
	onExhausted: 'fail' | 'default' | 'pause';
	/** The result when `onExhausted` is `default`. */
	defaultValue?: unknown;
}

/** A {@link RetryPolicy} as people write it: everything has a default. */
export interface RetryOptions extends Partial<RetryPolicy> {
	/** Retries after the first attempt: `maxRetries: 3` is `maxAttempts: 4`. Use one of the two. */
	maxRetries?: number;
}

const errorClasses = z.array(z.enum(ERROR_CLASSES));

const schema = z
	.object({
		maxAttempts: z.number().int().min(1).optional(),
		maxRetries: z.number().int().min(0).optional(),
		initialDelayMs: z.number().min(0).default(1000),
		maxDelayMs: z.number().min(0).default(60_000),
		backoffFactor: z.number().min(1).default(2),
		jitter: z.enum(['none', 'full', 'equal', 'decorrelated']).default('full'),
		retryOn: errorClasses.optional(),
		doNotRetryOn: errorClasses.optional(),
		maxElapsedMs: z.number().min(0).optional(),
		respectRetryAfter: z.boolean().default(true),
		onExhausted: z.enum(['fail', 'default', 'pause']).default('fail'),
		defaultValue: z.unknown(),
	})
	.strict()
	.refine((options) => options.maxAttempts === undefined || options.maxRetries === undefined, {
		message: 'maxAttempts and maxRetries mean the same; give one of them',
	});

/**
 * Checks retry options and fills in the defaults: 3 attempts, 1 s doubling to at most 60 s, full
 * jitter, Retry-After respected.
 *
 * @throws {ValidationError} naming each wrong option
 */
export function retryPolicy(options: RetryOptions = {}): RetryPolicy {
	const { maxRetries, maxAttempts, ...rest } = parse(schema, options, 'Retry options');
	return {
		...rest,
		maxAttempts: maxAttempts ?? (maxRetries === undefined ? 3 : maxRetries + 1),
	};
}

/** What is known when an attempt has failed. */
export interface FailedAttempt {
	error: unknown;
	/** The attempt that failed: 1, 2, … */
	attempt: number;
	/** Milliseconds since the first attempt began. */
	elapsedMs: number;
	/** The pause before this attempt, in milliseconds; undefined for the first. */
	previousDelayMs?: number;
	/** Milliseconds left to the deadline of all attempts; undefined when there is none. */
	remainingMs?: number;
}

/** What to do about a failed attempt. */
export type RetryDecision =
	| { retry: true; delayMs: number }
	| {
			retry: false;
			reason: 'not_retryable' | 'attempts' | 'max_elapsed' | 'deadline';
			message: string;
	  };

/**
 * Decides whether to try again, and when. Pure: a scheduler that stores its back-offs uses it as it
 * is, `retry` uses it with timers.
 *
 * @param random - source of chance for the jitter, [0, 1)
 */
export function decideRetry(
	policy: RetryPolicy,
	failed: FailedAttempt,
	random: () => number,
): RetryDecision {
	if (!mayRetry(policy, failed.error)) {
		const message = `Errors of class "${errorClassOf(failed.error)}" are not retried.`;
		return { retry: false, reason: 'not_retryable', message };
	}
	if (failed.attempt >= policy.maxAttempts) {
		return { retry: false, reason: 'attempts', message: attemptsMessage(failed.attempt) };
	}
	const delayMs = delayAfter(policy, failed, random);
	const { maxElapsedMs = Infinity } = policy;
	if (failed.elapsedMs + delayMs > maxElapsedMs) {
		const message = `The next attempt would start in ${round(delayMs)} ms, after maxElapsedMs of ${maxElapsedMs} ms.`;
		return { retry: false, reason: 'max_elapsed', message };
	}
	if (delayMs >= (failed.remainingMs ?? Infinity)) {
		const message = `The next attempt would start in ${round(delayMs)} ms, but only ${round(failed.remainingMs!)} ms are left.`;
		return { retry: false, reason: 'deadline', message };
	}
	return { retry: true, delayMs };
}

/** Whether an error may be tried again at all: the user's lists first, then what the error says. */
export function mayRetry(policy: RetryPolicy, error: unknown): boolean {
	const errorClass = errorClassOf(error);
	if (policy.doNotRetryOn?.includes(errorClass) === true) return false;
	if (policy.retryOn !== undefined) return policy.retryOn.includes(errorClass);
	return isEngineError(error) ? error.retryable : isRetryableClass(errorClass);
}

/** Whether something stands in for a result: see `onExhausted`. */
export function hasStandIn(
	{ onExhausted }: RetryPolicy,
	standIn: 'default' | 'pause',
	error: unknown,
): boolean {
	return onExhausted === standIn && errorClassOf(error) !== 'abort';
}

function delayAfter(policy: RetryPolicy, failed: FailedAttempt, random: () => number): number {
	const next = failed.attempt + 1;
	const delayMs = backoffDelayMs(policy, next, failed.previousDelayMs, random);
	const asked = isEngineError(failed.error) ? failed.error.retryAfterMs : undefined;
	return policy.respectRetryAfter ? Math.max(delayMs, asked ?? 0) : delayMs;
}

function attemptsMessage(attempts: number): string {
	return attempts === 1 ? 'The only attempt failed.' : `All ${attempts} attempts failed.`;
}

function round(ms: number): number {
	return Math.ceil(ms);
}
