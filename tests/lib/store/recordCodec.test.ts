import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';

import { decodeRecord, encodeRecord } from '../../../lib';

/** All of a record: content is looked at only when asked for. */
function read(text: string) {
	const { header, payload } = decodeRecord(text);
	return { header, payload: payload() };
}

describe('record codec', () => {
	const text = encodeRecord({ kind: 'step', path: 'a/b' }, '{"answer":42}');

	it('gives back header and payload', () => {
		expect(read(text)).toEqual({
			header: { kind: 'step', path: 'a/b' },
			payload: '{"answer":42}',
		});
		expect(read(encodeRecord({ a: 1 }))).toEqual({ header: { a: 1 }, payload: undefined });
	});

	it('gives back any header and any text', () => {
		fc.assert(
			fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (header, payload) => {
				const safe = JSON.parse(JSON.stringify(header)) as object;
				if (Object.keys(safe).some((key) => key.includes('proto'))) return;
				const decoded = read(encodeRecord(safe, payload));
				expect(decoded.payload).toBe(payload);
			}),
		);
	});

	it('refuses a record torn at any place', () => {
		for (let length = 0; length < text.length; length++) {
			expect(() => read(text.slice(0, length))).toThrow(/cannot be used/);
		}
	});

	it('refuses a record with any bit flipped', () => {
		for (let index = 0; index < text.length; index++) {
			for (let bit = 0; bit < 16; bit++) {
				const flipped = String.fromCharCode(text.charCodeAt(index) ^ (1 << bit));
				const damaged = text.slice(0, index) + flipped + text.slice(index + 1);
				expect(() => read(damaged)).toThrow(/stored record/);
			}
		}
	});

	it('looks at the content only when it is asked for', () => {
		const damaged = text.replace('42', '43');
		const { header, payload } = decodeRecord(damaged);
		expect(header).toEqual({ kind: 'step', path: 'a/b' });
		expect(payload).toThrow(/content is wrong/);
	});

	it('refuses what a newer version wrote, and says so', () => {
		expect(() => read(text.replace(/^2/, '3'))).toThrow(/format 3/);
	});

	it('reads what the first version wrote, and finds damage in it', () => {
		const old = readFileSync(join(__dirname, 'records.format1.txt'), 'utf8').trimEnd();
		const [step, state] = old.split('\n\n') as [string, string];
		expect(read(step)).toEqual({
			header: { schemaVersion: 1, kind: 'step', path: 'Ask/0', status: 'completed' },
			payload: '{"answer":42}',
		});
		expect(read(state)).toEqual({ header: { schemaVersion: 1, kind: 'full' }, payload: '[1,2]' });
		expect(() => read(step.replace('42', '43'))).toThrow(/content is wrong/);
		expect(() => read(step.replace('Ask', 'Ash'))).toThrow(/header is wrong/);
		expect(() => read(step.replace(/^1/, '0'))).toThrow(/does not begin like a record/);
	});

	it('does not let a record reach a prototype', () => {
		const evil = encodeRecord(JSON.parse('{"__proto__":{"polluted":true}}') as object);
		read(evil);
		expect(({} as Record<string, unknown>).polluted).toBeUndefined();
	});
});
