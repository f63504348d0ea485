import fc from 'fast-check';

import { BodyDecoder } from '../../../lib';

const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const utf8 = (text: string) => new TextEncoder().encode(text);
const utf16be = (text: string) =>
	Uint8Array.from([...text].flatMap((char) => [char.charCodeAt(0) >> 8, char.charCodeAt(0) & 255]));

const HTML = 'text/html';
const meta = (charset: string) => `<html><head><meta charset="${charset}"></head>`;

function decoded(bytes: Uint8Array, contentType: string | undefined, pieceSize = bytes.length) {
	const decoder = new BodyDecoder(contentType);
	let text = '';
	for (let at = 0; at < bytes.length; at += pieceSize) {
		text += decoder.decode(bytes.subarray(at, at + pieceSize));
	}
	return text + decoder.end();
}

describe('BodyDecoder', () => {
	it.each<[string, string | undefined, Uint8Array, string]>([
		['what the header says', 'text/plain; charset=ISO-8859-1', latin1('für'), 'für'],
		['the header before the meta', 'text/html; charset="utf-8"', utf8(`${meta('l1')}é`), 'é'],
		['a byte order mark before all', 'text/html; charset=latin1', utf8('\ufeffé'), 'é'],
		['UTF-16 by its mark', HTML, utf16be('\ufeffé'), 'é'],
		['the meta of HTML', HTML, latin1(`${meta('iso-8859-1')}é`), 'é'],
		['the meta of older HTML', HTML, latin1("<META content='text/html; charset=l1'>é"), 'é'],
		['the declaration of XHTML', HTML, latin1('<?xml version="1.0" encoding="latin1"?>é'), 'é'],
		['UTF-8 where a page says nothing', HTML, utf8('<html>é'), 'é'],
		['UTF-8 where a page says what cannot be', HTML, utf8(`${meta('utf-16')}é`), 'é'],
		['UTF-8 for names that nobody knows', HTML, utf8(`${meta('klingon')}é`), 'é'],
		['UTF-8 for everything else', undefined, utf8('é'), 'é'],
		['no meta in what is not HTML', 'text/plain', utf8(`${meta('latin1')}é`), 'é'],
		['no meta far into the page', HTML, utf8(`${' '.repeat(1100)}${meta('latin1')}é`), 'é'],
	])('takes %s', (_, contentType, bytes, ending) => {
		expect(decoded(bytes, contentType).slice(-ending.length)).toBe(ending);
	});

	it('gives the text of an answer at once that is no HTML, and of nothing nothing', () => {
		expect(new BodyDecoder('text/event-stream').decode(utf8('a'))).toBe('a');
		expect(decoded(new Uint8Array(0), HTML)).toBe('');
	});

	it('gives the same text however the bytes are cut into pieces', () => {
		const page = fc
			.string({ unit: 'grapheme', maxLength: 400 })
			.map((text) => `${meta('utf-8')}${text}`);
		fc.assert(
			fc.property(page, fc.integer({ min: 1, max: 1500 }), (text, size) => {
				const whole = new TextDecoder().decode(utf8(text));
				expect(decoded(utf8(text), HTML, size)).toBe(whole);
			}),
		);
	});

	it('goes on with the charset it has settled on', () => {
		const decoder = new BodyDecoder('text/plain; charset=utf-8');
		const [first, second] = [utf8('é').subarray(0, 1), utf8('é').subarray(1)];
		expect([decoder.decode(first), decoder.decode(second), decoder.end()]).toEqual(['', 'é', '']);
	});
});
