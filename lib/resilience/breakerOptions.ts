import { z } from 'zod';

import { parse } from '../core';
import type { WindowOptions } from './breakerWindow';

/** When to stop calling a service that fails, and when to try it again. */
export interface CircuitBreakerOptions {
	/** Which calls count. Default: the last 20. */
	window?: WindowOptions;
	/** Share of failures at which the circuit opens, 0 to 1. Default 0.5. */
	failureRate?: number;
	/** Fewer calls than this in the window never open the circuit. Default 5. */
	minCalls?: number;
	/** A call that takes longer is slow, in milliseconds. Default: none is. */
	slowCallMs?: number;
	/** Share of slow calls at which the circuit opens, 0 to 1. Default 1. */
	slowRate?: number;
	/** How long the circuit stays open at first, in milliseconds; doubles each time in a row. Default 30000. */
	openMs?: number;
	/** Longest time open, in milliseconds. Default 600000. */
	maxOpenMs?: number;
	/** Probes that must succeed before the circuit closes; no more run at once. Default 1. */
	halfOpenCalls?: number;
}

const schema = z
	.object({
		window: z
			.object({ kind: z.enum(['count', 'time']), size: z.number().int().min(1) })
			.strict()
			.default({ kind: 'count', size: 20 }),
		failureRate: z.number().gt(0).max(1).default(0.5),
		minCalls: z.number().int().min(1).default(5),
		slowCallMs: z.number().min(0).default(Infinity),
		slowRate: z.number().gt(0).max(1).default(1),
		openMs: z.number().positive().default(30_000),
		maxOpenMs: z.number().positive().default(600_000),
		halfOpenCalls: z.number().int().min(1).default(1),
	})
	.strict();

/** @throws {ValidationError} naming each wrong option */
export function breakerOptions(
	key: string,
	options: CircuitBreakerOptions,
): Required<CircuitBreakerOptions> {
	return parse(schema, options, `Options of circuit breaker "${key}"`);
}
