import { isJsonObject, isSafeKey } from './json';
import type { Json, JsonObject } from './json';

/** What stands in the place of a secret. */
export const REDACTED = '[redacted]';

/** Shorter values are left alone: they would also match innocent text, and are no secrets. */
const SHORTEST_SECRET = 6;

/**
 * Secrets that can be told by their shape, wherever they come from: authorization headers, key
 * parameters of addresses, and the keys of well-known services. The first group is kept.
 */
const SHAPES: readonly RegExp[] = [
	/(\bauthorization["']?\s*[:=]\s*["']?(?:(?:bearer|basic)\s+)?)[\w.~+/=-]{6,}/gi,
	/(\bbearer\s+)(?=[\w.~+/=-]*\d)[\w.~+/=-]{12,}/gi,
	/([?&](?:api[-_]?key|key|token|access_token|secret|signature|password)=)[^&\s"'<>]+/gi,
	/(:\/\/[^\s/:@]+:)[^\s/@]+(?=@)/g,
	/()\b(?:sk|pk|rk|ghp|gho|xox[abp])[-_][\w-]{16,}/g,
];

/** Takes secrets out of what people and stores get to see. */
export interface Redactor {
	/** The text with every secret replaced by {@link REDACTED}. */
	text(text: string): string;
	/** A copy of plain JSON whose strings, at any depth, and names hold no secret. */
	json(value: Json): Json;
}

/**
 * A redactor for known secret values, such as the fields of a credential, and for everything that
 * has the shape of one.
 *
 * @param secrets - values as they are; also their URL-encoded and base64 forms are found. Values
 * of fewer than 6 characters are ignored
 */
export function redactor(secrets: readonly string[] = []): Redactor {
	const known = secrets.filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(formsOf);
	// The longest first, so that a secret that contains another one goes as a whole.
	known.sort((a, b) => b.length - a.length);

	const text = (input: string): string => {
		let output = input;
		for (const secret of known) output = output.replaceAll(secret, REDACTED);
		for (const shape of SHAPES) output = output.replace(shape, `$1${REDACTED}`);
		return output;
	};
	const json = (value: Json): Json => {
		if (typeof value === 'string') return text(value);
		if (Array.isArray(value)) return value.map(json);
		if (!isJsonObject(value)) return value;
		const copy: JsonObject = {};
		for (const [key, entry] of Object.entries(value)) {
			if (isSafeKey(key)) copy[text(key)] = json(entry);
		}
		return copy;
	};
	return { text, json };
}

/** The ways in which a secret may be written in an answer, an address or a header. */
function formsOf(secret: string): string[] {
	const bytes = new TextEncoder().encode(secret);
	const base64 = btoa(String.fromCharCode(...bytes));
	return [...new Set([secret, encodeURIComponent(secret), base64])];
}

/** Values of a credential that are not secret, though their field may sit beside one that is. */
const PUBLIC_FIELD = /(url|host|domain|region|name|model|organi[sz]ation|port|mode|type|header)/i;

/** The secret values among the fields of a credential: its texts, except addresses and names. */
export function secretsOf(credential: Readonly<Record<string, unknown>>): string[] {
	return Object.entries(credential).flatMap(([field, value]) =>
		typeof value === 'string' && !PUBLIC_FIELD.test(field) ? [value] : [],
	);
}
