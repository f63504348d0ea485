import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chain, node, webhook } from '../n8n/build.ts';
import { outputOf } from '../n8n/client.ts';
import { queueModeForTests } from './queueModeForTests.ts';
import type { TestQueueMode } from './queueModeForTests.ts';

const search = () =>
	node('Search', 'swarmSearch', {
		query: '={{ $json.body.question }}',
		engines: ['documents'],
		documents: '={{ $json.body.documents }}',
		output: 'report',
		options: {},
	});

const question = {
	question: 'How long is the North Bridge?',
	documents: [
		{ title: 'North Bridge', text: 'The North Bridge is 640 metres long. It opened in 1932.' },
		{ title: 'Cheese', text: 'Cheese is made from milk and keeps for months.' },
	],
};

describe('queue mode', () => {
	let n8n: TestQueueMode;

	before(async () => {
		n8n = await queueModeForTests('queueMode');
	});
	after(async () => await n8n.close());

	/** The latest execution that answered; those of the store are listed as long as they last. */
	const lastAnswer = async (workflowId: string) =>
		(await n8n.client.executions(workflowId)).find(({ mode }) => mode === 'webhook');

	it('runs our nodes on whichever worker is left, and on both when both are up', async () => {
		const file = chain('Search in queue mode', webhook('queued-search'), search());
		const workflow = await n8n.client.createWorkflow(file);
		await n8n.client.publish(workflow);
		for (const [index, worker] of n8n.workers.entries()) {
			const other = n8n.workers[1 - index]!;
			await other.kill();
			const answer = await n8n.client.callWebhook('queued-search', question);
			assert.match(JSON.stringify(answer.data), /640 metres long/);
			const execution = await lastAnswer(workflow.id);
			const ran = await n8n.workerOf(execution?.id ?? '');
			assert.equal(ran.name, worker.name);
			assert.equal(other.pid(), undefined);
			await other.start();
		}
		const last = await lastAnswer(workflow.id);
		const finished = await n8n.client.waitForExecution(last?.id ?? '');
		assert.equal(outputOf(finished, 'Search').length, 1);
	});
});
