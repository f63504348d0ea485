import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { ICredentialType, IExecuteFunctions } from 'n8n-workflow';

import type { HttpClient } from '../../../lib';
import { nodeHttpClient } from '../../../nodes/shared/http';
import { TestInstance, chain, node, start } from '../../harness';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const servers: Server[] = [];

/** A server on loopback. @returns its address */
async function serve(handler: Handler): Promise<string> {
	const server = createServer(handler);
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
	for (const server of servers.splice(0)) {
		server.close();
		server.closeAllConnections();
	}
});

const keyApi: ICredentialType = {
	name: 'keyApi',
	displayName: 'Key API',
	properties: [],
	authenticate: {
		type: 'generic',
		properties: { headers: { Authorization: '=Bearer {{ $credentials.key }}' } },
	},
};

/** Runs `work` inside a node, with a client that is or is not authenticated. */
async function withClient<Value>(
	work: (http: HttpClient, instance: TestInstance) => Promise<Value>,
	credential?: Record<string, string>,
	seen: (context: IExecuteFunctions) => IExecuteFunctions = (context) => context,
): Promise<Value> {
	let value: { ok: Value } | { failed: unknown } | undefined;
	const instance: TestInstance = new TestInstance({
		credentials: credential ? { mine: { type: keyApi, data: credential } } : {},
	});
	const type = {
		description: {
			displayName: 'Call',
			name: 'call',
			group: ['transform' as const],
			version: 1,
			description: 'Call',
			defaults: { name: 'Call' },
			inputs: ['main' as const],
			outputs: ['main' as const],
			properties: [],
			credentials: [{ name: 'keyApi' }],
		},
		async execute(this: IExecuteFunctions) {
			const http = nodeHttpClient(seen(this), credential && 'keyApi');
			value = await work(http, instance).then(
				(ok) => ({ ok }),
				(failed: unknown) => ({ failed }),
			);
			return [[]];
		},
	};
	await instance.run({
		nodes: [start(), node('Call', type, {}, credential ? { credentials: { keyApi: 'mine' } } : {})],
		connections: chain('Start', 'Call'),
	});
	if (value !== undefined && 'failed' in value) return await Promise.reject(value.failed as Error);
	return value!.ok;
}

describe('the HTTP client of a node', () => {
	it('sends JSON and query, and gives status, lower-case headers and text', async () => {
		const url = await serve((request, response) => {
			let body = '';
			request.on('data', (chunk: Buffer) => (body += chunk.toString()));
			request.on('end', () => {
				response.setHeader('X-Seen', String(request.headers['content-type']));
				response.end(`${request.method} ${request.url} ${body}`);
			});
		});
		const answer = await withClient(
			async (http) =>
				await http.request({ method: 'POST', url, query: { a: 1 }, body: { hello: 'wörld' } }),
		);

		expect(answer).toMatchObject({
			status: 200,
			headers: { 'x-seen': 'application/json' },
			text: 'POST /?a=1 {"hello":"wörld"}',
		});
	});

	it('takes any status for an answer', async () => {
		const url = await serve((_request, response) => {
			response.statusCode = 503;
			response.setHeader('retry-after', '7');
			response.end('later');
		});
		const answer = await withClient(async (http) => await http.request({ method: 'GET', url }));

		expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '7' }, text: 'later' });
	});

	it('decodes the charset that the answer names', async () => {
		const url = await serve((_request, response) => {
			response.setHeader('content-type', 'text/plain; charset=iso-8859-1');
			response.end(Buffer.from([0x66, 0xfc, 0x72]));
		});
		const { text } = await withClient(async (http) => await http.request({ method: 'GET', url }));

		expect(text).toBe('für');
	});

	it('gives a streamed answer piece by piece, without breaking characters', async () => {
		let next = (): void => undefined;
		const url = await serve((_request, response) => {
			const euro = Buffer.from('€');
			response.write(Buffer.concat([Buffer.from('a'), euro.subarray(0, 1)]));
			next = () => response.end(euro.subarray(1));
		});
		const pieces = await withClient(async (http) => {
			const { chunks } = await http.stream({ method: 'GET', url });
			const got: string[] = [];
			for await (const piece of chunks) {
				got.push(piece);
				next();
			}
			return got;
		});

		expect(pieces).toEqual(['a', '€']);
	});

	it('closes the connection when a stream is left early', async () => {
		let closed: Promise<void> = Promise.resolve();
		const url = await serve((_request, response) => {
			closed = new Promise((resolve) => response.on('close', resolve));
			response.write('first');
		});
		await withClient(async (http) => {
			const { chunks } = await http.stream({ method: 'GET', url });
			for await (const piece of chunks) return piece;
			return '';
		});

		await expect(closed).resolves.toBeUndefined();
	});

	it('breaks off when the caller aborts, also with a credential', async () => {
		let asked = (): void => undefined;
		const untilAsked = new Promise<void>((resolve) => (asked = resolve));
		const url = await serve(() => asked());
		const controller = new AbortController();
		const request = withClient(
			async (http) => await http.request({ method: 'GET', url, signal: controller.signal }),
			{ key: 'k' },
		);
		await untilAsked;
		controller.abort();

		await expect(request).rejects.toMatchObject({ code: 'ABORTED', errorClass: 'abort' });
	});

	it('breaks off when the execution is stopped', async () => {
		let stop = (): void => undefined;
		const url = await serve(() => stop());
		const request = withClient(async (http, instance) => {
			stop = () => instance.executions[0]!.cancel();
			return await http.request({ method: 'GET', url });
		});

		await expect(request).rejects.toMatchObject({ errorClass: 'abort' });
	});

	it('breaks off when the time limit passes, also in the middle of the body', async () => {
		const url = await serve((_request, response) => response.write('begun'));
		const request = withClient(
			async (http) => await http.request({ method: 'GET', url: `${url}/x?k=1`, timeoutMs: 30 }),
		);

		await expect(request).rejects.toMatchObject({
			code: 'TIMEOUT',
			retryable: true,
			message: `GET ${url}/x did not finish within 30 ms.`,
		});
	});

	it('says in words why there was no answer', async () => {
		const url = await serve(() => undefined);
		servers.splice(0).forEach((server) => server.close());
		const request = withClient(async (http) => await http.request({ method: 'GET', url }));

		await expect(request).rejects.toMatchObject({
			code: 'HTTP_NETWORK',
			errorClass: 'network',
			message: `GET ${url}/ got no answer: the connection was refused.`,
		});
	});

	it('stops reading when the body grows too large', async () => {
		const url = await serve((_request, response) => response.end('x'.repeat(5000)));
		const request = withClient(
			async (http) => await http.request({ method: 'GET', url, maxBytes: 1000 }),
		);

		await expect(request).rejects.toMatchObject({ code: 'HTTP_BODY_TOO_LARGE', retryable: false });
	});

	it('adds the credential, and refuses hosts that it is not allowed for', async () => {
		const url = await serve((request, response) => response.end(request.headers.authorization));
		const restricted = {
			key: 'k1',
			allowedHttpRequestDomains: 'domains',
			allowedDomains: 'a.test',
		};

		const { text } = await withClient(async (http) => await http.request({ method: 'GET', url }), {
			key: 'k1',
		});
		expect(text).toBe('Bearer k1');

		const refused = withClient(
			async (http) => await http.request({ method: 'GET', url }),
			restricted,
		);
		await expect(refused).rejects.toMatchObject({ code: 'HTTP_REFUSED', retryable: false });
	});

	it('reads its credential once, and again only when that did not work', async () => {
		const url = await serve((request, response) => response.end(request.headers.authorization));
		let readings = 0;
		const failingAtFirst = (context: IExecuteFunctions): IExecuteFunctions => {
			const getCredentials = async (type: string) => {
				readings++;
				if (readings === 1) throw new Error('The database is busy.');
				return await context.getCredentials(type);
			};
			return Object.create(context, { getCredentials: { value: getCredentials } });
		};
		await withClient(
			async (http) => {
				const ask = async () => await http.request({ method: 'GET', url });
				await expect(ask()).rejects.toThrow(/The database is busy/);
				for (let n = 0; n < 3; n++) expect((await ask()).text).toBe('Bearer sesame');
			},
			{ key: 'sesame' },
			failingAtFirst,
		);
		expect(readings).toBe(2);
	});

	it('lets a credential that is closed for others reach its own address, and no other', async () => {
		const url = await serve((request, response) => response.end(request.headers.authorization));
		const closed = { key: 'k1', baseUrl: `${url}/v1`, allowedHttpRequestDomains: 'none' };

		const { text } = await withClient(
			async (http) => await http.request({ method: 'GET', url: `${url}/v1/models` }),
			closed,
		);
		expect(text).toBe('Bearer k1');

		const elsewhere = withClient(
			async (http) =>
				await http.request({ method: 'GET', url: url.replace('127.0.0.1', 'localhost') }),
			closed,
		);
		await expect(elsewhere).rejects.toMatchObject({ code: 'HTTP_REFUSED' });
	});

	it('gives a redirect back as the answer when it is not to be followed', async () => {
		let requests = 0;
		const url = await serve((_request, response) => {
			requests++;
			response.writeHead(302, { location: '/next' });
			response.end();
		});
		const { status, headers } = await withClient(
			async (http) => await http.request({ method: 'GET', url, followRedirects: false }),
		);
		expect({ status, location: headers.location }).toEqual({ status: 302, location: '/next' });
		expect(requests).toBe(1);
	});

	it('does not take the credential along to another origin', async () => {
		const target = await serve((request, response) =>
			response.end(String(request.headers.authorization)),
		);
		const url = await serve((_request, response) => {
			response.writeHead(302, { location: target });
			response.end();
		});
		const { text } = await withClient(async (http) => await http.request({ method: 'GET', url }), {
			key: 'k1',
		});

		expect(text).toBe('undefined');
	});
});
