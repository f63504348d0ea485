import * as fc from 'fast-check';

import { lookUp, parsePath, pathText, TemplateError, type Json } from '../../../lib';
import { errorOf } from './errorOf';

describe('parsePath', () => {
	it.each<[string, Array<string | number>]>([
		['input', ['input']],
		['steps.search.output[0].url', ['steps', 'search', 'output', 0, 'url']],
		['input["odd key"]', ['input', 'odd key']],
		["input['odd key'].b", ['input', 'odd key', 'b']],
		['["a"]', ['a']],
		['[12][3]', [12, 3]],
		['input["say \\"hi\\" \\\\ now"]', ['input', 'say "hi" \\ now']],
		["input['it\\'s']", ['input', "it's"]],
		['input[""]', ['input', '']],
		['a.0.b-c_d$', ['a', '0', 'b-c_d$']],
		['größe.名前', ['größe', '名前']],
		['input["]"]', ['input', ']']],
	])('reads %s', (text, path) => {
		expect(parsePath(text)).toEqual(path);
	});

	it.each([
		['', 'a name is missing at its end'],
		['a.', 'it stops at "."'],
		['.a', 'it stops at ".a"'],
		['a..b', 'it stops at "..b"'],
		['a b', 'it stops at " b"'],
		['a[b]', 'it stops at "[b]"'],
		['a[-1]', 'it stops at "[-1]"'],
		['a[1', 'it stops at "[1"'],
		['a["b]', 'it stops at "["b]"'],
		['a.[0]', 'it stops at ".[0]"'],
		['a["b"]c', 'it stops at "c"'],
		['a()', 'it stops at "()"'],
		['a + b', 'it stops at " + b"'],
		['a["x\\n"]', 'it stops at "["x\\n"]"'],
		['a.b!234567890123456789012345', 'it stops at "!2345678901234567890"'],
		['a[1234567890]', 'it stops at "[1234567890]"'],
	])('refuses %j and says where it goes wrong', (text, where) => {
		const error = errorOf(() => parsePath(text));
		expect(error).toBeInstanceOf(TemplateError);
		expect(error).toMatchObject({
			code: 'TEMPLATE_SYNTAX',
			errorClass: 'validation',
			retryable: false,
			message: `"${text}" is not a path: ${where}.`,
			hint: 'Write names separated by dots, such as steps.search.output[0].url; for other keys write ["the key"].',
			details: { path: text },
		});
	});

	it('tells the character at which it stops', () => {
		expect(errorOf(() => parsePath('abc.d e')).details).toEqual({ path: 'abc.d e', at: 5 });
	});

	it.each(['__proto__', 'constructor', 'prototype'])('refuses the name %s in any form', (name) => {
		for (const text of [name, `a.${name}`, `a["${name}"].b`, `a['${name}']`]) {
			expect(errorOf(() => parsePath(text))).toMatchObject({
				code: 'TEMPLATE_SYNTAX',
				message: `The path "${text}" may not contain the name "${name}".`,
				hint: 'Rename the key in the data.',
				details: { path: text, segment: name },
			});
		}
	});

	it('follows 32 segments and no more', () => {
		const path = (segments: number) => Array.from({ length: segments }, () => 'a').join('.');
		expect(parsePath(path(32))).toHaveLength(32);
		expect(errorOf(() => parsePath(path(33)))).toMatchObject({
			code: 'TEMPLATE_SYNTAX',
			message: `The path "${path(33)}" has 33 segments, more than the 32 allowed.`,
			hint: 'Flatten the data.',
			details: { path: path(33), segments: 33 },
		});
	});

	it('reads back what pathText writes', () => {
		const key = fc.string({ minLength: 0, maxLength: 8, unit: 'grapheme' });
		const segment = fc.oneof(key, fc.constantFrom('"', '\\', "'", ']', 'a b', ''), fc.nat(999));
		fc.assert(
			fc.property(fc.array(segment, { minLength: 1, maxLength: 6 }), (path) => {
				fc.pre(!path.some((part) => ['__proto__', 'constructor', 'prototype'].includes(`${part}`)));
				expect(parsePath(pathText(path))).toEqual(path);
			}),
		);
	});

	it('writes plain names with dots and everything else in brackets', () => {
		expect(pathText(['a', 'b-c', 0, 'd e', '"\\', ''])).toBe('a.b-c[0]["d e"]["\\"\\\\"][""]');
	});
});

describe('lookUp', () => {
	const data: Json = { a: { b: [{ c: 'text' }, null, 0, false] }, '': 1 };

	it.each<[string, Json | undefined]>([
		['a', { b: [{ c: 'text' }, null, 0, false] }],
		['a.b[0].c', 'text'],
		['a.b.0.c', 'text'],
		['a.b[1]', null],
		['a.b[2]', 0],
		['a.b[3]', false],
		['a.b.length', 4],
		['a.b[0].c.length', 4],
		['[""]', 1],
		['a.b[4]', undefined],
		['a.b[1].x', undefined],
		['a.b[2].x', undefined],
		['a.x.y', undefined],
		['a.b[0].c[0]', undefined],
		['a.toString', undefined],
		['a.b.map', undefined],
		['a.hasOwnProperty', undefined],
		['a.b[0].c.trim', undefined],
	])('finds at %s: %j', (path, value) => {
		expect(lookUp(data, parsePath(path))).toEqual(value);
	});

	it('runs no getter and reads no prototype', () => {
		let ran = false;
		const tricky = Object.defineProperty(Object.create({ inherited: 1 }), 'own', {
			get: () => (ran = true),
		});
		expect(lookUp({ tricky }, ['tricky', 'own'])).toBeUndefined();
		expect(lookUp({ tricky }, ['tricky', 'inherited'])).toBeUndefined();
		expect(ran).toBe(false);
	});

	it('finds every value of any data at the path that leads to it', () => {
		fc.assert(
			fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
				const visit = (part: Json, path: Array<string | number>): void => {
					expect(lookUp(value, path)).toBe(part);
					if (Array.isArray(part)) part.forEach((item, index) => visit(item, [...path, index]));
					else if (typeof part === 'object' && part !== null) {
						for (const key of Object.keys(part)) visit(part[key]!, [...path, key]);
					}
				};
				visit(value as Json, []);
			}),
		);
	});
});
