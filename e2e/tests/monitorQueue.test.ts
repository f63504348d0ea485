import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chain, node, webhook } from '../n8n/build.ts';
import { outputOf } from '../n8n/client.ts';
import { waitFor } from '../n8n/waitFor.ts';
import { queueModeForTests } from './queueModeForTests.ts';
import type { TestQueueMode } from './queueModeForTests.ts';

const definition = {
	name: 'Greeting',
	steps: [{ id: 'greet', kind: 'transform', dependencies: [], parameters: { value: 'Hello' } }],
};

describe('runs of the workers in queue mode', () => {
	let n8n: TestQueueMode;
	let store: Record<string, unknown>;

	before(async () => {
		n8n = await queueModeForTests('monitorQueue');
		const data = { kind: 'postgres', url: n8n.postgres.url, password: '' };
		const { id, name } = await n8n.client.saveCredential('Store', 'agentSwarmStoreApi', data);
		store = { credentials: { agentSwarmStoreApi: { id, name } } };
	});
	after(async () => await n8n.close());

	it('are told by the trigger of the main process', async () => {
		const listener = await n8n.client.createWorkflow(
			chain(
				'Listener',
				node(
					'On Event',
					'agentEventTrigger',
					{ events: ['run.completed'], store: 'credential', options: { everySeconds: 1 } },
					store,
				),
				node('Got It', 'n8n-nodes-base.noOp'),
			),
		);
		await n8n.client.publish(listener);
		const starter = await n8n.client.createWorkflow(
			chain(
				'Starter',
				webhook('greet'),
				node(
					'Start',
					'agentWorkflow',
					{
						resource: 'execution',
						operation: 'start',
						workflowFrom: 'definition',
						definition: JSON.stringify(definition),
						input: '{}',
						store: 'credential',
						options: { newExecutionId: 'greeted' },
					},
					store,
				),
			),
		);
		await n8n.client.publish(starter);
		await n8n.client.callWebhook('greet', {});
		const heard = await waitFor(
			'the end of the run to be heard',
			async () => {
				const [execution] = await n8n.client.executions(listener.id);
				if (execution === undefined) return undefined;
				return outputOf(await n8n.client.waitForExecution(execution.id), 'Got It');
			},
			{ timeoutMs: 60_000 },
		);
		assert.deepEqual(
			heard.map(({ type, runId, name }) => ({ type, runId, name })),
			[{ type: 'run.completed', runId: 'greeted', name: 'Greeting' }],
		);
	});
});
