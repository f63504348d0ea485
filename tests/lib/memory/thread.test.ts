import { describe, expect, it } from '@jest/globals';

import { memoryStore, storedThread, VirtualRuntime } from '../../../lib';

const exchange = (n: number) => ({ user: `u${n}`, assistant: `a${n}` });
const messages = (...numbers: number[]) =>
	numbers.flatMap((n) => [
		{ role: 'user', content: `u${n}` },
		{ role: 'assistant', content: `a${n}` },
	]);

describe('storedThread', () => {
	it('remembers what was said, by the name of the conversation', async () => {
		const store = memoryStore(new VirtualRuntime());
		const thread = storedThread({ store, threadId: 'ada' });
		expect(await thread.load()).toEqual([]);
		await thread.save(exchange(1));
		await thread.save(exchange(2));
		expect(await storedThread({ store, threadId: 'ada' }).load()).toEqual(messages(1, 2));
		expect(await storedThread({ store, threadId: 'bob' }).load()).toEqual([]);
	});

	it('forgets the oldest beyond 20 exchanges, or beyond what it is told', async () => {
		const store = memoryStore(new VirtualRuntime());
		const thread = storedThread({ store, threadId: 'ada' });
		for (let n = 1; n <= 21; n++) await thread.save(exchange(n));
		expect(await thread.load()).toEqual(
			messages(...Array.from({ length: 20 }, (_e, at) => at + 2)),
		);
		expect(await storedThread({ store, threadId: 'ada', maxExchanges: 1 }).load()).toEqual(
			messages(21),
		);
	});

	it('keeps both exchanges of tasks that end at the same time', async () => {
		const store = memoryStore(new VirtualRuntime());
		const save = async (n: number) =>
			await storedThread({ store, threadId: 'ada' }).save(exchange(n));
		await Promise.all([1, 2, 3, 4, 5].map(save));
		expect(await storedThread({ store, threadId: 'ada' }).load()).toHaveLength(10);
	});

	it('gives up when the conversation changes without end', async () => {
		const store = memoryStore(new VirtualRuntime());
		let tries = 0;
		const busy = {
			get: async () => undefined,
			put: async (...write: Parameters<typeof store.put>) => {
				tries++;
				await store.put({ ...write[0], version: 'any' });
				return await store.put(write[0]);
			},
		};
		await expect(
			storedThread({ store: busy, threadId: 'ada' }).save(exchange(1)),
		).rejects.toMatchObject({
			code: 'THREAD_BUSY',
			errorClass: 'conflict',
			message: 'Conversation "ada" changed 20 times while an exchange was added to it.',
			hint: 'Use a conversation of its own for each item.',
		});
		expect(tries).toBe(20);
	});

	it('passes on that the store is broken', async () => {
		const broken = {
			get: async () => undefined,
			put: async () => await Promise.reject(new Error('disk full')),
		};
		await expect(
			storedThread({ store: broken, threadId: 'ada' }).save(exchange(1)),
		).rejects.toThrow('disk full');
	});

	it('passes over what is no exchange', async () => {
		const store = memoryStore(new VirtualRuntime());
		const put = async (value: unknown) =>
			await store.put({
				collection: 'threads',
				id: 'x',
				version: 'any',
				value: JSON.stringify(value),
			});
		await put([5, { user: 1, assistant: 'a' }, { user: 'u' }, exchange(3)]);
		expect(await storedThread({ store, threadId: 'x' }).load()).toEqual(messages(3));
		await put({});
		expect(await storedThread({ store, threadId: 'x' }).load()).toEqual([]);
	});
});
