import { EngineError, isJsonObject, parseJson, type HttpClient } from '../core';
import { StoreUnavailableError } from './errors';
import type { RedisScripting } from './redisStore';

/** How to reach Upstash. */
export interface UpstashOptions {
	http: HttpClient;
	/** Address of the REST API, e.g. `https://eu1-sweet-cat-1.upstash.io`. */
	url: string;
	/** Empty when the server asks for none. */
	token: string;
	/** Time limit for one request, in milliseconds. Default 10000. */
	timeoutMs?: number;
}

/**
 * Redis over HTTP: one POST a command, as Upstash's REST API has it.
 *
 * @see https://upstash.com/docs/redis/features/restapi
 */
export function upstashRedis({
	http,
	url,
	token,
	timeoutMs = 10_000,
}: UpstashOptions): RedisScripting {
	const name = `Upstash at ${new URL(url).host}`;
	const run: RedisScripting['run'] = async (script, prefix, args) => {
		const response = await http
			.request({
				method: 'POST',
				url,
				headers: {
					'content-type': 'application/json',
					...(token === '' ? {} : { authorization: `Bearer ${token}` }),
				},
				body: JSON.stringify(['EVAL', script, '1', prefix, ...args.map(String)]),
				timeoutMs,
				maxBytes: MAX_ANSWER_BYTES,
			})
			.catch((error: Error) =>
				Promise.reject(
					new StoreUnavailableError(name, `be reached: ${error.message}`, { cause: error }),
				),
			);
		return resultOf(name, response.status, response.text);
	};
	return { name, run, close: async () => await Promise.resolve() };
}

/** One answer may hold a whole log. */
const MAX_ANSWER_BYTES = 256 * 2 ** 20;

function resultOf(name: string, status: number, text: string): unknown {
	const answer = jsonOf(text);
	if (status === 200 && isJsonObject(answer) && 'result' in answer) return answer.result;
	const error = isJsonObject(answer) && typeof answer.error === 'string' ? answer.error : text;
	const reason = `answer: HTTP ${status}, ${error.slice(0, 200)}`;
	if (status === 401 || status === 403) {
		throw new EngineError('STORE_UNAVAILABLE', `The store (${name}) refused the token.`, {
			errorClass: 'auth',
			hint: 'Copy the REST token, not the read-only one, into the credential.',
		});
	}
	throw new StoreUnavailableError(name, reason);
}

function jsonOf(text: string): unknown {
	try {
		return parseJson(text);
	} catch {
		return undefined;
	}
}
