import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import axios from 'axios';
import { chain, node, webhook } from '../n8n/build.ts';
import { outputOf } from '../n8n/client.ts';
import type { Execution, Workflow, WorkflowNode } from '../n8n/types.ts';
import { waitFor } from '../n8n/waitFor.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';

/** Closes what the tests have opened. */
const open: Array<() => void> = [];

/**
 * A service that tasks call: notes who calls, and how many calls are open at the same time.
 *
 * @param ready - no call is answered before this is fulfilled
 */
async function taskService(ready: (open: number) => Promise<unknown> = async () => undefined) {
	const seen = { open: 0, most: 0, bodies: [] as Array<Record<string, unknown>>, aborted: 0 };
	const answer = async (response: ServerResponse, body: string) => {
		seen.bodies.push(JSON.parse(body || '{}') as Record<string, unknown>);
		await ready(seen.open);
		seen.open--;
		response.setHeader('content-type', 'application/json');
		response.end(body || '{}');
	};
	const server = createServer((request, response) => {
		seen.most = Math.max(seen.most, ++seen.open);
		response.on('close', () => (seen.aborted += response.writableEnded ? 0 : 1));
		let body = '';
		request.on('data', (chunk: Buffer) => (body += chunk.toString()));
		request.on('end', () => void answer(response, body));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	open.push(() => {
		server.close();
		server.closeAllConnections();
	});
	return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const called = (): WorkflowNode =>
	node(
		'Called',
		'n8n-nodes-base.executeWorkflowTrigger',
		{ inputSource: 'passthrough' },
		{ typeVersion: 1.1 },
	);

const post = (url: string, body: string): WorkflowNode =>
	node(
		'Post',
		'n8n-nodes-base.httpRequest',
		{ method: 'POST', url, sendBody: true, specifyBody: 'json', jsonBody: body, options: {} },
		{ typeVersion: 4.2 },
	);

const split = (): WorkflowNode =>
	node('Split', 'n8n-nodes-base.splitOut', {
		fieldToSplitOut: 'body.numbers',
		options: { destinationFieldName: 'n' },
	});

const fan = (parameters: Record<string, unknown>): WorkflowNode =>
	node('Fan', 'parallelFanOut', { options: {}, ...parameters });

describe('Parallel Fan-out in a real n8n', () => {
	let n8n: TestN8n;

	before(async () => {
		n8n = await n8nForTests('fanOut');
	});
	after(async () => {
		for (const close of open) close();
		await n8n.close();
	});

	async function publishedFan(
		name: string,
		parameters: Record<string, unknown>,
	): Promise<Workflow> {
		const file = chain(
			name,
			webhook(name, { responseMode: 'onReceived' }),
			split(),
			fan(parameters),
		);
		const workflow = await n8n.client.createWorkflow(file);
		await n8n.client.publish(workflow);
		return workflow;
	}

	/** The newest execution of a workflow, when it is over. */
	async function lastExecution(workflow: Workflow): Promise<Execution> {
		const { id } = await waitFor('an execution', async () => {
			const [newest] = await n8n.client.executions(workflow.id);
			return newest;
		});
		return await n8n.client.waitForExecution(id);
	}

	it('runs sub-workflows that overlap, and links each result to its execution', async () => {
		let allHere: () => void = () => undefined;
		const together = new Promise<void>((resolve) => (allHere = resolve));
		// Nobody is answered before all eight have asked.
		const service = await taskService((open) => {
			if (open === 8) allHere();
			return together;
		});
		const child = await n8n.client.createWorkflow(
			chain('Child', called(), post(service.url, '={{ { n: $json.n } }}')),
		);
		await n8n.client.publish(child);
		const workflow = await publishedFan('overlap', { work: 'subWorkflow', workflowId: child.id });

		await n8n.client.callWebhook('overlap', { numbers: [1, 2, 3, 4, 5, 6, 7, 8] });
		const execution = await lastExecution(workflow);

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
		const workflow = await publishedFan('draft', { work: 'subWorkflow', workflowId: draft.id });
		await n8n.client.callWebhook('draft', { numbers: [1] });
		const production = await lastExecution(workflow);
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

	/** A sub-workflow that tells the service its address, and waits until somebody calls it. */
	async function publishedAsker(name: string, url: string): Promise<Workflow> {
		const child = await n8n.client.createWorkflow(
			chain(
				name,
				called(),
				post(url, '={{ { n: $json.n, resume: $execution.resumeUrl } }}'),
				node(
					'Wait',
					'n8n-nodes-base.wait',
					{ resume: 'webhook', httpMethod: 'POST', options: {} },
					{ typeVersion: 1.1, webhookId: 'f1d7c7a4-9d2c-4e9e-8a54-2f3b8b4a6c11' },
				),
			),
		);
		await n8n.client.publish(child);
		return child;
	}

	/** Answers the child that was asked about a number, as soon as it waits. */
	async function answer(bodies: Array<Record<string, unknown>>, n: number): Promise<void> {
		const { resume } = bodies.find((body) => body.n === n)!;
		await waitFor('the child to wait', async () => {
			const anyStatus = { validateStatus: () => true };
			const { status } = await axios.post(String(resume), { answer: n }, anyStatus);
			return status === 200 ? true : undefined;
		});
	}

	/** The execution of a workflow that its webhook has started: watchers of joins are listed too. */
	async function startedByWebhook(workflow: Workflow): Promise<string> {
		const executions = await n8n.client.executions(workflow.id);
		return executions.find(({ mode }) => mode === 'webhook')!.id;
	}

	const answersOf = (execution: Execution) =>
		outputOf(execution, 'Fan').map(
			({ result }) => (result as { body: { answer: number } }).body.answer,
		);

	it('joins sub-workflows that wait for somebody, holding no process', async () => {
		const service = await taskService();
		const child = await publishedAsker('Asks', service.url);
		const workflow = await publishedFan('asks', { work: 'subWorkflow', workflowId: child.id });
		await n8n.client.callWebhook('asks', { numbers: [0, 1, 2] });
		await waitFor('three questions', () => (service.seen.bodies.length === 3 ? true : undefined));
		const id = await startedByWebhook(workflow);
		await n8n.client.waitForExecution(id, ['waiting']);
		for (const n of [2, 0, 1]) await answer(service.seen.bodies, n);
		const execution = await n8n.client.waitForExecution(id);

		assert.equal(execution.status, 'success');
		assert.deepEqual(answersOf(execution), [0, 1, 2]);
	});

	it('joins them also when n8n is killed while they wait, and nobody presses Retry', async () => {
		const service = await taskService();
		const child = await publishedAsker('Asks for long', service.url);
		const workflow = await publishedFan('killed', { work: 'subWorkflow', workflowId: child.id });
		await n8n.client.callWebhook('killed', { numbers: [0, 1, 2] });
		await waitFor('three questions', () => (service.seen.bodies.length === 3 ? true : undefined));
		const id = await startedByWebhook(workflow);
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
		const service = await taskService(() => new Promise(() => undefined));
		const workflow = await publishedFan('stop', {
			work: 'httpRequest',
			method: 'POST',
			url: service.url,
			body: '={{ { n: $json.n } }}',
		});
		await n8n.client.callWebhook('stop', { numbers: [1, 2, 3] });
		await waitFor('three calls', () => (service.seen.open === 3 ? true : undefined));
		const [summary] = await n8n.client.executions(workflow.id);
		await n8n.client.stop(summary!.id);
		const stoppedAt = performance.now();
		await waitFor('three broken calls', () => (service.seen.aborted === 3 ? true : undefined), {
			everyMs: 5,
		});
		const tookMs = performance.now() - stoppedAt;

		assert.ok(tookMs < 100, `took ${Math.round(tookMs)} ms`);
	});

	it('repeats nothing that is done when a run with the same key comes again', async () => {
		const service = await taskService();
		const workflow = await publishedFan('again', {
			work: 'httpRequest',
			method: 'POST',
			url: service.url,
			body: '={{ { n: $json.n } }}',
			runKey: 'again-1',
		});
		await n8n.client.callWebhook('again', { numbers: [1, 2, 3] });
		const first = await lastExecution(workflow);
		await n8n.client.callWebhook('again', { numbers: [1, 2, 3] });
		const execution = await waitFor('the second run', async () => {
			const latest = await lastExecution(workflow);
			return latest.id === first.id ? undefined : latest;
		});

		assert.equal(service.seen.bodies.length, 3);
		assert.deepEqual(
			outputOf(execution, 'Fan').map(({ reused }) => reused),
			[true, true, true],
		);
	});
});
