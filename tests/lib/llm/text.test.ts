import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import {
	AbortError,
	estimateInputTokens,
	estimateTokens,
	hostOf,
	serverSentEvents,
	untilAborted,
	usageOf,
} from '../../../lib';

async function* cut(text: string, at: readonly number[]): AsyncGenerator<string> {
	let start = 0;
	for (const end of [...at].sort((a, b) => a - b)) {
		yield text.slice(start, Math.max(start, end));
		start = Math.max(start, end);
	}
	yield text.slice(start);
}

async function eventsOf(text: string, at: readonly number[] = []): Promise<string[]> {
	const events: string[] = [];
	for await (const event of serverSentEvents(cut(text, at))) events.push(event);
	return events;
}

describe('serverSentEvents', () => {
	it.each([
		['data: a\n\ndata: b\n\n', ['a', 'b']],
		['data:a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
		['data: a\rdata: b\r\rdata: c\r\r', ['a\nb', 'c']],
		[': comment\nevent: x\nid: 1\ndata: a\n\n\n\n', ['a']],
		['data: one\ndata:  two\n\n', ['one\n two']],
		['data: a', ['a']],
		['data: a\n', ['a']],
		['data: a\r', ['a']],
		['database: x\n\n', []],
		['', []],
	])('reads %j', async (text, events) => {
		expect(await eventsOf(text)).toEqual(events);
	});

	it('reads the same however the text is cut', async () => {
		const text = ': hi\r\ndata: {"a":1}\r\n\r\ndata: b\ndata: c\n\nevent: x\ndata: [DONE]\n\n';
		const whole = await eventsOf(text);
		expect(whole).toEqual(['{"a":1}', 'b\nc', '[DONE]']);
		await fc.assert(
			fc.asyncProperty(fc.array(fc.nat(text.length)), async (at) => {
				expect(await eventsOf(text, at)).toEqual(whole);
			}),
			{ numRuns: 500 },
		);
	});
});

describe('estimateTokens', () => {
	it.each([
		['', 0],
		['abcd', 1],
		['abcde', 2],
		['日本語', 3],
		['abcd日本', 3],
		['\u10FF', 1],
		['\u1100\u1100\u1100\u1100', 4],
	])('of %j is %i', (text, tokens) => {
		expect(estimateTokens(text)).toBe(tokens);
	});

	it('counts messages with their calls, and tools', () => {
		const messages = [
			{ role: 'user', content: 'abcd' },
			{
				role: 'assistant',
				content: '',
				toolCalls: [{ id: 'x', name: 'abcd', argumentsJson: '{}ab' }],
			},
			{ role: 'assistant', content: 'abcd' },
		] as const;
		expect(estimateInputTokens({ messages })).toBe(5 + 6 + 5);
		expect(estimateInputTokens({ messages, tools: [] })).toBe(16);
		const tools = [{ name: 't', description: '', parameters: {} }];
		expect(estimateInputTokens({ messages, tools })).toBe(
			16 + Math.ceil(JSON.stringify(tools).length / 4),
		);
	});
});

describe('usageOf', () => {
	const request = { messages: [{ role: 'user', content: 'abcd' }] } as const;
	const answer = { text: 'abcdefgh', toolCalls: [] };

	it.each([
		[
			{ inputTokens: 3, outputTokens: 4 },
			{ inputTokens: 3, outputTokens: 4, totalTokens: 7, estimated: false },
		],
		[{ inputTokens: 3 }, { inputTokens: 3, outputTokens: 2, totalTokens: 5, estimated: true }],
		[{ outputTokens: 4 }, { inputTokens: 5, outputTokens: 4, totalTokens: 9, estimated: true }],
		[
			{ inputTokens: 2.5, outputTokens: 1.2 },
			{ inputTokens: 3, outputTokens: 2, totalTokens: 5, estimated: false },
		],
		[
			{ inputTokens: -1, outputTokens: Infinity },
			{ inputTokens: 5, outputTokens: 2, totalTokens: 7, estimated: true },
		],
		[
			{ inputTokens: '3', outputTokens: NaN },
			{ inputTokens: 5, outputTokens: 2, totalTokens: 7, estimated: true },
		],
	])('of %j', (reported, usage) => {
		expect(usageOf(reported, request, answer)).toEqual(usage);
	});

	it('believes that an empty answer has no tokens', () => {
		const usage = usageOf({ inputTokens: 3, outputTokens: 0 }, request, {
			text: '',
			toolCalls: [],
		});
		expect(usage).toEqual({ inputTokens: 3, outputTokens: 0, totalTokens: 3, estimated: false });
	});
});

describe('hostOf', () => {
	it.each([
		['https://api.test/v1', 'api.test'],
		['HTTP://localhost:11434/v1?x', 'localhost:11434'],
		['https://user:secret@api.test/v1', 'api.test'],
		['nonsense', 'the model service'],
	])('of %s is %s', (url, host) => {
		expect(hostOf(url)).toBe(host);
	});
});

describe('untilAborted', () => {
	it('gives what the work gives', async () => {
		const { signal } = new AbortController();
		await expect(untilAborted(Promise.resolve(1))).resolves.toBe(1);
		await expect(untilAborted(Promise.resolve(1), signal)).resolves.toBe(1);
		await expect(untilAborted(Promise.reject(new Error('x')), signal)).rejects.toThrow('x');
	});

	it('ends at once, also when the signal had aborted before', async () => {
		const never = new Promise(() => undefined);
		const controller = new AbortController();
		const running = untilAborted(never, controller.signal);
		controller.abort(new AbortError('Stop.'));
		await expect(running).rejects.toThrow('Stop.');
		await expect(untilAborted(never, controller.signal)).rejects.toThrow('Stop.');
	});
});
