import * as fc from 'fast-check';

import { REDACTED, redactor, secretsOf } from '../../../lib';

/** Put together here, so that no scanner takes the test data for a leak. */
const KEY = ['sk', 'not', 'a', 'real', 'key', '12345'].join('-');

describe('redactor', () => {
	it('takes known secrets out of a text, also encoded', () => {
		const secret = 'p@ss word/1';
		const { text } = redactor([secret]);

		expect(text(`a ${secret} b`)).toBe(`a ${REDACTED} b`);
		expect(text(`u=${encodeURIComponent(secret)}&x=1`)).toBe(`u=${REDACTED}&x=1`);
		expect(text(`basic ${Buffer.from(secret).toString('base64')}`)).toBe(`basic ${REDACTED}`);
	});

	it('takes a secret that contains another one as a whole', () => {
		const { text } = redactor(['abcdef', 'abcdef-123456']);
		expect(text('key abcdef-123456.')).toBe(`key ${REDACTED}.`);
	});

	it.each([
		['Authorization: Bearer abc123def456ghi', `Authorization: Bearer ${REDACTED}`],
		['"authorization":"Basic dXNlcjpwYXNz"', `"authorization":"Basic ${REDACTED}"`],
		['GET https://x.test/a?api_key=abc&b=1', `GET https://x.test/a?api_key=${REDACTED}&b=1`],
		['postgres://user:hunter2@db/app', `postgres://user:${REDACTED}@db/app`],
		[`Incorrect API key: ${KEY}`, `Incorrect API key: ${REDACTED}`],
	])('finds what has the shape of a secret: %s', (input, expected) => {
		expect(redactor().text(input)).toBe(expected);
	});

	it.each([
		'basic principles of bearer bonds',
		'The token limit is 4096',
		'a skill-based, risk-averse task-force',
		'https://example.com/a?page=2#key',
	])('leaves innocent text alone: %s', (text) => {
		expect(redactor(['short']).text(text)).toBe(text);
	});

	it('reaches strings and names at any depth of JSON, and drops unsafe names', () => {
		const { json } = redactor(['secret-value']);
		const data = JSON.parse(
			'{"a":["x secret-value"],"secret-value":{"b":true},"__proto__":{"p":1},"n":1,"z":null}',
		) as never;

		expect(json(data)).toEqual({ a: [`x ${REDACTED}`], [REDACTED]: { b: true }, n: 1, z: null });
	});

	it('never lets a known secret through, wherever it stands', () => {
		const secret = fc.stringMatching(/^[A-Za-z0-9+/=_-]{6,40}$/);
		fc.assert(
			fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
				const { json } = redactor([value]);
				const [text] = json([`${before}${value}${after}`]) as [string];
				// A secret that is part of the mark itself would be found in the mark.
				expect(text.replaceAll(REDACTED, '').includes(value) && !REDACTED.includes(value)).toBe(
					false,
				);
			}),
		);
	});
});

describe('secretsOf', () => {
	it('takes the texts of a credential, except addresses and names', () => {
		expect(
			secretsOf({
				baseUrl: 'http://a',
				apiKey: 'k',
				region: 'eu',
				headerName: 'X',
				n: 1,
				extra: 'e',
			}),
		).toEqual(['k', 'e']);
	});
});
