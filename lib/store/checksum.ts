/**
 * A 32-bit checksum of a text, as 8 lower-case hexadecimal digits (FNV-1a over UTF-16 code units).
 *
 * Finds torn and flipped records: any change of a single code unit changes the sum, because each
 * step is a bijection of the running value. It is no signature; encryption provides that.
 *
 * @see http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function checksum(text: string): string {
	let sum = 0x811c9dc5;
	for (let index = 0; index < text.length; index++) {
		sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193);
	}
	return (sum >>> 0).toString(16).padStart(8, '0');
}
