import type { INodeExecutionData } from 'n8n-workflow';

import { ParallelFanOut } from '../../../nodes/ParallelFanOut/ParallelFanOut.node';
import { TestInstance, chain, code, connect, node, set, start } from '../../harness';
import type { NodeSettings } from '../../harness';

const doubling = {
	nodes: [start(), set('Double', { n: '={{ $json.n * 2 }}' })],
	connections: chain('Start', 'Double'),
};

const failingOnTwo = {
	nodes: [
		start(),
		code('Check', (context) => {
			const items = context.getInputData();
			if (items[0]?.json.n === 2) throw new Error('two is not allowed');
			return [items];
		}),
	],
	connections: chain('Start', 'Check'),
};

function fan(parameters: object, settings?: NodeSettings) {
	return {
		nodes: [
			start(),
			node('Fan', new ParallelFanOut(), { work: 'subWorkflow', ...parameters }, settings),
		],
		connections: chain('Start', 'Fan'),
	};
}

const numbers = (...values: number[]) => values.map((n) => ({ json: { n } }));

describe('Parallel Fan-out over sub-workflows', () => {
	it('runs one sub-workflow per item and gives the results in input order', async () => {
		const instance = new TestInstance({ workflows: { doubling } });
		const run = await instance.run(fan({ workflowId: 'doubling' }), { input: numbers(3, 1, 2) });

		expect(run.error).toBeUndefined();
		expect(run.json('Fan')).toEqual(
			[6, 2, 4].map((n, index) => ({
				key: String(index),
				index,
				status: 'completed',
				result: { n },
				error: null,
				attempts: 1,
				durationMs: expect.any(Number),
				usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0, costUsd: 0, calls: 0 },
				reused: false,
			})),
		);
		expect(run.json('Fan', 1)).toEqual([]);
	});

	it('passes files on that come back, and says so when a recorded result has lost them', async () => {
		const file = (data: string) => ({ data, mimeType: 'text/plain' });
		const one: INodeExecutionData = { json: { n: 1 }, binary: { report: file('b25l') } };
		const two: INodeExecutionData = {
			json: { n: 2 },
			binary: { report: file('dHdv'), more: file('bW9yZQ==') },
		};
		const writing = {
			nodes: [start(), code('Write', () => [[one, two]])],
			connections: chain('Start', 'Write'),
		};
		const instance = new TestInstance({ workflows: { writing } });
		const workflow = fan({ workflowId: 'writing', runKey: 'files' });
		const first = await instance.run(workflow, { input: numbers(1) });
		expect(first.items('Fan')[0]?.binary).toEqual({
			report: file('b25l'),
			report_1: file('dHdv'),
			more: file('bW9yZQ=='),
		});
		const second = await instance.run(workflow, { input: numbers(1) });
		expect(second.items('Fan')[0]?.binary).toBeUndefined();
		expect(second.data.resultData.runData.Fan?.[0]?.hints?.[0]?.message).toContain(
			'comes without its files: report, report_1, more',
		);
	});

	it('runs them at the same time, and no more at once than asked for', async () => {
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
		const instance = new TestInstance({ workflows: { slow } });
		await instance.run(fan({ workflowId: 'slow', atOnce: 3 }), {
			input: numbers(1, 2, 3, 4, 5, 6),
		});

		expect(most).toBe(3);
		expect(running).toBe(0);
	});

	it('runs fan-outs inside fan-outs, each with its own records', async () => {
		const inner = {
			nodes: [
				start(),
				node('Inner', new ParallelFanOut(), { work: 'subWorkflow', workflowId: 'doubling' }),
			],
			connections: chain('Start', 'Inner'),
		};
		const instance = new TestInstance({ workflows: { doubling, inner } });
		const run = await instance.run(fan({ workflowId: 'inner' }), { input: numbers(1, 2, 3) });

		expect(run.json('Fan').map(({ result }) => (result as { result: object }).result)).toEqual([
			{ n: 2 },
			{ n: 4 },
			{ n: 6 },
		]);
	});

	it('runs two hundred sub-workflows in one run', async () => {
		const instance = new TestInstance({ workflows: { doubling } });
		const many = Array.from({ length: 200 }, (_, n) => n);
		const run = await instance.run(fan({ workflowId: 'doubling', atOnce: 20 }), {
			input: numbers(...many),
		});

		expect(run.json('Fan').map(({ result }) => (result as { n: number }).n)).toEqual(
			many.map((n) => n * 2),
		);
	});

	it('pairs each result with its item and links it to its execution', async () => {
		const instance = new TestInstance({ workflows: { doubling } });
		const run = await instance.run(fan({ workflowId: 'doubling' }), { input: numbers(1, 2) });
		const [, first, second] = instance.executions;

		expect(run.items('Fan').map(({ pairedItem, metadata }) => ({ pairedItem, metadata }))).toEqual([
			{
				pairedItem: { item: 0 },
				metadata: { subExecution: { executionId: first!.id, workflowId: 'doubling' } },
			},
			{
				pairedItem: { item: 1 },
				metadata: { subExecution: { executionId: second!.id, workflowId: 'doubling' } },
			},
		]);
	});

	it('sends a failed task to Failed, with the same fields, and keeps the others', async () => {
		const instance = new TestInstance({ workflows: { failingOnTwo } });
		const run = await instance.run(fan({ workflowId: 'failingOnTwo' }), {
			input: numbers(1, 2, 3),
		});

		expect(run.json('Fan', 0).map(({ result }) => result)).toEqual([{ n: 1 }, { n: 3 }]);
		const [failed] = run.json('Fan', 1);
		expect(failed).toMatchObject({
			key: '1',
			index: 1,
			status: 'failed',
			result: null,
			error: {
				code: 'SUB_WORKFLOW_FAILED',
				message: 'The sub-workflow failed: two is not allowed',
			},
			attempts: 1,
		});
		expect(Object.keys(failed!)).toEqual(Object.keys(run.json('Fan', 0)[0]!));
		expect(run.task('Fan').hints).toEqual([
			expect.objectContaining({ message: expect.stringContaining('1 of 3 tasks') }),
		]);
	});

	it('says what to do about a sub-workflow that is not published', async () => {
		const draft = { ...doubling, published: false };
		const instance = new TestInstance({ workflows: { draft } });

		const production = await instance.run(fan({ workflowId: 'draft' }), { input: numbers(1) });
		expect(production.json('Fan', 1)[0]?.error).toMatchObject({
			code: 'SUB_WORKFLOW_NOT_PUBLISHED',
			hint: expect.stringContaining('Publish the sub-workflow'),
		});

		const manual = await instance.run(fan({ workflowId: 'draft' }), {
			input: numbers(1),
			mode: 'manual',
		});
		expect(manual.json('Fan', 0)[0]?.result).toEqual({ n: 2 });
	});

	it('takes the workflow from the picker, also one per item', async () => {
		const tripling = {
			nodes: [start(), set('Triple', { n: '={{ $json.n * 3 }}' })],
			connections: chain('Start', 'Triple'),
		};
		const instance = new TestInstance({ workflows: { doubling, tripling } });
		const workflowId = {
			__rl: true,
			mode: 'id',
			value: '={{ $json.n === 1 ? "doubling" : "tripling" }}',
		};
		const run = await instance.run(fan({ workflowId }), { input: numbers(1, 2) });

		expect(run.json('Fan').map(({ result }) => result)).toEqual([{ n: 2 }, { n: 6 }]);
	});

	it('gives several items of a sub-workflow as a list, and no item as null', async () => {
		const many = {
			nodes: [
				start(),
				code(
					'Many',
					(context) => {
						const n = Number(context.getInputData()[0]?.json.n);
						return [Array.from({ length: n }, (_, i) => ({ json: { i } }))];
					},
					{ alwaysOutputData: false },
				),
			],
			connections: chain('Start', 'Many'),
		};
		const instance = new TestInstance({ workflows: { many } });
		const run = await instance.run(fan({ workflowId: 'many' }), { input: numbers(2, 1, 0) });

		expect(run.json('Fan').map(({ result }) => result)).toEqual([
			[{ i: 0 }, { i: 1 }],
			{ i: 0 },
			null,
		]);
	});

	it('tries a failed sub-workflow again when asked to', async () => {
		let calls = 0;
		const flaky = {
			nodes: [
				start(),
				code('Flaky', (context) => {
					if (++calls < 3) throw new Error('not yet');
					return [context.getInputData()];
				}),
			],
			connections: chain('Start', 'Flaky'),
		};
		const instance = new TestInstance({ workflows: { flaky } });
		const run = await instance.run(
			fan({ workflowId: 'flaky', options: { maxAttempts: 3, initialDelaySeconds: 0 } }),
			{ input: numbers(7) },
		);

		expect(run.json('Fan')[0]).toMatchObject({ result: { n: 7 }, attempts: 3 });
	});

	it('gives empty outputs for empty input', async () => {
		const instance = new TestInstance({ workflows: { doubling } });
		const run = await instance.run(
			{
				nodes: [
					start(),
					code('None', () => [[]], { alwaysOutputData: false }),
					node('Fan', new ParallelFanOut(), { work: 'subWorkflow', workflowId: 'doubling' }),
				],
				connections: chain('Start', 'None', 'Fan'),
			},
			{ input: numbers(1) },
		);

		expect(run.status).toBe('success');
		expect(run.json('Fan')).toEqual([]);
	});

	it('fails one task, not the node, when the expression of its item cannot be used', async () => {
		const instance = new TestInstance({ workflows: { doubling } });
		const run = await instance.run(fan({ workflowId: '={{ $json.which }}' }), {
			input: [{ json: { n: 1, which: 'doubling' } }, { json: { n: 2 } }],
		});

		expect(run.json('Fan', 0)).toHaveLength(1);
		expect(run.json('Fan', 1)[0]).toMatchObject({
			index: 1,
			error: { code: 'VALIDATION', message: expect.stringContaining('Sub-Workflow') },
		});
	});

	it('refuses two tasks with the same key', async () => {
		const instance = new TestInstance({ workflows: { doubling } });
		const run = await instance.run(
			fan({ workflowId: 'doubling', options: { taskKey: '={{ $json.n }}' } }),
			{ input: numbers(1, 1) },
		);

		expect(run.status).toBe('error');
		expect(run.error?.message).toContain('same key "1"');
	});

	it('continues on both outputs of a canvas', async () => {
		const instance = new TestInstance({ workflows: { failingOnTwo } });
		const run = await instance.run(
			{
				nodes: [
					start(),
					node('Fan', new ParallelFanOut(), { work: 'subWorkflow', workflowId: 'failingOnTwo' }),
					set('Good', { key: '={{ $json.key }}', from: '={{ $("Start").item.json.n }}' }),
					set('Bad', { key: '={{ $json.key }}', from: '={{ $("Start").item.json.n }}' }),
				],
				connections: connect(['Start', 'Fan', 'Good'], { from: 'Fan', to: 'Bad', output: 1 }),
			},
			{ input: numbers(5, 2) },
		);

		expect(run.json('Good')).toEqual([{ key: '0', from: 5 }]);
		expect(run.json('Bad')).toEqual([{ key: '1', from: 2 }]);
	});
});
