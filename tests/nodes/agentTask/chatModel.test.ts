import { describe, expect, it } from '@jest/globals';

import { EngineError } from '../../../lib';
import type { ChatRequest } from '../../../lib';
import { attachedChatModel, isAttachedModel } from '../../../nodes/shared/chatModel';
import type { AttachedModel } from '../../../nodes/shared/chatModel';
import { chatModelError } from '../../../nodes/shared/chatModelErrors';

const target = { model: 'gpt-x', host: 'api.test' };
const ask: ChatRequest = { messages: [{ role: 'user', content: 'Why?' }] };

const failure = (message: string, fields: object = {}) => Object.assign(new Error(message), fields);

describe('chatModelError', () => {
	it.each([
		[{ status: 401 }, 'MODEL_AUTH'],
		[{ statusCode: 404 }, 'MODEL_NOT_FOUND'],
		[{ httpCode: '429' }, 'MODEL_RATE_LIMIT'],
		[{ response: { status: 503 } }, 'MODEL_OVERLOADED'],
		[{ cause: { status: 500 } }, 'MODEL_SERVER'],
		[{ cause: { cause: { code: 'ECONNREFUSED' } } }, 'MODEL_NETWORK'],
		[{ name: 'APIConnectionError' }, 'MODEL_NETWORK'],
		[{ code: 'ETIMEDOUT' }, 'MODEL_TIMEOUT'],
		[{ name: 'APIConnectionTimeoutError' }, 'MODEL_TIMEOUT'],
		[{ name: 'AbortError' }, 'ABORTED'],
		[{ name: 'APIUserAbortError' }, 'ABORTED'],
		[{ code: 'ERR_CANCELED' }, 'ABORTED'],
		[{ status: 200 }, 'MODEL_FAILED'],
		[{}, 'MODEL_FAILED'],
	])('understands %j', (fields, code) => {
		expect(chatModelError(failure('Broken.', fields), target).code).toBe(code);
	});

	it('says what the service said, without the status in front', () => {
		expect(chatModelError(failure('401 Bad key', { status: 401 }), target).message).toBe(
			'Model "gpt-x" at api.test answered with status 401: Bad key.',
		);
	});

	it.each([
		{ headers: new Headers({ 'retry-after': '3' }) },
		{ headers: { 'retry-after': '3' } },
		{ response: { status: 429, headers: { 'retry-after': '3' } } },
	])('passes on how long to wait', (fields) => {
		expect(chatModelError(failure('x', { status: 429, ...fields }), target)).toMatchObject({
			retryAfterMs: 3000,
		});
	});

	it.each([{ headers: new Headers() }, { headers: { 'retry-after': 3 } }, { headers: 'x' }])(
		'waits as usual without such a wish',
		(fields) => {
			expect(
				chatModelError(failure('x', { status: 429, ...fields }), target).retryAfterMs,
			).toBeUndefined();
		},
	);

	it('leaves errors of the engine alone, and takes anything else', () => {
		const own = new EngineError('X', 'x');
		expect(chatModelError(own, target)).toBe(own);
		expect(chatModelError('oops', target)).toMatchObject({
			code: 'MODEL_FAILED',
			errorClass: 'unknown',
			message: 'Model "gpt-x" at api.test could not be asked: oops',
			hint: 'Check the Chat Model that is attached to this node, and its credential.',
		});
	});
});

describe('attachedChatModel', () => {
	const model = (fields: object): AttachedModel => ({
		invoke: async () => ({ content: 'x' }),
		...fields,
	});

	it.each([
		[{ model: 'a', clientConfig: { baseURL: 'https://one.test/v1' } }, 'a', 'model|one.test||a'],
		[{ modelName: 'b', baseUrl: 'http://two.test' }, 'b', 'model|two.test||b'],
		[{ deploymentName: 'c', apiUrl: 'http://three.test' }, 'c', 'model|three.test||c'],
		[{ lc_namespace: ['x', 'y'] }, 'attached model', 'x/y|the model service||attached model'],
	])('names %j', (fields, name, key) => {
		expect(attachedChatModel(model(fields))).toMatchObject({ name, key });
	});

	it('tells accounts apart without giving their keys away', () => {
		const secret = ['sk', 'one'].join('-');
		const one = attachedChatModel(model({ model: 'a', apiKey: secret }));
		const other = attachedChatModel(model({ model: 'a', openAIApiKey: 'sk-two' }));
		expect(one.key).not.toBe(other.key);
		expect(one.key).not.toContain(secret);
	});

	it.each([
		[{ finish_reason: 'length' }, 'length'],
		[{ stop_reason: 'max_tokens' }, 'length'],
		[{ finishReason: 'MAX_TOKENS' }, 'length'],
		[{ finishReason: 'SAFETY' }, 'content_filter'],
		[{ stop_reason: 'refusal' }, 'refusal'],
		[{ finish_reason: 'stop' }, 'stop'],
		[undefined, 'stop'],
	])('understands the end %j', async (response_metadata, finishReason) => {
		const fields = { invoke: async () => ({ content: 'x', response_metadata }) };
		expect((await attachedChatModel(model(fields)).chat(ask)).finishReason).toBe(finishReason);
	});

	it('passes a whole answer on at once when the model cannot stream', async () => {
		const heard: string[] = [];
		await attachedChatModel(model({})).chat({ ...ask, onText: (text) => heard.push(text) });
		expect(heard).toEqual(['x']);
	});

	it('passes pieces on when it can', async () => {
		class Piece {
			constructor(readonly content: string) {}
			concat(next: Piece): Piece {
				return new Piece(this.content + next.content);
			}
		}
		async function* pieces() {
			yield new Piece('Be');
			yield new Piece('');
			yield new Piece('cause.');
		}
		const heard: string[] = [];
		let signs = 0;
		const answer = await attachedChatModel(model({ stream: async () => pieces() })).chat({
			...ask,
			onText: (text) => heard.push(text),
			onActivity: () => signs++,
		});
		expect(heard).toEqual(['Be', 'cause.']);
		expect(signs).toBe(3);
		expect(answer.text).toBe('Because.');
	});

	it('does not take nothing for an answer', async () => {
		const nothing = attachedChatModel(model({ model: 'a', invoke: async () => undefined }));
		await expect(nothing.chat(ask)).rejects.toMatchObject({ code: 'BAD_PROVIDER_RESPONSE' });
		async function* none() {}
		const empty = attachedChatModel(model({ stream: async () => none() }));
		expect((await empty.chat({ ...ask, onText: () => undefined })).text).toBe('');
	});

	it('knows what can be asked', () => {
		expect(isAttachedModel(model({}))).toBe(true);
		for (const other of [undefined, null, 'x', {}, { invoke: 5 }]) {
			expect(isAttachedModel(other)).toBe(false);
		}
	});
});
