import { z } from 'zod';

import { ValidationError } from '../../../lib/core/errors';
import { parse, show } from '../../../lib/core/schema';

const schema = z.object({
	name: z.string().default('nobody'),
	steps: z.array(z.object({ id: z.string() })).default([]),
});

describe('parse', () => {
	it('gives the value with its defaults', () => {
		expect(parse(schema, { steps: [{ id: 'a' }] }, 'Workflow')).toEqual({
			name: 'nobody',
			steps: [{ id: 'a' }],
		});
	});

	it('names every path, what was expected and what was received', () => {
		const value = { name: 5, steps: [{ id: 'a' }, { id: null }, {}] };
		expect(() => parse(schema, value, 'Workflow')).toThrow(ValidationError);
		expect(() => parse(schema, value, 'Workflow')).toThrow(
			expect.objectContaining({
				message:
					'Workflow: name: Expected string, received number, received 5; ' +
					'steps[1].id: Expected string, received null, received null; ' +
					'steps[2].id: Required, received nothing.',
				details: {
					issues: [
						{ path: 'name', message: 'Expected string, received number', received: '5' },
						{ path: 'steps[1].id', message: 'Expected string, received null', received: 'null' },
						{ path: 'steps[2].id', message: 'Required', received: 'nothing' },
					],
				},
			}),
		);
	});

	it('needs no path for the value itself', () => {
		expect(() => parse(schema, 'text', 'Workflow')).toThrow(
			'Workflow: Expected object, received string, received "text".',
		);
		expect(() => parse(z.array(z.array(z.string())), [[], [1]], 'Lists')).toThrow(
			'Lists: [1][0]: Expected string, received number, received 1.',
		);
	});

	it('shows nothing where the value ends before the path', () => {
		const deep = z
			.object({ a: z.unknown() })
			.superRefine((_, context) =>
				context.addIssue({ code: 'custom', message: 'Missing', path: ['a', 'b', 'c'] }),
			);
		for (const a of [null, undefined, 'text', {}]) {
			expect(() => parse(deep, { a }, 'X')).toThrow('X: a.b.c: Missing, received nothing.');
		}
	});
});

describe('show', () => {
	it.each([
		[undefined, 'nothing'],
		[null, 'null'],
		[() => 1, 'a function'],
		[5n, '5'],
		[Symbol('x'), 'Symbol(x)'],
		['text', '"text"'],
		[{ a: 1 }, '{"a":1}'],
		['x'.repeat(58), `"${'x'.repeat(58)}"`],
		['x'.repeat(59), `"${'x'.repeat(59)}…`],
	])('shows %p', (value, expected) => {
		expect(show(value)).toBe(expected);
	});
});
