import * as fc from 'fast-check';

import { compileTemplate, renderTemplate, type Json, type JsonObject } from '../../../lib';
import { errorOf } from './errorOf';

const scope: JsonObject = {
	input: { n: 3, name: 'Ada', list: [1, 'two'], nothing: null, yes: true, evil: '{{ input.n }}' },
	steps: { search: { output: { title: 'T' } } },
};

describe('renderTemplate', () => {
	it.each<[Json, Json]>([
		['{{ input.n }}', 3],
		['{{input.n}}', 3],
		['{{ input.list }}', [1, 'two']],
		['{{ input.nothing }}', null],
		['{{ input.yes }}', true],
		['Hello {{ input.name }}!', 'Hello Ada!'],
		['{{ input.name }}{{ input.n }}', 'Ada3'],
		[' {{ input.n }}', ' 3'],
		['{{ input.n }} ', '3 '],
		['{{ input.list }} and {{ input.nothing }}, {{ input.yes }}', '[1,"two"] and null, true'],
		['no placeholder', 'no placeholder'],
		['', ''],
		['}} alone { { n } }', '}} alone { { n } }'],
		['\\{{ input.n }}', '{{ input.n }}'],
		['\\{{ {{ input.n }}', '{{ 3'],
		['{{ input.n }}\\{{', '3{{'],
		['a\\b', 'a\\b'],
		[5, 5],
		[null, null],
		[false, false],
		[
			['{{ input.n }}', { a: '{{ steps.search.output.title }}' }],
			[3, { a: 'T' }],
		],
		[
			{ '{{ input.name }}': 1, b: { c: '{{ input.n }}' } },
			{ '{{ input.name }}': 1, b: { c: 3 } },
		],
	])('turns %j into %j', (template, result) => {
		expect(renderTemplate(template, scope)).toEqual(result);
	});

	it('never reads what comes from data as a template again', () => {
		expect(renderTemplate('{{ input.evil }}', scope)).toBe('{{ input.n }}');
		expect(renderTemplate('<{{ input.evil }}>', scope)).toBe('<{{ input.n }}>');
		expect(renderTemplate({ a: '{{ input.evil }} {{ input.n }}' }, scope)).toEqual({
			a: '{{ input.n }} 3',
		});
	});

	it('puts any text in unchanged, byte for byte', () => {
		const piece = fc.oneof(
			fc.string({ unit: 'binary' }),
			fc.constantFrom('{{ input.n }}', '{{', '}}', '\\{{', '$&', '${x}', '\u0000', '\ud800'),
		);
		fc.assert(
			fc.property(
				fc.array(piece).map((parts) => parts.join('')),
				(text) => {
					expect(renderTemplate('{{ text }}', { text })).toBe(text);
					expect(renderTemplate('<{{ text }}|{{ text }}>', { text })).toBe(`<${text}|${text}>`);
				},
			),
		);
	});

	it('leaves JSON without placeholders as it is', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				fc.pre(!/\{\{|__proto__|constructor|prototype/.test(JSON.stringify(value)));
				expect(renderTemplate(value as Json, {})).toEqual(value);
			}),
		);
	});

	it('drops keys that could reach a prototype', () => {
		const template = JSON.parse('{"a":1,"__proto__":{"polluted":"{{ input.n }}"}}') as Json;
		const result = renderTemplate(template, scope) as JsonObject;
		expect(Object.keys(result)).toEqual(['a']);
		expect(result.polluted).toBeUndefined();
	});

	it('changes neither the template nor the data', () => {
		const template: Json = { a: ['{{ input.list }}', '{{ input.name }}!'] };
		const before = JSON.stringify([template, scope]);
		renderTemplate(template, scope);
		expect(JSON.stringify([template, scope])).toBe(before);
	});

	it.each([
		['{{ input.x }}', 'input.x', '"input" has n, name, list, nothing, yes, evil'],
		['a {{ other }}', 'other', 'The data has input, steps'],
		['{{ input.list[5] }}', 'input.list[5]', '"input.list" is a list of 2'],
		['{{ input.name.first }}', 'input.name.first', '"input.name" is a string'],
		['{{ input.nothing.a.b }}', 'input.nothing.a.b', '"input.nothing" is null'],
		['{{ input.n.a }}', 'input.n.a', '"input.n" is a number'],
	])('says for %s what is there instead', (template, path, where) => {
		expect(errorOf(() => renderTemplate(template, scope))).toMatchObject({
			code: 'TEMPLATE_MISSING',
			errorClass: 'validation',
			message: `There is nothing at "${path}": ${where}.`,
			hint: 'Correct the path, or make sure the step that provides the value has run.',
			details: { path },
		});
	});

	it('names at most ten of the keys that are there', () => {
		const wide = (count: number) => ({
			data: Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1])),
		});
		const said = (count: number) =>
			errorOf(() => renderTemplate('{{ data.x }}', wide(count))).message.split('has ')[1];
		expect(said(10)).toBe('k0, k1, k2, k3, k4, k5, k6, k7, k8, k9.');
		expect(said(12)).toBe('k0, k1, k2, k3, k4, k5, k6, k7, k8, k9 and 2 more.');
		expect(errorOf(() => renderTemplate('{{ data.x }}', { data: {} })).message).toBe(
			'There is nothing at "data.x": "data" is empty.',
		);
	});

	it('leaves a gap for what is missing when told to', () => {
		const options = { missing: 'empty' } as const;
		expect(renderTemplate('{{ input.x }}', scope, options)).toBeNull();
		expect(renderTemplate('[{{ input.x.y }}]', scope, options)).toBe('[]');
		expect(renderTemplate('{{ input.n }}', scope, options)).toBe(3);
	});

	it('refuses a placeholder that is not closed', () => {
		expect(errorOf(() => renderTemplate('ab {{ input.n }', scope))).toMatchObject({
			code: 'TEMPLATE_SYNTAX',
			message: 'The placeholder "{{ input.n }" is not closed.',
			hint: 'End it with }}, or write \\{{ for two braces as text.',
			details: { at: 3 },
		});
	});

	it('refuses anything that would have to be evaluated', () => {
		for (const text of [
			'{{ 1 + 1 }}',
			'{{ input.n; 1 }}',
			'{{ input.list.map(x => x) }}',
			'{{ }}',
			'{{ input["constructor"]["constructor"]("return 1")() }}',
			'{{ this.constructor }}',
		]) {
			expect(errorOf(() => renderTemplate(text, scope)).code).toBe('TEMPLATE_SYNTAX');
		}
	});

	it('refuses a text that grows beyond its limit', () => {
		const options = { maxLength: 10 };
		expect(renderTemplate('<{{ text }}>', { text: 'x'.repeat(8) }, options)).toHaveLength(10);
		expect(
			errorOf(() => renderTemplate('<{{ text }}>', { text: 'x'.repeat(9) }, options)),
		).toMatchObject({
			code: 'TEMPLATE_TOO_LARGE',
			message: 'A text of the template grew to 11 characters, more than the 10 allowed.',
			hint: 'Pass the data as a value of its own instead of inside a text.',
			details: { length: 11 },
		});
	});

	it('has a limit of a million characters unless told otherwise', () => {
		const text = 'x'.repeat(999_999);
		expect(renderTemplate('{{ text }}.', { text })).toHaveLength(1_000_000);
		expect(errorOf(() => renderTemplate('{{ text }}..', { text })).code).toBe('TEMPLATE_TOO_LARGE');
	});

	it('passes whole values of any size', () => {
		const text = 'x'.repeat(1_000_001);
		expect(renderTemplate('{{ text }}', { text })).toBe(text);
	});

	it('reads templates 64 levels deep and no deeper', () => {
		const nested = (levels: number): Json =>
			levels === 0
				? '{{ n }}'
				: levels % 2 === 0
					? [nested(levels - 1)]
					: { a: nested(levels - 1) };
		expect(JSON.stringify(renderTemplate(nested(64), { n: 1 }))).toContain('1');
		expect(errorOf(() => renderTemplate(nested(65), { n: 1 }))).toMatchObject({
			code: 'TEMPLATE_TOO_LARGE',
			message: 'The template is nested more than 64 levels deep.',
			hint: 'Flatten it.',
			details: { maxDepth: 64 },
		});
	});
});

describe('compileTemplate', () => {
	it('tells which paths it names, each once, in order', () => {
		const template = compileTemplate({
			a: '{{ input.n }} {{ steps.a.output }}',
			b: ['{{input["n"]}}', '{{ run.id }}', 1],
		});
		expect(template.paths).toEqual([
			['input', 'n'],
			['steps', 'a', 'output'],
			['run', 'id'],
		]);
	});

	it('is read once and filled in many times', () => {
		const template = compileTemplate('{{ a }}-{{ b }}');
		expect(template.render({ a: 1, b: 2 })).toBe('1-2');
		expect(template.render({ a: 'x', b: null })).toBe('x-null');
	});

	it('finds mistakes before there is data', () => {
		expect(errorOf(() => compileTemplate({ a: [{ b: '{{ a b }}' }] })).code).toBe(
			'TEMPLATE_SYNTAX',
		);
	});
});
