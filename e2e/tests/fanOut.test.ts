import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chain, node } from '../n8n/build.ts';
import { outputOf } from '../n8n/client.ts';
import type { Execution } from '../n8n/types.ts';
import { waitFor } from '../n8n/waitFor.ts';
import { answer, asker, called, fan, FanWorkflows, post, taskService } from './fanOutForTests.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';

/** Closes what the tests have opened. */
const open: Array<() => void> = [];

async function openService(ready?: Parameters<typeof taskService>[0]) {
	const service = await taskService(ready);
	open.push(service.close);
	return service;
}

describe('Parallel Fan-out in a real n8n', () => {
	let n8n: TestN8n;
	let workflows: FanWorkflows;

	before(async () => {
		n8n = await n8nForTests('fanOut');
		workflows = new FanWorkflows(n8n.client);
	});
	after(async () => {
		for (const close of open) close();
		await n8n.close();
	});

	it('runs sub-workflows that overlap, and links each result to its execution', async () => {
		let allHere: () => void = () => undefined;
		const together = new Promise<void>((resolve) => (allHere = resolve));
		// Nobody is answered before all eight have asked.
		const service = await openService((open) => {
			if (open === 8) allHere();
			return together;
		});
		const child = await n8n.client.createWorkflow(
			chain('Child', called(), post(service.url, '={{ { n: $json.n } }}')),
		);
		await n8n.client.publish(child);
		const workflow = await workflows.fan('overlap', { work: 'subWorkflow', workflowId: child.id });

		const execution = await workflows.run(workflow, [1, 2, 3, 4, 5, 6, 7, 8]);

		assert.equal(execution.status, 'success');
		const done = outputOf(execution, 'Fan');
		assert.deepEqual(
			done.map(({ result }) => (result as { n: number }).n),
			[1, 2, 3, 4, 5, 6, 7, 8],
		);
		assert.equal(service.seen.most, 8, 'all eight calls are open at the same time');
		const links = execution.data.resultData.runData.Fan?.[0]?.data?.main?.[0]?.map(
			(item) => (item as { metadata?: { subExecution?: { workflowId: string } } }).metadata,
		);
		assert.equal(links?.[0]?.subExecution?.workflowId, child.id);
	});

	it('uses drafts in manual runs, and says in production that the sub-workflow is not published', async () => {
		const draft = await n8n.client.createWorkflow(
			chain(
				'Draft',
				called(),
				node(
					'Mark',
					'n8n-nodes-base.set',
					{ mode: 'raw', jsonOutput: '{"draft":true}', options: {} },
					{ typeVersion: 3.4 },
				),
			),
		);
		const workflow = await workflows.fan('draft', { work: 'subWorkflow', workflowId: draft.id });
		const production = await workflows.run(workflow, [1]);
		assert.equal(
			(outputOf(production, 'Fan', 1)[0]?.error as { code: string }).code,
			'SUB_WORKFLOW_NOT_PUBLISHED',
		);

		const manual = await n8n.client.createWorkflow(
			chain(
				'By hand',
				node('Start', 'n8n-nodes-base.manualTrigger', {}),
				fan({ work: 'subWorkflow', workflowId: draft.id }),
			),
		);
		const id = await n8n.client.runManually(manual, 'Start');
		const execution = await n8n.client.waitForExecution(id);
		assert.deepEqual(outputOf(execution, 'Fan')[0]?.result, { draft: true });
	});

	const answersOf = (execution: Execution) =>
		outputOf(execution, 'Fan').map(
			({ result }) => (result as { body: { answer: number } }).body.answer,
		);

	it('joins sub-workflows that wait for somebody, holding no process', async () => {
		const service = await openService();
		const child = await workflows.published(asker('Asks', service.url));
		const workflow = await workflows.fan('asks', { work: 'subWorkflow', workflowId: child.id });
		const id = await workflows.call(workflow, [0, 1, 2]);
		await waitFor('three questions', () => (service.seen.bodies.length === 3 ? true : undefined));
		await n8n.client.waitForExecution(id, ['waiting']);
		for (const n of [2, 0, 1]) await answer(service.seen.bodies, n);
		const execution = await n8n.client.waitForExecution(id);

		assert.equal(execution.status, 'success');
		assert.deepEqual(answersOf(execution), [0, 1, 2]);
	});

	it('joins them also when n8n is killed while they wait, and nobody presses Retry', async () => {
		const service = await openService();
		const child = await workflows.published(asker('Asks for long', service.url));
		const workflow = await workflows.fan('killed', { work: 'subWorkflow', workflowId: child.id });
		const id = await workflows.call(workflow, [0, 1, 2]);
		await waitFor('three questions', () => (service.seen.bodies.length === 3 ? true : undefined));
		await n8n.client.waitForExecution(id, ['waiting']);
		await answer(service.seen.bodies, 1);
		await waitFor('one answer to be saved', async () =>
			(await n8n.client.executions(child.id)).find(({ status }) => status === 'success'),
		);
		await n8n.server.kill();
		await n8n.server.start();
		for (const n of [2, 0]) await answer(service.seen.bodies, n);
		const execution = await n8n.client.waitForExecution(id, ['success', 'error'], {
			timeoutMs: 150_000,
		});

		assert.equal(execution.status, 'success');
		assert.deepEqual(answersOf(execution), [0, 1, 2]);
	});

	it('stops every running task when the execution is stopped', async () => {
		const service = await openService(() => new Promise(() => undefined));
		const workflow = await workflows.fan('stop', {
			work: 'httpRequest',
			method: 'POST',
			url: service.url,
			body: '={{ { n: $json.n } }}',
		});
		const id = await workflows.call(workflow, [1, 2, 3]);
		await waitFor('three calls', () => (service.seen.open === 3 ? true : undefined));
		await n8n.client.stop(id);
		const stoppedAt = performance.now();
		await waitFor('three broken calls', () => (service.seen.aborted === 3 ? true : undefined), {
			everyMs: 5,
		});
		const tookMs = performance.now() - stoppedAt;

		assert.ok(tookMs < 100, `took ${Math.round(tookMs)} ms`);
	});

	it('repeats nothing that is done when a run with the same key comes again', async () => {
		const service = await openService();
		const workflow = await workflows.fan('again', {
			work: 'httpRequest',
			method: 'POST',
			url: service.url,
			body: '={{ { n: $json.n } }}',
			runKey: 'again-1',
		});
		await workflows.run(workflow, [1, 2, 3]);
		const execution = await workflows.run(workflow, [1, 2, 3]);

		assert.equal(service.seen.bodies.length, 3);
		assert.deepEqual(
			outputOf(execution, 'Fan').map(({ reused }) => reused),
			[true, true, true],
		);
	});
});
