import fc from 'fast-check';

import { decodeRecord, encodeRecord } from '../../../lib';

describe('record codec', () => {
	const text = encodeRecord({ kind: 'step', path: 'a/b' }, '{"answer":42}');

	it('gives back header and payload', () => {
		expect(decodeRecord(text)).toEqual({
			header: { kind: 'step', path: 'a/b' },
			payload: '{"answer":42}',
		});
		expect(decodeRecord(encodeRecord({ a: 1 }))).toEqual({ header: { a: 1 }, payload: undefined });
	});

	it('gives back any header and any text', () => {
		fc.assert(
			fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (header, payload) => {
				const safe = JSON.parse(JSON.stringify(header)) as object;
				if (Object.keys(safe).some((key) => key.includes('proto'))) return;
				const decoded = decodeRecord(encodeRecord(safe, payload));
				expect(decoded.payload).toBe(payload);
			}),
		);
	});

	it('refuses a record torn at any place', () => {
		for (let length = 0; length < text.length; length++) {
			expect(() => decodeRecord(text.slice(0, length))).toThrow(/cannot be used/);
		}
	});

	it('refuses a record with any bit flipped', () => {
		for (let index = 0; index < text.length; index++) {
			for (let bit = 0; bit < 16; bit++) {
				const flipped = String.fromCharCode(text.charCodeAt(index) ^ (1 << bit));
				const damaged = text.slice(0, index) + flipped + text.slice(index + 1);
				expect(() => decodeRecord(damaged)).toThrow(/stored record/);
			}
		}
	});

	it('refuses what a newer version wrote, and says so', () => {
		expect(() => decodeRecord(text.replace(/^1/, '2'))).toThrow(/format 2/);
	});

	it('does not let a record reach a prototype', () => {
		const evil = encodeRecord(JSON.parse('{"__proto__":{"polluted":true}}') as object);
		decodeRecord(evil);
		expect(({} as Record<string, unknown>).polluted).toBeUndefined();
	});
});
