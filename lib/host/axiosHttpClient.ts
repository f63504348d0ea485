import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

import axios, { AxiosHeaders, type AxiosInstance } from 'axios';

import {
	BodyDecoder,
	ValidationError,
	type HttpClient,
	type HttpRequest,
	type HttpResponse,
	type HttpStream,
} from '../core';
import { Exchange } from './exchange';

export interface AxiosHttpClientOptions {
	/** An instance with settings of its own, e.g. a proxy or certificates. Default: a plain one. */
	axios?: AxiosInstance;
	/** Longest chain of redirects that is followed. Default 5. */
	maxRedirects?: number;
}

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;

/**
 * HTTP by axios, for plain Node programs. Inside n8n its own helpers do this.
 *
 * Redirects are followed; to another origin only headers go along that describe the content, never
 * a key. Bodies are unpacked, and their size is limited after that.
 */
export function axiosHttpClient(options: AxiosHttpClientOptions = {}): HttpClient {
	const { axios: client = axios.create(), maxRedirects = 5 } = options;
	const open = (request: HttpRequest, url: URL, exchange: Exchange) =>
		client.request<Readable>(configOf(request, url, exchange.signal, maxRedirects));

	/** An answer as far as its headers, and its body to be read. */
	const start = async (request: HttpRequest) => {
		const url = urlOf(request);
		const exchange = new Exchange(request, url);
		const response = await open(request, url, exchange).catch((error: unknown) => {
			exchange.close();
			return Promise.reject(exchange.errorOf(error));
		});
		const { status, headers, data } = response;
		// A body that nobody reads may still break; that is no reason to end the program.
		data.on('error', () => undefined);
		const names = plainHeaders(headers as IncomingHttpHeaders);
		return { status, headers: names, chunks: textOf(data, names, request, exchange) };
	};

	return {
		async request(request: HttpRequest): Promise<HttpResponse> {
			const { status, headers, chunks } = await start(request);
			let text = '';
			for await (const chunk of chunks) text += chunk;
			return { status, headers, text };
		},

		async stream(request: HttpRequest): Promise<HttpStream> {
			return await start(request);
		},
	};
}

function configOf(request: HttpRequest, url: URL, signal: AbortSignal, maxRedirects: number) {
	const { method, body } = request;
	return {
		method,
		url: url.href,
		headers: headersOf(request),
		...(body === undefined ? {} : { data: typeof body === 'string' ? body : JSON.stringify(body) }),
		signal,
		maxRedirects: request.followRedirects === false ? 0 : maxRedirects,
		beforeRedirect: (target: Record<string, unknown>) => dropSecrets(target, url),
		responseType: 'stream' as const,
		validateStatus: () => true,
		transformRequest: (data: unknown) => data,
	};
}

/**
 * @throws {ValidationError} without the address, which may hold a secret
 */
function urlOf({ url: text, query = {} }: HttpRequest): URL {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (url === undefined || !/^https?:$/.test(url.protocol)) {
		throw new ValidationError('The address of a request must be an absolute http or https URL.', {
			hint: 'Write it with http:// or https:// in front.',
		});
	}
	for (const [name, value] of Object.entries(query)) url.searchParams.append(name, String(value));
	return url;
}

function headersOf({ headers = {}, body }: HttpRequest): AxiosHeaders {
	const result = new AxiosHeaders(headers);
	if (body === undefined) return result;
	// Otherwise axios would call any text a form.
	const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
	return result.setContentType(type, false);
}

/** Headers that say something about the content and nothing about the caller. */
const HARMLESS = /^(accept|accept-.*|content-.*|user-agent|host)$/i;

/** @param target - options of the next request, with `href` and `headers`; changed in place */
function dropSecrets(target: Record<string, unknown>, from: URL): void {
	if (new URL(String(target.href)).origin === from.origin) return;
	const headers = target.headers as Record<string, unknown>;
	target.headers = Object.fromEntries(
		Object.entries(headers).filter(([name]) => HARMLESS.test(name)),
	);
}

function plainHeaders(headers: IncomingHttpHeaders): Record<string, string> {
	return Object.fromEntries(
		Object.entries(headers).map(([name, value]) => [
			name.toLowerCase(),
			Array.isArray(value) ? value.join(', ') : String(value),
		]),
	);
}

/** The body as text, piece by piece; ends the exchange however it ends itself. */
async function* textOf(
	body: Readable,
	headers: Readonly<Record<string, string>>,
	{ maxBytes = DEFAULT_MAX_BYTES }: HttpRequest,
	exchange: Exchange,
): AsyncGenerator<string> {
	const decoder = new BodyDecoder(headers['content-type']);
	let bytes = 0;
	let failure: unknown;
	try {
		for await (const chunk of body as AsyncIterable<Uint8Array>) {
			bytes += chunk.byteLength;
			if (bytes > maxBytes) throw exchange.tooLarge(maxBytes);
			const text = decoder.decode(chunk);
			if (text !== '') yield text;
		}
		const rest = decoder.end();
		if (rest !== '') yield rest;
	} catch (error) {
		failure = error;
	} finally {
		body.destroy();
		exchange.close();
	}
	if (failure !== undefined) throw exchange.errorOf(failure);
}
