import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { ParallelFanOut } from '../../../nodes/ParallelFanOut/ParallelFanOut.node';
import { chain, node, runWorkflow, start } from '../../harness';

let server: Server | undefined;

async function serve(
	handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
	server = createServer(handler);
	await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
	server?.close();
	server?.closeAllConnections();
});

async function fanOut(parameters: object, items: object[]) {
	return await runWorkflow({
		nodes: [start(), node('Fan', new ParallelFanOut(), { work: 'httpRequest', ...parameters })],
		connections: chain('Start', 'Fan'),
		input: items.map((json) => ({ json: { ...json } })),
	});
}

describe('Parallel Fan-out over HTTP requests', () => {
	it('sends them at the same time and gives JSON as data, other bodies as text', async () => {
		let open = 0;
		const held: Array<() => void> = [];
		const url = await serve((request, response) => {
			held.push(() => {
				const isJson = request.url === '/1';
				response.setHeader('content-type', isJson ? 'application/json' : 'text/plain');
				response.end(isJson ? '{"a":1}' : 'plain');
			});
			// Nobody is answered before all have asked.
			if (++open === 2) held.forEach((answer) => answer());
		});
		const run = await fanOut({ url: `=${url}/{{ $json.n }}` }, [{ n: 1 }, { n: 2 }]);

		expect(run.error).toBeUndefined();
		expect(run.json('Fan').map(({ result }) => result)).toEqual([{ a: 1 }, 'plain']);
	});

	it('sends body and headers of each item', async () => {
		const url = await serve((request, response) => {
			let body = '';
			request.on('data', (chunk: Buffer) => (body += chunk.toString()));
			request.on('end', () => response.end(`${request.headers['x-name']} ${body}`));
		});
		const run = await fanOut(
			{
				method: 'POST',
				url,
				body: '={{ { n: $json.n } }}',
				options: { headers: '={{ { "x-name": "item" + $json.n } }}' },
			},
			[{ n: 1 }, { n: 2 }],
		);

		expect(run.json('Fan').map(({ result }) => result)).toEqual(['item1 {"n":1}', 'item2 {"n":2}']);
	});

	it('tries again what may pass, and not what cannot', async () => {
		const seen: string[] = [];
		const url = await serve((request, response) => {
			seen.push(request.url!);
			const busyFirst =
				request.url === '/busy' && seen.filter((path) => path === '/busy').length < 2;
			response.statusCode = request.url === '/gone' ? 404 : busyFirst ? 503 : 200;
			response.end('done');
		});
		const run = await fanOut(
			{ url: `=${url}/{{ $json.path }}`, options: { initialDelaySeconds: 0 } },
			[{ path: 'busy' }, { path: 'gone' }],
		);

		expect(run.json('Fan', 0)[0]).toMatchObject({ result: 'done', attempts: 2 });
		expect(run.json('Fan', 1)[0]).toMatchObject({
			attempts: 1,
			error: { errorClass: 'not_found', message: expect.stringContaining('status 404: done') },
		});
		expect(seen.filter((path) => path === '/gone')).toHaveLength(1);
	});

	it('refuses an address that is none, for that item alone', async () => {
		const url = await serve((_request, response) => response.end('ok'));
		const run = await fanOut({ url: '={{ $json.url }}' }, [{ url }, { url: 'nonsense' }]);

		expect(run.json('Fan', 0)).toHaveLength(1);
		expect(run.json('Fan', 1)[0]?.error).toMatchObject({
			message: expect.stringContaining('URL: has to be a web address'),
		});
	});
});

describe('Parallel Fan-out over webhook workers', () => {
	it('posts each item to the address and takes the response for its result', async () => {
		const url = await serve((request, response) => {
			let body = '';
			request.on('data', (chunk: Buffer) => (body += chunk.toString()));
			request.on('end', () => {
				response.setHeader('content-type', 'application/json');
				response.end(`{"method":"${request.method}","got":${body}}`);
			});
		});
		const run = await fanOut({ work: 'webhookWorkers', webhookUrl: url }, [{ n: 1 }, { n: 2 }]);

		expect(run.json('Fan').map(({ result }) => result)).toEqual([
			{ method: 'POST', got: { n: 1 } },
			{ method: 'POST', got: { n: 2 } },
		]);
	});

	it('says what to do when nobody listens there', async () => {
		const url = await serve((_request, response) => {
			response.statusCode = 404;
			response.end('not registered');
		});
		const run = await fanOut({ work: 'webhookWorkers', webhookUrl: url }, [{ n: 1 }]);

		expect(run.json('Fan', 1)[0]).toMatchObject({
			attempts: 1,
			error: { errorClass: 'not_found', hint: expect.stringContaining('Publish the workflow') },
		});
	});
});
