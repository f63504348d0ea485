import { createHash, createHmac } from 'node:crypto';

import * as fc from 'fast-check';

import { hashOf, hmacSha256, sha256 } from '../../../lib';

describe('sha256', () => {
	it('agrees with the platform for any text', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
				expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
			}),
		);
	});

	it('agrees with the platform at every length around a block border', () => {
		for (let length = 0; length <= 200; length++) {
			const bytes = new Uint8Array(length).fill(length);
			expect(sha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
		}
	});
});

describe('hmacSha256', () => {
	it('agrees with the platform for any key, longer than a block or not', () => {
		fc.assert(
			fc.property(fc.string({ maxLength: 150 }), fc.string(), (key, text) => {
				expect(hmacSha256(key, text)).toBe(createHmac('sha256', key).update(text).digest('hex'));
			}),
		);
	});
});

describe('hmacSha256, around the length of a block', () => {
	it.each([0, 1, 63, 64, 65, 200])('agrees with the platform for a key of %d bytes', (length) => {
		const key = 'k'.repeat(length);
		expect(hmacSha256(key, 'text')).toBe(createHmac('sha256', key).update('text').digest('hex'));
	});
});

describe('hashOf', () => {
	it('does not depend on the order of keys', () => {
		expect(hashOf({ a: 1, b: { c: [2], d: null } })).toBe(hashOf({ b: { d: null, c: [2] }, a: 1 }));
	});

	it('tells different data apart', () => {
		expect(hashOf({ a: 1 })).not.toBe(hashOf({ a: '1' }));
	});
});
