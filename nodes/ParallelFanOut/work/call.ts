import { EngineError, parseJson, parseRetryAfter } from '../../../lib';
import type { ErrorClass, HttpClient, HttpRequest, HttpResponse, Json } from '../../../lib';
import { n8nRuntime } from '../../shared/runtime';

/** Longest piece of an answer that a message quotes. */
const QUOTED_LENGTH = 200;

/**
 * Calls a service.
 *
 * @param hints - what to do about a status, by status
 * @returns the body as data when it is JSON, else as text; `null` when there is none
 * @throws {EngineError} `HTTP_STATUS` for a status of 400 and more
 */
export async function call(
	http: HttpClient,
	request: HttpRequest,
	hints: Readonly<Record<number, string>> = {},
): Promise<Json> {
	const response = await http.request(request);
	if (response.status >= 400) throw statusError(request.url, response, hints[response.status]);
	return bodyOf(response);
}

function bodyOf({ headers, text }: HttpResponse): Json {
	if (text === '') return null;
	if (!/[/+]json\b/i.test(headers['content-type'] ?? '')) return text;
	try {
		return parseJson(text);
	} catch {
		return text;
	}
}

function statusError(
	url: string,
	{ status, headers, text }: HttpResponse,
	hint: string | undefined,
): EngineError {
	const said = text.slice(0, QUOTED_LENGTH);
	return new EngineError(
		'HTTP_STATUS',
		`${new URL(url).host} answered with status ${status}${said === '' ? '' : `: ${said}`}`,
		{
			errorClass: classOf(status),
			retryAfterMs: parseRetryAfter(headers['retry-after'], n8nRuntime.now()),
			details: { status },
			...(hint === undefined ? {} : { hint }),
		},
	);
}

function classOf(status: number): ErrorClass {
	if (status === 401 || status === 403) return 'auth';
	if (status === 404 || status === 410) return 'not_found';
	if (status === 408) return 'timeout';
	if (status === 409) return 'conflict';
	if (status === 429) return 'rate_limit';
	if (status === 503) return 'overloaded';
	return status >= 500 ? 'server' : 'validation';
}
