/**
 * Somebody who has read nothing builds with Agent Task on the canvas: what they look for is found,
 * what they add has useful values, and what would go wrong silently is said.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { startModel } from '../model/server.ts';
import type { ModelServer } from '../model/server.ts';
import { chain, node } from '../n8n/build.ts';
import { outputOf } from '../n8n/client.ts';
import { openEditor } from '../n8n/editor.ts';
import type { Editor } from '../n8n/editor.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';
import { takeScreenshot } from './screenshots.ts';

const TICKETS = 100;

describe('Agent Task in the hands of a newcomer', () => {
	let model: ModelServer;
	let n8n: TestN8n;
	let editor: Editor;
	let page: Page;

	before(async () => {
		model = await startModel();
		n8n = await n8nForTests('agentTaskNewcomer');
		const key = { url: model.url, apiKey: 'sk-stand-in' };
		await n8n.client.saveCredential('OpenAI', 'openAiApi', key);
		editor = await openEditor(n8n.server.url, n8n.client);
		page = editor.page;
	});
	after(async () => {
		await editor.close();
		await n8n.close();
		await model.close();
	});

	const byTestId = (id: string): Locator => page.locator(`[data-test-id="${id}"]`);
	const visible = (locator: Locator): Locator => locator.filter({ visible: true }).first();
	const field = (name: string): Locator => byTestId(`parameter-input-${name}`).first();

	/** Chooses from the list that is open. */
	const choose = async (name: string): Promise<void> =>
		await visible(
			page.getByRole('option').filter({ has: page.getByText(name, { exact: true }) }),
		).click();

	async function select(parameter: string, name: string): Promise<void> {
		await field(parameter).click();
		await choose(name);
	}

	/** Looks for a node in the list that is open, and takes the one of this name. */
	async function find(words: string, name: string): Promise<void> {
		await visible(page.locator('[data-test-id="node-creator-search-bar"]')).fill(words);
		await visible(
			byTestId('node-creator-item-name').filter({ hasText: new RegExp(`^${name}`) }),
		).click();
	}

	/** Attaches a Chat Model with the button in the panel, and chooses its model. */
	async function attach(input: number): Promise<void> {
		await editor.openNode('Agent Task');
		await byTestId(`add-subnode-ai_languageModel-${input}`).click();
		await find('OpenAI', 'OpenAI Chat Model');
		await visible(byTestId('rlc-input')).click();
		await visible(byTestId('rlc-item').filter({ hasText: 'stand-in' })).click();
		await close();
	}

	async function close(): Promise<void> {
		await visible(byTestId('ndv-close-button')).click();
		await byTestId('ndv').first().waitFor({ state: 'hidden' });
	}

	const says = async (text: string): Promise<void> =>
		await visible(page.getByText(text)).waitFor({ timeout: 30_000 });

	it('classifies 100 tickets into JSON, with a fallback model and a budget of one dollar', async () => {
		const jsCode = `return Array.from({ length: ${TICKETS} }, (_, id) => ({ json: { id, text: 'Ticket ' + id + ': charged twice.' } }))`;
		const workflow = await n8n.client.createWorkflow(
			chain(
				'Newcomer',
				node('Start', 'n8n-nodes-base.manualTrigger'),
				node('Tickets', 'n8n-nodes-base.code', { jsCode }, { typeVersion: 2 }),
			),
		);
		await editor.openWorkflow(workflow.id);

		await byTestId('canvas-handle-plus').first().click();
		await find('ai agent', 'Agent Task');
		await page.getByText('Add to workflow').click();
		await byTestId('ndv').first().waitFor();
		await takeScreenshot(page, 'newcomer-1-panel');
		await page.getByText('Execute previous nodes').click();
		await says(`${TICKETS} items`);

		await select('fallbackCount', 'One');
		await page.getByPlaceholder('e.g. Classify this ticket').click();
		await page.keyboard.type('Classify: {{ $json.text }}');
		await select('output', 'JSON');
		await says('the agent would read the braces');
		await takeScreenshot(page, 'newcomer-2-fixed-text');
		const task = page.getByPlaceholder('e.g. Classify this ticket');
		await task.hover();
		// The switch of the field is in the nearest box around it that has one.
		await task
			.locator('xpath=ancestor::*[.//*[@data-test-id="radio-button-expression"]][1]')
			.locator('[data-test-id="radio-button-expression"]')
			.first()
			.click();
		await page.getByText('the agent would read the braces').waitFor({ state: 'hidden' });

		await page.locator('input[placeholder="Add Option"]').first().click({ force: true });
		await choose('Budget');
		await says('Budget has no limit yet');
		await page.getByText('Add Limit', { exact: true }).click();
		await page.getByText('Budget has no limit yet').waitFor({ state: 'hidden' });
		assert.equal(await field('hard').locator('input').inputValue(), '1');
		await takeScreenshot(page, 'newcomer-3-budget');
		await close();

		await attach(0);
		// n8n makes a chain for the first model of a workflow that has no agent of its own.
		for (const name of ['When chat message received', 'Basic LLM Chain']) {
			if ((await editor.node(name).count()) === 0) continue;
			await editor.fit();
			await editor.node(name).click();
			await page.keyboard.press('Delete');
		}
		await attach(1);
		await editor.fit();
		await takeScreenshot(page, 'newcomer-4-canvas');

		const answer = { content: JSON.stringify({ category: 'billing', urgent: true }) };
		model.script({ status: 401 }, { reply: answer, times: TICKETS });
		await editor.execute();
		await editor.waitForStatus('Agent Task', 'success', 60_000);
		await editor.openNode('Agent Task');
		await says('is not known, so calls of it do not count toward the limit of cost');
		await takeScreenshot(page, 'newcomer-5-output');

		const [last] = await n8n.client.executions(workflow.id, 1);
		const items = outputOf(await n8n.client.waitForExecution(last!.id), 'Agent Task');
		assert.equal(items.length, TICKETS);
		for (const { output } of items) {
			assert.deepEqual(Object.keys(output as object), ['category', 'urgent']);
		}
		assert.equal(
			items.filter(({ attempts }) => attempts === 2).length,
			1,
			'one was answered by the fallback',
		);
	});
});
