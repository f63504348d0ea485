import fc from 'fast-check';

import { isGenuine, pinCode, reviewLink } from '../../../lib';
import { NONCE_LIFETIME_MS, checkNonce, issueNonce } from '../../../lib/human/nonce';
import { codeFor, equalInConstantTime } from '../../../lib/human/secret';
import { NOON } from './desk';

const SECRET = 'key of this n8n';
const scope = { requestId: 'review-1', reviewerId: 'Ann', shown: ['aa', 'bb'] };
const nonce = issueNonce(SECRET, scope, NOON, '0b3c9f6e-1111-4222-8333-444455556666');

describe('codes', () => {
	it('differ for other purposes, parts and borders between parts', () => {
		const codes = [
			codeFor(SECRET, 'a', ['bc', 'd']),
			codeFor(SECRET, 'a', ['b', 'cd']),
			codeFor(SECRET, 'ab', ['c', 'd']),
			codeFor(SECRET, 'a', ['bc', 'd', '']),
			codeFor('other key', 'a', ['bc', 'd']),
			pinCode(SECRET, 'bc', 'd'),
		];
		expect(new Set(codes).size).toBe(codes.length);
	});

	it('are compared as a whole', () => {
		fc.assert(
			fc.property(fc.string(), fc.string(), (first, second) => {
				expect(equalInConstantTime(first, second)).toBe(first === second);
				expect(equalInConstantTime(first, first)).toBe(true);
			}),
		);
	});
});

describe('the number of a page', () => {
	it('is good until 15 minutes have passed, to the millisecond', () => {
		expect(checkNonce(SECRET, scope, nonce, NOON)).toBe('fresh');
		expect(checkNonce(SECRET, scope, nonce, NOON + NONCE_LIFETIME_MS)).toBe('fresh');
		expect(checkNonce(SECRET, scope, nonce, NOON + NONCE_LIFETIME_MS + 1)).toBe('stale');
	});

	it.each([
		['another review', { ...scope, requestId: 'review-2' }],
		['another reviewer', { ...scope, reviewerId: 'Ben' }],
		['other data', { ...scope, shown: ['aa', 'bc'] }],
		['data cut differently', { ...scope, shown: ['aab', 'b'] }],
	])('does not fit %s', (_, other) => {
		expect(checkNonce(SECRET, other, nonce, NOON)).toBe('forged');
	});

	it('is not accepted with any character changed, left out or added', () => {
		for (let at = 0; at < nonce.length; at++) {
			for (const other of ['0', 'a', 'Z', '.', '']) {
				if (nonce[at] === other) continue;
				const altered = nonce.slice(0, at) + other + nonce.slice(at + 1);
				expect(checkNonce(SECRET, scope, altered, NOON)).toBe('forged');
			}
		}
		expect(checkNonce(SECRET, scope, `${nonce}0`, NOON)).toBe('forged');
	});

	it('cannot be guessed', () => {
		const hex = '0123456789abcdef';
		let seed = 1;
		const digit = () => hex[(seed = (Math.imul(seed, 48271) >>> 0) % 0x7fffffff) & 15];
		for (let tries = 0; tries < 5000; tries++) {
			const code = Array.from({ length: 32 }, digit).join('');
			const guess = nonce.replace(/[0-9a-f]{32}$/, code);
			expect(checkNonce(SECRET, scope, guess, NOON)).toBe('forged');
		}
	});
});

describe('a link', () => {
	it('is good for one reviewer of one review', () => {
		const link = reviewLink(SECRET, 'review-1', 'Ann');
		expect(isGenuine(SECRET, 'review-1', link)).toBe(true);
		expect(isGenuine(SECRET, 'review-2', link)).toBe(false);
		expect(isGenuine(SECRET, 'review-1', { ...link, reviewer: 'Ben' })).toBe(false);
		expect(isGenuine('other key', 'review-1', link)).toBe(false);
	});

	it('is not accepted with any digit changed', () => {
		const link = reviewLink(SECRET, 'review-1', 'Ann');
		for (let at = 0; at < link.code.length; at++) {
			for (const digit of '0123456789abcdef') {
				if (link.code[at] === digit) continue;
				const code = link.code.slice(0, at) + digit + link.code.slice(at + 1);
				expect(isGenuine(SECRET, 'review-1', { ...link, code })).toBe(false);
			}
		}
	});
});
