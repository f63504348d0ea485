import type { IWorkflowExecuteAdditionalData } from 'n8n-workflow';

type Request = NonNullable<IWorkflowExecuteAdditionalData['httpRequest']>;
type Response = NonNullable<IWorkflowExecuteAdditionalData['httpResponse']>;

/** A request to the address of a waiting node. */
export interface TestRequest {
	/** Default GET. */
	method?: 'GET' | 'POST' | 'HEAD';
	body?: unknown;
	headers?: Record<string, string>;
}

/** The answer of a waiting node. */
export interface TestResponse {
	status: number;
	/** Names in lower case. */
	headers: Record<string, string>;
	body: unknown;
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
	const answer: TestResponse = { status: 200, headers: {}, body: undefined };
	const response = {
		headersSent: false,
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
