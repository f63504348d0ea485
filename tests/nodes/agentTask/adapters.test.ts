import { describe, expect, it } from '@jest/globals';

import type { JsonObject } from '../../../lib';
import { answerOnly } from '../../../nodes/AgentTask/outputItem';
import { decisionIn } from '../../../nodes/AgentTask/person';
import { jsonOf } from '../../../nodes/AgentTask/task';
import { agentTools } from '../../../nodes/shared/agentTools';
import { attachedKnowledge } from '../../../nodes/shared/knowledge';
import { parserOutput } from '../../../nodes/shared/outputParser';

describe('agentTools', () => {
	const effects = () => ({});
	const call = async (invoke: (input: unknown) => Promise<unknown>, input: JsonObject = {}) => {
		const [tool] = agentTools({ name: 't', invoke }, effects);
		return await tool!.run(input, { callId: 'c' });
	};

	it.each([
		['text', 'text'],
		[{ a: 1 }, '{"a":1}'],
		[undefined, 'null'],
		[5, '5'],
	])('shows the model the result %j as %s', async (result, shown) => {
		expect(await call(async () => result)).toBe(shown);
	});

	it('keeps the message of a tool that fails, also when it says that it was aborted', async () => {
		const aborted = Object.assign(new Error('Gone.'), { name: 'AbortError' });
		await expect(call(async () => await Promise.reject(aborted))).rejects.toMatchObject({
			code: 'TOOL_FAILED',
			errorClass: 'unknown',
			message: 'Gone.',
		});
	});

	it('takes toolkits of both kinds apart, and passes over what is no tool', () => {
		const tool = (name: string) => ({ name, description: `The ${name}`, invoke: async () => '' });
		const kits = [
			{ tools: [tool('a')] },
			{ getTools: () => [tool('b')] },
			{},
			null,
			'x',
			tool('c'),
		];
		const specs = agentTools(kits, effects).map(({ spec }) => [spec.name, spec.description]);
		expect(specs).toEqual([
			['a', 'The a'],
			['b', 'The b'],
			['c', 'The c'],
		]);
		const [bare] = agentTools({ name: 'bare', invoke: async () => '' }, effects);
		expect(bare!.spec.description).toBe('');
	});
});

describe('parserOutput', () => {
	it.each([undefined, null, {}, { parse: 5 }])('refuses %j with advice', (attached) => {
		expect(() => parserOutput(attached)).toThrow(
			expect.objectContaining({ message: 'An Output Parser must be connected.' }),
		);
	});

	it('does without instructions', () => {
		expect(parserOutput({ parse: async () => 1 }).instructions).toBe('');
	});
});

describe('attachedKnowledge', () => {
	it('names pieces by their source, their title, or their number', async () => {
		const metadata = [{ source: 's' }, { title: 't' }, { source: '' }, undefined];
		const documents = metadata.map((one) => ({ pageContent: 'x', metadata: one }));
		const pieces = await attachedKnowledge({
			similaritySearch: async () => [...documents, { pageContent: 5 }],
		}).recall('q', 5);
		expect(pieces.map(({ source }) => source)).toEqual([
			's',
			't',
			'knowledge 3',
			'knowledge 4',
			'knowledge 5',
		]);
		expect(pieces.at(-1)!.text).toBe('');
	});

	it('remembers only where that is possible', () => {
		expect(attachedKnowledge({ similaritySearch: async () => [] }).remember).toBeUndefined();
		expect(attachedKnowledge({ invoke: async () => [] }).remember).toBeUndefined();
	});
});

describe('decisionIn', () => {
	const asked = { id: 'a', proposal: { output: 1 } };

	it.each([
		{},
		{ decision: 'approved' },
		{ needsPerson: asked },
		{ needsPerson: { id: 5 }, decision: 'approved' },
	])('finds none in %j', (item) => {
		expect(decisionIn(item)).toBeUndefined();
	});

	it.each([
		[{ needsPerson: asked, decision: 'approved' }, true, '', { output: 1 }],
		[
			{ needsPerson: asked, decision: 'rejected', comment: ' No. ', payload: 'x' },
			false,
			'No.',
			{ output: 1 },
		],
		[{ needsPerson: asked, decision: 'approved', payload: { output: 2 } }, true, '', { output: 2 }],
		[
			{ needsPerson: asked, decision: 'approved', payload: { toolCalls: [] } },
			true,
			'',
			{ toolCalls: [] },
		],
		[{ needsPerson: asked, decision: 'approved', payload: { other: 1 } }, true, '', { output: 1 }],
		[{ needsPerson: { id: 'a' }, decision: 'approved' }, true, '', {}],
	])('reads %j', (item, approved, comment, proposal) => {
		expect(decisionIn(item)).toEqual({ id: 'a', approved, comment, proposal });
	});
});

describe('jsonOf', () => {
	it.each([
		['{"a":1}', { a: 1 }],
		['null', null],
		[5, 5],
		[{ a: 1 }, { a: 1 }],
		[null, null],
	])('takes %j', (source, value) => {
		expect(jsonOf(source, 'Field')).toEqual(value);
	});

	it.each([undefined, '{oops', ''])('refuses %j', (source) => {
		expect(() => jsonOf(source, 'Field')).toThrow(/^Field must be valid JSON, received /);
	});
});

describe('answerOnly', () => {
	it('keeps what the calling agent has to know', () => {
		const item = { json: { output: 'x', outcome: 'success', usage: {} }, pairedItem: { item: 0 } };
		expect(answerOnly(item)).toEqual({
			json: { output: 'x', outcome: 'success' },
			pairedItem: { item: 0 },
		});
		expect(answerOnly({ json: { output: 'x', outcome: 'success', confidence: 0.5 } }).json).toEqual(
			{
				output: 'x',
				outcome: 'success',
				confidence: 0.5,
			},
		);
		expect(answerOnly({ json: { error: 'No.' } }).json).toEqual({ error: 'No.' });
	});
});
