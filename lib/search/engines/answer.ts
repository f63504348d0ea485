import type { z } from 'zod';

import { EngineError, parseJson } from '../../core';
import type { ErrorClass, HttpResponse } from '../../core';
import { parseRetryAfter } from '../../resilience';

/** What a status that is no success means for the one who asked. */
function classOfStatus(status: number): ErrorClass {
	if (status === 401 || status === 403) return 'auth';
	if (status === 402 || status === 432 || status === 433) return 'quota_exhausted';
	if (status === 404) return 'not_found';
	if (status === 408) return 'timeout';
	if (status === 429) return 'rate_limit';
	return status >= 500 ? 'server' : 'validation';
}

/**
 * The answer of an engine as data of a known shape.
 *
 * @param engine - its name, for messages
 * @throws {EngineError} `SEARCH_FAILED` when the status is no success, with the pause the engine
 * asked for, or when the body is not what the engine's documentation promises
 */
export function parseAnswer<Schema extends z.ZodTypeAny>(
	engine: string,
	schema: Schema,
	response: HttpResponse,
): z.infer<Schema> {
	checkStatus(engine, response);
	const data = jsonOf(response.text);
	const result = schema.safeParse(data);
	if (data === undefined || !result.success) throw badOutput(engine, response.text);
	return result.data as z.infer<Schema>;
}

/** @throws {EngineError} `SEARCH_FAILED` when the status is no success; see {@link parseAnswer} */
export function checkStatus(engine: string, response: HttpResponse): void {
	if (response.status < 200 || response.status > 299) throw statusError(engine, response);
}

/** The answer has a good status but is not what the engine's documentation promises. */
export function badOutput(engine: string, text: string): EngineError {
	const start = text.slice(0, 80).replace(/\s+/g, ' ');
	return new EngineError(
		'SEARCH_FAILED',
		`${engine} answered with something other than search results: "${start}".`,
		{ errorClass: 'bad_output', hint: 'Its address may be wrong, or its answer may have changed.' },
	);
}

function jsonOf(text: string): unknown {
	try {
		return parseJson(text);
	} catch {
		return undefined;
	}
}

function statusError(engine: string, response: HttpResponse): EngineError {
	const { status, headers } = response;
	// GitHub's way to say 429.
	const spent = status === 403 && headers['x-ratelimit-remaining'] === '0';
	const pauseMs = pauseOf(headers);
	return new EngineError('SEARCH_FAILED', `${engine} answered with status ${status}.`, {
		errorClass: spent ? 'rate_limit' : classOfStatus(status),
		...(pauseMs > 0 ? { retryAfterMs: pauseMs } : {}),
	});
}

/** How long the service asks to wait, in milliseconds, by its own clock; 0 when it does not say. */
function pauseOf(headers: HttpResponse['headers']): number {
	const now = Date.parse(headers.date ?? '');
	const asked = parseRetryAfter(headers['retry-after'], now);
	if (asked !== undefined && Number.isFinite(asked)) return asked;
	const reset = Number(headers['x-ratelimit-reset']) * 1000 - now;
	return headers['x-ratelimit-remaining'] === '0' && reset > 0 ? reset : 0;
}
