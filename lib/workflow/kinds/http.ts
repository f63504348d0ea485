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
import {
	EndpointRegistry,
	parseRetryAfter,
	ResiliencePolicy,
	type CircuitBreakerOptions,
} from '../../resilience';
import { named, seconds } from '../named';
import type { StepKind } from '../stepKind';

interface HttpParameters extends Pick<HttpRequest, 'url' | 'body' | 'timeoutMs' | 'maxBytes'> {
	method: HttpRequest['method'];
	headers: Record<string, string>;
	query: Record<string, string | number | boolean>;
	/** Whether an answer with an error status fails the step. Default true. */
	failOnError: boolean;
	/**
	 * Whether the call is made at most once, over retries and restarts: when nobody knows whether it
	 * was made, people are asked. Default false.
	 */
	once: boolean;
	/** Name of a header to send the step's idempotency key in. Default: none. */
	idempotencyHeader?: string;
}

/** What the calls of services share. */
export interface HttpKindOptions {
	/**
	 * Pauses and circuits of the services, by host. Default: one for all steps of this kind, so that
	 * everybody keeps the pause that a service asks one of them for.
	 */
	endpoints?: EndpointRegistry;
	/** When calls of a host that fails are stopped. Default: never. */
	breaker?: CircuitBreakerOptions;
}

/**
 * Calls a service. The output is `{ status, headers, body }`, with the body read when it is JSON.
 * An error status fails the step with a class that says whether trying again can help; a
 * Retry-After holds back all calls of the host.
 */
export function httpKind(
	http: HttpClient,
	{ breaker, ...options }: HttpKindOptions = {},
): StepKind<HttpParameters> {
	let { endpoints } = options;
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
				once: z.boolean().default(false),
				idempotencyHeader: z.string().optional(),
			},
			{
				aliases: { endpoint: 'url', data: 'body', json: 'body' },
				converted: { timeout: ['timeoutMs', seconds] },
			},
		),
		async execute({ parameters, attempt, runtime }) {
			const { failOnError, idempotencyHeader, once, headers, ...rest } = parameters;
			const key =
				idempotencyHeader === undefined ? {} : { [idempotencyHeader]: attempt.idempotencyKey };
			endpoints ??= new EndpointRegistry(runtime);
			const service = endpoints.get(hostOf(rest.url), breaker && { breaker });
			const policy = new ResiliencePolicy(
				{ limiter: service.limiter, ...(breaker && { breaker: service.breaker }) },
				runtime,
			);
			const request = { ...rest, headers: { ...headers, ...key } };
			const send = async (signal?: AbortSignal): Promise<HttpResponse> => {
				const answer = await http.request({ ...request, ...(signal && { signal }) });
				const error = statusError(answer, parameters, runtime.now());
				if (error?.retryAfterMs !== undefined) service.limiter.throttle(error.retryAfterMs);
				if (error !== undefined && failOnError) throw error;
				return answer;
			};
			return await policy.execute(
				async ({ signal }) => {
					// A call that is made once is not broken off: nobody would know what became of it.
					const answer = await (once ? attempt.effect('call', () => send()) : send(signal));
					return { status: answer.status, headers: { ...answer.headers }, body: bodyOf(answer) };
				},
				{
					signal: attempt.signal,
					onBlocked: (by) => attempt.blocked(by),
					onBreaker: (change) => attempt.breakerChanged(change),
				},
			);
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

/** Only the origin: paths and queries may hold keys. */
function hostOf(url: string): string {
	return URL.canParse(url) ? new URL(url).origin : 'the service';
}

function statusError(
	{ status, headers }: HttpResponse,
	{ method, url }: HttpParameters,
	now: number,
): EngineError | undefined {
	if (status < 400) return undefined;
	const errorClass = CLASSES[status] ?? (status >= 500 ? 'server' : 'validation');
	const retryAfterMs = parseRetryAfter(headers['retry-after'], now);
	const target = hostOf(url);
	return new EngineError('HTTP_STATUS', `${method} ${target} answered ${status}.`, {
		errorClass,
		details: { status, target },
		...(retryAfterMs === undefined ? {} : { retryAfterMs }),
	});
}
