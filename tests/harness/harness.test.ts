import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { ICredentialType, IExecuteFunctions, INodeType } from 'n8n-workflow';

import {
	TestInstance,
	chain,
	code,
	connect,
	node,
	runWorkflow,
	set,
	start,
	stop,
	subNode,
	waitForPost,
} from '.';

const items = (...jsons: object[]) => jsons.map((json) => ({ json: { ...json } }));

/** A node type of a test, with a given `execute`. */
function typeOf(
	execute: INodeType['execute'],
	description: Partial<INodeType['description']> = {},
): INodeType {
	return {
		description: {
			displayName: 'Probe',
			name: 'probe',
			group: ['transform'],
			version: 1,
			description: 'Probe',
			defaults: { name: 'Probe' },
			inputs: ['main'],
			outputs: ['main'],
			properties: [],
			...description,
		},
		execute,
	};
}

describe('the harness', () => {
	it('runs nodes in order and evaluates expressions per item', async () => {
		const run = await runWorkflow({
			nodes: [start(), set('Add', { sum: '={{ $json.a + 1 }}' })],
			connections: chain('Start', 'Add'),
			input: items({ a: 1 }, { a: 2 }),
		});

		expect(run.status).toBe('success');
		expect(run.order).toEqual(['Start', 'Add']);
		expect(run.json('Add')).toEqual([{ sum: 2 }, { sum: 3 }]);
	});

	it('fills in the defaults that the node type describes', async () => {
		const type = typeOf(
			async function (this: IExecuteFunctions) {
				return [[{ json: { size: this.getNodeParameter('size', 0) } }]];
			},
			{ properties: [{ displayName: 'Size', name: 'size', type: 'number', default: 7 }] },
		);
		const run = await runWorkflow({
			nodes: [start(), node('Probe', type)],
			connections: chain('Start', 'Probe'),
		});

		expect(run.json('Probe')).toEqual([{ size: 7 }]);
	});

	it('ends with the error of a node, and shows it', async () => {
		const run = await runWorkflow({
			nodes: [start(), stop('Stop', '=bad {{ $json.id }}'), set('After', {})],
			connections: chain('Start', 'Stop', 'After'),
			input: items({ id: 4 }),
		});

		expect(run.status).toBe('error');
		expect(run.error?.message).toBe('bad 4');
		expect(run.order).not.toContain('After');
	});

	it('sends error items to the error output when the node is to continue there', async () => {
		const failing = code(
			'Half',
			() => [
				[
					{ json: { good: true }, pairedItem: 0 },
					{ json: { error: 'bad' }, pairedItem: { item: 1 } },
				],
			],
			{ onError: 'continueErrorOutput' },
		);
		const run = await runWorkflow({
			nodes: [start(), failing],
			connections: chain('Start', 'Half'),
			input: items({ id: 1 }, { id: 2 }),
		});

		expect(run.status).toBe('success');
		expect(run.json('Half', 0)).toEqual([{ good: true }]);
		expect(run.json('Half', 1)).toEqual([{ id: 2, error: 'bad' }]);
	});

	it('sends requests with the authentication that the credential describes', async () => {
		const server = createServer((request, response) => {
			response.setHeader('content-type', 'application/json');
			response.end(JSON.stringify({ authorization: request.headers.authorization }));
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as AddressInfo;
		const credential: ICredentialType = {
			name: 'probeApi',
			displayName: 'Probe API',
			properties: [],
			authenticate: {
				type: 'generic',
				properties: { headers: { Authorization: '=Bearer {{ $credentials.key }}' } },
			},
		};
		const type = typeOf(
			async function (this: IExecuteFunctions) {
				const json = await this.helpers.httpRequestWithAuthentication.call(this, 'probeApi', {
					url: `http://127.0.0.1:${port}/`,
					json: true,
				});
				return [[{ json }]];
			},
			{ credentials: [{ name: 'probeApi', required: true }] },
		);

		const run = await runWorkflow({
			nodes: [start(), node('Call', type, {}, { credentials: { probeApi: 'mine' } })],
			connections: chain('Start', 'Call'),
			credentials: { mine: { type: credential, data: { key: 'k1' } } },
		});
		server.close();

		expect(run.error).toBeUndefined();
		expect(run.json('Call')).toEqual([{ authorization: 'Bearer k1' }]);
	});

	it('supplies sub-nodes to the node they are attached to', async () => {
		const type = typeOf(
			async function (this: IExecuteFunctions) {
				const model = await this.getInputConnectionData('ai_languageModel', 0);
				return [[{ json: { model: model as string } }]];
			},
			{
				inputs: [{ type: 'main' }, { type: 'ai_languageModel', maxConnections: 1, required: true }],
			},
		);
		const run = await runWorkflow({
			nodes: [start(), node('Ask', type), subNode('Model', 'ai_languageModel', () => 'small')],
			connections: connect(['Start', 'Ask'], {
				from: 'Model',
				to: 'Ask',
				type: 'ai_languageModel',
			}),
		});

		expect(run.error).toBeUndefined();
		expect(run.json('Ask')).toEqual([{ model: 'small' }]);
	});

	it('stops a running node through its cancel signal', async () => {
		const instance = new TestInstance();
		let reached = (): void => undefined;
		const running = new Promise<void>((resolve) => (reached = resolve));
		const execution = instance.start(
			{
				nodes: [
					start(),
					code('Hang', async (context) => {
						const signal = context.getExecutionCancelSignal()!;
						reached();
						await new Promise((resolve) => signal.addEventListener('abort', resolve));
						return [[]];
					}),
					set('After', {}),
				],
				connections: chain('Start', 'Hang', 'After'),
			},
			{},
		);
		await running;
		execution.cancel();
		await execution.settled();

		expect(execution.status).toBe('canceled');
		expect(execution.order).not.toContain('After');
	});
});

describe('sub-workflows in the harness', () => {
	const doubling = {
		nodes: [start(), set('Double', { n: '={{ $json.n * 2 }}' })],
		connections: chain('Start', 'Double'),
	};
	const calling = (ids: string[]) => ({
		nodes: [
			start(),
			code('Call', async (context) => {
				const results = await Promise.all(
					ids.map(
						async (id, n) =>
							await context.executeWorkflow({ id }, [{ json: { n } }], undefined, {
								executionMode: context.getMode(),
								parentExecution: {
									executionId: context.getExecutionId(),
									workflowId: context.getWorkflow().id!,
								},
							}),
					),
				);
				return [results.map(({ data }) => data[0]![0]!)];
			}),
		],
		connections: chain('Start', 'Call'),
	});

	it('are really executed, with executions of their own', async () => {
		const instance = new TestInstance({ workflows: { doubling } });
		const run = await instance.run(calling(['doubling', 'doubling']));

		expect(run.json('Call')).toEqual([{ n: 0 }, { n: 2 }]);
		expect(instance.executions.map(({ mode }) => mode)).toEqual([
			'trigger',
			'integrated',
			'integrated',
		]);
	});

	it('that are drafts run by hand only', async () => {
		const instance = new TestInstance({
			workflows: { doubling: { ...doubling, published: false } },
		});

		const production = await instance.run(calling(['doubling']));
		expect(production.error?.message).toBe('Workflow is not active and cannot be executed.');

		const manual = await instance.run(calling(['doubling']), { mode: 'manual' });
		expect(manual.json('Call')).toEqual([{ n: 0 }]);
	});
});

describe('waiting in the harness', () => {
	const asking = () => {
		const addresses: string[] = [];
		const type = { ...waitForPost('Ask').type };
		type.execute = async function () {
			addresses.push(this.getSignedResumeUrl());
			await this.putExecutionToWait(new Date(8.64e15));
			return [[]];
		};
		const workflow = {
			nodes: [start(), node('Ask', type), set('After', { said: '={{ $json.answer }}' })],
			connections: chain('Start', 'Ask', 'After'),
		};
		return { workflow, addresses };
	};

	it('goes on with what the node made of the request', async () => {
		const { workflow, addresses } = asking();
		const instance = new TestInstance();
		const execution = await instance.run(workflow);
		expect(execution.status).toBe('waiting');

		const posted = await instance.request(addresses[0]!, {
			method: 'POST',
			body: { answer: 'yes' },
		});
		await execution.settled();

		expect(posted).toMatchObject({ status: 200, body: { ok: true } });
		expect(execution.status).toBe('success');
		expect(execution.json('After')).toEqual([{ said: 'yes' }]);
	});

	it('refuses changed addresses, other methods, and a second answer', async () => {
		const { workflow, addresses } = asking();
		const instance = new TestInstance();
		const execution = await instance.run(workflow);
		const address = addresses[0]!;

		expect((await instance.request(`${address}&x=1`)).status).toBe(401);
		expect((await instance.request(address, { method: 'GET' })).status).toBe(404);
		await instance.request(address, { method: 'POST', body: { answer: 'yes' } });
		await execution.settled();
		expect((await instance.request(address, { method: 'POST' })).body).toBe('No action required');
	});

	it('passes the input of the node on when its time is over', async () => {
		const { workflow } = asking();
		const instance = new TestInstance();
		const execution = await instance.run(workflow, { input: items({ answer: 'none' }) });
		await instance.expire(execution);

		expect(execution.status).toBe('success');
		expect(execution.json('After')).toEqual([{ said: 'none' }]);
	});

	it('gives the result of a child that waited to its parent', async () => {
		const { workflow: child, addresses } = asking();
		const instance = new TestInstance({ workflows: { child } });
		const parent = await instance.run({
			nodes: [
				start(),
				code('Call', async (context) => {
					await context.executeWorkflow({ id: 'child' }, undefined, undefined, {
						parentExecution: { executionId: context.getExecutionId(), workflowId: 'main' },
					});
					return [[]];
				}),
				set('Got', { said: '={{ $json.said }}' }),
			],
			connections: chain('Start', 'Call', 'Got'),
		});
		expect(parent.status).toBe('waiting');

		await instance.request(addresses[0]!, { method: 'POST', body: { answer: 'done' } });
		await instance.executions[1]!.settled();

		expect(parent.status).toBe('success');
		expect(parent.json('Got')).toEqual([{ said: 'done' }]);
	});
});
