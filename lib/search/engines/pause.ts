import { isJsonObject, parseJson } from '../../core';
import type { HttpResponse } from '../../core';
import { parseRetryAfter } from '../../resilience';

/** Larger numbers in a reset header are a time since 1970, smaller ones a distance, in seconds. */
const SMALLEST_EPOCH = 1_000_000_000;

/**
 * How long a service asks to wait before the next call, in whichever way it says so: `Retry-After`
 * in seconds or as a date, `Retry-After-Ms`, `X-RateLimit-Reset` or `RateLimit-Reset` of a spent
 * limit (one or several, as a time or as a distance), or `retry_after_seconds` in the body.
 *
 * @returns milliseconds by the service's own clock; undefined when it does not say
 */
export function pauseAsked({ headers, text }: HttpResponse): number | undefined {
	const now = Date.parse(headers.date ?? '');
	const ways = [
		numberOf(headers['retry-after-ms']),
		parseRetryAfter(headers['retry-after'], now),
		resetOf(headers, 'x-ratelimit', now),
		resetOf(headers, 'ratelimit', now),
		secondsIn(text),
	];
	return ways.find((ms) => ms !== undefined && Number.isFinite(ms) && ms > 0);
}

/** Until the last of the limits with nothing remaining is filled again. */
function resetOf(
	headers: HttpResponse['headers'],
	prefix: string,
	now: number,
): number | undefined {
	const remaining = headers[`${prefix}-remaining`]?.split(',').map(Number) ?? [];
	const resets = headers[`${prefix}-reset`]?.split(',').map(Number) ?? [];
	const pauses = resets
		.filter((_, index) => remaining[index] === 0)
		.map((reset) => (reset >= SMALLEST_EPOCH ? reset * 1000 - now : reset * 1000));
	return pauses.length === 0 ? undefined : Math.max(...pauses);
}

function numberOf(text: string | undefined): number | undefined {
	return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** The field that Tavily and others put into their error. */
function secondsIn(text: string): number | undefined {
	if (!text.includes('retry_after')) return undefined;
	try {
		const body = parseJson(text);
		const error = isJsonObject(body) && isJsonObject(body.error) ? body.error : body;
		const seconds = isJsonObject(error) ? (error.retry_after_seconds ?? error.retry_after) : null;
		return typeof seconds === 'number' ? seconds * 1000 : undefined;
	} catch {
		return undefined;
	}
}
