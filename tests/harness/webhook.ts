import type { IWorkflowExecuteAdditionalData } from 'n8n-workflow';

type Request = NonNullable<IWorkflowExecuteAdditionalData['httpRequest']>;
type Response = NonNullable<IWorkflowExecuteAdditionalData['httpResponse']>;

/** A request to the address of a waiting node. */
export interface TestRequest {
	/** Default GET. */
	method?: 'GET' | 'POST' | 'HEAD' | 'PUT';
	body?: unknown;
	headers?: Record<string, string>;
}

/** The answer of a node. */
export interface TestResponse {
	status: number;
	/** Names in lower case. */
	headers: Record<string, string>;
	body: unknown;
	/** What an answer that is kept open has sent until now. */
	written: string[];
	/** Whether the answer is complete. */
	ended: boolean;
	/** Whoever asked goes away. */
	hangUp: () => void;
}

/** The request as the node's `webhook()` sees it. */
export function fakeRequest(url: URL, { method = 'GET', body, headers }: TestRequest): Request {
	return {
		method,
		url: url.pathname + url.search,
		originalUrl: url.pathname + url.search,
		headers: { host: url.host, ...headers },
		params: {},
		query: Object.fromEntries(url.searchParams),
		body: body ?? {},
		ip: '127.0.0.1',
	} as unknown as Request;
}

/** A response that only keeps what it is told, and what it was told. */
export function recordingResponse(): { response: Response; answer: TestResponse } {
	const closed: Array<() => void> = [];
	const answer: TestResponse = {
		status: 200,
		headers: {},
		body: undefined,
		written: [],
		ended: false,
		hangUp: () => closed.splice(0).forEach((then) => then()),
	};
	const response = {
		headersSent: false,
		writableNeedDrain: false,
		write(text: string) {
			answer.written.push(text);
			response.headersSent = true;
			return true;
		},
		on(name: string, then: () => void) {
			if (name === 'close') closed.push(then);
			return response;
		},
		status(code: number) {
			answer.status = code;
			return response;
		},
		setHeader(name: string, value: string) {
			answer.headers[name.toLowerCase()] = String(value);
			return response;
		},
		send(body: unknown) {
			answer.body = body;
			answer.ended = true;
			response.headersSent = true;
			return response;
		},
		header: (name: string, value: string) => response.setHeader(name, value),
		set: (name: string, value: string) => response.setHeader(name, value),
		type: (value: string) => response.setHeader('content-type', value),
		json: (body: unknown) => response.send(body),
		end: (body?: unknown) => response.send(body),
		writeHead: (code: number) => response.status(code),
	};
	Object.defineProperty(response, 'statusCode', {
		get: () => answer.status,
		set: (code: number) => (answer.status = code),
	});
	return { response: response as unknown as Response, answer };
}
