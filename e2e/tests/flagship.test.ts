import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { FLAGSHIP, nodes, reviewUrlOf, sampleQuestion, WEBHOOK_PATH } from '../flagship.ts';
import type { Outcome, WebhookAnswer } from '../flagship.ts';
import { mostAtOnce } from '../model/callLog.ts';
import { startModel } from '../model/server.ts';
import type { ModelServer } from '../model/server.ts';
import { outputOf } from '../n8n/client.ts';
import { openEditor } from '../n8n/editor.ts';
import type { Editor } from '../n8n/editor.ts';
import type { Execution, Workflow, WorkflowFile } from '../n8n/types.ts';
import { waitFor } from '../n8n/waitFor.ts';
import { setupFor } from '../start/endpoint.ts';
import { fitted, readExample } from '../start/examples.ts';
import { submitReview } from '../start/reviewForm.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';
import { takeScreenshot } from './screenshots.ts';

/** The agents of the fan-out, not the editor who joins them. */
const AGENTS = 3;
const LATENCY_MS = 400;

/** Narrow and high enough to show the whole page. */
const REVIEW_WINDOW = { width: 860, height: 1310 };

describe('the research brief', () => {
	let model: ModelServer;
	let n8n: TestN8n;
	let file: WorkflowFile;
	let workflow: Workflow;

	before(async () => {
		model = await startModel({ latencyMs: LATENCY_MS });
		n8n = await n8nForTests('flagship');
		const setup = setupFor({ baseUrl: model.url, apiKey: 'stand-in', model: 'stand-in' });
		file = await fitted(n8n.client, readExample(FLAGSHIP), setup);
		workflow = await n8n.client.createWorkflow(file);
		await n8n.client.publish(workflow);
	});
	beforeEach(() => model.forget());
	after(async () => {
		await n8n.close();
		await model.close();
	});

	const ask = async (key: string): Promise<WebhookAnswer> => {
		const { data } = await n8n.client.callWebhook(WEBHOOK_PATH, sampleQuestion(key));
		return data as unknown as WebhookAnswer;
	};
	const waiting = (executionId: string): Promise<Execution> =>
		n8n.client.waitForExecution(executionId, ['waiting', 'error', 'success']);
	const untilReview = async (key: string): Promise<Execution> => {
		const execution = await waiting((await ask(key)).executionId);
		assert.equal(execution.status, 'waiting', execution.data.resultData.error?.message);
		return execution;
	};
	const outcomeOf = async ({ id }: Pick<Execution, 'id'>): Promise<Outcome> => {
		const finished = await n8n.client.waitForExecution(id);
		assert.equal(finished.status, 'success', finished.data.resultData.error?.message);
		return outputOf(finished, nodes.result)[0] as unknown as Outcome;
	};
	const decide = async (execution: Execution, decision: string): Promise<Outcome> => {
		const { status } = await submitReview(reviewUrlOf(execution), decision);
		assert.equal(status, 200);
		return outcomeOf(execution);
	};

	/** The same workflow with some nodes set differently, under a webhook of its own. */
	const variant = async (name: string, changes: Record<string, Record<string, unknown>>) => {
		const path = name.toLowerCase().replaceAll(' ', '-');
		const created = await n8n.client.createWorkflow({
			...file,
			name,
			nodes: file.nodes.map((node) => {
				const own = node.name === 'Webhook' ? { path } : {};
				return { ...node, parameters: { ...node.parameters, ...own, ...changes[node.name] } };
			}),
		});
		await n8n.client.publish(created);
		return { id: created.id, path };
	};

	it('by webhook: three agents at the same time, an editor, a review, a cited and approved brief', async () => {
		const execution = await untilReview('webhook');
		const [first, second, third, editor] = model.calls;
		assert.equal(model.calls.length, AGENTS + 1);
		assert.equal(mostAtOnce([first, second, third].flatMap((call) => call ?? [])), AGENTS);
		assert.equal(new Set(model.calls.map(({ instructions }) => instructions)).size, AGENTS + 1);
		assert.ok((editor?.startedAt ?? 0) >= (first?.endedAt ?? Infinity));

		const outcome = await decide(execution, 'approve');
		assert.equal(outcome.status, 'approved');
		assert.match(outcome.brief, /\[\d\]/);
		assert.ok(outcome.sources.length >= 3);
		assert.ok(!JSON.stringify(outcome.sources).includes('Canteen'), 'cites only what is relevant');
	});

	it('the second call with the same key calls no model and says that it reused the result', async () => {
		const answer = await ask('webhook');
		assert.equal(answer.reused, true);
		assert.equal(answer.status, 'approved');
		assert.match(answer.brief ?? '', /\[\d\]/);
		assert.equal(model.calls.length, 0);
	});

	it('a second call before the decision repeats no finished step', async () => {
		const first = await untilReview('undecided');
		model.forget();
		const second = await untilReview('undecided');
		assert.equal(model.calls.length, 0);
		for (const name of [nodes.search, nodes.agents, nodes.editor]) {
			for (const item of outputOf(second, name)) assert.equal(item.reused, true, name);
		}
		await decide(second, 'approve');
		await n8n.client.stop(first.id);
	});

	it('a rejected brief ends as rejected and is not served to the next caller', async () => {
		const outcome = await decide(await untilReview('rejected'), 'reject');
		assert.equal(outcome.status, 'rejected');
		const answer = await ask('rejected');
		assert.equal(answer.reused, false);
		await n8n.client.waitForExecution(answer.executionId, ['waiting', 'success']);
	});

	it('when no agent gets an answer, the workflow stops and says why', async () => {
		const options = { maxAttempts: 1 };
		const { path } = await variant('Nobody there', { [nodes.agents]: { atOnce: 3, options } });
		model.script({ status: 401, times: 20 });
		const { data } = await n8n.client.callWebhook(path, sampleQuestion('nobody-there'));
		const { executionId } = data as unknown as WebhookAnswer;
		const { status, data: failed } = await n8n.client.waitForExecution(executionId);
		assert.equal(status, 'error');
		assert.match(failed.resultData.error?.message ?? '', /^No agent could answer: /);
	});

	it('by hand: the sample question runs without a webhook', async () => {
		const execution = await waiting(await n8n.client.runManually(workflow, nodes.byHand));
		assert.equal(execution.status, 'waiting', execution.data.resultData.error?.message);
		assert.equal(execution.mode, 'manual');
		assert.equal((await decide(execution, 'approve')).status, 'approved');
	});

	it('by schedule: a tick starts a brief without anybody asking', async () => {
		const interval = [{ field: 'cronExpression', expression: '*/2 * * * * *' }];
		const { id } = await variant('By schedule', { [nodes.bySchedule]: { rule: { interval } } });
		const started = await waitFor('the schedule', async () => (await n8n.client.executions(id))[0]);
		await n8n.client.unpublish(id);
		assert.equal(started.mode, 'trigger');
		const execution = await waiting(started.id);
		assert.equal((await decide(execution, 'approve')).status, 'approved');
		for (const other of await n8n.client.executions(id)) {
			if (other.status !== 'success') await n8n.client.stop(other.id).catch(() => undefined);
		}
	});

	it('when nobody decides in time, the brief leaves by No Decision and is not approved', async () => {
		const settings = { title: 'Brief', timeLimit: 1, timeLimitUnit: 'seconds' };
		const { path } = await variant('Nobody answers', { [nodes.review]: { settings } });
		const { data } = await n8n.client.callWebhook(path, sampleQuestion('nobody'));
		const { executionId } = data as unknown as WebhookAnswer;
		const finished = await n8n.client.waitForExecution(executionId, ['success', 'error'], {
			timeoutMs: 90_000,
		});
		assert.deepEqual(outputOf(finished, nodes.review, 1), []);
		assert.equal(outputOf(finished, nodes.review, 0).length, 1);
		assert.equal((await outcomeOf(finished)).status, 'noDecision');
	});

	describe('in the browser', () => {
		let editor: Editor;

		before(async () => {
			editor = await openEditor(n8n.server.url, n8n.client);
		});
		after(() => editor.close());

		it('the canvas shows every node with its icon', async () => {
			await editor.openWorkflow(workflow.id);
			for (const { name, type } of file.nodes) {
				if (!type.startsWith('n8n-nodes-agent-swarm.')) continue;
				const icon = editor.node(name).locator('img').first();
				await icon.waitFor();
				const width = await icon.evaluate((image: HTMLImageElement) => image.naturalWidth);
				assert.ok(width > 0, `the icon of ${name} is drawn`);
			}
		});

		it('Execute workflow is clicked, a person reviews the brief on its page, the workflow ends', async () => {
			const { page } = editor;
			await editor.execute(nodes.byHand);
			await editor.waitForStatus(nodes.review, 'waiting');
			const [latest] = await n8n.client.executions(workflow.id, 1);
			const execution = await n8n.client.execution(latest?.id ?? '');

			const reviewer = await editor.newPage();
			await reviewer.setViewportSize(REVIEW_WINDOW);
			await reviewer.goto(reviewUrlOf(execution));
			assert.match(await reviewer.locator('h1').innerText(), /brief/i);
			assert.match(await reviewer.locator('body').innerText(), /\[1\]/);
			await takeScreenshot(reviewer, 'review-page');
			await reviewer.getByLabel('Comment').fill('Please keep Mondays staffed.');
			await reviewer.getByRole('button', { name: 'Approve', exact: true }).click();
			await reviewer.getByRole('heading', { name: 'recorded' }).waitFor();
			await takeScreenshot(reviewer, 'review-done', {
				clip: { x: 0, y: 0, width: 860, height: 320 },
			});

			await page.bringToFront();
			await editor.waitForStatus(nodes.result, 'success');
			const outcome = await outcomeOf(execution);
			assert.equal(outcome.status, 'approved');
			assert.equal(outcome.comment, 'Please keep Mondays staffed.');
			await editor.tidy();
			await takeScreenshot(page, 'flagship-canvas', {
				clip: await editor.drawnArea(),
				isSharp: true,
			});
			await editor.openNode(nodes.agents);
			await takeScreenshot(page, 'fan-out-panel');
			await editor.closeNode();
		});
	});
});
