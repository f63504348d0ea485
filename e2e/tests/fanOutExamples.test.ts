import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { outputOf } from '../n8n/client.ts';
import { root } from '../n8n/paths.ts';
import type { WorkflowFile } from '../n8n/types.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';

describe('the examples of Parallel Fan-out', () => {
	let n8n: TestN8n;

	before(async () => {
		n8n = await n8nForTests('fanOutExamples');
	});
	after(async () => await n8n.close());

	async function imported(name: string) {
		const file = path.join(root, 'examples', name);
		const workflow = JSON.parse(await readFile(file, 'utf8')) as WorkflowFile;
		return await n8n.client.createWorkflow(workflow);
	}

	async function run(workflow: Awaited<ReturnType<typeof imported>>, node: string) {
		const id = await n8n.client.runManually(workflow, 'Run by Hand');
		const execution = await n8n.client.waitForExecution(id);
		assert.equal(execution.status, 'success');
		return outputOf(execution, node);
	}

	it('runs sub-workflows at once and waits for all', async () => {
		const workflow = await imported('fan-out-wait-for-all.json');
		const done = await run(workflow, 'All at Once');
		assert.deepEqual(
			done.map(({ key, result }) => [key, (result as { total: number }).total]),
			[
				['4711', 120],
				['4712', 240],
				['4713', 360],
				['4714', 480],
				['4715', 600],
			],
		);
	});

	it('works through a list, and the second time takes all out of the record', async () => {
		const workflow = await imported('fan-out-loop-that-remembers.json');
		const first = await run(workflow, 'Work on Each');
		assert.equal(first.filter(({ reused }) => reused === false).length, 8);
		const second = await run(workflow, 'Work on Each');
		assert.equal(second.filter(({ reused }) => reused === true).length, 8);
		assert.deepEqual(
			second.map(({ result }) => (result as { page: number }).page),
			[1, 2, 3, 4, 5, 6, 7, 8],
		);
	});

	it('runs tasks that depend on each other', async () => {
		const workflow = await imported('fan-out-task-graph.json');
		const done = await run(workflow, 'Task Graph');
		assert.deepEqual(done.at(-1)?.result, {
			lead: 'Acme Corp',
			budget: 50_000,
			staff: 12,
			news: ['Acme Corp opens an office'],
		});
	});
});
