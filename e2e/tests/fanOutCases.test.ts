import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chain, node, webhook } from '../n8n/build.ts';
import { outputOf } from '../n8n/client.ts';
import type { Execution, Workflow } from '../n8n/types.ts';
import { waitFor } from '../n8n/waitFor.ts';
import {
	answer,
	asker,
	called,
	fan,
	FanWorkflows,
	numbersOf,
	pause,
	result,
	split,
	taskService,
} from './fanOutForTests.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

const NUMBER = '={{ { n: $("Called").first().json.n } }}';

const statuses = (execution: Execution) =>
	outputOf(execution, 'Fan', 1).map(({ index, status }) => [index, status]);

describe('Parallel Fan-out in all its ways, in a real n8n', () => {
	let n8n: TestN8n;
	let workflows: FanWorkflows;
	let service: Awaited<ReturnType<typeof taskService>>;
	/** Fails for 2, is done at once for 0 and 1, and later for the others. */
	let mixed: Workflow;

	before(async () => {
		n8n = await n8nForTests('fanOutCases', { N8N_PAYLOAD_SIZE_MAX: '64' });
		workflows = new FanWorkflows(n8n.client);
		service = await taskService();
		mixed = await workflows.published({
			name: 'Mixed',
			nodes: [
				called(),
				node(
					'Kind',
					'n8n-nodes-base.switch',
					{
						mode: 'expression',
						numberOutputs: 3,
						output: '={{ $json.n === 2 ? 1 : $json.n > 2 ? 2 : 0 }}',
					},
					{ typeVersion: 3.2 },
				),
				node('Fail', 'n8n-nodes-base.stopAndError', { errorMessage: 'two is refused' }),
				pause({ amount: 3, unit: 'seconds' }),
				result(NUMBER),
			],
			connections: {
				Called: { main: [[{ node: 'Kind', type: 'main', index: 0 }]] },
				Kind: {
					main: [
						[{ node: 'Result', type: 'main', index: 0 }],
						[{ node: 'Fail', type: 'main', index: 0 }],
						[{ node: 'Wait', type: 'main', index: 0 }],
					],
				},
				Wait: { main: [[{ node: 'Result', type: 'main', index: 0 }]] },
			},
		});
	});
	after(async () => {
		service.close();
		await n8n.close();
	});

	/** A fan-out over the sub-workflow that does well, fails or takes long. */
	const runMixed = async (name: string, numbers: number[], options: object, atOnce = 10) =>
		await workflows.run(
			await workflows.fan(name, { work: 'subWorkflow', workflowId: mixed.id, atOnce, options }),
			numbers,
		);

	describe('joins', () => {
		it('all', async () => {
			const execution = await runMixed('join-all', [0, 1, 2, 3], {});
			assert.deepEqual(numbersOf(execution), [0, 1, 3]);
			assert.deepEqual(statuses(execution), [[2, 'failed']]);
			const [failed] = outputOf(execution, 'Fan', 1);
			assert.match(String((failed?.error as { message: string }).message), /two is refused/);
		});

		it('first', async () => {
			const execution = await runMixed('join-first', [3, 4, 0], { waitFor: 'first' });
			assert.deepEqual(numbersOf(execution), [0]);
			assert.deepEqual(statuses(execution), [
				[0, 'cancelled'],
				[1, 'cancelled'],
			]);
		});

		it('n of m', async () => {
			const options = { waitFor: 'some', resultsNeeded: 2 };
			const execution = await runMixed('join-some', [3, 0, 1, 2], options);
			assert.deepEqual(numbersOf(execution), [0, 1]);
		});

		it('until a deadline', async () => {
			const options = { waitFor: 'deadline', deadlineSeconds: 2 };
			const execution = await runMixed('join-deadline', [0, 1, 3], options);
			assert.deepEqual(numbersOf(execution), [0, 1]);
			assert.deepEqual(statuses(execution), [[2, 'timed_out']]);
		});
	});

	describe('failures', () => {
		it('start no more', async () => {
			const options = { onTaskFailure: 'stopStarting' };
			const execution = await runMixed('fail-stop', [0, 2, 1], options, 1);
			assert.deepEqual(numbersOf(execution), [0]);
			assert.deepEqual(statuses(execution), [
				[1, 'failed'],
				[2, 'cancelled'],
			]);
		});

		it('cancel the rest', async () => {
			const execution = await runMixed('fail-cancel', [3, 2], { onTaskFailure: 'cancelRest' });
			assert.deepEqual(statuses(execution), [
				[0, 'cancelled'],
				[1, 'failed'],
			]);
		});

		it('are counted, as a number or a share', async () => {
			const accepted = { onTaskFailure: 'threshold', maxFailures: 1 };
			const number = await runMixed('fail-number', [2, 0, 2, 1], accepted, 1);
			assert.deepEqual(statuses(number), [
				[0, 'failed'],
				[2, 'failed'],
				[3, 'cancelled'],
			]);
			const share = { onTaskFailure: 'threshold', maxFailuresPercent: 50 };
			const half = await runMixed('fail-share', [2, 2, 0, 1], share, 1);
			assert.deepEqual(numbersOf(half), [0, 1]);
		});

		it('are left out, or get a default result', async () => {
			const dropped = await runMixed('fail-drop', [0, 2, 1], { onTaskFailure: 'drop' });
			assert.deepEqual(numbersOf(dropped), [0, 1]);
			assert.deepEqual(outputOf(dropped, 'Fan', 1), []);
			const options = { onTaskFailure: 'useDefault', defaultResult: '{ "n": -1 }' };
			const given = await runMixed('fail-default', [0, 2, 1], options);
			assert.deepEqual(numbersOf(given), [0, -1, 1]);
		});

		it('undo what was done', async () => {
			const undo = await workflows.published(chain('Undo', called(), result('={{ $json }}')));
			const options = { onTaskFailure: 'stopStarting', undoWorkflowId: undo.id };
			const execution = await runMixed('fail-undo', [0, 1, 2], options, 1);
			assert.deepEqual(statuses(execution), [
				[0, 'undone'],
				[1, 'undone'],
				[2, 'failed'],
			]);
			const undone = await n8n.client.executions(undo.id);
			assert.equal(undone.length, 2);
		});
	});

	it('combines results', async () => {
		const combined = async (combine: string, more: object = {}) => {
			const execution = await runMixed(`combine-${combine}`, [0, 1, 1], { combine, ...more });
			return outputOf(execution, 'Fan')[0]?.result;
		};
		assert.deepEqual(await combined('list'), [{ n: 0 }, { n: 1 }, { n: 1 }]);
		assert.deepEqual(await combined('merge'), { n: 1 });
		assert.deepEqual(await combined('sum'), { n: 2 });
		assert.deepEqual(await combined('vote'), { n: 1 });
		assert.deepEqual(await combined('best', { scoreField: 'n' }), { n: 1 });
	});

	describe('sub-workflows that wait', () => {
		/** A fan-out that waits for answers to its numbers. */
		async function asking(name: string, numbers: number[]) {
			const { bodies } = service.seen;
			bodies.length = 0;
			const failing = node(
				'Check',
				'n8n-nodes-base.set',
				{
					mode: 'raw',
					jsonOutput:
						'={{ $json.body.answer === 7 ? $json.nothing.at.all() : { n: $("Called").first().json.n } }}',
					options: {},
				},
				{ typeVersion: 3.4 },
			);
			const child = await workflows.published(asker(`${name} child`, service.url, failing));
			const workflow = await workflows.fan(name, { work: 'subWorkflow', workflowId: child.id });
			const id = await workflows.call(workflow, numbers);
			await n8n.client.waitForExecution(id, ['waiting']);
			const over = async () => await n8n.client.waitForExecution(id);
			return { child, bodies, over };
		}

		const errorOf = (execution: Execution) =>
			outputOf(execution, 'Fan', 1)[0]?.error as { code: string; message: string };

		it('fail their task when they fail after the wait', async () => {
			const { bodies, over } = await asking('fails-later', [1, 7]);
			await answer(bodies, 1);
			await answer(bodies, 7);
			const execution = await over();
			assert.deepEqual(numbersOf(execution), [1]);
			assert.equal(errorOf(execution).code, 'SUB_WORKFLOW_FAILED');
		});

		it('fail their task when they are stopped by hand', async () => {
			const { child, bodies, over } = await asking('stopped-by-hand', [1, 2]);
			await n8n.client.stop(await workflows.waitingChild(child, 2));
			await answer(bodies, 1);
			const execution = await over();
			assert.deepEqual(numbersOf(execution), [1]);
			assert.equal(errorOf(execution).code, 'SUB_WORKFLOW_FAILED');
		});

		it('fail their task when they are deleted', async () => {
			const { child, bodies, over } = await asking('deleted', [1, 2]);
			const id = await workflows.waitingChild(child, 2);
			await n8n.client.request('POST', '/executions/delete', { ids: [id] });
			await answer(bodies, 1);
			const execution = await over();
			assert.deepEqual(numbersOf(execution), [1]);
			assert.equal(errorOf(execution).code, 'SUB_WORKFLOW_GONE');
		});

		it('are joined although their workflow is unpublished meanwhile', async () => {
			const { child, bodies, over } = await asking('unpublished', [1, 2]);
			await n8n.client.unpublish(child.id);
			for (const n of [2, 1]) await answer(bodies, n);
			assert.deepEqual(numbersOf(await over()), [1, 2]);
		});

		it('are joined through fan-outs inside of fan-outs', async () => {
			service.seen.bodies.length = 0;
			const inner = await workflows.published(asker('Inner', service.url, result(NUMBER)));
			const middle = await workflows.published(
				chain(
					'Middle',
					called(),
					node('Two', 'n8n-nodes-base.splitOut', {
						fieldToSplitOut: 'pair',
						options: { destinationFieldName: 'n' },
					}),
					fan(
						{ work: 'subWorkflow', workflowId: inner.id, options: { combine: 'list' } },
						'Inner fan',
					),
				),
			);
			const outer = await workflows.published(
				chain(
					'outer',
					webhook('outer', { responseMode: 'onReceived' }),
					node('Split', 'n8n-nodes-base.splitOut', {
						fieldToSplitOut: 'body.numbers',
						options: { destinationFieldName: 'pair' },
					}),
					fan({ work: 'subWorkflow', workflowId: middle.id }),
				),
			);
			const id = await workflows.call(outer, [
				[1, 2],
				[3, 4],
			]);
			for (const n of [4, 1, 3, 2]) await answer(service.seen.bodies, n);
			const execution = await n8n.client.waitForExecution(id);
			assert.deepEqual(
				outputOf(execution, 'Fan').map(({ result: got }) => (got as { result: unknown }).result),
				[
					[{ n: 1 }, { n: 2 }],
					[{ n: 3 }, { n: 4 }],
				],
			);
		});

		it('are joined in every round of a loop', async () => {
			service.seen.bodies.length = 0;
			const child = await workflows.published(asker('Looped', service.url, result(NUMBER)));
			const batches = node(
				'Loop',
				'n8n-nodes-base.splitInBatches',
				{ batchSize: 2, options: {} },
				{ typeVersion: 3 },
			);
			const trigger = webhook('loop', { responseMode: 'onReceived' });
			const file = chain('loop', trigger, split(), batches);
			const to = (target: string) => [{ node: target, type: 'main' as const, index: 0 }];
			const loop = await workflows.published({
				...file,
				nodes: [
					...file.nodes,
					fan({ work: 'subWorkflow', workflowId: child.id }),
					result('={{ $json }}', 'All'),
				],
				connections: {
					...file.connections,
					Loop: { main: [to('All'), to('Fan')] },
					Fan: { main: [to('Loop')] },
				},
			});
			const id = await workflows.call(loop, [1, 2, 3, 4, 5, 6]);
			for (const n of [2, 1, 3, 4, 6, 5]) await answer(service.seen.bodies, n);
			const execution = await n8n.client.waitForExecution(id);
			assert.deepEqual(
				outputOf(execution, 'All').map(({ result: got }) => (got as { n: number }).n),
				[1, 2, 3, 4, 5, 6],
			);
		});
	});

	describe('sub-workflows that nobody needs any more', () => {
		/** A fan-out that may stop its sub-workflows, by the key of an API. */
		async function stopping(name: string, workflowId: string, options: object = {}) {
			const { rawApiKey } = await n8n.client.request<{ rawApiKey: string }>('POST', '/api-keys', {
				label: name,
				scopes: ['execution:list', 'execution:read', 'execution:stop'],
				expiresAt: null,
			});
			const data = { baseUrl: n8n.server.url, apiKey: rawApiKey };
			const type = 'agentSwarmExecutionApi';
			const { id } = await n8n.client.saveCredential(name, type, data);
			const parameters = {
				work: 'subWorkflow',
				workflowId,
				cancelledSubWorkflows: 'stop',
				options,
			};
			return await workflows.published(
				chain(name, webhook(name, { responseMode: 'onReceived' }), split(), {
					...fan(parameters),
					credentials: { [type]: { id, name } },
				}),
			);
		}

		const statesOf = async (child: Workflow) =>
			(await n8n.client.executions(child.id)).map(({ status }) => status).sort();

		it('are stopped while they wait, when the execution is', async () => {
			const child = await workflows.published(asker('Stopped', service.url, result(NUMBER)));
			const workflow = await stopping('stops-waiting', child.id);
			const id = await workflows.call(workflow, [1, 2]);
			await n8n.client.waitForExecution(id, ['waiting']);
			await n8n.client.stop(id);
			await waitFor('both to be stopped', async () =>
				(await statesOf(child)).every((status) => status === 'canceled') ? true : undefined,
			);
		});

		it('are stopped while they run, when a sibling fails', async () => {
			const slow = await workflows.published(
				chain('Slow', called(), pause({ amount: 30, unit: 'seconds' })),
			);
			const fails = node('Fail', 'n8n-nodes-base.stopAndError', { errorMessage: 'no' });
			const failing = await workflows.published(
				chain('Fails', called(), pause({ amount: 1, unit: 'seconds' }), fails),
			);
			const which = `={{ $json.n === 2 ? '${failing.id}' : '${slow.id}' }}`;
			const workflow = await stopping('stops-running', which, { onTaskFailure: 'cancelRest' });
			const execution = await workflows.run(workflow, [1, 2, 3]);
			assert.deepEqual(statuses(execution), [
				[0, 'cancelled'],
				[1, 'failed'],
				[2, 'cancelled'],
			]);
			assert.deepEqual(await statesOf(slow), ['canceled', 'canceled']);
		});
	});

	it('runs on a schedule', async () => {
		const child = await workflows.published(chain('Scheduled child', called(), result('{"n":5}')));
		const workflow = await workflows.published(
			chain(
				'Scheduled',
				node(
					'Every second',
					'n8n-nodes-base.scheduleTrigger',
					{ rule: { interval: [{ field: 'seconds', secondsInterval: 1 }] } },
					{ typeVersion: 1.2 },
				),
				fan({ work: 'subWorkflow', workflowId: child.id }),
			),
		);
		const id = await waitFor('a scheduled execution', async () => {
			const executions = await n8n.client.executions(workflow.id);
			return executions.find(({ mode }) => mode === 'trigger')?.id;
		});
		await n8n.client.unpublish(workflow.id);
		assert.deepEqual(numbersOf(await n8n.client.waitForExecution(id)), [5]);
	});

	it('does 10,000 tiny tasks, and 200 sub-workflows, in one execution', async (test) => {
		const child = await workflows.published(chain('Tiny', called(), result('={{ $json }}')));
		const tiny = fan({ work: 'taskGraph', graphFrom: 'items', atOnce: 50 }, 'Tiny fan');
		const steps = result(
			'={{ { id: `task-${$json.n}`, type: "transform", parameters: { value: $json.n } } }}',
			'Steps',
		);
		const some = node(
			'Some',
			'n8n-nodes-base.limit',
			{ maxItems: 200, keep: 'firstItems' },
			{ typeVersion: 1 },
		);
		const given = result('={{ { n: $json.result } }}', 'Given');
		const trigger = webhook('many', { responseMode: 'onReceived' });
		const many = await workflows.published(
			chain(
				'many',
				...[trigger, split(), steps, tiny, some, given],
				fan({ work: 'subWorkflow', workflowId: child.id, atOnce: 20 }),
			),
		);
		const began = performance.now();
		const execution = await workflows.run(many, upTo(10_000), 180_000);
		test.diagnostic(`took ${Math.round(performance.now() - began)} ms`);
		assert.equal(execution.status, 'success');
		assert.deepEqual(
			outputOf(execution, 'Tiny fan').map(({ result: value }) => value),
			upTo(10_000),
		);
		assert.deepEqual(numbersOf(execution), upTo(200));
	});
});
