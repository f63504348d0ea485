import { BodyDecoder } from '../../lib';
import type { HttpRequest } from '../../lib';
import { tooLargeError } from './httpErrors';

/** Largest body that is accepted when the request does not say, in bytes. */
const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;

/**
 * The text of a body, piece by piece as it arrives.
 *
 * @param contentType - tells the charset; see {@link BodyDecoder}
 * @throws {EngineError} `HTTP_BODY_TOO_LARGE` as soon as more than `request.maxBytes` arrived
 */
export async function* decodedText(
	body: AsyncIterable<Uint8Array>,
	contentType: string | undefined,
	request: HttpRequest,
): AsyncGenerator<string> {
	const maxBytes = request.maxBytes ?? DEFAULT_MAX_BYTES;
	const decoder = new BodyDecoder(contentType);
	let bytes = 0;
	for await (const chunk of body) {
		bytes += chunk.byteLength;
		if (bytes > maxBytes) throw tooLargeError(request, maxBytes);
		const text = decoder.decode(chunk);
		if (text !== '') yield text;
	}
	const rest = decoder.end();
	if (rest !== '') yield rest;
}

/** Headers with names in lower case; values that came several times are joined with a comma. */
export function plainHeaders(
	headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
	const plain: Record<string, string> = {};
	for (const [name, value] of Object.entries(headers)) {
		if (value !== undefined) plain[name.toLowerCase()] = [value].flat().join(', ');
	}
	return plain;
}
