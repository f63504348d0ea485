import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { startModel } from '../model/server.ts';
import type { ModelServer } from '../model/server.ts';
import { chain, node, webhook } from '../n8n/build.ts';
import type { WorkflowFile } from '../n8n/types.ts';
import { submitReview } from '../start/reviewForm.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';

const LANGCHAIN = '@n8n/n8n-nodes-langchain';

/** n8n's own AI Agent, a calculator, and Human Review between the two. */
function workflowWith(credential: { id: string; name: string }): WorkflowFile {
	const started = node(
		'Started',
		'n8n-nodes-base.respondToWebhook',
		{ respondWith: 'json', responseBody: '={{ { executionId: $execution.id } }}' },
		{ typeVersion: 1.4 },
	);
	const agent = node(
		'Agent',
		`${LANGCHAIN}.agent`,
		{ promptType: 'define', text: 'How much is 20 + 22?', options: {} },
		{ typeVersion: 3 },
	);
	const file = chain('gate', webhook('gate', { responseMode: 'responseNode' }), started, agent);
	const model = node(
		'Model',
		`${LANGCHAIN}.lmChatOpenAi`,
		{ model: { __rl: true, mode: 'id', value: 'stand-in' }, responsesApiEnabled: false },
		{ typeVersion: 1.3, credentials: { openAiApi: credential } },
	);
	const gate = node('Gate', 'humanReviewHitlTool', { operation: 'sendAndWait', message: 'OK?' });
	const calculator = node('Calculator', `${LANGCHAIN}.toolCalculator`);
	file.nodes.push(model, gate, calculator);
	const connect = (from: string, to: string, type: string) => {
		file.connections[from] = { [type]: [[{ node: to, type, index: 0 }]] };
	};
	connect('Model', 'Agent', 'ai_languageModel');
	connect('Gate', 'Agent', 'ai_tool');
	connect('Calculator', 'Gate', 'ai_tool');
	return file;
}

describe("Human Review as a gate for an AI agent's tools", () => {
	let n8n: TestN8n;
	let model: ModelServer;

	before(async () => {
		model = await startModel({ latencyMs: 50 });
		n8n = await n8nForTests('humanReviewGate', { N8N_LOG_LEVEL: 'debug' });
		const data = { url: model.url, apiKey: 'stand-in' };
		const credential = await n8n.client.saveCredential('OpenAI', 'openAiApi', data);
		await n8n.client.publish(await n8n.client.createWorkflow(workflowWith(credential)));
	});
	after(async () => {
		await n8n.close();
		await model.close();
	});

	for (const [decision, ran] of [
		['approve', true],
		['reject', false],
	] as const) {
		it(`after ${decision}, the tool ${ran ? 'runs' : 'does not run'} and the agent goes on`, async () => {
			model.forget();
			model.script(
				{ reply: { toolCalls: [{ name: 'Calculator', arguments: { input: '20+22' } }] } },
				{ reply: { content: 'Done.' } },
			);
			const { data } = await n8n.client.callWebhook('gate', {});
			const id = String(data.executionId);
			const waiting = await n8n.client.waitForExecution(id, ['waiting', 'success', 'error']);
			assert.equal(waiting.status, 'waiting', waiting.data.resultData.error?.message);
			assert.equal(waiting.data.resultData.runData.Calculator, undefined);
			const { resumeUrl } = waiting.data.resultData.runData.Gate!.at(-1)!.metadata!;
			const link = new URL(String(resumeUrl));
			const { status, html } = await submitReview(link.href, decision);
			assert.equal(status, 200);
			assert.ok(html.includes('Your decision is recorded'));
			const finished = await n8n.client.waitForExecution(id);
			assert.equal(finished.status, 'success', finished.data.resultData.error?.message);
			assert.equal(finished.data.resultData.runData.Calculator !== undefined, ran);
			assert.equal(model.calls.length, 2);
			const log = await readFile(n8n.server.logFile, 'utf8');
			for (const name of ['code', 'signature']) {
				const secret = link.searchParams.get(name)!;
				assert.ok(!JSON.stringify(model.calls).includes(secret), 'the model is told no link');
				assert.ok(!log.includes(secret), 'the log tells no link');
			}
		});
	}
});
