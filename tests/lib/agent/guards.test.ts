import { describe, expect, it } from '@jest/globals';

import { forbiddenText, linksOnlyTo, maxLength, noLeakOf } from '../../../lib';

describe('forbiddenText', () => {
	const guard = forbiddenText(['Acme Corp', 'c++', '/\\b\\d{16}\\b/', '/secret/i']);

	it.each([
		['We like ACME  corp.', 'Acme Corp'],
		['I write C++!', 'c++'],
		['Card 1234567890123456', '/\\b\\d{16}\\b/'],
		['A SECRET', '/secret/i'],
	])('holds back %j', (text, rule) => {
		expect(guard.check(text)).toBe(`The text must not hold ${rule}.`);
	});

	it.each(['AcmeCorp', 'The Acme Corporation', 'c+', 'Card 12345678901234567', 'nothing'])(
		'lets %j pass',
		(text) => {
			expect(guard.check(text)).toBeUndefined();
		},
	);

	it('says which pattern does not compile', () => {
		expect(() => forbiddenText(['/(/'])).toThrow(
			expect.objectContaining({
				code: 'VALIDATION',
				message: expect.stringMatching(/^The pattern \/\(\/ cannot be used: .+\.$/),
				hint: 'Correct the pattern, or write the words without slashes.',
			}),
		);
	});
});

describe('maxLength', () => {
	it('counts characters', () => {
		expect(maxLength(3).check('abc')).toBeUndefined();
		expect(maxLength(3).check('abcd')).toBe('The text must have at most 3 characters, it has 4.');
	});
});

describe('linksOnlyTo', () => {
	const guard = linksOnlyTo(['Example.com', 'docs.test']);

	it.each([
		'no link',
		'see https://example.com/a?b#c.',
		'(http://www.EXAMPLE.com)',
		'https://docs.test:8080/x and https://example.com',
	])('lets %j pass', (text) => {
		expect(guard.check(text)).toBeUndefined();
	});

	it.each([
		['https://evil.test/?d=1', 'evil.test'],
		['[x](http://notexample.com)', 'notexample.com'],
		['https://example.com.evil.test', 'example.com.evil.test'],
		['https://example.com@evil.test/', 'evil.test'],
		['HTTPS://EVIL.test', 'evil.test'],
		['https://example.com and https://evil.test', 'evil.test'],
	])('holds back %j', (text, host) => {
		expect(guard.check(text)).toBe(`The text must not link to ${host}.`);
	});
});

describe('noLeakOf', () => {
	const words = Array.from({ length: 40 }, (_entry, index) => `word${index}`);
	const instructions = words.join(' ');
	const guard = noLeakOf(instructions);

	it('holds back an answer that repeats a long piece, in any case and spacing', () => {
		const piece = words.slice(10, 30).join('  \n').toUpperCase();
		expect(guard.check(`My rules: ${piece}`)).toBe(
			"The text must not repeat the agent's instructions.",
		);
	});

	it('lets short pieces pass, and says nothing without instructions', () => {
		expect(guard.check(words.slice(0, 5).join(' '))).toBeUndefined();
		expect(noLeakOf('').check('anything')).toBeUndefined();
		expect(noLeakOf('short').check('short')).toBeUndefined();
	});

	it('knows instructions of exactly the length of a piece', () => {
		expect(noLeakOf('a'.repeat(60)).check('a'.repeat(60))).toBeDefined();
		expect(noLeakOf('a'.repeat(59)).check('a'.repeat(59))).toBeUndefined();
	});
});
