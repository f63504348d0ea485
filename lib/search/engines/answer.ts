import type { z } from 'zod';

import { EngineError, parseJson } from '../../core';
import type { ErrorClass, HttpResponse } from '../../core';
import { pauseAsked } from './pause';

const HINTS: Partial<Record<ErrorClass, string>> = {
	auth: 'Check the key of this engine in the credential.',
	quota_exhausted: 'The plan of this engine is used up: wait for it to be renewed, or extend it.',
};

/** For an answer that leads elsewhere, which is not followed. */
function movedHint({ status, headers: { location } }: HttpResponse): string | undefined {
	if (status < 300 || status > 399 || location === undefined) return undefined;
	return `It leads to ${location.slice(0, 200)}. If that is right, set it as the address of this engine.`;
}

/** Some services say with the statuses of a refusal that one asks too fast, or too much in all. */
function classOfAnswer({ status, text }: HttpResponse): ErrorClass {
	const refused = status === 400 || status === 403;
	if (refused && /rate.?limit|throttl/i.test(text)) return 'rate_limit';
	if (refused && /credits|quota|limit ?exceeded/i.test(text)) return 'quota_exhausted';
	return classOfStatus(status);
}

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
	if (/^\s*<.*(captcha|unusual traffic|are you a (robot|human)|cf-challenge)/is.test(text)) {
		return wantsPerson(engine);
	}
	const start = text.slice(0, 80).replace(/\s+/g, ' ');
	return new EngineError(
		'SEARCH_FAILED',
		`${engine} answered with something other than search results: "${start}".`,
		{ errorClass: 'bad_output', hint: 'Its address may be wrong, or its answer may have changed.' },
	);
}

/** A page that asks whoever calls to prove that it is a person; asking again makes it worse. */
function wantsPerson(engine: string): EngineError {
	return new EngineError('SEARCH_FAILED', `${engine} asks for a person (captcha).`, {
		errorClass: 'overloaded',
		retryable: false,
		hint: 'Ask less often, or leave this engine out.',
	});
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
	const errorClass = spent ? 'rate_limit' : classOfAnswer(response);
	return new EngineError('SEARCH_FAILED', `${engine} answered with status ${status}.`, {
		errorClass,
		retryAfterMs: pauseAsked(response),
		hint: movedHint(response) ?? HINTS[errorClass],
	});
}
