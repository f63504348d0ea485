import { hmacSha256 } from '../core';

/** Length of a code, in hexadecimal digits: 128 bits, out of reach of guessing. */
const CODE_LENGTH = 32;

/**
 * A code that only the holder of a secret can make for some parts, and that fits no other parts.
 *
 * @param purpose - keeps the codes of different uses apart, e.g. `link`
 */
export function codeFor(secret: string, purpose: string, parts: readonly string[]): string {
	// JSON, so that ["ab", "c"] and ["a", "bc"] do not give the same text.
	return hmacSha256(secret, JSON.stringify([purpose, ...parts])).slice(0, CODE_LENGTH);
}

/** Whether two texts are equal; the time it takes does not tell where they differ. */
export function equalInConstantTime(first: string, second: string): boolean {
	let difference = first.length ^ second.length;
	for (let i = 0; i < first.length; i++) {
		difference |= first.charCodeAt(i) ^ second.charCodeAt(i % (second.length || 1));
	}
	return difference === 0;
}
