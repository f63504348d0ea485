import type { INodeParameters } from 'n8n-workflow';

import { AgentWorkflow } from '../../../nodes/AgentWorkflow/AgentWorkflow.node';
import { HumanReview } from '../../../nodes/HumanReview/HumanReview.node';
import { stopTimers } from '../../../nodes/HumanReview/clock';
import { ReviewWatch } from '../../../nodes/ReviewWatch/ReviewWatch.node';
import { closeStores } from '../../../nodes/shared/store';
import { TestInstance, chain, node, start } from '../../harness';

afterEach(stopTimers);
afterAll(closeStores);

const runKey = `inbox-${process.pid}`;

/** Opens a review by two people, of whom one is asked later. */
async function openReview(instance: TestInstance) {
	const parameters: INodeParameters = {
		message: 'Please check.',
		runKey,
		reviewers: {
			values: [
				{ name: 'Ann', group: 'legal' },
				{ name: 'Eva', joins: 'later' },
			],
		},
		settings: { title: 'Invoice 4711', timeLimit: 2 },
	};
	const workflow = {
		nodes: [start(), node('Review', new HumanReview(), parameters)],
		connections: chain('Start', 'Review'),
	};
	return await instance.run(workflow, { input: [{ json: { amount: 500 } }] });
}

async function inbox(instance: TestInstance, options: INodeParameters = {}) {
	const parameters = { resource: 'monitor', operation: 'getReviews', options };
	const listed = await instance.run({
		nodes: [start(), node('Inbox', new AgentWorkflow(), parameters)],
		connections: chain('Start', 'Inbox'),
	});
	expect(listed.error).toBeUndefined();
	return listed.json('Inbox');
}

describe('Agent Workflow: Get Open Reviews', () => {
	it('lists what waits for people, with links only when asked, until the execution is gone', async () => {
		const instance = new TestInstance({ nodeTypes: [new ReviewWatch()] });
		const { id } = await openReview(instance);
		const [entry, ...others] = await inbox(instance, { ofRun: runKey });
		expect(others).toEqual([]);
		expect(entry).toMatchObject({
			title: 'Invoice 4711',
			message: 'Please check.',
			kind: 'approval',
			runId: runKey,
			executionId: id,
			node: 'Review',
			votes: 0,
			waitingFor: [{ reviewer: 'Ann', group: 'legal', onBehalfOf: null }],
		});
		expect(Date.parse(String(entry!.deadline)) - Date.parse(String(entry!.openedAt))).toBe(
			7_200_000,
		);
		expect(JSON.stringify(entry)).not.toContain('webhook-waiting');
		const [linked] = await inbox(instance, { ofPerson: 'Ann', ofRun: runKey, reviewLinks: true });
		const [{ url }] = linked!.waitingFor as unknown as [{ url: string }];
		expect((await instance.request(url)).status).toBe(200);
		expect(await inbox(instance, { ofPerson: 'Eva', ofRun: runKey })).toEqual([]);
		const opened = instance.executions.findIndex((execution) => execution.id === id);
		instance.executions.splice(opened, 1);
		expect(await inbox(instance, { ofRun: runKey })).toEqual([]);
	});
});
