/** One HTTP request, as the engine asks for it. */
export interface HttpRequest {
	method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
	/** Absolute address, `http:` or `https:`. */
	url: string;
	headers?: Readonly<Record<string, string>>;
	/** Query parameters, added to those in `url`. */
	query?: Readonly<Record<string, string | number | boolean>>;
	/** Sent as it is when a string, else as JSON. */
	body?: unknown;
	/** Time limit for the whole exchange, in milliseconds. Default: none. */
	timeoutMs?: number;
	/** Largest body to accept, in bytes. Default: 16 MiB. */
	maxBytes?: number;
	/** Whether redirects are followed; else they are the answer. Default true. */
	followRedirects?: boolean;
	/** Breaks the exchange off and closes the connection. */
	signal?: AbortSignal;
}

/** An answer. Any status is an answer; only a failed exchange throws. */
export interface HttpResponse {
	status: number;
	/** Names in lower case. */
	headers: Readonly<Record<string, string>>;
	/** The body as text, decoded by its charset. */
	text: string;
}

/** An answer whose body arrives piece by piece. */
export interface HttpStream {
	status: number;
	/** Names in lower case. */
	headers: Readonly<Record<string, string>>;
	/** Pieces of decoded text as they arrive. Ending the iteration early closes the connection. */
	chunks: AsyncIterable<string>;
}

/**
 * The way out to other services. Inside n8n it goes through n8n's helpers, which know about
 * credentials, proxies and forbidden addresses; a plain Node program uses the host's client.
 */
export interface HttpClient {
	/**
	 * @throws {EngineError} class `network`, `timeout` or `abort` when no whole answer arrived;
	 * never because of a status
	 */
	request(request: HttpRequest): Promise<HttpResponse>;

	/** Like `request`, for answers that arrive over time, such as server-sent events. */
	stream(request: HttpRequest): Promise<HttpStream>;
}
