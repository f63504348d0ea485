/** Agent Task with n8n's own sub-nodes: models of three services, tools, parser, knowledge. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { startMcpServer } from '../model/mcpServer.ts';
import type { McpServer } from '../model/mcpServer.ts';
import { startModel } from '../model/server.ts';
import type { ModelServer } from '../model/server.ts';
import { chain, node } from '../n8n/build.ts';
import { outputOf } from '../n8n/client.ts';
import type { Credential, WorkflowFile, WorkflowNode } from '../n8n/types.ts';
import { waitFor } from '../n8n/waitFor.ts';
import { submitReview } from '../start/reviewForm.ts';
import { LANGCHAIN, openAiChatModel, withCredential, workflowOf } from './agentWorkflows.ts';
import type { Attached } from './agentWorkflows.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';

interface Answer {
	output?: unknown;
	model?: string;
	usage?: { totalTokens: number; calls: number };
	toolCalls?: Array<{ name: string; status: string; result: string }>;
}

describe("Agent Task with n8n's sub-nodes", () => {
	let model: ModelServer;
	let mcp: McpServer;
	let n8n: TestN8n;
	let openAi: Credential;
	let anthropic: Credential;
	let ollama: Credential;

	before(async () => {
		model = await startModel();
		mcp = await startMcpServer([
			{
				name: 'find_order',
				description: 'Finds an order.',
				inputSchema: {
					type: 'object',
					properties: { number: { type: 'integer' } },
					required: ['number'],
				},
				run: ({ number }) => `Order ${String(number)} was shipped.`,
			},
		]);
		n8n = await n8nForTests('agentTaskSubNodes');
		const host = model.url.replace('/v1', '');
		const { client } = n8n;
		openAi = await client.saveCredential('OpenAI', 'openAiApi', { url: model.url, apiKey: 'k' });
		anthropic = await client.saveCredential('Anthropic', 'anthropicApi', {
			url: host,
			apiKey: 'k',
		});
		ollama = await client.saveCredential('Ollama', 'ollamaApi', { baseUrl: host });
	});
	beforeEach(() => model.forget());
	after(async () => {
		await n8n.close();
		await mcp.close();
		await model.close();
	});

	async function publish(file: WorkflowFile): Promise<string> {
		const workflow = await n8n.client.createWorkflow(file);
		await n8n.client.publish(workflow);
		return workflow.id;
	}

	async function ask(path: string, ...tickets: string[]): Promise<Answer[]> {
		const { data, status } = await n8n.client.callWebhook(path, { tickets });
		assert.equal(status, 200, JSON.stringify(data));
		return data as unknown as Answer[];
	}

	const agent = (parameters: Record<string, unknown> = {}): WorkflowNode =>
		node('Agent', 'agentTask', { task: '={{ $json.text }}', ...parameters });

	const withOpenAi = (...attached: Attached[]): Attached[] => [
		{ node: openAiChatModel(openAi), type: 'ai_languageModel' },
		...attached,
	];

	const calculator: Attached = {
		node: node('Calculator', `${LANGCHAIN}.toolCalculator`),
		type: 'ai_tool',
	};

	const chatModels: Array<[string, string, () => WorkflowNode]> = [
		['OpenAI', '/v1/chat/completions', () => openAiChatModel(openAi)],
		[
			'OpenAI through its Responses API',
			'/v1/responses',
			() => openAiChatModel(openAi, 'Responses', { responsesApiEnabled: true }),
		],
		[
			'Anthropic',
			'/v1/messages',
			() =>
				node(
					'Anthropic Chat Model',
					`${LANGCHAIN}.lmChatAnthropic`,
					{ model: { __rl: true, mode: 'id', value: 'stand-in' }, options: {} },
					{ typeVersion: 1.3, ...withCredential('anthropicApi', anthropic) },
				),
		],
		[
			'Ollama',
			'/api/chat',
			() =>
				node(
					'Ollama Chat Model',
					`${LANGCHAIN}.lmChatOllama`,
					{ model: 'stand-in', options: {} },
					withCredential('ollamaApi', ollama),
				),
		],
	];
	for (const [service, address, chatModel] of chatModels) {
		it(`asks the Chat Model of ${service}, which calls the Calculator`, async () => {
			const path = `model-${address.replaceAll('/', '-')}`;
			await publish(
				workflowOf(path, agent(), [{ node: chatModel(), type: 'ai_languageModel' }, calculator]),
			);
			model.script({
				reply: { toolCalls: [{ name: 'Calculator', arguments: { input: '6 * 7' } }] },
			});
			const [item] = await ask(path, 'What is 6 * 7?');
			assert.deepEqual(
				item?.toolCalls?.map(({ name, status, result }) => [name, status, result]),
				[['Calculator', 'ok', '42']],
			);
			assert.match(String(item?.output), /The tools answered: 42/);
			assert.ok((item?.usage?.totalTokens ?? 0) > 0, JSON.stringify(item));
			assert.equal(item?.model, 'stand-in');
			assert.deepEqual(
				model.calls.map((call) => call.path),
				[address, address],
			);
		});
	}

	it('keeps the calls of the model in the execution only while somebody builds', async () => {
		const file = workflowOf('logged', agent(), withOpenAi());
		const id = await publish(file);
		await ask('logged', 'Hello.');
		const [production] = await n8n.client.executions(id, 1);
		const { data } = await n8n.client.execution(production!.id);
		assert.equal(data.resultData.runData['OpenAI Chat Model'], undefined);
		assert.equal(data.resultData.runData.Agent?.length, 1);
	});

	it('calls an HTTP Request tool, a tool of an MCP server and a sub-workflow in one turn', async () => {
		const lookUp = chain(
			'Look Up',
			node(
				'Called',
				'n8n-nodes-base.executeWorkflowTrigger',
				{ inputSource: 'workflowInputs', workflowInputs: { values: [{ name: 'query' }] } },
				{ typeVersion: 1.1 },
			),
			node(
				'Answer',
				'n8n-nodes-base.set',
				{
					mode: 'raw',
					jsonOutput: '={{ JSON.stringify({ found: "customer of " + $json.query }) }}',
					options: {},
				},
				{ typeVersion: 3.4 },
			),
		);
		const lookUpId = await publish(lookUp);
		await publish(
			workflowOf(
				'tools',
				agent(),
				withOpenAi(
					{
						node: node(
							'list_models',
							'n8n-nodes-base.httpRequestTool',
							{
								toolDescription: 'Lists the models.',
								url: `${model.url}/models`,
								sendHeaders: true,
								headerParameters: { parameters: [{ name: 'authorization', value: 'Bearer k' }] },
								options: {},
							},
							{ typeVersion: 4.3 },
						),
						type: 'ai_tool',
					},
					{
						node: node(
							'Orders',
							`${LANGCHAIN}.mcpClientTool`,
							{ endpointUrl: mcp.url, serverTransport: 'httpStreamable', options: {} },
							{ typeVersion: 1.2 },
						),
						type: 'ai_tool',
					},
					{
						node: node(
							'look_up',
							`${LANGCHAIN}.toolWorkflow`,
							{
								description: 'Looks up a customer.',
								source: 'database',
								workflowId: { __rl: true, mode: 'id', value: lookUpId },
								workflowInputs: {
									mappingMode: 'defineBelow',
									value: { query: "={{ $fromAI('query', 'The name', 'string') }}" },
									schema: [
										{
											id: 'query',
											displayName: 'query',
											type: 'string',
											display: true,
											required: false,
											defaultMatch: false,
											canBeUsedToMatch: true,
										},
									],
									matchingColumns: [],
								},
							},
							{ typeVersion: 2.2 },
						),
						type: 'ai_tool',
					},
				),
			),
		);
		model.script({
			reply: {
				toolCalls: [
					{ name: 'list_models', arguments: {} },
					{ name: 'Orders_find_order', arguments: { number: 4711 } },
					{ name: 'look_up', arguments: { query: 'Ada' } },
				],
			},
		});
		const [item] = await ask('tools', 'Help Ada with order 4711.');
		const results = Object.fromEntries(
			(item?.toolCalls ?? []).map(({ name, result }) => [name, result]),
		);
		assert.match(results.list_models ?? '', /stand-in/, JSON.stringify(item));
		assert.match(results.Orders_find_order ?? '', /Order 4711 was shipped/, JSON.stringify(item));
		assert.match(results.look_up ?? '', /customer of Ada/, JSON.stringify(item));
		assert.deepEqual(mcp.calls, [{ number: 4711 }]);
	});

	for (const [decision, ran] of [
		['approve', true],
		['reject', false],
	] as const) {
		it(`waits at a gate before a tool; after ${decision} the tool ${ran ? 'runs' : 'does not run'}`, async () => {
			const path = `gate-${decision}`;
			const gate = node('Gate', 'humanReviewHitlTool', {
				operation: 'sendAndWait',
				message: 'OK?',
			});
			const file = workflowOf(
				path,
				agent(),
				withOpenAi({ node: gate, type: 'ai_tool' }, { ...calculator, to: 'Gate' }),
			);
			file.nodes[0]!.parameters.responseMode = 'onReceived';
			const id = await publish(file);
			model.script(
				{ match: 'Just answer.', reply: { content: 'Answered.' } },
				{
					match: 'How much',
					reply: {
						toolCalls: [
							{
								name: 'Calculator',
								arguments: { toolParameters: { input: '20+22' }, hitlParameters: {} },
							},
						],
					},
				},
			);
			await n8n.client.callWebhook(path, { tickets: ['How much is 20+22?', 'Just answer.'] });
			const waiting = await waitFor('the gate', async () => {
				const [newest] = await n8n.client.executions(id, 1);
				if (newest === undefined || newest.status === 'running') return undefined;
				return await n8n.client.execution(newest.id);
			});
			assert.equal(waiting.status, 'waiting', waiting.data.resultData.error?.message);
			const { runData } = waiting.data.resultData;
			assert.equal(runData.Calculator, undefined);
			const { resumeUrl } = runData.Gate!.at(-1)!.metadata!;
			const { status, html } = await submitReview(String(resumeUrl), decision);
			assert.equal(status, 200, html);

			const finished = await n8n.client.waitForExecution(waiting.id);
			assert.equal(finished.status, 'success', finished.data.resultData.error?.message);
			assert.equal(finished.data.resultData.runData.Calculator !== undefined, ran);
			const [item, other] = outputOf(finished, 'Agent') as Answer[];
			assert.equal(item?.toolCalls?.[0]?.status, ran ? 'ok' : 'refused');
			if (ran) assert.match(item?.toolCalls?.[0]?.result ?? '', /42/);
			assert.equal(other?.output, 'Answered.');
			assert.equal(model.calls.length, 3, 'what was answered is not asked again');
		});
	}

	it("reads answers with n8n's Structured Output Parser, and asks again when they do not fit", async () => {
		const parser = node(
			'Parser',
			`${LANGCHAIN}.outputParserStructured`,
			{ schemaType: 'fromJson', jsonSchemaExample: '{ "category": "bug" }' },
			{ typeVersion: 1.3 },
		);
		await publish(
			workflowOf(
				'parser',
				agent({ output: 'parser' }),
				withOpenAi({ node: parser, type: 'ai_outputParser' }),
			),
		);
		model.script(
			{ reply: { content: 'It is about billing.' } },
			{ reply: { content: '{"output":{"category":"billing"}}' } },
		);
		const [item] = await ask('parser', 'Charged twice.');
		assert.match(JSON.stringify(item?.output), /"category":"billing"/);
		assert.equal(item?.usage?.calls, 2);
	});

	const embeddings = (name: string): WorkflowNode =>
		node(
			name,
			`${LANGCHAIN}.embeddingsOpenAi`,
			{ model: 'stand-in', options: {} },
			{ typeVersion: 1.2, ...withCredential('openAiApi', openAi) },
		);

	const vectorStore = node(
		'Vector Store',
		`${LANGCHAIN}.vectorStoreInMemory`,
		{ mode: 'retrieve', memoryKey: { __rl: true, mode: 'id', value: 'agent-knowledge' } },
		{ typeVersion: 1.3 },
	);

	it("remembers in n8n's vector store, and recalls from it and from a retriever over it", async () => {
		const options = { knowledge: 'ai_vectorStore', remember: true };
		await publish(
			workflowOf(
				'vector-store',
				agent({ options }),
				withOpenAi(
					{ node: vectorStore, type: 'ai_vectorStore' },
					{ node: embeddings('Embeddings'), type: 'ai_embedding', to: 'Vector Store' },
				),
			),
		);
		await ask('vector-store', 'How long do refunds take?');
		model.forget();
		await ask('vector-store', 'When is my refund here?');
		const said = () => model.calls.map(({ prompt }) => prompt).join('\n');
		assert.match(said(), /source="answer of Agent">\nHow long do refunds take\?/);

		await publish(
			workflowOf(
				'retriever',
				agent({ options: { knowledge: 'ai_retriever' } }),
				withOpenAi(
					{ node: node('Retriever', `${LANGCHAIN}.retrieverVectorStore`), type: 'ai_retriever' },
					{ node: vectorStore, type: 'ai_vectorStore', to: 'Retriever' },
					{ node: embeddings('Embeddings'), type: 'ai_embedding', to: 'Vector Store' },
				),
			),
		);
		model.forget();
		await ask('retriever', 'Refund?');
		assert.match(said(), /source="answer of Agent">/);
	});

	it('knows its earlier answers without any sub-node, and by meaning with Embeddings', async () => {
		const options = { knowledge: 'builtIn' };
		await publish(workflowOf('built-in', agent({ options }), withOpenAi()));
		model.script({ reply: { content: 'Refunds take five days.' } });
		await ask('built-in', 'How long do refunds take?');
		model.forget();
		await ask('built-in', 'Is my refund late?');
		assert.match(model.calls[0]?.prompt ?? '', /Refunds take five days/);

		await publish(
			workflowOf(
				'built-in-vectors',
				agent({ options }),
				withOpenAi({ node: embeddings('Embeddings'), type: 'ai_embedding' }),
			),
		);
		model.forget();
		await ask('built-in-vectors', 'How long do refunds take?');
		const asked = model.calls.map((call) => call.path);
		assert.ok(asked.includes('/v1/embeddings'), asked.join());
	});
});
