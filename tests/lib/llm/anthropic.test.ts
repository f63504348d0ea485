import { describe, expect, it } from '@jest/globals';

import { anthropicChatModel, VirtualRuntime } from '../../../lib';
import type { ChatRequest, HttpClient, HttpRequest, HttpResponse } from '../../../lib';

const runtime = new VirtualRuntime();
const ask = { messages: [{ role: 'user', content: 'Why?' }] } as const;

async function* pieces(text: string): AsyncGenerator<string> {
	for (let at = 0; at < text.length; at += 9) yield text.slice(at, at + 9);
}

/** A model over an HTTP client that gives this answer, and what it asked. */
function modelWith(answer: Partial<HttpResponse>) {
	const requests: HttpRequest[] = [];
	const response = { status: 200, headers: {}, text: '', ...answer };
	const http: HttpClient = {
		request: async (request) => {
			requests.push(request);
			return response;
		},
		stream: async (request) => {
			requests.push(request);
			return { ...response, chunks: pieces(response.text) };
		},
	};
	const model = anthropicChatModel({
		http,
		runtime,
		baseUrl: 'https://api.anthropic.test/v1/',
		model: 'claude-x',
		account: 'cred',
	});
	return { model, requests };
}

const message = (extra: object = {}) => ({
	type: 'message',
	model: 'claude-x-2026',
	content: [{ type: 'text', text: 'Because.' }],
	stop_reason: 'end_turn',
	usage: { input_tokens: 7, output_tokens: 3 },
	...extra,
});

const chat = async (body: unknown, request: ChatRequest = ask) =>
	await modelWith({ text: typeof body === 'string' ? body : JSON.stringify(body) }).model.chat(
		request,
	);

describe('anthropicChatModel', () => {
	it('asks in the words of the API', async () => {
		const { model, requests } = modelWith({ text: JSON.stringify(message()) });
		const controller = new AbortController();
		await model.chat({
			messages: [
				{ role: 'system', content: 'S1' },
				{ role: 'system', content: 'S2' },
				{ role: 'user', content: 'U1' },
				{ role: 'user', content: 'U2' },
				{
					role: 'assistant',
					content: '',
					toolCalls: [
						{ id: 'c1', name: 't', argumentsJson: '{"a":1}' },
						{ id: 'c2', name: 't', argumentsJson: '{oops' },
						{ id: 'c3', name: 't', argumentsJson: '[1]' },
					],
				},
				{ role: 'tool', toolCallId: 'c1', name: 't', content: 'R1' },
				{ role: 'tool', toolCallId: 'c2', name: 't', content: 'R2' },
				{ role: 'assistant', content: '' },
				{ role: 'user', content: 'Go on.' },
			],
			tools: [{ name: 't', description: 'T.', parameters: { type: 'object' } }],
			temperature: 0,
			maxOutputTokens: 9,
			signal: controller.signal,
		});

		expect(model).toMatchObject({ name: 'claude-x', key: 'api.anthropic.test|cred|claude-x' });
		expect(requests).toEqual([
			{
				method: 'POST',
				url: 'https://api.anthropic.test/v1/messages',
				headers: {
					'content-type': 'application/json',
					accept: 'application/json',
					'anthropic-version': '2023-06-01',
				},
				maxBytes: 16777216,
				signal: controller.signal,
				body: {
					model: 'claude-x',
					max_tokens: 9,
					system: 'S1\n\nS2',
					messages: [
						{
							role: 'user',
							content: [
								{ type: 'text', text: 'U1' },
								{ type: 'text', text: 'U2' },
							],
						},
						{
							role: 'assistant',
							content: [
								{ type: 'tool_use', id: 'c1', name: 't', input: { a: 1 } },
								{ type: 'tool_use', id: 'c2', name: 't', input: {} },
								{ type: 'tool_use', id: 'c3', name: 't', input: {} },
							],
						},
						{
							role: 'user',
							content: [
								{ type: 'tool_result', tool_use_id: 'c1', content: 'R1' },
								{ type: 'tool_result', tool_use_id: 'c2', content: 'R2' },
							],
						},
						{ role: 'user', content: [{ type: 'text', text: 'Go on.' }] },
					],
					temperature: 0,
					tools: [{ name: 't', description: 'T.', input_schema: { type: 'object' } }],
				},
			},
		]);
	});

	it('leaves out what was not asked for', async () => {
		const { model, requests } = modelWith({ text: JSON.stringify(message()) });
		await model.chat(ask);
		expect(requests[0]!.body).toEqual({
			model: 'claude-x',
			max_tokens: 4096,
			messages: [{ role: 'user', content: [{ type: 'text', text: 'Why?' }] }],
		});
	});

	it('reads the answer', async () => {
		expect(await chat(message())).toEqual({
			text: 'Because.',
			toolCalls: [],
			finishReason: 'stop',
			usage: { inputTokens: 7, outputTokens: 3, totalTokens: 10, estimated: false },
			model: 'claude-x-2026',
		});
		expect((await chat(message({ model: '', usage: null }))).model).toBe('claude-x');
	});

	it('reads tool calls', async () => {
		const content = [
			{ type: 'text', text: 'Let me see. ' },
			{ type: 'tool_use', id: 'c1', name: 't', input: { a: 1 } },
			{ type: 'tool_use', id: 'c2', name: 't' },
			{ type: 'tool_use', id: 5, name: 't' },
			{ type: 'tool_use', id: 'c3' },
			{ type: 'thinking' },
			'odd',
		];
		expect(await chat(message({ content, stop_reason: 'tool_use' }))).toMatchObject({
			text: 'Let me see. ',
			finishReason: 'tool_calls',
			toolCalls: [
				{ id: 'c1', name: 't', argumentsJson: '{"a":1}' },
				{ id: 'c2', name: 't', argumentsJson: '{}' },
			],
		});
	});

	it.each([
		['max_tokens', 'length'],
		['refusal', 'refusal'],
		['end_turn', 'stop'],
	])('understands the end %s', async (stop_reason, finishReason) => {
		expect((await chat(message({ stop_reason }))).finishReason).toBe(finishReason);
	});

	it.each([
		['', 'with an empty body'],
		['<html>', 'with a web page: <html>'],
		['{}', 'without content: {}'],
		['5', 'without content: 5'],
	])('does not take %j for an answer', async (text, problem) => {
		await expect(chat(text)).rejects.toMatchObject({
			code: 'BAD_PROVIDER_RESPONSE',
			message: `Model "claude-x" at api.anthropic.test answered ${problem}.`,
		});
	});

	it('maps a status, and how long to wait', async () => {
		const text = JSON.stringify({ type: 'error', error: { type: 'x', message: 'Slow down' } });
		const { model } = modelWith({ status: 429, headers: { 'retry-after': '3' }, text });
		const failure = { code: 'MODEL_RATE_LIMIT', retryAfterMs: 3000 };
		await expect(model.chat(ask)).rejects.toMatchObject(failure);
		await expect(model.chat({ ...ask, onText: () => undefined })).rejects.toMatchObject({
			...failure,
			message: 'Model "claude-x" at api.anthropic.test answered with status 429: Slow down.',
		});
	});

	it('sees an error in an answer that claims success', async () => {
		const body = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
		await expect(chat(body)).rejects.toMatchObject({ code: 'MODEL_SERVER' });
	});

	describe('streaming', () => {
		const events = (...list: object[]) =>
			list.map((event) => `event: x\ndata: ${JSON.stringify(event)}\n\n`).join('');
		const start = {
			type: 'message_start',
			message: { model: 'claude-x-2026', usage: { input_tokens: 7, output_tokens: 1 } },
		};
		const block = (content_block: object) => ({ type: 'content_block_start', content_block });
		const delta = (change: object) => ({ type: 'content_block_delta', delta: change });
		const end = (stop_reason: string) => [
			{ type: 'message_delta', delta: { stop_reason }, usage: { output_tokens: 3 } },
			{ type: 'message_stop' },
		];

		async function stream(text: string) {
			const heard: string[] = [];
			let signs = 0;
			const { model, requests } = modelWith({ text });
			const answer = await model.chat({
				...ask,
				onText: (piece) => heard.push(piece),
				onActivity: () => signs++,
			});
			return { answer, heard, signs, requests };
		}

		it('passes text on as it arrives, and gives the whole answer', async () => {
			const { answer, heard, signs, requests } = await stream(
				events(
					start,
					block({ type: 'text', text: 'B' }),
					delta({ type: 'text_delta', text: 'e' }),
					delta({ type: 'text_delta', text: 'cause.' }),
					{ type: 'content_block_stop' },
					...end('end_turn'),
				),
			);
			expect(heard).toEqual(['B', 'e', 'cause.']);
			expect(signs).toBe(7);
			expect(answer).toEqual({
				text: 'Because.',
				toolCalls: [],
				finishReason: 'stop',
				usage: { inputTokens: 7, outputTokens: 3, totalTokens: 10, estimated: false },
				model: 'claude-x-2026',
			});
			expect(requests[0]!.body).toMatchObject({ stream: true });
		});

		it('puts tool calls together', async () => {
			const { answer } = await stream(
				events(
					{ type: 'message_start', message: {} },
					delta({ text: 'lost' }),
					{ type: 'content_block_start' },
					block({ type: 'tool_use', id: 'c1', name: 't', input: {} }),
					delta({ type: 'input_json_delta', partial_json: '{"a"' }),
					delta({ type: 'input_json_delta', partial_json: ':1}' }),
					block({ type: 'tool_use', id: 'c2', name: 't' }),
					block({}),
					...end('tool_use'),
				),
			);
			expect(answer).toMatchObject({
				text: '',
				finishReason: 'tool_calls',
				model: 'claude-x',
				toolCalls: [
					{ id: 'c1', name: 't', argumentsJson: '{"a":1}' },
					{ id: 'c2', name: 't', argumentsJson: '{}' },
				],
			});
		});

		it.each([
			[events(start, block({ type: 'text', text: 'Be' })), 'with a stream that broke off: Be'],
			['data: {oops\n\n', 'with a broken stream: {oops'],
			['', 'with a stream that broke off'],
		])('does not take %j for an answer', async (text, problem) => {
			await expect(stream(text)).rejects.toMatchObject({
				code: 'BAD_PROVIDER_RESPONSE',
				message: `Model "claude-x" at api.anthropic.test answered ${problem}.`,
			});
		});

		it('sees an error in the middle', async () => {
			const error = { type: 'error', error: { message: 'Overloaded' } };
			await expect(stream(events(start, error))).rejects.toMatchObject({ code: 'MODEL_SERVER' });
		});
	});
});
