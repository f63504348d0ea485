import { type HttpClient, isJsonObject, type Runtime } from '../core';
import { parseRetryAfter } from '../resilience';
import { badAnswer, hostOf, statusError, tryParse } from './modelErrors';

/** Where to ask for models. */
export interface ModelListOptions {
	/** Sends the request; adds the credential. */
	http: HttpClient;
	/** Wall clock, for `Retry-After` dates. */
	runtime: Pick<Runtime, 'now'>;
	/** Address of the API up to and with its version. */
	baseUrl: string;
}

/**
 * The names of the models that an endpoint offers, in alphabetical order. OpenAI's and Anthropic's
 * APIs answer alike.
 *
 * @throws {EngineError} with the classes of `ChatModel.chat`
 */
export async function listModels(options: ModelListOptions): Promise<string[]> {
	const target = { model: 'list of models', host: hostOf(options.baseUrl) };
	const url = `${options.baseUrl.replace(/\/+$/, '')}/models`;
	// Anthropic wants its version named; the others do not mind.
	const headers = { 'anthropic-version': '2023-06-01' };
	const response = await options.http.request({ method: 'GET', url, headers });
	if (response.status < 200 || response.status > 299) {
		const wait = parseRetryAfter(response.headers['retry-after'], options.runtime.now());
		throw statusError(response, target, wait);
	}
	const body = tryParse(response.text);
	const data = isJsonObject(body) ? body.data : undefined;
	if (!Array.isArray(data)) throw badAnswer('without a list of models', response.text, target);
	const ids = data.flatMap((entry) =>
		isJsonObject(entry) && typeof entry.id === 'string' ? [entry.id] : [],
	);
	return [...new Set(ids)].sort();
}
