import { describe, expect, it } from '@jest/globals';
import type { INodeParameters, NodeConnectionType } from 'n8n-workflow';
import { z } from 'zod';

import { AgentTask } from '../../../nodes/AgentTask/AgentTask.node';
import { connect, node, runWorkflow, start, subNode } from '../../harness';
import type { TestNode } from '../../harness';

/** What a Chat Model sub-node hands over: the shape of LangChain's chat models. */
class FakeChatModel {
	lc_namespace = ['langchain', 'chat_models', 'fake'];
	readonly asked: unknown[][] = [];
	readonly bound: unknown[] = [];

	constructor(
		readonly model: string,
		private readonly turns: unknown[],
	) {}

	bindTools(tools: unknown[]): this {
		this.bound.push(tools);
		return this;
	}

	async invoke(messages: unknown[]): Promise<unknown> {
		this.asked.push(messages);
		const turn = this.turns.length > 1 ? this.turns.shift() : this.turns[0];
		if (turn instanceof Error) throw turn;
		return typeof turn === 'string' ? { content: turn } : turn;
	}
}

interface Attached {
	name: string;
	type: Exclude<NodeConnectionType, 'main'>;
	supply: unknown;
	input?: number;
}

async function run(
	parameters: INodeParameters,
	attached: Attached[],
	input = [{ json: {} }],
	more: { mode?: 'manual'; id?: string } = {},
) {
	const subNodes: TestNode[] = attached.map(({ name, type, supply }) =>
		subNode(name, type, () => supply),
	);
	const links = attached.map(({ name, type, input: index = 0 }) => ({
		from: name,
		to: 'Task',
		type,
		input: index,
	}));
	return await runWorkflow({
		nodes: [start(), node('Task', new AgentTask(), { task: 'Do it.', ...parameters }), ...subNodes],
		connections: connect(['Start', 'Task'], ...links),
		input,
		...more,
	});
}

const model = (supply: unknown, name = 'Model', input = 0): Attached => ({
	name,
	type: 'ai_languageModel',
	supply,
	input,
});

const unauthorized = Object.assign(new Error('401 Incorrect API key'), { status: 401 });

describe('Agent Task with attached sub-nodes', () => {
	it('asks the attached Chat Model', async () => {
		const chat = new FakeChatModel('fake-1', [
			{
				content: [{ type: 'text', text: 'Hel' }, { type: 'image' }, 'lo.'],
				usage_metadata: { input_tokens: 7, output_tokens: 3 },
				response_metadata: { model_name: 'fake-1-2026', finish_reason: 'length' },
			},
		]);
		const execution = await run({ instructions: 'You are a clerk.' }, [model(chat)]);

		expect(execution.json('Task')).toMatchObject([
			{
				output: 'Hello.',
				model: 'fake-1-2026',
				finishReason: 'length',
				usage: { inputTokens: 7, outputTokens: 3, totalTokens: 10, calls: 1 },
			},
		]);
		expect(chat.asked).toEqual([
			[
				{ role: 'system', content: 'You are a clerk.' },
				{ role: 'user', content: 'Do it.' },
			],
		]);
	});

	it('says what is missing when no Chat Model is attached', async () => {
		const execution = await run({}, []);
		expect(execution.error?.message).toContain('Chat Model');
	});

	it('tries the models from left to right', async () => {
		const order: string[] = [];
		const failing = (name: string) =>
			Object.assign(new FakeChatModel(name, [unauthorized]), {
				invoke: async () => {
					order.push(name);
					return await Promise.reject(unauthorized);
				},
			});
		const last = new FakeChatModel('third', ['From the third.']);
		const execution = await run({ fallbackCount: 2 }, [
			model(failing('second'), 'Second', 1),
			model(last, 'Third', 2),
			model(failing('first'), 'First', 0),
		]);

		expect(execution.error).toBeUndefined();
		expect(order).toEqual(['first', 'second']);
		expect(execution.json('Task')).toMatchObject([{ output: 'From the third.', attempts: 3 }]);
	});

	it('takes fallbacks that n8n has attached to the first input, and says when one is missing', async () => {
		const failing = new FakeChatModel('first', [unauthorized]);
		const last = new FakeChatModel('second', ['From the second.']);
		const both = [model(failing, 'First', 0), model(last, 'Second', 0)];
		const execution = await run({ fallbackCount: 1 }, both);
		expect(execution.json('Task')).toMatchObject([{ output: 'From the second.', attempts: 2 }]);

		const missing = await run({ fallbackCount: 2 }, both);
		expect(missing.error?.message).toContain(
			'Of 3 Chat Models, the fallbacks included, only 2 are attached.',
		);
		const alone = await run({ fallbackCount: 1 }, [model(last)]);
		expect(alone.error?.message).toContain('Of 2 Chat Models, the fallbacks included, only 1 is');
	});

	it('calls attached tools, also those of toolkits, with checked arguments', async () => {
		const seen: unknown[] = [];
		const tool = (name: string) => ({
			name,
			description: `The ${name}.`,
			schema: z.object({ input: z.string().describe('What to do') }),
			metadata: { sourceNodeName: 'Calculator' },
			invoke: async (input: unknown) => {
				seen.push([name, input]);
				return name === 'json' ? { sum: 42 } : '42';
			},
		});
		const wants = (name: string, args: unknown) => ({ id: `id-${name}`, name, args });
		const chat = new FakeChatModel('fake', [
			{
				content: '',
				tool_calls: [
					wants('calc', { input: '6*7' }),
					wants('json', { input: 'x' }),
					wants('calc', {}),
				],
				invalid_tool_calls: [{ id: 'bad', name: 'calc', args: '{"inp' }],
			},
			'It is 42.',
		]);
		const execution = await run({}, [
			model(chat),
			{ name: 'Calculator', type: 'ai_tool', supply: tool('calc') },
			{ name: 'Kit', type: 'ai_tool', supply: { getTools: () => [tool('json')] } },
		]);

		expect(seen).toEqual([
			['calc', { input: '6*7' }],
			['json', { input: 'x' }],
		]);
		expect(execution.json('Task')).toMatchObject([
			{
				output: 'It is 42.',
				toolCalls: [
					{ name: 'calc', arguments: { input: '6*7' }, status: 'ok', result: '42' },
					{ name: 'json', status: 'ok', result: '{"sum":42}' },
					{ name: 'calc', status: 'refused' },
					{ name: 'calc', arguments: '{"inp', status: 'refused' },
				],
			},
		]);
		expect(chat.bound[0]).toEqual([
			{
				type: 'function',
				function: {
					name: 'json',
					description: 'The json.',
					parameters: {
						type: 'object',
						properties: { input: { type: 'string', description: 'What to do' } },
						required: ['input'],
					},
				},
			},
			expect.objectContaining({ type: 'function' }),
		]);
	});

	it('knows what the attached memory remembers, and adds to it', async () => {
		const saved: unknown[] = [];
		const said = (type: string, content: unknown) => ({ getType: () => type, content });
		const memory = {
			memoryKey: 'history',
			loadMemoryVariables: async () => ({
				history: [
					said('human', 'Hi'),
					said('ai', [{ type: 'text', text: 'Hello' }]),
					said('tool', 'x'),
					said('ai', ''),
				],
			}),
			saveContext: async (...context: unknown[]) => {
				saved.push(context);
			},
		};
		const chat = new FakeChatModel('fake', ['Fine.']);
		await run({}, [model(chat), { name: 'Memory', type: 'ai_memory', supply: memory }]);

		expect(chat.asked[0]!.slice(1)).toEqual([
			{ role: 'user', content: 'Hi' },
			{ role: 'assistant', content: 'Hello', tool_calls: [] },
			{ role: 'user', content: 'Do it.' },
		]);
		expect(saved).toEqual([[{ input: 'Do it.' }, { output: 'Fine.' }]]);
	});

	it('reads answers with the attached output parser, and asks again with its words', async () => {
		const parser = {
			getFormatInstructions: () => 'Answer in upper case.',
			parse: async (text: string) => {
				if (text !== text.toUpperCase()) throw new Error('Not in upper case.');
				return { shouted: text };
			},
		};
		const chat = new FakeChatModel('fake', ['yes', 'YES']);
		const execution = await run({ output: 'parser' }, [
			model(chat),
			{ name: 'Parser', type: 'ai_outputParser', supply: parser },
		]);
		expect(execution.json('Task')).toMatchObject([{ output: { shouted: 'YES' } }]);
		expect(chat.asked[0]![0]).toMatchObject({
			content: expect.stringContaining('Answer in upper case.'),
		});
		expect(chat.asked[1]!.at(-1)).toMatchObject({
			content: expect.stringContaining('Not in upper case.'),
		});
	});
});

describe('Agent Task with knowledge', () => {
	const documents = [
		{ pageContent: 'Returns take 30 days.', metadata: { source: 'policy.md' } },
		{ pageContent: 'Shipping is free.', metadata: {} },
		{ pageContent: 'Third.', metadata: null },
	];

	it('gives the agent what the vector store finds, and remembers the answer', async () => {
		const asked: unknown[] = [];
		const added: unknown[] = [];
		const store = {
			similaritySearch: async (...question: unknown[]) => {
				asked.push(question);
				return documents.slice(0, 2);
			},
			addDocuments: async (more: unknown[]) => {
				added.push(...more);
			},
		};
		const chat = new FakeChatModel('fake', ['30 days.']);
		const options = { knowledge: 'ai_vectorStore', knowledgeLimit: 2, remember: true };
		await run({ task: 'How long?', options }, [
			model(chat),
			{ name: 'Store', type: 'ai_vectorStore', supply: store },
		]);

		expect(asked).toEqual([['How long?', 2]]);
		expect(chat.asked[0]!.at(-1)).toMatchObject({
			content: expect.stringMatching(
				/source="policy\.md">\nReturns take 30 days\.[\s\S]*source="knowledge 2">\nShipping is free\./,
			),
		});
		expect(added).toEqual([
			{
				pageContent: 'How long?\n\n30 days.',
				metadata: { source: 'answer of Task', stepPath: 'Task/0' },
			},
		]);
	});

	it('asks a retriever, and takes no more than it was told to', async () => {
		const chat = new FakeChatModel('fake', ['x']);
		const retriever = { invoke: async () => documents };
		await run({ options: { knowledge: 'ai_retriever', knowledgeLimit: 1 } }, [
			model(chat),
			{ name: 'Retriever', type: 'ai_retriever', supply: retriever },
		]);
		const { content } = chat.asked[0]!.at(-1) as { content: string };
		expect(content).toContain('Returns take 30 days.');
		expect(content).not.toContain('Shipping');
	});

	it('says what is wrong with what is attached', async () => {
		const execution = await run({ options: { knowledge: 'ai_vectorStore' } }, [
			model(new FakeChatModel('fake', ['x'])),
			{ name: 'Store', type: 'ai_vectorStore', supply: {} },
		]);
		expect(execution.error?.message).toBe('A Vector Store or Retriever must be connected.');
	});
});

describe('Agent Task with built-in knowledge', () => {
	const shown = (chat: FakeChatModel, call = -1) =>
		(chat.asked.at(call)!.at(-1) as { content: string }).content;
	const named = (knowledgeName: string, more = {}) => ({
		options: { knowledge: 'builtIn', knowledgeName, ...more },
	});

	it('knows the answers of earlier executions', async () => {
		const chat = new FakeChatModel('fake', ['Refunds take five days.', 'As before.']);
		const parameters = { task: 'How long do refunds take?', ...named('refunds') };
		await run(parameters, [model(chat)]);
		expect(shown(chat)).toBe('How long do refunds take?');

		await run({ ...parameters, task: 'Is my refund late?' }, [model(chat)]);
		expect(shown(chat)).toMatch(
			/source="answer of Task">\nHow long do refunds take\?\n\nRefunds take five days\.\n/,
		);
		await run({ ...parameters, ...named('another') }, [model(chat)]);
		expect(shown(chat)).not.toContain('five days');
	});

	it('keeps workflows apart that give no name, and remembers nothing when told so', async () => {
		const chat = new FakeChatModel('fake', ['Refunds take five days.']);
		const task = 'How long do refunds take?';
		await run({ task, ...named('') }, [model(chat)]);
		await run({ task, ...named('silent', { remember: false }) }, [model(chat)]);
		await run({ task, ...named('silent') }, [model(chat)]);
		expect(shown(chat)).toBe(task);
		await run({ task, ...named('') }, [model(chat)], [{ json: {} }], { id: 'another' });
		expect(shown(chat)).toBe(task);
		await run({ task, ...named('') }, [model(chat)]);
		expect(shown(chat)).toContain('five days');
	});

	it('finds by meaning with attached Embeddings, and by words when they fail', async () => {
		let failing = false;
		const embeddings = {
			embedDocuments: async (texts: string[]) =>
				failing
					? await Promise.reject(new Error('down'))
					: texts.map((text) => [/refund|money/.test(text) ? 1 : 0, 0.01]),
		};
		const attached = (chat: FakeChatModel): Attached[] => [
			model(chat),
			{ name: 'Embeddings', type: 'ai_embedding', supply: embeddings },
		];
		const chat = new FakeChatModel('fake', ['Five days.']);
		await run({ task: 'refund?', ...named('meaning') }, attached(chat));
		await run({ task: 'My money!', ...named('meaning') }, attached(chat));
		expect(shown(chat)).toContain('refund?');
		failing = true;
		await run({ task: 'My money!', ...named('meaning', { remember: false }) }, attached(chat));
		expect(shown(chat)).not.toContain('refund?');
	});
});

describe('the log of model calls', () => {
	const logged = async (options: INodeParameters, mode?: 'manual') => {
		const others = { name: 'other' };
		const chat = Object.assign(new FakeChatModel('fake', ['x']), {
			callbacks: [{ name: 'N8nLlmTracing' }, others, null],
		});
		const execution = await run({ options }, [model(chat)], [{ json: {} }], mode ? { mode } : {});
		expect(execution.error).toBeUndefined();
		expect(chat.callbacks).toContain(others);
		return chat.callbacks.length === 3;
	};

	it('is kept in manual executions, and elsewhere when asked for', async () => {
		expect(await logged({}, 'manual')).toBe(true);
		expect(await logged({})).toBe(false);
		expect(await logged({ logModelCalls: 'always' })).toBe(true);
		expect(await logged({ logModelCalls: 'never' }, 'manual')).toBe(false);
	});

	it('costs nothing when nobody else listens', async () => {
		const chat = Object.assign(new FakeChatModel('fake', ['x']), {
			callbacks: [{ name: 'N8nLlmTracing' }],
		});
		await run({}, [model(chat)]);
		expect(chat.callbacks).toBeUndefined();
	});
});
