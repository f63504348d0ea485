import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

import type { EngineError, HttpRequest, HttpResponse } from '../../../lib';
import { axiosHttpClient } from '../../../lib/host';
import { serve, type LoopbackServer } from './server';

const http = axiosHttpClient();
const servers: LoopbackServer[] = [];

async function start(...answer: Parameters<typeof serve>): Promise<LoopbackServer> {
	const server = await serve(...answer);
	servers.push(server);
	return server;
}

afterEach(async () => {
	await Promise.all(servers.splice(0).map(async (server) => await server.close()));
});

async function errorOf(work: Promise<unknown>): Promise<EngineError> {
	return await work.then(
		(value) => {
			throw new Error(`Expected a failure, got ${JSON.stringify(value)}.`);
		},
		(error: unknown) => error as EngineError,
	);
}

const get = async (url: string, rest: Partial<HttpRequest> = {}): Promise<HttpResponse> =>
	await http.request({ method: 'GET', url, ...rest });

describe('axiosHttpClient', () => {
	it('gives back status, headers in lower case and the text, whatever the status', async () => {
		const server = await start((_, response) => {
			response.writeHead(418, { 'X-Kind': 'Teapot', 'Set-Cookie': ['a=1', 'b=2'] }).end('short');
		});
		const { status, headers, text } = await get(`${server.origin}/pot`);
		expect({ status, text }).toEqual({ status: 418, text: 'short' });
		expect(headers).toMatchObject({ 'x-kind': 'Teapot', 'set-cookie': 'a=1, b=2' });
	});

	it('adds the query to the address and sends headers as they are', async () => {
		const server = await start((_, response) => response.end());
		await get(`${server.origin}/a?x=1`, {
			query: { q: 'a b&c', n: 2, yes: true },
			headers: { 'X-Key': 'k' },
		});
		expect(server.seen[0]).toMatchObject({ url: '/a?x=1&q=a+b%26c&n=2&yes=true' });
		expect(server.seen[0]!.headers['x-key']).toBe('k');
		expect(server.seen[0]!.headers).not.toHaveProperty('content-type');
	});

	it.each<[string, unknown, Record<string, string>, string, string]>([
		['JSON', { a: [1] }, {}, '{"a":[1]}', 'application/json'],
		['text', 'plain', {}, 'plain', 'text/plain; charset=utf-8'],
		['text of a given kind', '<a/>', { 'Content-Type': 'text/xml' }, '<a/>', 'text/xml'],
		['null', null, {}, 'null', 'application/json'],
	])('sends %s', async (_, body, headers, sent, type) => {
		const server = await start((request, response) => response.end(request.body));
		const { text } = await http.request({ method: 'POST', url: server.origin, body, headers });
		expect(text).toBe(sent);
		expect(server.seen[0]!.headers['content-type']).toBe(type);
	});

	it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const)(
		'knows %s',
		async (method) => {
			const server = await start((request, response) => response.end(request.method));
			const { text } = await http.request({ method, url: server.origin });
			expect([server.seen[0]!.method, text]).toEqual([method, method === 'HEAD' ? '' : method]);
		},
	);

	it('unpacks gzip', async () => {
		const server = await start((_, response) => {
			response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('unpacked'));
		});
		expect((await get(server.origin)).text).toBe('unpacked');
	});

	it.each([
		['text/plain; charset=iso-8859-1', Buffer.from([0xe9]), 'é'],
		['text/plain; charset="utf-8"', Buffer.from('é'), 'é'],
		['text/plain; charset=nonsense', Buffer.from('é'), 'é'],
		['text/plain', Buffer.from('\ufeffé'), 'é'],
		['text/plain', Buffer.from([0xc3]), '\ufffd'],
	])('decodes %s', async (type, bytes, text) => {
		const server = await start((_, response) => {
			response.writeHead(200, { 'Content-Type': type }).end(bytes);
		});
		expect((await get(server.origin)).text).toBe(text);
	});

	it('follows redirects', async () => {
		const server = await start((request, response) => {
			if (request.url === '/end') response.end('there');
			else response.writeHead(302, { Location: '/end' }).end();
		});
		expect((await get(server.origin, { headers: { 'X-Key': 'k' } })).text).toBe('there');
		expect(server.seen[1]!.headers['x-key']).toBe('k');
	});

	it('takes no key along to another origin', async () => {
		const other = await start((_, response) => response.end('other'));
		const server = await start((_, response) => {
			response.writeHead(307, { Location: `${other.origin}/x` }).end();
		});
		const headers = { 'X-Api-Key': 'secret', Authorization: 'Bearer secret', Accept: 'text/plain' };
		expect((await get(server.origin, { headers })).text).toBe('other');
		expect(other.seen[0]!.headers.accept).toBe('text/plain');
		expect(JSON.stringify(other.seen[0])).not.toContain('secret');
	});

	it('gives a redirect back as the answer when it is not to be followed', async () => {
		const server = await start((_, response) => {
			response.writeHead(302, { location: '/next' }).end();
		});
		const { status, headers } = await get(server.origin, { followRedirects: false });
		expect({ status, location: headers.location }).toEqual({ status: 302, location: '/next' });
		expect(server.seen).toHaveLength(1);
	});

	it('gives up on a chain of redirects that is too long', async () => {
		const server = await start((request, response) => {
			response.writeHead(302, { Location: `${request.url}x` }).end();
		});
		const error = await errorOf(
			axiosHttpClient({ maxRedirects: 2 }).request({ method: 'GET', url: server.origin }),
		);
		expect(error).toMatchObject({ code: 'HTTP_FAILED', errorClass: 'network', retryable: false });
		expect(error.message).toBe(
			`GET ${server.origin} was redirected too often (ERR_FR_TOO_MANY_REDIRECTS).`,
		);
		expect(server.seen).toHaveLength(3);
	});

	it('refuses an answer that is too large, before all of it is there', async () => {
		const server = await start((_, response) => {
			response.write('x'.repeat(100));
		});
		expect(await errorOf(get(server.origin, { maxBytes: 99 }))).toMatchObject({
			code: 'HTTP_TOO_LARGE',
			errorClass: 'network',
			retryable: false,
			message: `GET ${server.origin} sent more than the 99 bytes allowed.`,
			hint: 'Raise maxBytes if an answer of this size is expected.',
			details: { maxBytes: 99, target: `GET ${server.origin}` },
		});
		await server.disconnected();
	});

	it('measures the size after unpacking, so that a small bomb does no harm', async () => {
		const server = await start((_, response) => {
			response.writeHead(200, { 'Content-Encoding': 'gzip' });
			response.end(gzipSync(Buffer.alloc(20 * 1024 * 1024)));
		});
		expect((await errorOf(get(server.origin))).message).toBe(
			`GET ${server.origin} sent more than the 16777216 bytes allowed.`,
		);
	});

	it('accepts an answer of exactly the size allowed', async () => {
		const server = await start((_, response) => response.end('x'.repeat(99)));
		expect((await get(server.origin, { maxBytes: 99 })).text).toHaveLength(99);
	});

	it('gives up on a server that accepts and stays silent', async () => {
		const server = await start(() => undefined);
		expect(await errorOf(get(server.origin, { timeoutMs: 30 }))).toMatchObject({
			code: 'TIMEOUT',
			errorClass: 'timeout',
			retryable: true,
			message: `GET ${server.origin} gave no whole answer within 30 ms.`,
			details: { target: `GET ${server.origin}`, timeoutMs: 30 },
		});
		await server.disconnected();
	});

	it('gives up on a server that sends one byte at a time for ever', async () => {
		const server = await start((_, response) => {
			const drip = setInterval(() => response.write('.'), 5);
			response.on('close', () => clearInterval(drip));
		});
		expect((await errorOf(get(server.origin, { timeoutMs: 60 }))).code).toBe('TIMEOUT');
		await server.disconnected();
	});

	it('stops when the caller does: before, while waiting and while reading', async () => {
		const server = await start((request, response) => {
			if (request.url === '/read') response.write('some');
		});
		const aborted = await errorOf(get(server.origin, { signal: AbortSignal.abort() }));
		expect(aborted).toMatchObject({ code: 'ABORTED', errorClass: 'abort', retryable: false });
		expect(aborted.message).toBe(`GET ${server.origin} was broken off.`);
		expect(server.seen).toHaveLength(0);

		for (const path of ['/wait', '/read']) {
			const controller = new AbortController();
			const work = get(`${server.origin}${path}`, { signal: controller.signal });
			setTimeout(() => controller.abort(), 30);
			expect((await errorOf(work)).code).toBe('ABORTED');
		}
		await server.disconnected();
	});

	it('says when nobody listens', async () => {
		const server = createServer();
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as AddressInfo;
		await new Promise((resolve) => server.close(resolve));
		expect(await errorOf(get(`http://127.0.0.1:${port}/`))).toMatchObject({
			code: 'HTTP_FAILED',
			errorClass: 'network',
			retryable: true,
			message: `GET http://127.0.0.1:${port} was refused: nothing listens there (ECONNREFUSED).`,
			details: { reason: 'ECONNREFUSED' },
		});
	});

	it('says when the other side cuts the connection, before the answer and inside it', async () => {
		const server = await start((request, response, socket) => {
			if (request.url === '/inside')
				response.writeHead(200, { 'Content-Length': 100 }).write('some');
			setTimeout(() => socket.resetAndDestroy(), 10);
		});
		for (const path of ['/before', '/inside']) {
			const error = await errorOf(get(`${server.origin}${path}`));
			expect(error).toMatchObject({ code: 'HTTP_FAILED', errorClass: 'network', retryable: true });
			expect(error.message).toMatch(/ was cut off by the other side \(ECONNRESET\)\.$/);
		}
	});

	it('says when the answer is damaged', async () => {
		const server = await start((_, response) => {
			response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('no gzip at all');
		});
		const error = await errorOf(get(server.origin));
		expect(error).toMatchObject({ errorClass: 'network', retryable: true });
		expect(error.message).toBe(`GET ${server.origin} sent a damaged answer (Z_DATA_ERROR).`);
	});

	it('says so when the other side does not speak HTTP', async () => {
		const server = createServer((socket) => {
			socket.on('error', () => undefined).resume();
			socket.end('no http\r\n\r\n');
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as AddressInfo;
		const error = await errorOf(get(`http://127.0.0.1:${port}/`));
		await new Promise((resolve) => server.close(resolve));
		expect(error.message).toBe(
			`GET http://127.0.0.1:${port} failed on the way (HPE_INVALID_CONSTANT).`,
		);
	});

	it('never shows a secret of the request in an error', async () => {
		const server = await start(
			(_, response, socket) => void (response.flushHeaders(), socket.destroy()),
		);
		const secret = 'hunter2hunter2';
		const url = `${server.origin.replace('http://', `http://user:${secret}@`)}/${secret}?key=${secret}`;
		for (const work of [
			() =>
				http.request({ method: 'POST', url, body: { secret }, headers: { Authorization: secret } }),
			() => get(`ftp://${secret}`),
			() => get(`not an address ${secret}`),
		]) {
			const error = await errorOf(work());
			const all = JSON.stringify([error, error.message, error.stack, error.details, error.hint]);
			expect(all).not.toContain(secret);
			expect(error.cause).toBeUndefined();
		}
	});

	it('refuses an address that is not absolute http', async () => {
		for (const url of ['/path', 'ftp://x/', '']) {
			expect(await errorOf(get(url))).toMatchObject({
				code: 'VALIDATION',
				message: 'The address of a request must be an absolute http or https URL.',
				hint: 'Write it with http:// or https:// in front.',
			});
		}
	});

	it('leaves no listener on the caller’s signal', async () => {
		const server = await start((_, response) => response.end('x'));
		const { signal } = new AbortController();
		let listeners = 0;
		const add = signal.addEventListener.bind(signal);
		const remove = signal.removeEventListener.bind(signal);
		signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
		signal.removeEventListener = (...args: Parameters<typeof remove>) => (
			listeners--,
			remove(...args)
		);
		await get(server.origin, { signal });
		expect(listeners).toBe(0);
	});
});

describe('stream', () => {
	it('hands over pieces as they arrive', async () => {
		let more = (): void => undefined;
		const server = await start((_, response) => {
			response.writeHead(200, { 'Content-Type': 'text/event-stream' });
			response.write('one');
			more = () => response.end('two');
		});
		const { status, headers, chunks } = await http.stream({ method: 'GET', url: server.origin });
		expect([status, headers['content-type']]).toEqual([200, 'text/event-stream']);
		const pieces: string[] = [];
		for await (const chunk of chunks) {
			pieces.push(chunk);
			more();
		}
		expect(pieces).toEqual(['one', 'two']);
	});

	it('keeps characters whole that arrive in two pieces', async () => {
		const server = await start((_, response) => {
			response.write(Buffer.from([0xe2, 0x82]));
			setTimeout(() => response.end(Buffer.from([0xac])), 10);
		});
		const { chunks } = await http.stream({ method: 'GET', url: server.origin });
		const pieces: string[] = [];
		for await (const chunk of chunks) pieces.push(chunk);
		expect(pieces).toEqual(['€']);
	});

	it('closes the connection when the reader stops early', async () => {
		const server = await start((_, response) => {
			response.write('first');
		});
		const { chunks } = await http.stream({ method: 'GET', url: server.origin });
		for await (const chunk of chunks) {
			expect(chunk).toBe('first');
			break;
		}
		await server.disconnected();
		expect(server.seen).toHaveLength(1);
	});

	it('keeps its time limit while it is read', async () => {
		const server = await start((_, response) => {
			response.write('first');
		});
		const { chunks } = await http.stream({ method: 'GET', url: server.origin, timeoutMs: 50 });
		const read = async () => {
			for await (const chunk of chunks) expect(chunk).toBe('first');
		};
		expect((await errorOf(read())).code).toBe('TIMEOUT');
	});

	it('survives a broken answer that nobody reads', async () => {
		const server = await start((_, response) => {
			response.write('first');
		});
		const controller = new AbortController();
		const { status } = await http.stream({
			method: 'GET',
			url: server.origin,
			signal: controller.signal,
		});
		controller.abort();
		await server.disconnected();
		expect(status).toBe(200);
	});
});
