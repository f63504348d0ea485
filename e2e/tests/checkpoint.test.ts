import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { outputOf } from '../n8n/client.ts';
import type { Workflow } from '../n8n/types.ts';
import { waitFor } from '../n8n/waitFor.ts';
import { openEditor } from '../n8n/editor.ts';
import { readExample } from '../start/examples.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';
import { takeScreenshot } from './screenshots.ts';

/** How often n8n is killed in the middle of the job; `CHECKPOINT_KILLS=30` for the long proof. */
const KILLS = Number(process.env.CHECKPOINT_KILLS ?? 2);
const ITEMS = 1000;

describe('the examples of the Checkpoint node', () => {
	let n8n: TestN8n;
	const imported = new Map<string, Workflow>();

	before(async () => {
		n8n = await n8nForTests('checkpoint');
		for (const name of ['charge-once', 'resume-job', 'nightly-run']) {
			const file = readExample(`checkpoint-${name}`).content;
			const workflow = await n8n.client.createWorkflow(file);
			imported.set(name, workflow);
		}
	});
	after(async () => await n8n.close());

	const runByHand = async (name: string) => {
		const id = await n8n.client.runManually(imported.get(name)!, 'Run by Hand');
		const execution = await n8n.client.waitForExecution(id);
		assert.equal(execution.status, 'success', execution.data.resultData.error?.message);
		return execution;
	};

	it('charge a card once, whatever arrives twice', async () => {
		await n8n.client.publish(imported.get('charge-once')!);
		const order = { order: 99, amount: 500, currency: 'EUR' };
		const charge = async () => (await n8n.client.callWebhook('charge-once', order)).data;
		const first = await charge();
		assert.equal(first.status, 'charged');
		const second = await charge();
		assert.deepEqual(second, first);
	});

	it('shows the claim in the panel of the node, and tests the store of a credential', async () => {
		const editor = await openEditor(n8n.server.url, n8n.client);
		try {
			await editor.openWorkflow(imported.get('charge-once')!.id);
			await editor.openNode('Claim the Charge');
			const panel = editor.page.locator('[data-test-id="ndv"]');
			for (const field of ['Side Effect Name', 'Run Key', 'If Already Done', 'Store']) {
				await panel.getByText(field, { exact: true }).first().waitFor({ timeout: 15_000 });
			}
			await takeScreenshot(editor.page, 'checkpoint-claim');

			const file = path.join(n8n.server.userFolder, 'runs.sqlite');
			const { id } = await n8n.client.saveCredential('Runs', 'agentSwarmStoreApi', {
				kind: 'sqlite',
				path: file,
			});
			await editor.page.goto(`${n8n.server.url}/home/credentials/${id}`);
			await editor.page.getByText('Connection tested successfully').waitFor({ timeout: 30_000 });
			await takeScreenshot(editor.page, 'store-credential');
		} finally {
			await editor.close();
		}
	});

	it('continue the next night where the last one stopped', async () => {
		const first = await runByHand('nightly-run');
		assert.equal(outputOf(first, 'Save the Position')[0]?.lastId, 3);
		const second = await runByHand('nightly-run');
		assert.equal(outputOf(second, 'Save the Position')[0]?.lastId, 6);
	});

	/** How often each item of the job was recorded, by what is in the store. */
	const saved = (): number[] => {
		const file = path.join(n8n.server.userFolder, '.n8n/agent-swarm/store.sqlite');
		const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
		// An entry in the list without a record is a save that a kill cut short.
		const sql = `SELECT count(*) AS times FROM documents JOIN log ON log.run_id = documents.id
			WHERE collection = 'checkpoints' AND documents.run_id = ? GROUP BY documents.id`;
		const rows = database.prepare(sql).all('job-2026-02');
		database.close();
		return rows.map(({ times }) => Number(times));
	};

	it(`resume a job of ${ITEMS} items after n8n was killed ${KILLS} times in its middle`, async () => {
		for (let kill = 1; kill <= KILLS; kill++) {
			const goal = Math.floor((ITEMS * kill) / (KILLS + 1));
			await n8n.client.runManually(imported.get('resume-job')!, 'Run by Hand');
			await waitFor(`${goal} items to be saved`, async () => saved().length >= goal || undefined, {
				timeoutMs: 60_000,
				everyMs: 5,
			});
			await n8n.server.kill();
			await n8n.server.start();
			await n8n.client.signIn(n8n.owner);
		}
		const before = saved().length;
		assert.ok(before < ITEMS, 'n8n was killed before the job was done');
		const execution = await runByHand('resume-job');
		assert.equal(outputOf(execution, 'Done Before').length, before);
		assert.equal(outputOf(execution, 'Worked On Now').length, ITEMS - before);
		assert.deepEqual(
			saved().filter((times) => times !== 1),
			[],
			'an item that was saved was worked on again',
		);
		assert.equal(saved().length, ITEMS);
	});
});
