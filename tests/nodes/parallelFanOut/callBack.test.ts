import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { FanOutWatch } from '../../../nodes/FanOutWatch/FanOutWatch.node';
import { ParallelFanOut } from '../../../nodes/ParallelFanOut/ParallelFanOut.node';
import { TestInstance, chain, node, start } from '../../harness';
import type { Execution } from '../../harness';

const servers: Server[] = [];

afterEach(() => {
	for (const server of servers.splice(0)) {
		server.close();
		server.closeAllConnections();
	}
});

/** A server whose answers are made of what it is sent. */
async function serve(
	answer: (url: URL, body: unknown, headers: NodeJS.Dict<string | string[]>) => Promise<object>,
): Promise<string> {
	const server = createServer((request, response) => {
		let body = '';
		request.on('data', (chunk: Buffer) => (body += chunk.toString()));
		request.on('end', () => {
			const url = new URL(request.url!, 'http://localhost:5678');
			const parsed = JSON.parse(body || '{}') as unknown;
			void answer(url, parsed, request.headers).then(
				({
					status = 200,
					...said
				}: object & {
					status?: number;
				}) => {
					response.statusCode = status;
					response.setHeader('content-type', 'application/json');
					response.end(JSON.stringify(said));
				},
			);
		});
	});
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A fan-out whose tasks are calls of a worker that keeps the address of each call-back. */
async function calledOut(numbers: number[], parameters: object = {}, accepts = true) {
	const addresses = new Map<number, string>();
	const worker = await serve(async (_, body, headers) => {
		addresses.set((body as { n: number }).n, String(headers['x-callback-url']));
		return await Promise.resolve(accepts ? {} : { status: 404 });
	});
	const instance = new TestInstance({ nodeTypes: [new FanOutWatch()] });
	const own = await serve(async (url, body) => {
		const { status, body: said } = await instance.request(url.toString(), {
			method: 'POST',
			body: body as object,
		});
		return { status, ...(said as object) };
	});
	instance.urls = { webhookWaitingBaseUrl: `${own}/webhook-waiting` };
	const execution = await instance.run(
		{
			nodes: [
				start(),
				node('Fan', new ParallelFanOut(), {
					work: 'webhookWorkers',
					webhookUrl: `${worker}/webhook/work`,
					resultsBy: 'callback',
					options: {},
					...parameters,
				}),
			],
			connections: chain('Start', 'Fan'),
		},
		{ input: numbers.map((n) => ({ json: { n } })) },
	);
	const tell = async (n: number, body: object) =>
		(await instance.request(addresses.get(n)!, { method: 'POST', body })).body;
	return { execution, addresses, tell };
}

async function until(condition: () => boolean): Promise<void> {
	const deadline = Date.now() + 4000;
	while (!condition() && Date.now() < deadline)
		await new Promise((resolve) => setTimeout(resolve, 5));
}

async function over(execution: Execution): Promise<void> {
	await until(() => execution.status !== 'waiting');
	await execution.settled();
}

describe('webhook workers that call back', () => {
	it('are waited for, and joined by the last call', async () => {
		const { execution, addresses, tell } = await calledOut([0, 1, 2]);
		expect(execution.status).toBe('waiting');
		await until(() => addresses.size === 3);
		expect(await tell(2, { double: 4 })).toEqual({ recorded: true });
		expect(await tell(0, { double: 0 })).toEqual({ recorded: true });
		// Repeated on the way: the first counts.
		expect(await tell(0, { double: 99 })).toEqual({ recorded: true });
		expect(execution.status).toBe('waiting');
		expect(await tell(1, { double: 2 })).toEqual({ recorded: true });
		await over(execution);
		expect(
			execution.json('Fan').map(({ key, result, attempts }) => [key, result, attempts]),
		).toEqual([
			['0', { double: 0 }, 1],
			['1', { double: 2 }, 1],
			['2', { double: 4 }, 1],
		]);
	});

	it.each([
		[{ error: 'no paper' }, 'The workflow told a failure: no paper'],
		[{ error: { message: 'no ink' } }, 'The workflow told a failure: no ink'],
		[{ error: 7 }, 'The workflow told a failure: 7'],
	])('tell a failure with %j', async (body, message) => {
		const { execution, addresses, tell } = await calledOut([1]);
		await until(() => addresses.size === 1);
		await tell(1, body);
		await over(execution);
		expect(execution.json('Fan', 1)[0]).toMatchObject({
			status: 'failed',
			error: { code: 'WORKER_FAILED', message },
		});
	});

	it('are not more at once than they may be', async () => {
		const { execution, addresses, tell } = await calledOut([0, 1, 2], { atOnce: 2 });
		await until(() => addresses.size === 2);
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect([...addresses.keys()].sort()).toEqual([0, 1]);
		await tell(1, { ok: 1 });
		await until(() => addresses.size === 3);
		await tell(0, { ok: 0 });
		await tell(2, { ok: 2 });
		await over(execution);
		expect(execution.json('Fan').map(({ result }) => result)).toEqual([
			{ ok: 0 },
			{ ok: 1 },
			{ ok: 2 },
		]);
	});

	it('fail their task when they cannot be called', async () => {
		const { execution } = await calledOut([1], {}, false);
		await over(execution);
		expect(execution.json('Fan', 1)[0]).toMatchObject({
			status: 'failed',
			error: { code: 'HTTP_STATUS', details: { status: 404 } },
		});
	});

	it('fail their task when they do not call back in time', async () => {
		const options = { taskTimeoutSeconds: 0.1 };
		const { execution } = await calledOut([1], { options });
		await over(execution);
		expect(execution.json('Fan', 1)[0]).toMatchObject({
			status: 'failed',
			error: {
				code: 'TIMEOUT',
				message: 'The task was given to its workflow, which told no result within 0.1 s.',
			},
		});
	});

	it('cannot be forged', async () => {
		const { execution, addresses, tell } = await calledOut([1]);
		await until(() => addresses.size === 1);
		const address = new URL(addresses.get(1)!);
		address.searchParams.set('joinId', 'other');
		addresses.set(2, address.toString());
		expect(await tell(2, {})).toBe('Invalid token');
		await tell(1, {});
		await over(execution);
		expect(execution.status).toBe('success');
	});

	it('need a join that waits for all', async () => {
		const { execution } = await calledOut([1], { options: { waitFor: 'first' } });
		expect(execution.error?.message).toBe(
			'Results by Call-Back need a node that waits for all tasks.',
		);
	});
});
