import type { IExecuteFunctions } from 'n8n-workflow';

import { EngineError, parseJson, parseRetryAfter } from '../../../lib';
import type { ErrorClass, HttpClient, HttpResponse, Json } from '../../../lib';
import { nodeHttpClient } from '../../shared/http';
import { parameterReader } from '../../shared/parameters';
import { n8nRuntime } from '../../shared/runtime';
import { httpRequestSchema } from '../parameters';
import { properties } from '../properties';
import type { Work } from '../task';

/** Longest piece of an answer that a message quotes. */
const QUOTED_LENGTH = 200;

/** Each task is a call of a web service. */
export function httpRequestWork(context: IExecuteFunctions): Work {
	const read = parameterReader(context, httpRequestSchema, properties);
	const http = nodeHttpClient(context);
	return {
		defaultAttempts: 3,
		retriesItself: false,
		tasksOf: ([itemIndex = 0]) => {
			const { method, url, body, options } = read(itemIndex);
			const request = { method, url, body, headers: options.headers };
			return [{ input: request, run: async ({ signal }) => await call(http, request, signal) }];
		},
	};
}

async function call(
	http: HttpClient,
	request: Parameters<HttpClient['request']>[0],
	signal: AbortSignal,
): Promise<Json> {
	const response = await http.request({ ...request, signal });
	if (response.status >= 400) throw statusError(request.url, response);
	return bodyOf(response);
}

/** The body as data when it is JSON, else as text. */
function bodyOf({ headers, text }: HttpResponse): Json {
	if (text === '') return null;
	if (!/[/+]json\b/i.test(headers['content-type'] ?? '')) return text;
	try {
		return parseJson(text);
	} catch {
		return text;
	}
}

function statusError(url: string, { status, headers, text }: HttpResponse): EngineError {
	const said = text.slice(0, QUOTED_LENGTH);
	return new EngineError(
		'HTTP_STATUS',
		`${new URL(url).host} answered with status ${status}${said === '' ? '' : `: ${said}`}`,
		{
			errorClass: classOf(status),
			retryAfterMs: parseRetryAfter(headers['retry-after'], n8nRuntime.now()),
			details: { status },
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
