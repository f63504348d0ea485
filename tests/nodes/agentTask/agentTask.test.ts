import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INodeParameters } from 'n8n-workflow';

import { AgentSwarmModelApi } from '../../../credentials/AgentSwarmModelApi.credentials';
import { AgentTask } from '../../../nodes/AgentTask/AgentTask.node';
import { chain, node, runWorkflow, start } from '../../harness';
import type { NodeSettings } from '../../harness';
import { fails, modelService, says } from '../../helpers/modelServer';
import type { Answer, ModelService } from '../../helpers/modelServer';

/** The key of the credential; must not appear anywhere else. */
const CANARY = ['canary', '0123456789'].join('-');

let service: ModelService;

beforeEach(async () => {
	service = await modelService(says('The answer.'));
});

afterEach(async () => {
	await service.close();
});

const items = (...jsons: object[]) => jsons.map((json) => ({ json: { ...json } }));

async function run(parameters: INodeParameters, input = items({}), settings: NodeSettings = {}) {
	const task = node(
		'Task',
		new AgentTask(),
		{
			modelSource: 'api',
			model: { __rl: true, mode: 'id', value: 'test-model' },
			task: '={{ $json.question }}',
			...parameters,
		},
		{ credentials: { agentSwarmModelApi: 'model' }, ...settings },
	);
	return await runWorkflow({
		nodes: [start(), task],
		connections: chain('Start', 'Task'),
		credentials: {
			model: {
				type: new AgentSwarmModelApi(),
				data: { api: 'openAi', baseUrl: service.url, apiKey: CANARY },
			},
		},
		input,
	});
}

/** Answers a question with its own text in capitals, after a pause. */
const shout: Answer = async (response, call, request) => {
	const question = call.body.messages.at(-1)!.content;
	await new Promise((resolve) => setTimeout(resolve, question === 'slow' ? 60 : 5));
	await says(question.toUpperCase())(response, call, request);
};

describe('Agent Task', () => {
	it('gives the answer with what it took', async () => {
		const execution = await run({}, items({ question: 'Why?' }));

		expect(execution.error).toBeUndefined();
		expect(execution.json('Task')).toEqual([
			{
				output: 'The answer.',
				usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15, costUsd: null, calls: 1 },
				model: 'test-model',
				attempts: 1,
				durationMs: expect.any(Number),
				toolCalls: [],
				outcome: 'success',
				finishReason: 'stop',
				reused: false,
				runKey: execution.id,
				stepPath: 'Task/0',
			},
		]);
		expect(service.calls[0]).toMatchObject({
			path: '/v1/chat/completions',
			headers: { authorization: `Bearer ${CANARY}` },
			body: { model: 'test-model' },
		});
	});

	it('works on items at the same time and keeps their order', async () => {
		service.answer(shout);
		const questions = ['slow', 'b', 'c', 'd', 'e'].map((question) => ({ question }));
		const execution = await run({}, items(...questions));

		expect(execution.json('Task').map(({ output }) => output)).toEqual([
			'SLOW',
			'B',
			'C',
			'D',
			'E',
		]);
		expect(execution.items('Task').map(({ pairedItem }) => pairedItem)).toEqual(
			questions.map((_question, item) => ({ item })),
		);
		const [first] = service.calls.map(({ at }) => at);
		expect(service.calls.every(({ at }) => at - first! < 60)).toBe(true);
	});

	it('keeps the other items when one fails and On Error is Continue', async () => {
		service.answer(async (response, call, request) => {
			const bad = call.body.messages.at(-1)!.content === 'bad';
			await (bad ? fails(400, 'No such thing.') : shout)(response, call, request);
		});
		const execution = await run(
			{},
			items({ question: 'a' }, { question: 'bad' }, { question: 'c' }),
			{ onError: 'continueErrorOutput' },
		);

		expect(execution.json('Task').map(({ output }) => output)).toEqual(['A', 'C']);
		expect(execution.json('Task', 1)[0]).toMatchObject({
			error: expect.stringMatching(/status 400/),
		});
	});

	it('repairs JSON of the wrong form', async () => {
		service.answer(says('{"category": 5}'), says('{"category": "billing", "urgent": true}'));
		const execution = await run({ output: 'json' }, items({ question: 'x' }));

		expect(execution.json('Task')[0]).toMatchObject({
			output: { category: 'billing', urgent: true },
			usage: { calls: 2 },
		});
		expect(service.calls[1]!.body.messages.at(-1)!.content).toContain('category must be a string');
	});

	it('falls back to the next model with the whole conversation', async () => {
		service.answer(async (response, call, request) => {
			await (call.body.model === 'test-model' ? fails(500) : says('From the other.'))(
				response,
				call,
				request,
			);
		});
		const execution = await run(
			{ fallbackModels: 'other', options: { maxAttempts: 2, initialDelaySeconds: 0 } },
			items({ question: 'x' }),
		);

		expect(execution.json('Task')[0]).toMatchObject({ output: 'From the other.', attempts: 3 });
		expect(service.calls.map(({ body }) => body.model)).toEqual([
			'test-model',
			'test-model',
			'other',
		]);
	});
});

describe('Agent Task with a budget', () => {
	const budget = (limit: INodeParameters): INodeParameters => ({
		options: { budget: { limits: [limit] }, itemsAtOnce: 3 },
	});

	it('makes no call more than the run allows, and says why', async () => {
		const questions = Array.from({ length: 6 }, (_entry, index) => ({ question: `q${index}` }));
		const execution = await run(
			budget({ unit: 'calls', hard: 4, scope: 'run' }),
			items(...questions),
			{ onError: 'continueErrorOutput' },
		);

		expect(service.calls).toHaveLength(4);
		expect(execution.json('Task')).toHaveLength(4);
		expect(execution.json('Task', 1)).toMatchObject([
			{ details: { code: 'BUDGET_EXCEEDED' } },
			{ details: { code: 'BUDGET_EXCEEDED' } },
		]);
	});

	it('gives each item a budget of its own', async () => {
		service.answer(says('not JSON'));
		const execution = await run(
			{ output: 'json', ...budget({ unit: 'calls', hard: 2, scope: 'item' }) },
			items({ question: 'a' }, { question: 'b' }),
			{ onError: 'continueErrorOutput' },
		);
		expect(service.calls).toHaveLength(4);
		expect(execution.json('Task', 1)).toHaveLength(2);
	});

	it("holds over n8n's own Retry On Fail", async () => {
		service.answer(says('not JSON'));
		await run(
			{ output: 'json', ...budget({ unit: 'calls', hard: 5, scope: 'run' }) },
			items({ question: 'a' }),
			{ retryOnFail: true, maxTries: 3, waitBetweenTries: 0 },
		);
		expect(service.calls).toHaveLength(5);
	});

	it('says when a limit of cost cannot be kept, because a price is not known', async () => {
		const cost = budget({ unit: 'costUsd', hard: 1, scope: 'run' });
		const hints = async (parameters: INodeParameters) =>
			(await run(parameters, items({ question: 'a' })))
				.task('Task')
				.hints?.map(({ message }) => message);
		expect(await hints(cost)).toEqual([expect.stringContaining('The price of test-model')]);
		const prices = { models: [{ model: 'test', input: 1, output: 1 }] };
		expect(await hints({ options: { ...(cost.options as object), prices } })).toEqual([]);
		expect(await hints(budget({ unit: 'calls', hard: 9, scope: 'run' }))).toEqual([]);
	});

	it('knows what models cost', async () => {
		const execution = await run({
			task: 'x',
			options: { prices: { models: [{ model: 'test', input: 1_000_000, output: 2_000_000 }] } },
		});
		expect(execution.json('Task')[0]).toMatchObject({ usage: { costUsd: 20 } });
	});
});

describe('Agent Task under a run key', () => {
	const parameters = { runKey: '={{ $json.order }}' };

	it('calls nothing again for what is done', async () => {
		const order = `order-${Math.random()}`;
		const input = items({ question: 'a', order }, { question: 'b', order });
		const first = await run(parameters, input);
		const second = await run(parameters, input);

		expect(service.calls).toHaveLength(2);
		expect(first.json('Task').map(({ reused }) => reused)).toEqual([false, false]);
		expect(second.json('Task').map(({ reused }) => reused)).toEqual([true, true]);
		const saved = { calls: 1, totalTokens: 15, costUsd: null, durationMs: expect.any(Number) };
		expect(second.json('Task')[0]).toEqual({ ...first.json('Task')[0], reused: true, saved });
	});

	it('runs only what failed when n8n retries the node', async () => {
		let broken = true;
		service.answer(async (response, call, request) => {
			const bad = broken && call.body.messages.at(-1)!.content === 'b';
			if (bad) broken = false;
			await (bad ? fails(400) : shout)(response, call, request);
		});
		const execution = await run(
			{},
			items({ question: 'a' }, { question: 'b' }, { question: 'c' }),
			{ retryOnFail: true, maxTries: 2, waitBetweenTries: 0 },
		);
		expect(service.calls.map(({ body }) => body.messages.at(-1)!.content).sort()).toEqual([
			'a',
			'b',
			'b',
			'c',
		]);
		expect(execution.json('Task').map(({ output }) => output)).toEqual(['A', 'B', 'C']);
	});
});
