import type { z } from 'zod';

import { EngineError, parseJson } from '../../core';
import type { ErrorClass, HttpResponse } from '../../core';

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
	if (response.status < 200 || response.status > 299) throw statusError(engine, response);
	const result = schema.safeParse(jsonOf(response.text));
	if (result.success) return result.data as z.infer<Schema>;
	const start = response.text.slice(0, 80).replace(/\s+/g, ' ');
	throw new EngineError(
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
	const seconds = Number(response.headers['retry-after']);
	return new EngineError('SEARCH_FAILED', `${engine} answered with status ${response.status}.`, {
		errorClass: classOfStatus(response.status),
		...(Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}),
	});
}
