import { describe, expect, it } from '@jest/globals';

import { listModels, openAiChatModel, VirtualRuntime } from '../../../lib';
import type { ChatRequest, HttpClient, HttpRequest, HttpResponse } from '../../../lib';
import { completion } from '../../helpers/modelServer';

const runtime = new VirtualRuntime();
const ask = { messages: [{ role: 'user', content: 'Why?' }] } as const;

/** An HTTP client that gives these answers and remembers what it was asked. */
function http(...answers: Array<Partial<HttpResponse>>) {
	const requests: HttpRequest[] = [];
	const next = (request: HttpRequest) => {
		requests.push(request);
		const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
		return { status: 200, headers: {}, text: '', ...answer };
	};
	const client: HttpClient = {
		request: async (request) => next(request),
		stream: async (request) => {
			const { text, ...answer } = next(request);
			return { ...answer, chunks: pieces(text) };
		},
	};
	return { client, requests };
}

async function* pieces(text: string): AsyncGenerator<string> {
	for (let at = 0; at < text.length; at += 7) yield text.slice(at, at + 7);
}

const body = (value: unknown): Partial<HttpResponse> => ({ text: JSON.stringify(value) });

function modelOver(client: HttpClient) {
	return openAiChatModel({
		http: client,
		runtime,
		baseUrl: 'https://api.test/v1/',
		model: 'gpt-x',
		account: 'cred-1',
	});
}

async function chat(answer: Partial<HttpResponse>, request: ChatRequest = ask) {
	return await modelOver(http(answer).client).chat(request);
}

describe('openAiChatModel', () => {
	it('has a key of endpoint, account and model', () => {
		const { client } = http({});
		expect(modelOver(client)).toMatchObject({ name: 'gpt-x', key: 'api.test|cred-1|gpt-x' });
		const options = { http: client, runtime, baseUrl: 'http://u:p@host:1/v1', model: 'm' };
		expect(openAiChatModel(options).key).toBe('host:1||m');
	});

	it('asks in the words of the API', async () => {
		const { client, requests } = http(body(completion({ text: 'Because.' })));
		const controller = new AbortController();
		await modelOver(client).chat({
			messages: [
				{ role: 'system', content: 'S' },
				{ role: 'user', content: 'U' },
				{ role: 'assistant', content: 'A', toolCalls: [] },
				{
					role: 'assistant',
					content: '',
					toolCalls: [{ id: 'c1', name: 't', argumentsJson: '{"a":1}' }],
				},
				{ role: 'tool', toolCallId: 'c1', name: 't', content: 'R' },
			],
			tools: [{ name: 't', description: 'T.', parameters: { type: 'object' } }],
			responseFormat: { type: 'json_schema', name: 'output', schema: { type: 'object' } },
			temperature: 0,
			maxOutputTokens: 9,
			signal: controller.signal,
		});

		expect(requests).toEqual([
			{
				method: 'POST',
				url: 'https://api.test/v1/chat/completions',
				headers: { 'content-type': 'application/json', accept: 'application/json' },
				maxBytes: 16777216,
				signal: controller.signal,
				body: {
					model: 'gpt-x',
					messages: [
						{ role: 'system', content: 'S' },
						{ role: 'user', content: 'U' },
						{ role: 'assistant', content: 'A' },
						{
							role: 'assistant',
							content: '',
							tool_calls: [
								{ id: 'c1', type: 'function', function: { name: 't', arguments: '{"a":1}' } },
							],
						},
						{ role: 'tool', tool_call_id: 'c1', content: 'R' },
					],
					tools: [
						{
							type: 'function',
							function: { name: 't', description: 'T.', parameters: { type: 'object' } },
						},
					],
					temperature: 0,
					max_tokens: 9,
					response_format: {
						type: 'json_schema',
						json_schema: { name: 'output', schema: { type: 'object' } },
					},
				},
			},
		]);
	});

	it.each([
		[{ responseFormat: { type: 'json' } } as const, { type: 'json_object' }],
		[{ responseFormat: { type: 'text' } } as const, undefined],
		[{}, undefined],
	])('asks for the form %j', async (extra, format) => {
		const { client, requests } = http(body(completion({ text: 'x' })));
		await modelOver(client).chat({ ...ask, ...extra, tools: [] });
		expect((requests[0]!.body as Record<string, unknown>).response_format).toEqual(format);
		expect('tools' in (requests[0]!.body as object)).toBe(false);
	});

	it('asks again without the form when the service does not know it, and remembers', async () => {
		const refusal = {
			status: 400,
			...body({ error: { message: "'response_format.type' is not supported" } }),
		};
		const { client, requests } = http(refusal, body(completion({ text: '{}' })));
		const model = modelOver(client);
		const request: ChatRequest = { ...ask, responseFormat: { type: 'json' } };
		expect((await model.chat(request)).text).toBe('{}');
		await model.chat(request);
		const formats = requests.map(({ body: sent }) => 'response_format' in (sent as object));
		expect(formats).toEqual([true, false, false]);
	});

	it('does not leave the form out for other reasons', async () => {
		const { client, requests } = http({ status: 400, text: '{"error":"Bad temperature"}' });
		const request: ChatRequest = { ...ask, responseFormat: { type: 'json' } };
		await expect(modelOver(client).chat(request)).rejects.toMatchObject({ code: 'MODEL_REJECTED' });
		const busy = http({ status: 500, text: 'response_format' });
		await expect(modelOver(busy.client).chat(request)).rejects.toMatchObject({
			code: 'MODEL_SERVER',
		});
		expect([requests.length, busy.requests.length]).toEqual([1, 1]);
	});

	it('reads the answer', async () => {
		expect(await chat(body(completion({ text: 'Because.', model: 'gpt-x-2026' })))).toEqual({
			text: 'Because.',
			toolCalls: [],
			finishReason: 'stop',
			usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15, estimated: false },
			model: 'gpt-x-2026',
		});
	});

	it('reads tool calls, also without ids and with arguments as objects', async () => {
		const calls = [
			{ id: 'a', function: { name: 'one', arguments: '{"x":1}' } },
			{ id: '', function: { name: 'two', arguments: { y: 2 } } },
			{ function: { name: 'three' } },
			{ function: { arguments: '{}' } },
			'nonsense',
		];
		const answer = body({ choices: [{ message: { content: null, tool_calls: calls } }] });
		expect(await chat(answer)).toMatchObject({
			text: '',
			finishReason: 'tool_calls',
			toolCalls: [
				{ id: 'a', name: 'one', argumentsJson: '{"x":1}' },
				{ id: 'call_1', name: 'two', argumentsJson: '{"y":2}' },
				{ id: 'call_2', name: 'three', argumentsJson: '{}' },
			],
			model: 'gpt-x',
		});
	});

	it('reads content in parts', async () => {
		const content = [{ type: 'text', text: 'Be' }, { type: 'image' }, 5, { text: 'cause.' }];
		expect((await chat(body({ choices: [{ message: { content } }] }))).text).toBe('Because.');
	});

	it.each([
		[completion({ text: 'x', finishReason: 'length' }), 'length', 'x'],
		[completion({ text: '', finishReason: 'content_filter' }), 'content_filter', ''],
		[completion({ refusal: 'No.' }), 'refusal', 'No.'],
		[completion({ text: 'x', refusal: '' }), 'stop', 'x'],
		[completion({ text: 'x', finishReason: 'weird' }), 'stop', 'x'],
	])('says why the answer ended', async (answer, finishReason, text) => {
		expect(await chat(body(answer))).toMatchObject({ finishReason, text });
	});

	it('counts tokens itself when the service does not, or claims none', async () => {
		const estimate = { inputTokens: 5, outputTokens: 2, totalTokens: 7, estimated: true };
		const zero = { prompt_tokens: 0, completion_tokens: 0 };
		expect((await chat(body(completion({ text: 'Because.', usage: null })))).usage).toEqual(
			estimate,
		);
		expect((await chat(body(completion({ text: 'Because.', usage: zero })))).usage).toEqual(
			estimate,
		);
	});

	it.each([
		['', 'with an empty body'],
		[' \n', 'with an empty body'],
		['<html>Login</html>', 'with a web page: <html>Login</html>'],
		['{"choices": [', 'with text that is not JSON: {"choices": ['],
		['null', 'without a choice: null'],
		['{}', 'without a choice: {}'],
		['{"choices":[]}', 'without a choice: {"choices":[]}'],
		['{"choices":[{}]}', 'without a choice: {"choices":[{}]}'],
		['{"choices":["x"]}', 'without a choice: {"choices":["x"]}'],
	])('does not take %j for an answer', async (text, problem) => {
		await expect(chat({ text })).rejects.toMatchObject({
			code: 'BAD_PROVIDER_RESPONSE',
			errorClass: 'bad_output',
			retryable: true,
			message: `Model "gpt-x" at api.test answered ${problem}.`,
			hint: 'Check that the base URL in the credential leads to the API and not to a web page or proxy.',
		});
	});

	it('reads an answer behind a byte order mark', async () => {
		const text = `\uFEFF${JSON.stringify(completion({ text: 'x' }))}`;
		expect((await chat({ text })).text).toBe('x');
	});

	it.each<[number, string, string, boolean]>([
		[400, 'validation', 'MODEL_REJECTED', false],
		[401, 'auth', 'MODEL_AUTH', false],
		[402, 'quota_exhausted', 'MODEL_QUOTA', false],
		[403, 'auth', 'MODEL_AUTH', false],
		[404, 'not_found', 'MODEL_NOT_FOUND', false],
		[407, 'network', 'PROXY_AUTH', true],
		[408, 'timeout', 'MODEL_TIMEOUT', true],
		[422, 'validation', 'MODEL_REJECTED', false],
		[429, 'rate_limit', 'MODEL_RATE_LIMIT', true],
		[500, 'server', 'MODEL_SERVER', true],
		[502, 'server', 'MODEL_SERVER', true],
		[503, 'overloaded', 'MODEL_OVERLOADED', true],
		[504, 'timeout', 'MODEL_TIMEOUT', true],
		[529, 'overloaded', 'MODEL_OVERLOADED', true],
		[302, 'validation', 'MODEL_REJECTED', false],
	])('maps status %i to %s', async (status, errorClass, code, retryable) => {
		const failure = chat({ status, ...body({ error: { message: 'It broke.' } }) });
		await expect(failure).rejects.toMatchObject({
			errorClass,
			code,
			retryable,
			message: `Model "gpt-x" at api.test answered with status ${status}: It broke.`,
			hint: expect.any(String),
			details: { status, model: 'gpt-x', host: 'api.test' },
		});
	});

	it.each([
		[
			429,
			{ error: { message: 'You exceeded your quota', code: 'insufficient_quota' } },
			'MODEL_QUOTA',
		],
		[400, { error: { message: 'Your credit_balance is too low' } }, 'MODEL_QUOTA'],
		[400, { error: { code: 'context_length_exceeded', message: 'x' } }, 'CONTEXT_TOO_LONG'],
		[400, { error: { code: 'content_filter', message: 'x' } }, 'CONTENT_FILTERED'],
	])('understands the words of status %i', async (status, error, code) => {
		await expect(chat({ status, ...body(error) })).rejects.toMatchObject({ code });
	});

	it.each([
		['{"error":"Broken"}', ': Broken'],
		['{"message":"Broken."}', ': Broken'],
		['{"error":{"code":5}}', ''],
		['{}', ''],
		['<html>x</html>', ''],
		['plain words', ': plain words'],
		[`"${'x'.repeat(400)}"`, `: "${'x'.repeat(299)}…`],
	])('quotes the service: %s', async (text, quoted) => {
		await expect(chat({ status: 500, text })).rejects.toMatchObject({
			message: `Model "gpt-x" at api.test answered with status 500${quoted}.`,
		});
	});

	it('passes on how long the service asks to wait', async () => {
		const headers = { 'retry-after': '2' };
		await expect(chat({ status: 429, headers, text: '' })).rejects.toMatchObject({
			retryAfterMs: 2000,
		});
		const garbage = { 'retry-after': 'soon' };
		await expect(chat({ status: 429, headers: garbage, text: '' })).rejects.toMatchObject({
			retryAfterMs: undefined,
		});
	});

	it.each([
		[{ error: { message: 'Overloaded', code: 503 } }, 'MODEL_OVERLOADED'],
		[{ error: { message: 'Upstream', status: '429' } }, 'MODEL_RATE_LIMIT'],
		[{ error: { message: 'Odd', code: 'odd' } }, 'MODEL_SERVER'],
		[{ error: 'Odd' }, 'MODEL_SERVER'],
	])('sees an error in an answer that claims success: %j', async (answer, code) => {
		await expect(chat(body(answer))).rejects.toMatchObject({
			code,
			message: expect.stringMatching(
				/^Model "gpt-x" at api\.test answered with an error: (Overloaded|Upstream|Odd)\.$/,
			),
		});
		expect((await chat(body({ ...completion({ text: 'x' }), error: null }))).text).toBe('x');
	});

	describe('streaming', () => {
		const delta = (change: object, finish: string | null = null) => ({
			model: 'gpt-x-2026',
			choices: [{ delta: change, finish_reason: finish }],
		});
		const events = (...list: unknown[]) =>
			list
				.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`)
				.join('');

		async function stream(text: string) {
			const heard: string[] = [];
			let signs = 0;
			const { client, requests } = http({ text });
			const answer = await modelOver(client).chat({
				...ask,
				onText: (piece) => heard.push(piece),
				onActivity: () => signs++,
			});
			return { answer, heard, signs, requests };
		}

		it('passes text on as it arrives, and gives the whole answer', async () => {
			const usage = { prompt_tokens: 3, completion_tokens: 2 };
			const { answer, heard, signs, requests } = await stream(
				events(
					delta({ role: 'assistant', content: '' }),
					delta({ content: 'Be' }),
					delta({ content: 'cause.' }),
					delta({}, 'stop'),
					{ choices: [], usage },
					'[DONE]',
				),
			);
			expect(heard).toEqual(['Be', 'cause.']);
			expect(signs).toBe(6);
			expect(answer).toEqual({
				text: 'Because.',
				toolCalls: [],
				finishReason: 'stop',
				usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5, estimated: false },
				model: 'gpt-x-2026',
			});
			expect(requests[0]!.body).toMatchObject({
				stream: true,
				stream_options: { include_usage: true },
			});
		});

		it('puts tool calls together', async () => {
			const piece = (index: number | undefined, part: object) =>
				delta({ tool_calls: [{ index, ...part }] });
			const { answer } = await stream(
				events(
					piece(0, { id: 'a', function: { name: 'one', arguments: '' } }),
					piece(0, { function: { arguments: '{"x"' } }),
					piece(1, { id: 'b', function: { name: 'two', arguments: '{}' } }),
					piece(0, { function: { arguments: ':1}' } }),
					piece(undefined, { id: 'c', function: { name: 'three' } }),
					delta({ tool_calls: ['odd'] }),
					delta({ tool_calls: [{ index: 9 }] }),
					delta({}, 'tool_calls'),
				),
			);
			expect(answer.toolCalls.slice(0, 3)).toEqual([
				{ id: 'a', name: 'one', argumentsJson: '{"x":1}' },
				{ id: 'b', name: 'two', argumentsJson: '{}' },
				{ id: 'c', name: 'three', argumentsJson: '' },
			]);
			expect(answer.finishReason).toBe('tool_calls');
		});

		it('reads refusals, and passes over what it does not know', async () => {
			const { answer } = await stream(
				events(
					5,
					{ choices: ['odd'] },
					{ choices: [{ delta: null }] },
					delta({ refusal: 'No' }),
					delta({ refusal: '.' }, 'stop'),
				),
			);
			expect(answer).toMatchObject({ text: 'No.', finishReason: 'refusal' });
		});

		it('takes a plain body from a server that does not stream', async () => {
			const plain = await stream(JSON.stringify(completion({ text: 'Because.' })));
			expect(plain.answer.text).toBe('Because.');
			expect(plain.heard).toEqual(['Because.']);
			const calls = await stream(
				`\n${JSON.stringify(completion({ toolCalls: [{ name: 't', args: {} }] }))}`,
			);
			expect(calls.heard).toEqual([]);
			expect(calls.answer.toolCalls).toHaveLength(1);
		});

		it('begins with empty lines, and plain bodies that are no answer', async () => {
			const { answer } = await stream(
				`\n\n\n\n\n\n\n\n${events(delta({ content: 'x' }), delta({}, 'stop'))}`,
			);
			expect(answer.text).toBe('x');
			await expect(stream('{"choices":["odd"]}')).rejects.toMatchObject({
				code: 'BAD_PROVIDER_RESPONSE',
			});
			await expect(stream('{"a":1}')).rejects.toMatchObject({ code: 'BAD_PROVIDER_RESPONSE' });
			await expect(stream('data: {"choices":5}\n\n')).rejects.toMatchObject({
				code: 'BAD_PROVIDER_RESPONSE',
			});
		});

		it.each([
			['', 'with an empty or broken stream'],
			['<html>', 'with an empty or broken stream: <html>'],
			['data: {oops\n\n', 'with a broken stream: {oops'],
			[events(delta({ content: 'Be' })), 'with a stream that broke off: Be'],
		])('does not take %j for an answer', async (text, problem) => {
			await expect(stream(text)).rejects.toMatchObject({
				code: 'BAD_PROVIDER_RESPONSE',
				message: `Model "gpt-x" at api.test answered ${problem}.`,
			});
		});

		it('sees an error in the middle', async () => {
			const text = events(delta({ content: 'Be' }), { error: { message: 'Gone', code: 503 } });
			await expect(stream(text)).rejects.toMatchObject({ code: 'MODEL_OVERLOADED' });
		});

		it('maps a status, with the words of the body', async () => {
			const { client } = http({ status: 401, ...body({ error: { message: 'Bad key' } }) });
			const failure = modelOver(client).chat({ ...ask, onText: () => undefined });
			await expect(failure).rejects.toMatchObject({
				code: 'MODEL_AUTH',
				message: 'Model "gpt-x" at api.test answered with status 401: Bad key.',
			});
		});
	});
});

describe('listModels', () => {
	const list = async (answer: Partial<HttpResponse>) => {
		const { client, requests } = http(answer);
		const names = await listModels({ http: client, runtime, baseUrl: 'https://api.test/v1/' });
		return { names, requests };
	};

	it('gives the names in order, each once', async () => {
		const data = [{ id: 'b' }, { id: 'a' }, { id: 'b' }, { name: 'x' }, 5];
		const { names, requests } = await list(body({ data }));
		expect(names).toEqual(['a', 'b']);
		expect(requests).toEqual([
			{
				method: 'GET',
				url: 'https://api.test/v1/models',
				headers: { 'anthropic-version': '2023-06-01' },
			},
		]);
	});

	it('says why there is no list', async () => {
		await expect(list({ status: 401, text: '{}' })).rejects.toMatchObject({ code: 'MODEL_AUTH' });
		await expect(list(body({ data: {} }))).rejects.toMatchObject({
			code: 'BAD_PROVIDER_RESPONSE',
			message: 'Model "list of models" at api.test answered without a list of models: {"data":{}}.',
		});
		await expect(list({ text: 'x' })).rejects.toMatchObject({ code: 'BAD_PROVIDER_RESPONSE' });
	});
});
