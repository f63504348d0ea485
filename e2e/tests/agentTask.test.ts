import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { mostAtOnce } from '../model/callLog.ts';
import { startModel } from '../model/server.ts';
import type { ModelServer } from '../model/server.ts';
import { chain, node, webhook } from '../n8n/build.ts';
import { outputOf } from '../n8n/client.ts';
import { openEditor } from '../n8n/editor.ts';
import type { Credential, Execution, Workflow, WorkflowFile, WorkflowNode } from '../n8n/types.ts';
import { waitFor } from '../n8n/waitFor.ts';
import { setupFor } from '../start/endpoint.ts';
import { fitted, readExample } from '../start/examples.ts';
import { submitReview } from '../start/reviewForm.ts';
import { LANGCHAIN, openAiChatModel, withCredential, workflowOf } from './agentWorkflows.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';
import { takeScreenshot } from './screenshots.ts';

describe('Agent Task in a real n8n', () => {
	let model: ModelServer;
	let n8n: TestN8n;
	let api: Credential;
	let openAi: Credential;

	before(async () => {
		model = await startModel({ latencyMs: 100 });
		n8n = await n8nForTests('agentTask');
		const key = 'stand-in';
		api = await n8n.client.saveCredential('API', 'agentSwarmModelApi', {
			api: 'openAi',
			baseUrl: model.url,
			apiKey: key,
		});
		openAi = await n8n.client.saveCredential('OpenAI', 'openAiApi', {
			url: model.url,
			apiKey: key,
		});
	});
	beforeEach(() => model.forget());
	after(async () => {
		await n8n.close();
		await model.close();
	});

	async function published(file: WorkflowFile): Promise<Workflow> {
		const workflow = await n8n.client.createWorkflow(file);
		await n8n.client.publish(workflow);
		return workflow;
	}

	async function call(path: string, tickets: string[]): Promise<Array<Record<string, unknown>>> {
		const { data, status } = await n8n.client.callWebhook(path, { tickets });
		assert.equal(status, 200, JSON.stringify(data));
		return data as unknown as Array<Record<string, unknown>>;
	}

	/** Opens the page of a review that waits, and approves. */
	async function approve(waiting: Execution, reviewNode: string): Promise<void> {
		const { metadata } = waiting.data.resultData.runData[reviewNode]!.at(-1)!;
		const { status, html } = await submitReview(String(metadata?.resumeUrl), 'approve');
		assert.equal(status, 200, html);
	}

	const withApi = (parameters: Record<string, unknown>): WorkflowNode =>
		node(
			'Agent',
			'agentTask',
			{
				modelSource: 'api',
				model: { __rl: true, mode: 'id', value: 'stand-in' },
				task: '={{ $json.text }}',
				...parameters,
			},
			withCredential('agentSwarmModelApi', api),
		);

	const chatModel = (name?: string): WorkflowNode => openAiChatModel(openAi, name);

	it('tests its credential, and lists the models of the service', async () => {
		const test = async (apiKey: string) =>
			await n8n.client.request<{ status: string; message: string }>('POST', '/credentials/test', {
				credentials: {
					id: api.id,
					name: api.name,
					type: 'agentSwarmModelApi',
					data: { api: 'openAi', baseUrl: model.url, apiKey },
				},
			});
		assert.equal((await test('stand-in')).status, 'OK');
		const { results } = await n8n.client.request<{ results: Array<{ value: string }> }>(
			'POST',
			'/dynamic-node-parameters/resource-locator-results',
			{
				path: 'parameters.model',
				methodName: 'searchModels',
				nodeTypeAndVersion: { name: 'n8n-nodes-agent-swarm.agentTask', version: 1 },
				currentNodeParameters: { modelSource: 'api' },
				credentials: { agentSwarmModelApi: { id: api.id, name: api.name } },
			},
		);
		assert.deepEqual(
			results.map(({ value }) => value),
			['stand-in'],
		);
	});

	it('streams a text to a streaming webhook', async () => {
		const file = workflowOf('stream', withApi({}));
		file.nodes[0] = webhook('stream', { responseMode: 'streaming' });
		await published(file);
		const { data } = await n8n.client.callWebhook('stream', { tickets: ['Say it.'] });
		const chunks = String(data)
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line) as { type: string; content?: string });
		const types = chunks.map(({ type }) => type);
		assert.equal(types.indexOf('begin') < types.indexOf('item'), true);
		assert.equal(types.lastIndexOf('end') > types.lastIndexOf('item'), true);
		const text = chunks.map(({ type, content = '' }) => (type === 'item' ? content : '')).join('');
		assert.match(text, /Stand-in answer/);
	});

	it('works on tickets at the same time, in order, and overcomes faults', async () => {
		await published(workflowOf('api', withApi({ options: { initialDelaySeconds: 0.1 } })));
		model.script({ match: 'ticket 2', status: 503 }, { match: 'ticket 4', status: 429 });
		const tickets = Array.from({ length: 6 }, (_entry, index) => `Look at ticket ${index}.`);
		const items = await call('api', tickets);

		assert.deepEqual(
			items.map(({ output }) => /ticket \d/.exec(String(output))?.[0]),
			[0, 1, 2, 3, 4, 5].map((index) => `ticket ${index}`),
		);
		assert.deepEqual(
			items.map(({ attempts }) => attempts),
			[1, 1, 2, 1, 2, 1],
		);
		assert.ok(mostAtOnce(model.calls) >= 4, 'calls overlap');
	});

	it('gives JSON by example, within a budget', async () => {
		const budget = { limits: [{ unit: 'calls', hard: 2, scope: 'run' }] };
		await published(
			workflowOf('json', withApi({ output: 'json', options: { budget, onExhausted: 'default' } })),
		);
		const items = await call('json', ['One.', 'Two.', 'Three.']);
		assert.deepEqual(items.map(({ outcome }) => outcome).sort(), ['default', 'success', 'success']);
		const done = items.find(({ outcome }) => outcome === 'success');
		assert.equal(typeof (done?.output as { urgent?: unknown }).urgent, 'boolean');
		assert.equal(model.calls.length, 2);
	});

	it("uses n8n's own Chat Model, Calculator and Memory", async () => {
		const agent = node('Agent', 'agentTask', { task: '={{ $json.text }}', fallbackCount: 1 });
		const memory = node(
			'Memory',
			`${LANGCHAIN}.memoryBufferWindow`,
			{ sessionIdType: 'customKey', sessionKey: 'agent-test' },
			{ typeVersion: 1.3 },
		);
		await published(
			workflowOf('attached', agent, [
				{ node: chatModel(), type: 'ai_languageModel' },
				{ node: chatModel('Fallback'), type: 'ai_languageModel', index: 1 },
				{ node: node('Calculator', `${LANGCHAIN}.toolCalculator`), type: 'ai_tool' },
				{ node: memory, type: 'ai_memory' },
			]),
		);
		const [item] = await call('attached', ['2 + 3']);
		assert.match(String(item?.output), /The tools answered/);
		assert.deepEqual(
			(item?.toolCalls as Array<{ name: string; status: string }>).map(({ name, status }) => [
				name,
				status,
			]),
			[['Calculator', 'ok']],
		);
		assert.ok((item?.usage as { totalTokens: number }).totalTokens > 0);

		model.forget();
		await call('attached', ['4 + 5']);
		assert.match(model.calls[0]?.prompt ?? '', /2 \+ 3/, 'remembers the first task');
	});

	it('lets agents delegate to agents', async () => {
		const helper = node('Helper', 'agentTaskTool', {
			toolDescription: 'Helps.',
			task: "={{ $fromAI('task', 'The whole task', 'string') }}",
		});
		const agent = node('Agent', 'agentTask', { task: '={{ $json.text }}' });
		await published(
			workflowOf('delegate', agent, [
				{ node: chatModel(), type: 'ai_languageModel' },
				{ node: helper, type: 'ai_tool' },
				{ node: chatModel('Helper Model'), type: 'ai_languageModel', to: 'Helper' },
			]),
		);
		const [item] = await call('delegate', ['Ask the helper.']);
		const [made] = item?.toolCalls as Array<{ name: string; status: string; result: string }>;
		assert.equal(made?.status, 'ok', JSON.stringify(item));
		assert.match(made?.result ?? '', /Stand-in answer/);
		assert.equal(model.calls.length, 3);
	});

	it("is a tool of n8n's own AI Agent", async () => {
		const helper = node('Helper', 'agentTaskTool', {
			toolDescription: 'Helps.',
			task: "={{ $fromAI('task', 'The whole task', 'string') }}",
		});
		const agent = node(
			'Agent',
			`${LANGCHAIN}.agent`,
			{ promptType: 'define', text: '={{ $json.text }}', options: {} },
			{ typeVersion: 3 },
		);
		await published(
			workflowOf('tool', agent, [
				{ node: chatModel(), type: 'ai_languageModel' },
				{ node: helper, type: 'ai_tool' },
				{ node: chatModel('Helper Model'), type: 'ai_languageModel', to: 'Helper' },
			]),
		);
		const [item] = await call('tool', ['Ask the helper.']);
		assert.match(JSON.stringify(item), /Stand-in answer/);
		assert.equal(model.calls.length, 3);
	});

	it('runs its examples', async () => {
		const setup = setupFor({ baseUrl: model.url, apiKey: 'stand-in', model: 'stand-in' });
		const example = async (name: string): Promise<Workflow> =>
			await published(await fitted(n8n.client, readExample(name), setup));

		await example('agent-classify-tickets');
		const tickets = await n8n.client.callWebhook('classify-tickets', {
			tickets: [
				{ id: 1, text: 'Charged twice.' },
				{ id: 2, text: 'It crashes.' },
			],
		});
		const classified = tickets.data as unknown as Array<Record<string, unknown>>;
		assert.deepEqual(
			classified.map(({ id, category }) => [id, typeof category]),
			[
				[1, 'string'],
				[2, 'string'],
			],
		);

		model.forget();
		await example('agent-team');
		const team = await n8n.client.callWebhook('agent-team', { topic: 'Returns?' });
		assert.ok(
			model.calls.some(({ instructions }) => instructions.includes('three strongest')),
			JSON.stringify([team.data, model.calls]),
		);

		model.forget();
		model.script(
			{ reply: { toolCalls: [{ name: 'refund', arguments: { order: '4711', amount: 49 } }] } },
			{ match: 'Refunded 49 euros', reply: { content: 'You get 49 euros back.' } },
		);
		const refunds = await example('agent-approve-tools');
		const id = await n8n.client.runManually(refunds, 'Run by Hand');
		const waiting = await n8n.client.waitForExecution(id, ['waiting', 'error', 'success']);
		assert.equal(waiting.status, 'waiting', waiting.data.resultData.error?.message);
		const [asked] = outputOf(waiting, 'Handle the Mail', 1);
		assert.match(JSON.stringify(asked?.needsPerson), /refund/);
		assert.equal(model.calls.length, 1, 'nothing is done before the review');

		await approve(waiting, 'Approve the Call');
		const done = await n8n.client.waitForExecution(id);
		assert.equal(done.status, 'success', done.data.resultData.error?.message);
		const [answer] = outputOf(done, 'Answer');
		assert.match(String(answer?.answer), /49 euros back/);
		assert.match(JSON.stringify(answer?.toolCalls), /Refunded 49 euros/);
	});

	it('goes on with the item that a person approved; the others never notice', async () => {
		const code = { description: 'Pays back.', jsCode: 'return "Refunded.";' };
		const tool = node('refund', `${LANGCHAIN}.toolCode`, code, { typeVersion: 1.3 });
		const agent = withApi({ options: { needApproval: 'refund' } });
		const file = workflowOf('siblings', agent, [{ node: tool, type: 'ai_tool' }]);
		const review = node('Review', 'humanReview', {
			operation: 'sendAndWait',
			message: '={{ $json.needsPerson.question }}',
			responseType: 'approval',
			payload: '={{ $json.needsPerson.proposal }}',
			reviewers: {},
			notify: 'none',
		});
		const end = node('End', 'n8n-nodes-base.noOp');
		file.nodes.push(review, end);
		const to = (name: string) => [{ node: name, type: 'main', index: 0 }];
		file.connections.Agent = { main: [to('End'), to('Review')] };
		file.connections.Review = { main: [to('Agent'), to('Agent'), to('Agent')] };
		const webhookNode = file.nodes[0]!;
		webhookNode.parameters.responseMode = 'onReceived';
		const workflow = await published(file);

		model.script(
			{
				match: 'Ticket two',
				reply: { toolCalls: [{ name: 'refund', arguments: { input: 'all' } }] },
			},
			{ match: 'Ticket one', reply: { content: 'One.' } },
			{ match: 'Ticket three', reply: { content: 'Three.' } },
			{ match: 'Refunded.', reply: { content: 'Two.' } },
		);
		await n8n.client.callWebhook('siblings', {
			tickets: ['Ticket one', 'Ticket two', 'Ticket three'],
		});
		const waiting = await waitFor('the review', async () => {
			const [newest] = await n8n.client.executions(workflow.id, 1);
			return newest?.status === 'waiting' ? await n8n.client.execution(newest.id) : undefined;
		});
		assert.equal(model.calls.length, 3);
		await approve(waiting, 'Review');
		const done = await n8n.client.waitForExecution(waiting.id);
		assert.equal(done.status, 'success', done.data.resultData.error?.message);
		const outputs = (done.data.resultData.runData.End ?? []).flatMap((run) =>
			(run.data?.main?.[0] ?? []).map(({ json }) => json.output),
		);
		// n8n decides by their place on the canvas which branch goes on first.
		assert.deepEqual(outputs.sort(), ['One.', 'Three.', 'Two.']);
		assert.equal(model.calls.length, 4, 'only the approved item went on');
	});

	it('streams a text to a chat', async () => {
		const chat = node(
			'Chat',
			`${LANGCHAIN}.chatTrigger`,
			{ public: true, mode: 'webhook', options: { responseMode: 'streaming' } },
			{ typeVersion: 1.3, webhookId: '6f0cbd1e-0000-4000-8000-000000000042' },
		);
		const agent = withApi({ task: '={{ $json.chatInput }}' });
		await published(chain('chat', chat, agent));
		const data = await waitFor('the chat', async () => {
			const answer = await fetch(
				`${n8n.server.url}/webhook/6f0cbd1e-0000-4000-8000-000000000042/chat`,
				{
					method: 'POST',
					headers: { 'content-type': 'application/json' },
					body: JSON.stringify({ action: 'sendMessage', sessionId: 's', chatInput: 'Say it.' }),
				},
			);
			return answer.ok ? await answer.text() : undefined;
		});
		const pieces = data
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line) as { type: string; content?: string })
			.filter(({ type }) => type === 'item');
		assert.ok(pieces.length > 3, data);
		assert.match(pieces.map(({ content }) => content).join(''), /Stand-in answer/);
	});

	it('shows its fields as n8n does', async () => {
		const workflow = await n8n.client.createWorkflow(
			workflowOf('panel', withApi({ output: 'label', labels: 'billing: invoices\nbug\nother' })),
		);
		const editor = await openEditor(n8n.server.url, n8n.client);
		try {
			await editor.openWorkflow(workflow.id);
			await editor.fit();
			await takeScreenshot(editor.page, 'agent-task-canvas', { clip: await editor.drawnArea() });
			await editor.openNode('Agent');
			await takeScreenshot(editor.page, 'agent-task-panel');
		} finally {
			await editor.close();
		}
	});
});
