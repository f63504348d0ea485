import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { startModel } from '../model/server.ts';
import type { ModelServer } from '../model/server.ts';
import { chain, node, webhook } from '../n8n/build.ts';
import { outputOf } from '../n8n/client.ts';
import { openEditor } from '../n8n/editor.ts';
import type { Workflow, WorkflowFile, WorkflowNode } from '../n8n/types.ts';
import { startEngines } from '../search/engines.ts';
import type { EngineServer } from '../search/engines.ts';
import { setupFor } from '../start/endpoint.ts';
import { fitted, readExample } from '../start/examples.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';
import { takeScreenshot } from './screenshots.ts';

const LANGCHAIN = '@n8n/n8n-nodes-langchain';
const QUESTION = 'How do trams get their power?';

interface EngineRow {
	name: string;
	status: string;
	error: string | null;
}

describe('Swarm Search in a real n8n', () => {
	let engines: EngineServer;
	let model: ModelServer;
	let n8n: TestN8n;

	before(async () => {
		engines = await startEngines();
		model = await startModel();
		n8n = await n8nForTests('swarmSearch');
	});
	beforeEach(() => {
		engines.reset();
		model.forget();
	});
	after(async () => {
		await n8n.close();
		await model.close();
		await engines.close();
	});

	const searchNode = (parameters: Record<string, unknown> = {}, more = {}): WorkflowNode => {
		const { options, ...others } = parameters as { options?: object };
		return node(
			'Search',
			'swarmSearch',
			{
				query: '={{ $json.body.question }}',
				engines: ['hackerNews', 'mwmbl', 'wikipedia'],
				options: { engineUrls: JSON.stringify(engines.urls), ...options },
				...others,
			},
			more,
		);
	};

	async function published(file: WorkflowFile): Promise<Workflow> {
		const workflow = await n8n.client.createWorkflow(file);
		await n8n.client.publish(workflow);
		return workflow;
	}

	async function ask(path: string, question = QUESTION): Promise<Array<Record<string, unknown>>> {
		const { data, status } = await n8n.client.callWebhook(path, { question });
		assert.equal(status, 200, JSON.stringify(data));
		return data as unknown as Array<Record<string, unknown>>;
	}

	const openAi = async () =>
		await n8n.client.saveCredential('OpenAI', 'openAiApi', { url: model.url, apiKey: 'stand-in' });

	const chatModel = async (): Promise<WorkflowNode> => {
		const { id, name } = await openAi();
		return node(
			'Chat Model',
			`${LANGCHAIN}.lmChatOpenAi`,
			{
				model: { __rl: true, mode: 'id', value: 'stand-in' },
				responsesApiEnabled: false,
				options: {},
			},
			{ typeVersion: 1.3, credentials: { openAiApi: { id, name } } },
		);
	};

	it('asks engines at the same time, in several wordings, and cites them word for word', async () => {
		await published(chain('search', webhook('search'), searchNode()));
		const [report] = await ask('search');
		assert.equal(report?.status, 'completed', JSON.stringify(report));
		assert.match(String(report?.summary), /from an overhead line.*\[\d\]/);
		const variants = report?.variant_queries as string[];
		assert.equal(variants[0], QUESTION);
		const asked = new Set(engines.seen.map(({ text }) => text));
		assert.deepEqual([...asked].sort(), [...variants].sort());
		assert.equal(report?.progress, 100);
		assert.equal(typeof report?.step_description, 'string');
	});

	it('answers by its deadline although an engine is silent, others fail, and one stands by', async () => {
		engines.fail('wikipedia', 'silence');
		engines.fail('mwmbl', 500);
		const options = { deadlineSeconds: 6, standbyEngines: ['duckDuckGo'], maxVariants: 1 };
		await published(chain('deadline', webhook('deadline'), searchNode({ options })));
		const startedAt = Date.now();
		const [report] = await ask('deadline');
		const rows = Object.fromEntries(
			(report?.engines as EngineRow[]).map(({ name, status }) => [name, status]),
		);
		assert.ok(Date.now() - startedAt < 10_000, 'in time');
		assert.deepEqual(rows, {
			'Hacker News': 'ok',
			Mwmbl: 'server',
			Wikipedia: 'timeout',
			DuckDuckGo: 'ok',
		});
		assert.equal(report?.status, 'partial');
		assert.match(JSON.stringify(report?.warnings), /DuckDuckGo was asked as well/);
	});

	it('sends a key from the credential, and shows it nowhere', async () => {
		const canary = 'canary-of-the-search-0815';
		const { id, name } = await n8n.client.saveCredential('Search', 'agentSwarmSearchApi', {
			services: ['brave'],
			braveKey: canary,
			urls: JSON.stringify({ brave: engines.urls.brave }),
		});
		const keyed = searchNode(
			{ engines: ['brave'], options: { engineUrls: '{}' } },
			{ credentials: { agentSwarmSearchApi: { id, name } } },
		);
		const workflow = await published(chain('keyed', webhook('keyed'), keyed));
		const [report] = await ask('keyed');
		assert.equal(report?.status, 'completed', JSON.stringify(report));
		assert.equal(engines.seen[0]?.headers['x-subscription-token'], canary);
		assert.equal(engines.seen[0]?.headers['x-agent-swarm-engine'], undefined);
		const [run] = await n8n.client.executions(workflow.id);
		const stored = JSON.stringify(await n8n.client.execution(run?.id ?? ''));
		assert.ok(!stored.includes(canary), 'not in the execution');
	});

	describe('the wordings of a Chat Model', () => {
		async function askWithModel(path: string, options: object) {
			const file = chain(path, webhook(path), searchNode({ options }));
			const attached = await chatModel();
			file.nodes.push(attached);
			file.connections[attached.name] = {
				ai_languageModel: [[{ node: 'Search', type: 'ai_languageModel', index: 0 }]],
			};
			await published(file);
			const [report] = await ask(path);
			return report;
		}
		const wordings = ['tram electric supply', 'overhead line voltage of trams'];
		const reply = { content: JSON.stringify({ queries: wordings }) };

		it('are asked of every engine', async () => {
			model.script({ match: 'queries for', reply });
			// Without a deadline, so that a slow machine takes no time away from the model.
			const options = { deadlineSeconds: 0, variantsBy: 'model' };
			const report = await askWithModel('wordings', options);
			assert.deepEqual(report?.warnings, []);
			assert.deepEqual(report?.variant_queries, [QUESTION, ...wordings]);
			for (const engine of ['hackerNews', 'mwmbl', 'wikipedia']) {
				const asked = engines.seen.filter((each) => each.engine === engine);
				assert.deepEqual(asked.map(({ text }) => text).sort(), [QUESTION, ...wordings].sort());
			}
			assert.ok((report?.usage as { totalTokens: number }).totalTokens > 0);
		});

		it('are replaced by words when they take too long, and this is said', async () => {
			model.script({ match: 'queries for', reply, delayMs: 60_000 });
			const options = { deadlineSeconds: 10, variantsBy: 'model', maxVariants: 2 };
			const report = await askWithModel('late-wordings', options);
			assert.match(JSON.stringify(report?.warnings), /The model wrote no wordings.*too long/);
			assert.equal((report?.variant_queries as string[]).length, 2);
			assert.match(String(report?.summary), /overhead line/);
		});
	});

	for (const [agentName, type, parameters, more] of [
		[
			"n8n's own AI Agent",
			`${LANGCHAIN}.agent`,
			{ promptType: 'define', text: '={{ $json.body.question }}', options: {} },
			{ typeVersion: 3 },
		],
		['Agent Task', 'agentTask', { task: '={{ $json.body.question }}' }, {}],
	] as const) {
		it(`is a tool of ${agentName}`, async () => {
			const path = type.includes('langchain') ? 'tool-agent' : 'tool-task';
			const file = chain(path, webhook(path), node('Agent', type, parameters, more));
			const attached = await chatModel();
			const { parameters: own } = searchNode({
				query: "={{ $fromAI('query', 'The question to search for', 'string') }}",
			});
			const tool = node('Web Search', 'swarmSearchTool', {
				...own,
				toolDescription: 'Searches the web and answers with cited sentences.',
			});
			file.nodes.push(attached, tool);
			file.connections[attached.name] = {
				ai_languageModel: [[{ node: 'Agent', type: 'ai_languageModel', index: 0 }]],
			};
			file.connections[tool.name] = { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] };
			await published(file);
			model.script({
				match: 'trams get their power',
				reply: { toolCalls: [{ name: 'Web_Search', arguments: { query: QUESTION } }] },
			});
			const [item] = await ask(path);
			assert.match(JSON.stringify(item), /overhead line/);
			assert.ok(engines.seen.some(({ text }) => text === QUESTION));
		});
	}

	describe('its examples', () => {
		async function example(name: string): Promise<Workflow> {
			const setup = setupFor({ baseUrl: model.url, apiKey: 'stand-in', model: 'stand-in' });
			const file = await fitted(n8n.client, readExample(name), setup);
			for (const { type, parameters } of file.nodes) {
				if (!type.endsWith('.swarmSearch')) continue;
				const options = parameters.options as object;
				// The services of the example, on this machine; no page of the web is opened.
				parameters.options = {
					...options,
					maxPages: 0,
					standbyEngines: [],
					engineUrls: JSON.stringify(engines.urls),
				};
			}
			return await published(file);
		}

		it('turn a question into a report', async () => {
			await example('search-report');
			const [report] = await ask('research-report');
			assert.match(String(report?.report), /^# How do trams get their power\?/);
			assert.match(String(report?.report), /## Sources\n\n1\. \[/);
			assert.equal((report?.engines as unknown[]).length, 5);
		});

		it('report what is new on a topic, once', async () => {
			const workflow = await example('search-monitor');
			const file = { nodes: structuredClone(workflow.nodes) };
			for (const { name, parameters } of file.nodes) {
				if (name === 'Topic') parameters.jsonOutput = '{ "topic": "power of tram lines" }';
			}
			const updated = await n8n.client.updateWorkflow(workflow.id, file);
			const run = async () => {
				const id = await n8n.client.runManually(updated, 'Run by Hand');
				return await n8n.client.waitForExecution(id);
			};
			const first = await run();
			assert.equal(first.status, 'success', first.data.resultData.error?.message);
			const found = outputOf(first, 'New Source');
			assert.ok(found.length >= 3, JSON.stringify(found));
			assert.ok(found.every(({ url }) => typeof url === 'string'));
			const second = await run();
			assert.deepEqual(outputOf(second, 'New Source'), [], 'all were seen before');
		});

		it('let an agent answer from passages', async () => {
			await example('search-passages');
			const [answer] = await ask('answer-from-sources');
			assert.match(String(answer?.answer), /Stand-in answer/);
			assert.match(model.calls[0]?.prompt ?? '', /\[\d\].*overhead line/);
			assert.ok(!/https?:/.test(model.calls[0]?.prompt ?? ''), 'the model sees no address');
			assert.ok((answer?.sources as unknown[]).length > 0);
		});
	});

	it('shows its fields as n8n does', async () => {
		const file = chain(
			'panel',
			webhook('panel'),
			searchNode({
				engines: ['brave', 'hackerNews', 'wikipedia'],
				filters: { recency: 'month', language: 'en', includeDomains: 'example.org' },
				options: { deadlineSeconds: 20, standbyEngines: ['mwmbl'], maxPages: 5 },
			}),
		);
		const attached = await chatModel();
		const [x = 0, y = 0] = file.nodes.find(({ name }) => name === 'Search')?.position ?? [];
		attached.position = [x, y + 220];
		file.nodes.push(attached);
		file.connections[attached.name] = {
			ai_languageModel: [[{ node: 'Search', type: 'ai_languageModel', index: 0 }]],
		};
		const workflow = await n8n.client.createWorkflow(file);
		const editor = await openEditor(n8n.server.url, n8n.client);
		try {
			await editor.openWorkflow(workflow.id);
			await editor.fit();
			await takeScreenshot(editor.page, 'swarm-search-canvas', { clip: await editor.drawnArea() });
			await editor.openNode('Search');
			await takeScreenshot(editor.page, 'swarm-search-panel');
		} finally {
			await editor.close();
		}
	});
});
