import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { ParallelFanOut } from '../../../nodes/ParallelFanOut/ParallelFanOut.node';
import { TestInstance, chain, code, connect, node, set, start, subNode } from '../../harness';
import type { TestWorkflow } from '../../harness';

/** A service that notes what is asked of it, in order, and answers as told. */
class Service {
	readonly paths: string[] = [];
	private readonly statuses = new Map<string, number[]>();
	private server!: Server;

	/** The statuses of the next answers to a path; 200 afterwards. */
	fail(path: string, ...statuses: number[]): void {
		this.statuses.set(path, statuses);
	}

	async listen(): Promise<string> {
		this.server = createServer((request, response) => {
			const path = request.url!;
			this.paths.push(path);
			response.statusCode = this.statuses.get(path)?.shift() ?? 200;
			response.setHeader('content-type', 'application/json');
			response.end(JSON.stringify({ path }));
		});
		await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	close(): void {
		this.server.close();
		this.server.closeAllConnections();
	}
}

let service: Service;
let url: string;

beforeEach(async () => {
	service = new Service();
	url = await service.listen();
});
afterEach(() => service.close());

const get = (id: string, more: object = {}) => ({
	id,
	type: 'api_call',
	parameters: { url: `${url}/${id}` },
	...more,
});

const value = (id: string, result: unknown, more: object = {}) => ({
	id,
	type: 'transform',
	parameters: { value: result },
	...more,
});

function graph(definition: unknown, parameters: object = {}): TestWorkflow {
	return {
		nodes: [
			start(),
			node('Fan', new ParallelFanOut(), {
				work: 'taskGraph',
				definition: JSON.stringify(definition),
				...parameters,
			} as never),
		],
		connections: chain('Start', 'Fan'),
	};
}

async function run(definition: unknown, parameters: object = {}, input: object[] = [{}]) {
	return await new TestInstance().run(graph(definition, parameters), {
		input: input.map((json) => ({ json: json as never })),
	});
}

const shown = (rows: Array<Record<string, unknown>>) =>
	rows.map(({ key, status, result }) => ({ key, status, result }));

describe('Parallel Fan-out over a task graph', () => {
	it('runs tasks in the order of their dependencies and hands results on', async () => {
		const execution = await run(
			{
				steps: [
					value('sum', '{{steps.a.output}}-{{steps.b.output}}', { depends_on: ['a', 'b'] }),
					value('a', '{{input.name}}'),
					value('b', 2),
				],
			},
			{},
			[{ name: 'tea' }],
		);
		expect(execution.error).toBeUndefined();
		expect(shown(execution.json('Fan'))).toEqual([
			{ key: 'sum', status: 'completed', result: 'tea-2' },
			{ key: 'a', status: 'completed', result: 'tea' },
			{ key: 'b', status: 'completed', result: 2 },
		]);
		expect(execution.json('Fan')[0]).toMatchObject({
			index: 0,
			error: null,
			attempts: 1,
			usage: { calls: 0 },
			reused: false,
		});
		expect(execution.items('Fan').map(({ pairedItem }) => pairedItem)).toEqual(
			[0, 0, 0].map((item) => ({ item })),
		);
	});

	it('runs the graph once for each input item, and says which is whose', async () => {
		const definition = { steps: [value('twice', '{{input.n}}{{input.n}}')] };
		const execution = await run(definition, {}, [{ n: 1 }, { n: 2 }]);
		expect(shown(execution.json('Fan'))).toEqual([
			{ key: '0/twice', status: 'completed', result: '11' },
			{ key: '1/twice', status: 'completed', result: '22' },
		]);
		const named = await run(definition, { options: { taskKey: '={{ "n" + $json.n }}' } }, [
			{ n: 1 },
			{ n: 2 },
		]);
		expect(named.json('Fan').map(({ key }) => key)).toEqual(['n1/twice', 'n2/twice']);
	});

	it('gives what the whole gives back, when that is wanted', async () => {
		const definition = {
			steps: [value('a', 1), value('b', '{{steps.a.output}}', { depends_on: ['a'] })],
			output: { last: '{{steps.b.output}}' },
		};
		const execution = await run(definition, { options: { graphOutput: 'result' } });
		expect(execution.json('Fan')).toEqual([
			{
				key: '',
				index: 0,
				status: 'completed',
				result: { last: 1 },
				error: null,
				completed: 2,
				total: 2,
			},
		]);
		service.fail('/x', 404);
		const failed = await run({ steps: [get('x')] }, { options: { graphOutput: 'result' } });
		expect(failed.json('Fan', 0)).toEqual([]);
		expect(failed.json('Fan', 1)).toMatchObject([{ status: 'failed', completed: 0, total: 1 }]);
	});

	it('skips what needs a failed task, runs what only follows it, and keeps the rest', async () => {
		service.fail('/bad', 404);
		const execution = await run({
			steps: [
				get('bad'),
				value('needs', 1, { depends_on: ['bad'] }),
				value('follows', 2, { depends_on: [['bad', 'sequential']] }),
				value('prefers', 3, { depends_on: { bad: 'OPTIONAL' } }),
				value('apart', 4),
			],
		});
		expect(shown(execution.json('Fan', 0)).map(({ key }) => key)).toEqual([
			'follows',
			'prefers',
			'apart',
		]);
		expect(execution.json('Fan', 1)).toMatchObject([
			{ key: 'bad', status: 'failed', error: { errorClass: 'not_found' } },
			{ key: 'needs', status: 'skipped', result: null, error: { code: 'SKIPPED' } },
		]);
	});

	it('takes every type of dependency, conditions and groups', async () => {
		service.fail('/lost', 404);
		const execution = await run({
			steps: [
				value('one', 1),
				get('lost'),
				value('either', 'e', {
					depends_on: [
						{ on: 'one', type: 'or', group: 'g' },
						{ on: 'lost', type: 'or', group: 'g' },
					],
				}),
				value('exactly', 'x', {
					depends_on: [
						{ on: 'one', type: 'xor', group: 'g' },
						{ on: 'lost', type: 'xor', group: 'g' },
					],
				}),
				value('both', 'b', {
					depends_on: [
						{ on: 'one', type: 'and', group: 'g' },
						{ on: 'either', type: 'and', group: 'g' },
					],
				}),
				value('beside', 'p', { depends_on: [['one', 'parallel']] }),
				value('soon', 's', { depends_on: [{ on: 'one', type: 'timeout', timeout: 30 }] }),
				value('when', 'w', {
					depends_on: [
						{
							on: 'one',
							type: 'conditional',
							condition: { path: 'steps.one.output', op: 'eq', value: 1 },
						},
					],
				}),
				value('never', 'n', {
					depends_on: ['one'],
					condition: { path: 'steps.one.output', op: 'eq', value: 2 },
				}),
			],
		});
		expect(execution.json('Fan', 0).map(({ result }) => result)).toEqual([
			1,
			'e',
			'x',
			'b',
			'p',
			's',
			'w',
		]);
		expect(execution.json('Fan', 1)).toMatchObject([
			{ key: 'lost', status: 'failed' },
			{ key: 'never', status: 'skipped' },
		]);
	});

	it('tries a request again, and respects what the definition says about that', async () => {
		service.fail('/busy', 503, 503);
		service.fail('/once', 503, 503);
		const options = { initialDelaySeconds: 0 };
		const execution = await run(
			{ steps: [get('busy'), get('once', { retry: { maxAttempts: 1 } })] },
			{ options },
		);
		expect(execution.json('Fan', 0)).toMatchObject([{ key: 'busy', attempts: 3 }]);
		expect(execution.json('Fan', 1)).toMatchObject([{ key: 'once', attempts: 1 }]);
		const result = execution.json('Fan', 0)[0]!.result as { body: object };
		expect(result.body).toEqual({ path: '/busy' });
	});

	it('undoes what is done, last first, when the whole fails, and begins anew the next time', async () => {
		const undo = (id: string) => ({ type: 'http', parameters: { url: `${url}/undo-${id}` } });
		service.fail('/third', 400);
		const definition = {
			steps: [
				get('first', { compensate: undo('first') }),
				get('second', { depends_on: ['first'], compensate: undo('second') }),
				get('third', { depends_on: ['second'] }),
			],
		};
		const runKey = `undo-${url}`;
		const execution = await run(definition, { runKey });
		expect(service.paths).toEqual(['/first', '/second', '/third', '/undo-second', '/undo-first']);
		expect(execution.json('Fan', 0)).toEqual([]);
		expect(execution.json('Fan', 1)).toMatchObject([
			{ key: 'first', status: 'undone', error: { code: 'UNDONE' } },
			{ key: 'second', status: 'undone' },
			{ key: 'third', status: 'failed' },
		]);
		service.paths.length = 0;
		const again = await run(definition, { runKey });
		expect(service.paths).toEqual(['/first', '/second', '/third']);
		expect(again.json('Fan').map(({ reused }) => reused)).toEqual([false, false, false]);
		await run(definition, { runKey });
		expect(service.paths).toHaveLength(3);
	});

	it('repeats nothing that is done for the same run key, unless told to', async () => {
		service.fail('/b', 404);
		const definition = { steps: [get('a'), get('b', { depends_on: ['a'] })] };
		const runKey = `reuse-${url}`;
		await run(definition, { runKey });
		const second = await run(definition, { runKey });
		expect(service.paths).toEqual(['/a', '/b', '/b']);
		expect(second.json('Fan').map(({ key, reused }) => [key, reused])).toEqual([
			['a', true],
			['b', false],
		]);
		await run(definition, { runKey, ifAlreadyDone: 'runAgain' });
		expect(service.paths).toEqual(['/a', '/b', '/b', '/a', '/b']);
	});

	it('holds tasks to resources and quotas', async () => {
		let running = 0;
		let most = 0;
		const slow = {
			nodes: [
				start(),
				code('Slow', async (context) => {
					most = Math.max(most, ++running);
					await new Promise((resolve) => setImmediate(resolve));
					running--;
					return [context.getInputData()];
				}),
			],
			connections: chain('Start', 'Slow'),
		};
		const steps = (more: object) =>
			['a', 'b', 'c', 'd'].map((id) => ({
				id,
				type: 'sub_workflow',
				parameters: { workflow: 'slow' },
				...more,
			}));
		const instance = new TestInstance({ workflows: { slow } });
		const gpu = { resources: { gpu_units: 1 } };
		await instance.run(graph(steps(gpu), { options: { resources: '{"gpu":2}' } }));
		expect(most).toBe(2);
		most = 0;
		const quotas = JSON.stringify([{ key: 'kind:subworkflow', maxConcurrent: 1 }]);
		await instance.run(graph(steps({}), { options: { quotas } }));
		expect(most).toBe(1);
		const tooMuch = await instance.run(graph(steps({ resources: { gpu_units: 9 } })));
		expect(tooMuch.json('Fan', 1)[0]).toMatchObject({ error: { code: 'RESOURCE_OVERFLOW' } });
	});

	it('stops the rest when a failure is to do so', async () => {
		service.fail('/bad', 404);
		const execution = await run(
			{ steps: [get('bad'), get('later', { depends_on: [['bad', 'sequential']] })] },
			{ options: { onTaskFailure: 'cancelRest' } },
		);
		expect(service.paths).toEqual(['/bad']);
		expect(execution.json('Fan', 1)).toMatchObject([
			{ key: 'bad', status: 'failed' },
			{ key: 'later', status: 'cancelled' },
		]);
	});

	it('says what is wrong with a definition, as the failure of its item', async () => {
		const execution = await run({ steps: [value('a', 1, { depends_on: ['b'] })] });
		expect(execution.json('Fan', 1)).toMatchObject([
			{
				status: 'failed',
				error: { message: expect.stringContaining('"a" depends on "b", which does not exist') },
			},
		]);
		const unknown = await run({ steps: [{ id: 'a', type: 'nonsense' }] });
		expect(unknown.json('Fan', 1)).toMatchObject([
			{ error: { message: expect.stringContaining('kind "nonsense", which is not registered') } },
		]);
		const twins = await run({ steps: [value('a', 1)] }, { options: { taskKey: 'same' } }, [{}, {}]);
		expect(twins.error?.message).toContain('Two items have the same Task Key "same"');
	});

	it('does not wait for answers that nobody can give', async () => {
		const execution = await run([
			{ id: 'ask', type: 'human_review', task: 'Fine?' },
			{ id: 'signal', type: 'wait', parameters: {} },
			{ id: 'pause', type: 'wait', parameters: { ms: 1 } },
		]);
		expect(shown(execution.json('Fan', 0))).toMatchObject([{ key: 'pause' }]);
		expect(execution.json('Fan', 1)).toMatchObject([
			{ key: 'ask', status: 'failed', error: { code: 'NOBODY_TO_ASK' } },
			{ key: 'signal', status: 'cancelled' },
		]);
	});
});

describe('a task graph of agents', () => {
	/** The example of document 001, as it is. */
	const LEAD_PROCESSING = {
		name: 'Lead Processing',
		description: 'Process and qualify new leads',
		steps: [
			{
				step_id: 'qualify_lead',
				name: 'Qualify Lead',
				step_type: 'agent_task',
				agent_type: 'sales',
				task: 'qualify_lead',
				parameters: { priority: 'high' },
			},
			{
				step_id: 'enrich_lead',
				name: 'Enrich Lead Data',
				step_type: 'agent_task',
				agent_type: 'research',
				task: 'enrich_lead',
				depends_on: ['qualify_lead'],
			},
		],
	};

	it('runs the definition of document 001 with an attached model', async () => {
		const asked: string[] = [];
		const model = {
			model: 'fake-1',
			invoke: async (messages: Array<{ content: string }>) => {
				asked.push(messages.map(({ content }) => content).join('\n'));
				return {
					content: `answer ${asked.length}`,
					usage_metadata: { input_tokens: 10, output_tokens: 5 },
				};
			},
		};
		const workflow = graph(LEAD_PROCESSING);
		const execution = await new TestInstance().run(
			{
				nodes: [...workflow.nodes, subNode('Model', 'ai_languageModel', () => model)],
				connections: connect(['Start', 'Fan'], {
					from: 'Model',
					to: 'Fan',
					type: 'ai_languageModel',
				}),
			},
			{ input: [{ json: { lead: { name: 'Acme Corp', budget: 50_000 } } }] },
		);
		expect(execution.error).toBeUndefined();
		expect(shown(execution.json('Fan'))).toEqual([
			{ key: 'qualify_lead', status: 'completed', result: 'answer 1' },
			{ key: 'enrich_lead', status: 'completed', result: 'answer 2' },
		]);
		expect(execution.json('Fan')[0]).toMatchObject({ usage: { totalTokens: 15, calls: 1 } });
		expect(asked[0]).toContain('You are the agent "sales"');
		expect(asked[0]).toContain('qualify_lead');
		expect(asked[0]).toContain('Acme Corp');
		expect(asked[0]).toContain('"priority": "high"');
		expect(asked[1]).toContain('answer 1');
	});

	it('needs no model when no task asks one, and says so when one does', async () => {
		const execution = await run(LEAD_PROCESSING);
		expect(execution.json('Fan', 1)).toMatchObject([
			{ error: { message: 'A Chat Model must be connected.' } },
			{ status: 'skipped' },
		]);
	});
});

describe('a task graph of input items', () => {
	const doubling = {
		nodes: [start(), set('Out', { out: '={{ $json.n + Object.values($json.results).length }}' })],
		connections: chain('Start', 'Out'),
	};

	async function runItems(items: object[], parameters: object = {}) {
		const instance = new TestInstance({ workflows: { doubling } });
		return await instance.run(
			graph({}, { graphFrom: 'items', itemWorkflowId: 'doubling', ...parameters }),
			{ input: items.map((json) => ({ json: json as never })) },
		);
	}

	it('gives each item to the sub-workflow, with the results it depends on', async () => {
		const execution = await runItems([
			{ id: 'c', n: 30, dependsOn: ['a', 'b'] },
			{ id: 'a', n: 10 },
			{ id: 'b', n: 20, depends_on: ['a'] },
		]);
		expect(execution.error).toBeUndefined();
		expect(execution.json('Fan').map(({ key, result }) => [key, result])).toEqual([
			['c', { out: 32 }],
			['a', { out: 10 }],
			['b', { out: 21 }],
		]);
		expect(execution.items('Fan').map(({ pairedItem }) => pairedItem)).toEqual(
			[0, 1, 2].map((item) => ({ item })),
		);
		expect(execution.items('Fan')[0]?.metadata?.subExecution?.workflowId).toBe('doubling');
	});

	it('runs items that say what they do as they say it', async () => {
		const execution = await runItems([
			{ id: 'a', n: 1 },
			value('b', '{{steps.a.output.out}}', { dependsOn: ['a'] }),
		]);
		expect(execution.json('Fan').map(({ result }) => result)).toEqual([{ out: 1 }, 1]);
	});

	it('refuses items that say nothing when there is no workflow for them', async () => {
		const execution = await runItems([{ id: 'a' }], { itemWorkflowId: '' });
		expect(execution.error?.message).toBe('Item 0 ("a") does not say what its task does.');
	});
});
