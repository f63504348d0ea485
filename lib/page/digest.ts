import { sha256 } from '../core';

/** How a security policy names an inline style or script: `sha256-…` of exactly this text. */
export function inlineSource(text: string): string {
	const bytes = sha256(text)
		.match(/../g)!
		.map((pair) => String.fromCharCode(parseInt(pair, 16)));
	return `'sha256-${btoa(bytes.join(''))}'`;
}
