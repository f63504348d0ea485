import fc from 'fast-check';

import { differenceOf } from '../../../lib/human/difference';
import { fieldSchema, readField } from '../../../lib/human/fields';
import type { FormField } from '../../../lib';

const field = (changes: Partial<FormField>): FormField =>
	fieldSchema.parse({ name: 'f', label: 'F', ...changes });

describe('readField', () => {
	it.each<[Partial<FormField>, string, unknown]>([
		[{ type: 'text' }, '  a b ', 'a b'],
		[{ type: 'longText' }, ' a\r\nb ', ' a\nb '],
		[{ type: 'number' }, '3', 3],
		[{ type: 'number' }, ' -2,5 ', -2.5],
		[{ type: 'number' }, '1e3', 1000],
		[{ type: 'number', min: '0', max: 10 }, '10', 10],
		[{ type: 'date' }, '2028-02-29', '2028-02-29'],
		[{ type: 'email' }, ' a.b@example.org ', 'a.b@example.org'],
		[{ type: 'choice', options: ['Low', 'High'] }, 'High', 'High'],
		[{ type: 'yesNo' }, 'no', false],
		[{ type: 'text', pattern: '[A-Z]{2}\\d+' }, 'AB12', 'AB12'],
		[{ type: 'text', maxLength: 2 }, '👩👩', '👩👩'],
		[{ type: 'text' }, '', null],
	])('takes %j with %j as %j', (changes, typed, value) => {
		expect(readField(field(changes), [typed])).toEqual({ value });
	});

	it.each<[Partial<FormField>, string, string]>([
		[{ required: true }, '  ', 'required'],
		[{ type: 'yesNo', required: true }, '', 'required'],
		[{ type: 'number' }, 'three', 'notNumber'],
		[{ type: 'number' }, '0x10', 'notNumber'],
		[{ type: 'number' }, '1e999', 'notNumber'],
		[{ type: 'number', max: '10' }, '10.01', 'max'],
		[{ type: 'number', min: 0 }, '-1', 'min'],
		[{ type: 'date' }, '2027-02-29', 'notDate'],
		[{ type: 'date' }, '29.02.2028', 'notDate'],
		[{ type: 'date', min: '2026-01-01' }, '2025-12-31', 'min'],
		[{ type: 'email' }, 'a@b', 'notEmail'],
		[{ type: 'email' }, 'a b@example.org', 'notEmail'],
		[{ type: 'choice', options: ['Low'] }, 'low', 'notOption'],
		[{ type: 'yesNo' }, 'maybe', 'notOption'],
		[{ type: 'text', pattern: '[A-Z]+' }, 'Ab', 'pattern'],
		[{ type: 'text', minLength: 3 }, 'ab', 'minLength'],
		[{ type: 'text', maxLength: 1 }, 'ab', 'maxLength'],
	])('refuses %j with %j: %s', (changes, typed, code) => {
		expect(readField(field(changes), [typed])).toMatchObject({ problem: { code } });
	});

	it('takes several choices in the order of the form, each once', () => {
		const choices = field({ type: 'choices', options: ['a', 'b', 'c'] });
		expect(readField(choices, ['c', 'a', 'c'])).toEqual({ value: ['a', 'c'] });
		expect(readField(choices, [])).toEqual({ value: [] });
		expect(readField(choices, ['d'])).toEqual({ problem: { code: 'notOption' } });
	});

	it('refuses a pattern that is none when the form is made', () => {
		expect(() => field({ pattern: '[' })).toThrow('must be a regular expression');
	});
});

describe('differenceOf', () => {
	it('names what was changed, added and removed by its path', () => {
		const before = { a: 1, b: { c: [1, 2, 3] }, d: 'x' };
		const after = { a: 2, b: { c: [1, 5] }, e: null };
		expect(differenceOf(before, after)).toEqual([
			{ path: 'a', from: 1, to: 2 },
			{ path: 'b.c[1]', from: 2, to: 5 },
			{ path: 'b.c[2]', from: 3 },
			{ path: 'd', from: 'x' },
			{ path: 'e', to: null },
		]);
	});

	it('is empty for equal data', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				const data = JSON.parse(JSON.stringify(value)) as never;
				expect(differenceOf(data, structuredClone(data))).toEqual([]);
			}),
		);
	});

	it('is not empty when one entry anywhere is another', () => {
		fc.assert(
			fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.nat(), (list, at) => {
				const changed = list.map((entry, index) =>
					index === at % list.length ? entry + 1 : entry,
				);
				expect(differenceOf({ list }, { list: changed })).toHaveLength(1);
			}),
		);
	});
});
