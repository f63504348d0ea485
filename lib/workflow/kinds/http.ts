import { z } from 'zod';

import {
	EngineError,
	parseJson,
	type ErrorClass,
	type HttpClient,
	type HttpRequest,
	type HttpResponse,
	type Json,
} from '../../core';
import { parseRetryAfter } from '../../resilience';
import { named, seconds } from '../named';
import type { StepKind } from '../stepKind';

interface HttpParameters extends Pick<HttpRequest, 'url' | 'body' | 'timeoutMs' | 'maxBytes'> {
	method: HttpRequest['method'];
	headers: Record<string, string>;
	query: Record<string, string | number | boolean>;
	/** Whether an answer with an error status fails the step. Default true. */
	failOnError: boolean;
	/** Name of a header to send the step's idempotency key in. Default: none. */
	idempotencyHeader?: string;
}

/**
 * Calls a service. The output is `{ status, headers, body }`, with the body read when it is JSON.
 * An error status fails the step with a class that says whether trying again can help.
 */
export function httpKind(http: HttpClient): StepKind<HttpParameters> {
	return {
		kind: 'http',
		parameters: named(
			{
				url: z.string().min(1),
				method: z
					.string()
					.default('GET')
					.transform((method) => method.toUpperCase())
					.pipe(z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'])),
				headers: z.record(z.string()).default({}),
				query: z.record(z.union([z.string(), z.number(), z.boolean()])).default({}),
				body: z.unknown(),
				timeoutMs: z.number().min(0).optional(),
				maxBytes: z.number().min(0).optional(),
				failOnError: z.boolean().default(true),
				idempotencyHeader: z.string().optional(),
			},
			{
				aliases: { endpoint: 'url', data: 'body', json: 'body' },
				converted: { timeout: ['timeoutMs', seconds] },
			},
		),
		async execute({ parameters, attempt, runtime }) {
			const { failOnError, idempotencyHeader, headers, ...rest } = parameters;
			const key =
				idempotencyHeader === undefined ? {} : { [idempotencyHeader]: attempt.idempotencyKey };
			const { signal } = attempt;
			const answer = await http.request({ ...rest, headers: { ...headers, ...key }, signal });
			if (failOnError && answer.status >= 400) throw statusError(answer, parameters, runtime.now());
			return { status: answer.status, headers: { ...answer.headers }, body: bodyOf(answer) };
		},
	};
}

function bodyOf({ text, headers }: HttpResponse): Json {
	if (!/\bjson\b/i.test(headers['content-type'] ?? '')) return text;
	try {
		return parseJson(text);
	} catch {
		return text;
	}
}

/** What a status says about trying again. */
const CLASSES: Readonly<Record<number, ErrorClass>> = {
	401: 'auth',
	403: 'auth',
	404: 'not_found',
	408: 'timeout',
	409: 'conflict',
	410: 'not_found',
	429: 'rate_limit',
	503: 'overloaded',
	529: 'overloaded',
};

function statusError(
	{ status, headers }: HttpResponse,
	{ method, url }: HttpParameters,
	now: number,
): EngineError {
	const errorClass = CLASSES[status] ?? (status >= 500 ? 'server' : 'validation');
	const retryAfterMs = parseRetryAfter(headers['retry-after'], now);
	// Only the origin: paths and queries may hold keys.
	const target = URL.canParse(url) ? new URL(url).origin : 'the service';
	return new EngineError('HTTP_STATUS', `${method} ${target} answered ${status}.`, {
		errorClass,
		details: { status, target },
		...(retryAfterMs === undefined ? {} : { retryAfterMs }),
	});
}
