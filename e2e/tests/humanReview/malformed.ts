/** Requests that are no submitted page: wrong types, broken bodies, wrong fields, too much. */

interface Malformed {
	name: string;
	init: RequestInit;
}

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

const sent = (name: string, type: string | undefined, body?: BodyInit): Malformed => ({
	name,
	init: { body, headers: type === undefined ? {} : { 'content-type': type } },
});

const words = ['approve', 'reject', 'APPROVE', 'true', '1', '', 'resume', 'none', '__proto__'];
const names = ['decision', 'approved', 'data', 'nonce', '__proto__', 'constructor', 'decision[]'];

/** More than a hundred of them. */
export function malformed(): Malformed[] {
	const many = Array.from({ length: 20_000 }, (_, index) => `f${index}=x`).join('&');
	return [
		sent('nothing', undefined),
		sent('an empty form', FORM, ''),
		sent('text', 'text/plain', 'decision=approve'),
		sent('XML', 'application/xml', '<decision>approve</decision>'),
		sent('broken XML', 'application/xml', '<decision'),
		sent('HTML', 'text/html', '<p>approve'),
		sent('bytes', 'application/octet-stream', new Uint8Array([0, 255, 254, 1])),
		sent('bytes as a form', FORM, new Uint8Array([0, 255, 254, 37, 61, 38])),
		sent('a form cut short', FORM, 'decision=%E0%A4%A'),
		sent('many fields', FORM, many),
		sent('multipart without parts', 'multipart/form-data; boundary=x', '--x--'),
		sent('multipart that breaks off', 'multipart/form-data; boundary=x', '--x\r\nContent-Dis'),
		sent('multipart without boundary', 'multipart/form-data', 'decision=approve'),
		sent('a form larger than a review may be', FORM, `a=${'x'.repeat(5_000_000)}`),
		sent('a body larger than n8n allows', FORM, `a=${'x'.repeat(17_000_000)}`),
		sent('JSON larger than n8n allows', JSON_TYPE, `{"a":"${'x'.repeat(17_000_000)}"}`),
		...['{', '[]', 'null', '1', '"approve"', '{"decision":', '{"decision":["approve"]}'].map(
			(body) => sent(`JSON ${body}`, JSON_TYPE, body),
		),
		...['{"decision":{"$ne":null}}', '{"boom":1}', '{"__proto__":{"decision":"approve"}}'].map(
			(body) => sent(`JSON ${body}`, JSON_TYPE, body),
		),
		...['utf-16', 'bogus', '"'].map((charset) =>
			sent(`charset ${charset}`, `${FORM}; charset=${charset}`, 'decision=approve'),
		),
		...names.flatMap((name) =>
			words.map((word) => sent(`${name}=${word}`, FORM, `${name}=${encodeURIComponent(word)}`)),
		),
		...words.map((word) => sent(`nonce ${word}`, FORM, `decision=approve&nonce=${word}`)),
		...words.map((word) => sent(`JSON ${word}`, JSON_TYPE, JSON.stringify({ decision: word }))),
		sent('a very long number', FORM, `decision=approve&nonce=${'a'.repeat(100_000)}`),
		sent('a comment of a megabyte', FORM, `decision=approve&comment=${'c'.repeat(1_000_000)}`),
	];
}
