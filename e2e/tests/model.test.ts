import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import axios from 'axios';
import { NOTICE } from '../model/answers.ts';
import { mostAtOnce } from '../model/callLog.ts';
import { startModel } from '../model/server.ts';
import type { ModelServer } from '../model/server.ts';

const SOURCES = `Which bridge is longer?

[1] The North Bridge was opened in 1932 and is 640 metres long. [1]
[2] The South Bridge carries trains and is 410 metres long. [2]`;

describe('the stand-in for a model', () => {
	let model: ModelServer;
	const post = (body: unknown, key = 'any') =>
		axios.post(`${model.url}/chat/completions`, body, {
			headers: key ? { authorization: `Bearer ${key}` } : {},
			validateStatus: () => true,
		});
	const ask = (more: Record<string, unknown> = {}) =>
		post({
			model: 'stand-in',
			messages: [
				{ role: 'system', content: 'You are a critical reviewer. Be brief.' },
				{ role: 'user', content: SOURCES },
			],
			...more,
		});

	before(async () => {
		model = await startModel();
	});
	beforeEach(() => model.forget());
	after(() => model.close());

	it('answers from the sources, cites them and says that it is a stand-in', async () => {
		const { status, data } = await ask();
		assert.equal(status, 200);
		const [choice] = data.choices;
		assert.equal(choice.finish_reason, 'stop');
		assert.ok(choice.message.content.startsWith(NOTICE));
		assert.match(choice.message.content, /As a critical reviewer/);
		assert.match(choice.message.content, /640 metres long\. \[1\]/);
		assert.match(choice.message.content, /410 metres long\. \[2\]/);
		assert.equal(data.usage.total_tokens, data.usage.prompt_tokens + data.usage.completion_tokens);
		assert.deepEqual((await ask()).data.choices, data.choices);
	});

	it('streams the same answer in chunks, with the usage in the last one', async () => {
		const whole = (await ask()).data;
		const { data } = await ask({ stream: true, stream_options: { include_usage: true } });
		const events = String(data).trim().split('\n\n');
		assert.equal(events.pop(), 'data: [DONE]');
		const chunks = events.map((event) => JSON.parse(event.replace('data: ', '')));
		const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
		assert.equal(text, whole.choices[0].message.content);
		assert.deepEqual(chunks.at(-1).choices, []);
		assert.deepEqual(chunks.at(-1).usage, whole.usage);
	});

	it('calls the offered tool once and then answers with its result', async () => {
		const tools = [
			{
				type: 'function',
				function: {
					name: 'length_of',
					parameters: {
						type: 'object',
						properties: { bridge: { type: 'string' }, unit: { enum: ['m', 'ft'] } },
					},
				},
			},
		];
		const [first] = (await ask({ tools })).data.choices;
		assert.equal(first.finish_reason, 'tool_calls');
		const [call] = first.message.tool_calls;
		assert.equal(call.function.name, 'length_of');
		assert.equal(JSON.parse(call.function.arguments).unit, 'm');
		const { data } = await post({
			model: 'stand-in',
			tools,
			messages: [
				{ role: 'user', content: 'How long?' },
				first.message,
				{ role: 'tool', tool_call_id: call.id, content: '640' },
			],
		});
		assert.match(data.choices[0].message.content, /The tools answered: 640/);
	});

	it('fills the JSON schema that was asked for', async () => {
		const schema = {
			type: 'object',
			properties: { score: { type: 'integer', minimum: 3 }, verdict: { enum: ['good', 'bad'] } },
		};
		const response_format = { type: 'json_schema', json_schema: { name: 'judgement', schema } };
		const { data } = await ask({ response_format });
		assert.deepEqual(JSON.parse(data.choices[0].message.content), { score: 3, verdict: 'good' });
	});

	it('refuses as the real service does: no key, no messages, unknown model, unknown path', async () => {
		assert.equal((await post({}, '')).status, 401);
		assert.equal((await post({ model: 'stand-in' })).data.error.param, 'messages');
		const unknown = await ask({ model: 'gpt-none' });
		assert.equal(unknown.status, 404);
		assert.equal(unknown.data.error.code, 'model_not_found');
	});

	it('plays the scripted faults once each, Retry-After included', async () => {
		model.script({ status: 429, retryAfterS: 2 }, { status: 503, match: 'critical' });
		const limited = await ask();
		assert.equal(limited.status, 429);
		assert.equal(limited.headers['retry-after'], '2');
		assert.equal((await ask()).status, 503);
		assert.equal((await ask()).status, 200);
	});

	it('breaks a connection in the middle of a stream when told to', async () => {
		model.script({ cutOff: true });
		await assert.rejects(ask({ stream: true }));
	});

	it('shows in its log which calls overlapped', async () => {
		model.script({ delayMs: 60, times: 3 });
		await Promise.all([ask(), ask(), ask()]);
		await ask();
		assert.equal(model.calls.length, 4);
		assert.equal(mostAtOnce(model.calls), 3);
		assert.equal(mostAtOnce(model.calls.slice(2)), 1);
	});

	it('answers the same over the Responses API', async () => {
		const headers = { authorization: 'Bearer any' };
		const request = {
			model: 'stand-in',
			instructions: 'You are a critical reviewer. Be brief.',
			input: SOURCES,
		};
		const { data } = await axios.post(`${model.url}/responses`, request, { headers });
		const [choice] = (await ask()).data.choices;
		assert.equal(data.output[0].content[0].text, choice.message.content);
		assert.equal(data.status, 'completed');
		const streamed = await axios.post(
			`${model.url}/responses`,
			{ ...request, stream: true },
			{ headers },
		);
		const deltas = [...String(streamed.data).matchAll(/"delta":("(?:[^"\\]|\\.)*")/g)];
		assert.equal(deltas.map(([, text]) => JSON.parse(text ?? '')).join(''), choice.message.content);
	});

	it('embeds texts so that shared words bring them closer', async () => {
		const headers = { authorization: 'Bearer any' };
		const input = ['a long bridge', 'a very long bridge', 'cheese'];
		const { data } = await axios.post(
			`${model.url}/embeddings`,
			{ model: 'stand-in', input },
			{ headers },
		);
		const [a, b, c] = data.data.map(({ embedding }: { embedding: number[] }) => embedding);
		const similarity = (x: number[], y: number[]) =>
			x.reduce((sum, v, i) => sum + v * (y[i] ?? 0), 0);
		assert.ok(similarity(a, b) > similarity(a, c));
	});
});
