import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { memoryStore, storedKnowledge, TextRanker } from '../../../lib';
import type { StoredKnowledgeOptions } from '../../../lib';

const from = (source: string) => ({ source });

const indexer = (texts: readonly string[]) => {
	const ranker = new TextRanker(texts.map((text) => ({ title: '', text })));
	return (question: string) => [...ranker.scores(question)];
};

function knowledge(options: Partial<StoredKnowledgeOptions> = {}) {
	let now = 0;
	const store = memoryStore({ now: () => now++ });
	const all = { store, name: 'support', indexer, ...options };
	return { ...all, open: () => storedKnowledge(all) };
}

/** One dimension a topic: texts of the same topic point the same way, whatever their words. */
const TOPICS: ReadonlyArray<readonly string[]> = [
	['invoice', 'bill', 'charged'],
	['crash', 'freezes', 'bug'],
];
const byTopic = async (texts: string[]) =>
	texts.map((text) =>
		TOPICS.map((words) => (words.some((word) => text.toLowerCase().includes(word)) ? 1 : 0.01)),
	);

describe('storedKnowledge', () => {
	it('finds what was remembered by its words, best first', async () => {
		const { open } = knowledge();
		const base = open();
		await base.remember('Refunds take five days.', from('answer of Clerk'));
		await base.remember('The app crashes when a refund is printed twice.', from('b'));
		await base.remember('Our office is closed on Sundays.', from('c'));

		expect(await open().recall('How long do refunds take?', 2)).toEqual([
			{ source: 'answer of Clerk', text: 'Refunds take five days.' },
			{ source: 'b', text: 'The app crashes when a refund is printed twice.' },
		]);
		expect(await open().recall('How long do refunds take?', 1)).toHaveLength(1);
		expect(await open().recall('zebra', 3)).toEqual([]);
	});

	it('finds nothing where nothing was remembered', async () => {
		expect(await knowledge().open().recall('Anything?', 3)).toEqual([]);
	});

	it('keeps what has another name apart, also when one name begins with the other', async () => {
		const { open, store } = knowledge({ name: 'support' });
		await open().remember('Refunds take five days.', {});
		const other = storedKnowledge({ store, name: 'support/eu', indexer });
		expect(await other.recall('refunds', 3)).toEqual([]);
	});

	it('finds texts of the same meaning, and those with the same words first', async () => {
		const { open } = knowledge({ embedder: byTopic });
		const base = open();
		await base.remember('It freezes at start.', from('bug'));
		await base.remember('I was charged twice.', from('billing'));
		await base.remember('My bill came late.', from('late'));

		const found = await open().recall('A question about my invoice that came', 3);
		expect(found.map(({ source }) => source)).toEqual(['late', 'billing', 'bug']);
	});

	it.each([
		['fails', async () => await Promise.reject(new Error('The service is down.'))],
		['gives nothing', async () => []],
		['gives no numbers', async () => [[Number.NaN]]],
		['has another size than before', async () => [[1, 2, 3]]],
	])('finds by words alone when the embedder %s', async (_case, embedder) => {
		const { open, ...options } = knowledge({ embedder: byTopic });
		await open().remember('I was charged twice.', from('billing'));
		const later = storedKnowledge({ ...options, embedder });

		expect(await later.recall('charged', 1)).toEqual([
			{ source: 'billing', text: 'I was charged twice.' },
		]);
		expect(await later.recall('bill', 1)).toEqual([]);
		await later.remember('Charged forever.', from('later'));
		expect(await open().recall('forever', 2)).toContainEqual({
			source: 'later',
			text: 'Charged forever.',
		});
	});

	it('compares nothing with a text that has no meaning', async () => {
		const { open } = knowledge({ embedder: async (texts) => texts.map(() => [0, 0]) });
		await open().remember('I was charged twice.', {});
		expect(await open().recall('bill', 1)).toEqual([]);
	});

	it('remembers the same text once', async () => {
		const { open } = knowledge();
		for (let n = 0; n < 3; n++) await open().remember('Refunds take five days.', {});
		expect(await open().recall('refunds', 9)).toHaveLength(1);
	});

	it('forgets the oldest', async () => {
		const { open } = knowledge({ maxPieces: 2 });
		for (const text of ['first fact', 'second fact', 'third fact']) await open().remember(text, {});
		const texts = (await open().recall('fact', 9)).map(({ text }) => text);
		expect(texts.sort()).toEqual(['second fact', 'third fact']);
	});

	it('reads more than one page', async () => {
		const { open } = knowledge();
		const base = open();
		for (let n = 0; n < 250; n++) await base.remember(`fact number${n}`, {});
		expect(await open().recall('number7', 1)).toEqual([{ source: '', text: 'fact number7' }]);
		expect(await open().recall('fact', 999)).toHaveLength(250);
	});

	it('reads once: what others add meanwhile is for those who come later', async () => {
		const { open } = knowledge();
		const base = open();
		await base.recall('refunds', 3);
		await base.remember('Refunds take five days.', {});
		expect(await base.recall('refunds', 3)).toEqual([]);
		expect(await open().recall('refunds', 3)).toHaveLength(1);
	});

	it('tries again after the store could not be read', async () => {
		const { store, ...options } = knowledge();
		let broken = true;
		const list: typeof store.list = async (...query) =>
			broken ? await Promise.reject(new Error('down')) : await store.list(...query);
		const put = store.put.bind(store);
		const base = storedKnowledge({ ...options, store: { list, put, remove: async () => true } });
		await expect(base.recall('x', 1)).rejects.toThrow('down');
		broken = false;
		expect(await base.recall('x', 1)).toEqual([]);
	});

	it('passes over what somebody else wrote there', async () => {
		const { open, store } = knowledge();
		await open().remember('Refunds take five days.', {});
		const [kept] = (await store.list('knowledge', {})).documents;
		for (const [index, value] of [
			'5',
			'{"text":5}',
			'{"text":"refund note","source":5}',
		].entries()) {
			await store.put({ collection: 'knowledge', id: `${kept!.id}${index}`, version: 0, value });
		}
		const found = await open().recall('refund', 9);
		expect(found.map(({ text }) => text).sort()).toEqual([
			'Refunds take five days.',
			'refund note',
		]);
	});

	it('gives nothing twice and nothing that was not remembered, whatever the texts', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(fc.string()), fc.string(), async (texts, question) => {
				const { open } = knowledge({ embedder: byTopic });
				const base = open();
				for (const text of texts) await base.remember(text, {});
				const found = (await open().recall(question, 5)).map(({ text }) => text);
				expect(new Set(found).size).toBe(found.length);
				expect(found.every((text) => texts.includes(text))).toBe(true);
			}),
			{ numRuns: 100 },
		);
	});
});
