import type { HttpClient, HttpRequest, HttpResponse } from '../../core';
import { cleanText } from '../extract/plainText';
import type { FilterName } from '../filters';
import { worksNamed } from '../identity';
import type { WorkNumbers } from '../identity';
import { safeUrl } from '../safeUrl';
import type { EngineHit, EngineLimits, EngineQuery, SearchEngine } from '../searchEngine';

/** Services ask every program to say who it is. */
const USER_AGENT = 'n8n-nodes-agent-swarm (https://github.com/agent-swarm/n8n-nodes-agent-swarm)';

/** Largest answer of an engine that is read, in bytes. */
const MAX_BYTES = 4 * 1024 * 1024;

const SNIPPET_CHARS = 300;

/** How to reach a service. */
export interface ServiceOptions {
	/** Address of its API. Default: the service's own; a mirror or a proxy works too. */
	apiUrl?: string;
	/**
	 * Secret to ask with. Leave it out when the HTTP client adds what the service wants to see, as
	 * inside n8n.
	 */
	apiKey?: string;
	/** See `SearchEngine.service`. Default: the name of the engine and its address. */
	service?: string;
}

/** One request of an engine, without what all of them have in common. */
export interface EngineRequest {
	url: string;
	/** Parameters; those that are undefined are left out. */
	query?: Readonly<Record<string, string | number | undefined>>;
	/** Headers; those that are undefined are left out. */
	headers?: Readonly<Record<string, string | undefined>>;
	/** Sent as JSON by POST. Default: none, by GET. */
	body?: unknown;
}

/** A hit as an engine's file reads it from an answer; hits without a usable address are left out. */
export interface RawHit {
	url: string | null | undefined;
	title: string | null | undefined;
	/** Plain text. */
	text: string | null | undefined;
	publishedAt?: string | null;
	/** The numbers of the work, where the service gives any. */
	work?: WorkNumbers;
}

/** What is particular about an engine that is reached over HTTP. */
export interface HttpEngine {
	name: string;
	maxCalls?: number;
	filters?: readonly FilterName[];
	/** What its own address wants; does not hold for another one. */
	limits?: EngineLimits;
	/**
	 * @param send - one request to the service; may be used several times
	 * @returns best first
	 */
	find(query: EngineQuery, send: Send): Promise<RawHit[]>;
}

/** Sends a request with the limits of the search. */
export type Send = (request: EngineRequest) => Promise<HttpResponse>;

/**
 * An engine reached over HTTP: requests say who asks and keep the limits of the search, and hits
 * come out as the port promises: plain, with safe addresses, not more than asked for.
 */
export function httpEngine(
	http: HttpClient,
	{ apiUrl, service }: ServiceOptions,
	engine: HttpEngine,
): SearchEngine {
	const { name, maxCalls, filters, limits } = engine;
	const sender =
		({ timeoutMs, signal }: EngineQuery): Send =>
		async (request) =>
			await http.request({ ...requestOf(request), timeoutMs, signal });
	return {
		name,
		maxCalls,
		filters,
		service: service ?? `${name} ${apiUrl ?? ''}`.trim(),
		limits: apiUrl === undefined ? limits : undefined,
		search: async (query) => {
			const found = await engine.find(query, sender(query));
			return found.flatMap(hitOf).slice(0, query.limit);
		},
	};
}

function requestOf({ url, query, headers, body }: EngineRequest): HttpRequest {
	return {
		method: body === undefined ? 'GET' : 'POST',
		url,
		query: present(query),
		body,
		maxBytes: MAX_BYTES,
		// Where an engine leads has to be said by whoever set its address, not by an answer.
		followRedirects: false,
		headers: { 'user-agent': USER_AGENT, accept: 'application/json', ...present(headers) },
	};
}

/** The fields that have a value. */
function present<Value>(fields: Readonly<Record<string, Value | undefined>> = {}) {
	const known = Object.entries(fields).filter(([, value]) => value !== undefined);
	return Object.fromEntries(known) as Record<string, Value>;
}

function hitOf(raw: RawHit): EngineHit[] {
	const url = safeUrl(raw.url);
	const text = cleanText(raw.text ?? '');
	const title = cleanText(raw.title ?? '') || text.slice(0, 80);
	if (url === undefined || title === '') return [];
	const { publishedAt = null, work = {} } = raw;
	const snippet = text.slice(0, SNIPPET_CHARS);
	return [{ url, works: worksNamed(work), title, snippet, text, publishedAt }];
}
