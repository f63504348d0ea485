import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { extractJson, jsonOutput, labelOutput, parseJson, textOutput } from '../../../lib';
import type { JsonObject } from '../../../lib';

describe('textOutput', () => {
	it('takes any text, trimmed, and asks for nothing special', () => {
		const format = textOutput();
		expect(format.instructions).toBe('');
		expect(format.responseFormat).toEqual({ type: 'text' });
		expect(format.read(' Hi.\n')).toEqual({ ok: true, value: 'Hi.' });
	});

	it('takes no empty answer', () => {
		expect(textOutput().read(' \n')).toEqual({ ok: false, problem: 'The answer is empty.' });
	});
});

describe('extractJson', () => {
	it.each([
		['{"a":1}', { a: 1 }],
		['\uFEFF{"a":1}', { a: 1 }],
		['  [1, 2]\n', [1, 2]],
		['"text"', 'text'],
		['null', null],
		['```json\n{"a":1}\n```', { a: 1 }],
		['```\n{"a":1}\n```', { a: 1 }],
		['```JSON5 \n{"a":1}```', { a: 1 }],
		['Here you are:\n```json\n{"a":"```"}\n```', { a: '```' }],
		['Sure! {"a": {"b": [1, "}"]}} Anything else?', { a: { b: [1, '}'] } }],
		['A list: [1, {"a": "]\\""}] and {"b":2}', [1, { a: ']"' }]],
		['Use [brackets] like {this}, then {"a":1}', { a: 1 }],
		['{ {"a":1}', { a: 1 }],
		['{"__proto__":{"x":1},"a":1}', { a: 1 }],
	])('finds the JSON in %j', (text, value) => {
		expect(extractJson(text)).toEqual(value);
	});

	it.each(['', 'no JSON', '{"a":', '```json\nno\n```', '{a:1}', '}{', '['])(
		'finds none in %j',
		(text) => {
			expect(extractJson(text)).toBeUndefined();
		},
	);

	it('gives up after 20 places, so that hostile text costs little', () => {
		expect(extractJson(`${'{x} '.repeat(19)}{"a":1}`)).toEqual({ a: 1 });
		expect(extractJson(`${'{x} '.repeat(20)}{"a":1}`)).toBeUndefined();
		expect(extractJson('["'.repeat(500_000))).toBeUndefined();
	});

	it('reads long hostile text twice at most', () => {
		const long = '{'.repeat(1_000_001);
		expect(extractJson(`{${'{'.repeat(10)}{"a":1}`)).toEqual({ a: 1 });
		expect(extractJson(`${long}{"a":1}`)).toBeUndefined();
		expect(extractJson(`{ ${' '.repeat(2_000_000)}{"a":1}`)).toEqual({ a: 1 });
	});

	it('finds any JSON that stands in prose', () => {
		const values = fc.jsonValue().filter((value) => typeof value === 'object' && value !== null);
		fc.assert(
			fc.property(values, (value) => {
				const plain = parseJson(JSON.stringify(value));
				expect(extractJson(`The result is ${JSON.stringify(value)}. Good luck!`)).toEqual(plain);
			}),
		);
	});

	it('never throws', () => {
		fc.assert(
			fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\ab1`\n') }), (text) => {
				expect(() => extractJson(text)).not.toThrow();
			}),
			{ numRuns: 5000 },
		);
	});
});

describe('jsonOutput', () => {
	const schema: JsonObject = {
		type: 'object',
		properties: { n: { type: 'number' } },
		required: ['n'],
	};

	it('tells the model the schema', () => {
		const format = jsonOutput(schema);
		expect(format.instructions).toBe(
			`Answer with JSON only, without any other text, that fits this JSON Schema:\n${JSON.stringify(schema)}`,
		);
		expect(format.responseFormat).toEqual({ type: 'json' });
	});

	it('hands the schema to the service when that is wanted', () => {
		expect(jsonOutput(schema, { enforce: true }).responseFormat).toEqual({
			type: 'json_schema',
			name: 'output',
			schema,
		});
		expect(jsonOutput(schema, { enforce: false }).responseFormat).toEqual({ type: 'json' });
	});

	it('reads data that fits', () => {
		expect(jsonOutput(schema).read('{"n":1}')).toEqual({ ok: true, value: { n: 1 } });
	});

	it('says what does not fit, five problems at most', () => {
		expect(jsonOutput(schema).read('{"n":"1"}')).toEqual({
			ok: false,
			problem: 'The JSON does not fit the schema: n must be a number, received "1".',
		});
		const seven = { type: 'array', items: { type: 'number' } } as const;
		const reading = jsonOutput({ ...seven }).read('["a","a","a","a","a","a","a"]');
		const problems = [0, 1, 2, 3, 4].map((at) => `[${at}] must be a number, received "a"`);
		expect(reading).toEqual({
			ok: false,
			problem: `The JSON does not fit the schema: ${problems.join('; ')}.`,
		});
	});

	it('says when there is no JSON', () => {
		expect(jsonOutput(schema).read('Sorry.')).toEqual({
			ok: false,
			problem: 'The answer holds no valid JSON.',
		});
	});
});

describe('labelOutput', () => {
	const format = labelOutput([
		{ name: 'Billing', description: 'invoices' },
		{ name: 'Bug', description: '' },
		{ name: 'Other' },
	]);

	it('tells the model the labels', () => {
		expect(format.instructions).toBe(
			[
				'Choose exactly one of these labels:',
				'- Billing: invoices',
				'- Bug',
				'- Other',
				'Answer with JSON only: {"label": "<one of the labels>", "confidence": <0 to 1, how sure you are>}',
			].join('\n'),
		);
		expect(format.responseFormat).toEqual({ type: 'json' });
	});

	it.each([
		['{"label":"Bug","confidence":0.9}', 'Bug', 0.9],
		['{"label":"bug","confidence":1}', 'Bug', 1],
		['{"label":" **Bug**. ","confidence":0}', 'Bug', 0],
		['{"label":"Bug","confidence":"0.5"}', 'Bug', 0.5],
		['{"label":"Bug","confidence":85}', 'Bug', 0.85],
		['{"label":"Bug","confidence":100}', 'Bug', 1],
		['{"label":"Bug","confidence":101}', 'Bug', null],
		['{"label":"Bug","confidence":-0.1}', 'Bug', null],
		['{"label":"Bug","confidence":"high"}', 'Bug', null],
		['{"label":"Bug"}', 'Bug', null],
		['"Bug"', 'Bug', null],
		['Bug.', 'Bug', null],
		['"other"', 'Other', null],
	])('reads %s', (text, value, confidence) => {
		expect(format.read(text)).toEqual({ ok: true, value, confidence });
	});

	it.each(['Something', '{"label":5}', '{}', '[]', ''])('refuses %j', (text) => {
		expect(format.read(text)).toEqual({
			ok: false,
			problem: 'The label must be one of "Billing", "Bug", "Other".',
		});
	});

	it.each([
		[[{ name: 'One' }], '["One"]'],
		[[{ name: 'One' }, { name: 'one.' }, { name: 'Two' }], '["One","one.","Two"]'],
		[[{ name: 'One' }, { name: ' ' }], '["One"," "]'],
	])('refuses the list %j', (labels, shown) => {
		expect(() => labelOutput(labels)).toThrow(
			expect.objectContaining({
				code: 'VALIDATION',
				message: `The list of labels must have at least two different names, received ${shown}.`,
				hint: 'Add the missing labels, and give each its own name.',
			}),
		);
	});
});
