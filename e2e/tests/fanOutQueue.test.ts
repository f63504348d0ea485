import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chain, node, webhook } from '../n8n/build.ts';
import { outputOf } from '../n8n/client.ts';
import type { Execution, Workflow, WorkflowNode } from '../n8n/types.ts';
import { waitFor } from '../n8n/waitFor.ts';
import { FanWorkflows, fan, pause, split } from './fanOutForTests.ts';
import { queueModeForTests } from './queueModeForTests.ts';
import type { TestQueueMode } from './queueModeForTests.ts';

const TASKS = 40;
const numbers = Array.from({ length: TASKS }, (_, n) => n);

describe('Webhook Workers in queue mode', () => {
	let n8n: TestQueueMode;
	let workflows: FanWorkflows;
	let stored: Partial<WorkflowNode>;

	before(async () => {
		n8n = await queueModeForTests('fanOutQueue');
		workflows = new FanWorkflows(n8n.client);
		const data = { kind: 'postgres', url: n8n.postgres.url, password: '' };
		const { id, name } = await n8n.client.saveCredential('Store', 'agentSwarmStoreApi', data);
		stored = { credentials: { agentSwarmStoreApi: { id, name } } };
	});
	after(async () => await n8n.close());

	/** Process ids of those who ran the newest executions of a workflow. */
	async function ranBy(workflow: Workflow, count: number): Promise<Set<number | undefined>> {
		const pids = new Set<number | undefined>();
		for (const { id } of await n8n.client.executions(workflow.id, count)) {
			pids.add((await n8n.workerOf(id)).pid());
		}
		return pids;
	}

	/** How long the fan-out took, in seconds. */
	const secondsOf = ({ data }: Execution): number =>
		(data.resultData.runData.Fan?.[0]?.executionTime ?? 0) / 1000;

	it('spread over both workers, and are done in little more than half the time', async (test) => {
		const work = await workflows.published(
			chain('work', webhook('work'), pause({ amount: 1, unit: 'seconds' })),
		);
		const spread = await workflows.fan('spread', {
			work: 'webhookWorkers',
			webhookUrl: `${n8n.main.url}/webhook/work`,
			atOnce: TASKS,
		});
		// The address works a moment after publishing.
		await n8n.client.callWebhook('work', { n: -1 });
		await workflows.run(spread, [0]);
		const both = await workflows.run(spread, numbers, 120_000);
		assert.equal(outputOf(both, 'Fan').length, TASKS);
		const pids = await ranBy(work, TASKS);
		test.diagnostic(`processes ${[...pids].join(' and ')}`);
		assert.deepEqual(pids, new Set(n8n.workers.map((worker) => worker.pid())));

		await n8n.workers[1]!.stop();
		const one = await workflows.run(spread, numbers, 120_000);
		await n8n.workers[1]!.start();
		const [two, single] = [secondsOf(both), secondsOf(one)];
		test.diagnostic(`two workers ${two} s, one worker ${single} s: ${(two / single).toFixed(2)}`);
		assert.ok(two <= 0.6 * single, `two workers ${two} s, one worker ${single} s`);
	});

	it('tell their results by a call-back, while the fan-out holds no process', async (test) => {
		const back = node(
			'Call Back',
			'n8n-nodes-base.httpRequest',
			{
				method: 'POST',
				url: '={{ $("Webhook").first().json.headers["x-callback-url"] }}',
				sendBody: true,
				specifyBody: 'json',
				jsonBody: '={{ { n: $("Webhook").first().json.body.n } }}',
				options: {},
			},
			{ typeVersion: 4.2 },
		);
		const trigger = webhook('backed', { responseMode: 'onReceived' });
		const work = await workflows.published(
			chain('backed', trigger, pause({ amount: 1, unit: 'seconds' }), back),
		);
		await waitFor('the address to work', async () => {
			const { status } = await n8n.client.callWebhook('backed', { n: -1 });
			return status === 200 ? true : undefined;
		});
		const called = await workflows.published(
			chain('call-back', webhook('call-back', { responseMode: 'onReceived' }), split(), {
				...fan({
					work: 'webhookWorkers',
					resultsBy: 'callback',
					webhookUrl: `${n8n.main.url}/webhook/backed`,
					atOnce: TASKS,
					store: 'credential',
				}),
				...stored,
			}),
		);
		const id = await workflows.call(called, numbers);
		await n8n.client.waitForExecution(id, ['waiting']);
		const execution = await n8n.client.waitForExecution(id, undefined, { timeoutMs: 120_000 });
		assert.deepEqual(
			outputOf(execution, 'Fan').map(({ result: got }) => (got as { n: number }).n),
			numbers,
		);
		const pids = await ranBy(work, TASKS);
		test.diagnostic(`processes ${[...pids].join(' and ')}`);
		assert.equal(pids.size, 2);
	});
});
