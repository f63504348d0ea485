import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { IExecuteFunctions } from 'n8n-workflow';

import { AgentSwarmExecutionApi } from '../../../credentials/AgentSwarmExecutionApi.credentials';
import { ParallelFanOut } from '../../../nodes/ParallelFanOut/ParallelFanOut.node';
import { TestInstance, chain, code, node, start } from '../../harness';

let server: Server;

afterEach(() => {
	server.close();
	server.closeAllConnections();
});

/** n8n's public API, with one running sub-workflow of this execution and one of another. */
async function api(parentId: () => string, status = 200) {
	const asked: string[] = [];
	server = createServer((request, response) => {
		const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
		asked.push(`${request.method!} ${pathname} ${String(request.headers['x-n8n-api-key'])}`);
		response.statusCode = status;
		response.setHeader('content-type', 'application/json');
		const page = searchParams.get('cursor');
		const runs =
			searchParams.get('status') === 'waiting'
				? []
				: [
						{
							id: page === null ? 7 : 8,
							data: { parentExecution: { executionId: page ?? parentId() } },
						},
					];
		response.end(JSON.stringify({ data: runs, nextCursor: page === null ? 'x' : null }));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A fan-out with one task that fails, while the other goes on for ever. */
async function cancelled(status?: number) {
	let parentId = '';
	const { asked, url } = await api(() => parentId, status);
	const child = {
		nodes: [
			start(),
			code('Work', async (context: IExecuteFunctions) => {
				if (context.getInputData()[0]!.json.n === 0)
					return await new Promise<never>(() => undefined);
				throw new Error('no');
			}),
		],
		connections: chain('Start', 'Work'),
	};
	const instance = new TestInstance({
		workflows: { child },
		credentials: {
			api: {
				type: new AgentSwarmExecutionApi(),
				data: { baseUrl: `${url}/`, apiKey: 'secret' },
			},
		},
	});
	const fan = node(
		'Fan',
		new ParallelFanOut(),
		{
			work: 'subWorkflow',
			workflowId: 'child',
			cancelledSubWorkflows: 'stop',
			options: { onTaskFailure: 'cancelRest' },
		},
		{ credentials: { agentSwarmExecutionApi: 'api' } },
	);
	const remember = code('Remember', async (context: IExecuteFunctions) => {
		parentId = context.getExecutionId();
		return await Promise.resolve([context.getInputData()]);
	});
	const run = await instance.run(
		{ nodes: [start(), remember, fan], connections: chain('Start', 'Remember', 'Fan') },
		{ input: [{ json: { n: 0 } }, { json: { n: 1 } }] },
	);
	return { run, asked };
}

describe('sub-workflows that a failure has cancelled', () => {
	it('are stopped through the API of n8n, and no others', async () => {
		const { run, asked } = await cancelled();
		expect(run.json('Fan', 1).map(({ status }) => status)).toEqual(['cancelled', 'failed']);
		expect(asked).toEqual([
			'GET /api/v1/executions secret',
			'GET /api/v1/executions secret',
			'GET /api/v1/executions secret',
			'GET /api/v1/executions secret',
			'POST /api/v1/executions/7/stop secret',
		]);
	});

	it('hold nothing back when the API refuses', async () => {
		const { run, asked } = await cancelled(401);
		expect(run.json('Fan', 1).map(({ status }) => status)).toEqual(['cancelled', 'failed']);
		expect(asked).toEqual(['GET /api/v1/executions secret']);
	});
});
