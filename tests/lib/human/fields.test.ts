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
