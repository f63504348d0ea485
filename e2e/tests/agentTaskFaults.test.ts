/** Agent Task when things go wrong in a real n8n: a kill, a stop, and secrets in what is left. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { startModel } from '../model/server.ts';
import type { ModelServer } from '../model/server.ts';
import { node } from '../n8n/build.ts';
import type { Credential, Workflow, WorkflowNode } from '../n8n/types.ts';
import { waitFor } from '../n8n/waitFor.ts';
import { openAiChatModel, withCredential, workflowOf } from './agentWorkflows.ts';
import type { Attached } from './agentWorkflows.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';

/** Must appear nowhere but in n8n's encrypted credentials. */
const CANARY = ['sk', 'canary', '7f3a9c51d2e84b60'].join('-');

describe('Agent Task when things go wrong in a real n8n', () => {
	let model: ModelServer;
	let n8n: TestN8n;
	let api: Credential;
	let openAi: Credential;

	before(async () => {
		model = await startModel();
		n8n = await n8nForTests('agentTaskFaults', { N8N_LOG_LEVEL: 'debug' });
		api = await n8n.client.saveCredential('API', 'agentSwarmModelApi', {
			api: 'openAi',
			baseUrl: model.url,
			apiKey: CANARY,
		});
		openAi = await n8n.client.saveCredential('OpenAI', 'openAiApi', {
			url: model.url,
			apiKey: CANARY,
		});
	});
	beforeEach(() => model.forget());
	after(async () => {
		await n8n.close();
		await model.close();
	});

	const withApi = (parameters: Record<string, unknown> = {}, more: object = {}): WorkflowNode =>
		node(
			'Agent',
			'agentTask',
			{
				modelSource: 'api',
				model: { __rl: true, mode: 'id', value: 'stand-in' },
				task: '={{ $json.text }}',
				...parameters,
			},
			{ ...withCredential('agentSwarmModelApi', api), ...more },
		);

	async function publish(
		name: string,
		agent: WorkflowNode,
		attached: Attached[] = [],
	): Promise<Workflow> {
		const workflow = await n8n.client.createWorkflow(workflowOf(name, agent, attached));
		await n8n.client.publish(workflow);
		return workflow;
	}

	const call = (name: string, ...tickets: string[]) => n8n.client.callWebhook(name, { tickets });

	const answered = (text: string) => model.calls.filter(({ prompt }) => prompt.includes(text));

	it('pays once: after a kill in the middle of a call only what was not done is called', async () => {
		await publish('killed', withApi({ runKey: 'order-4711' }));
		const tickets = ['Ticket one.', 'Ticket two.', 'Ticket three.'];
		model.script({ match: 'Ticket three.', delayMs: 60_000 });
		const lost = call('killed', ...tickets).catch((error: unknown) => error);
		await waitFor('two answers and a call under way', async () => {
			const done = model.calls.filter(({ endedAt }) => endedAt !== undefined);
			return done.length === 2 && model.calls.length === 3 ? true : undefined;
		});
		// What was answered is in the store a moment later.
		await new Promise((resolve) => setTimeout(resolve, 500));
		await n8n.server.kill();
		await lost;
		await n8n.server.start();

		const { data, status } = await call('killed', ...tickets);
		assert.equal(status, 200, JSON.stringify(data));
		const items = data as unknown as Array<{ output: string; reused: boolean }>;
		assert.deepEqual(
			items.map(({ reused }) => reused),
			[true, true, false],
		);
		assert.deepEqual(
			tickets.map((text) => answered(text).length),
			[1, 1, 2],
		);
	});

	it('keeps to its budget through the kill', async () => {
		const budget = { limits: [{ unit: 'calls', hard: 2, scope: 'run' }] };
		await publish('budget', withApi({ runKey: 'budget-1', options: { budget, maxAttempts: 1 } }));
		model.script({ match: 'Ticket', delayMs: 60_000, times: 2 });
		const lost = call('budget', 'Ticket one.', 'Ticket two.').catch((error: unknown) => error);
		await waitFor('two calls under way', async () => (model.calls.length === 2 ? true : undefined));
		await n8n.server.kill();
		await lost;
		await n8n.server.start();
		const { data } = await call('budget', 'Ticket one.', 'Ticket two.');
		assert.match(JSON.stringify(data), /rror/);
		assert.equal(model.calls.length, 2, 'both calls were set aside before they were made');
	});

	it('breaks all calls off when somebody presses Stop, long before they would end', async () => {
		const workflow = await publish('stopped', withApi());
		model.script({ delayMs: 60_000, times: 5 });
		const lost = call('stopped', 'One.', 'Two.', 'Three.').catch((error: unknown) => error);
		await waitFor('three calls under way', async () =>
			model.calls.length === 3 ? true : undefined,
		);
		const [running] = await n8n.client.executions(workflow.id, 1);
		const stoppedAt = Date.now();
		await n8n.client.stop(running!.id);
		await waitFor('the calls to end', async () =>
			model.calls.every(({ endedAt }) => endedAt !== undefined) ? true : undefined,
		);
		const [execution] = await n8n.client.executions(workflow.id, 1);
		assert.equal(execution?.status, 'canceled');
		const last = Math.max(...model.calls.map(({ endedAt = Infinity }) => endedAt));
		assert.ok(last - stoppedAt < 2000, `the last call ended after ${last - stoppedAt} ms`);
		assert.equal(model.calls.length, 3);
		await lost;
	});

	it('leaves no key in items, executions, logs and databases, whatever fails', async () => {
		const echo = { error: { message: `Bearer ${CANARY} is not known`, key: CANARY } };
		const faults = [
			{ status: 400 },
			{ status: 401 },
			{ status: 429 },
			{ status: 500 },
			{ cutOff: true },
			{ rawBody: JSON.stringify(echo) },
			{ rawBody: `<html>${CANARY}</html>` },
			{ reply: { content: `Your key is ${CANARY}.` } },
		];
		const options = { maxAttempts: 1, itemsAtOnce: 1 };
		const more = { onError: 'continueErrorOutput' };
		await publish('secret-api', withApi({ options }, more));
		await publish(
			'secret-attached',
			node('Agent', 'agentTask', { task: '={{ $json.text }}', options }, more),
			[{ node: openAiChatModel(openAi), type: 'ai_languageModel' }],
		);
		const texts: string[] = [];
		for (const name of ['secret-api', 'secret-attached']) {
			model.script(...faults);
			const tickets = faults.map((_fault, index) => `Fault ${index}.`);
			texts.push(JSON.stringify((await call(name, ...tickets)).data));
		}
		assert.ok(model.calls.length >= faults.length, `${model.calls.length} calls`);
		await n8n.server.stop();

		const folder = n8n.server.userFolder;
		const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
			.filter((name) => /(\.sqlite(-wal)?|\.log)$/.test(name))
			.filter((name) => !name.includes('node_modules'));
		for (const kind of ['database.sqlite', 'store.sqlite', 'n8n.log']) {
			assert.ok(
				files.some((name) => name.endsWith(kind)),
				`${kind} is among ${files.join()}`,
			);
		}
		const forms = [CANARY, Buffer.from(CANARY).toString('base64').slice(0, 24)];
		for (const name of files) {
			texts.push(readFileSync(path.join(folder, name), 'latin1'));
		}
		for (const [index, text] of texts.entries()) {
			for (const form of forms) {
				const at = text.indexOf(form);
				const where = ['items of API', 'items of Chat Model', ...files][index];
				const around = text.slice(Math.max(0, at - 200), at + 60);
				assert.equal(at, -1, `${where}: …${around}`);
			}
		}
		await n8n.server.start();
	});
});
