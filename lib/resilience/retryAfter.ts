/**
 * Reads a Retry-After header.
 *
 * @param value - whole or decimal seconds, or an HTTP date; anything else is ignored
 * @param now - wall clock in milliseconds since the epoch, to turn a date into a distance
 * @returns milliseconds to wait, 0 for a date in the past; undefined when there is nothing usable
 * @see RFC 9110, section 10.2.3
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
	if (value === undefined) return undefined;
	const text = value.trim();
	if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
	// Dates of HTTP always begin with a day's name; Date.parse alone would also accept "-5" or "12".
	if (!/^[A-Za-z]{3,9}, /.test(text)) return undefined;
	const date = Date.parse(text);
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
