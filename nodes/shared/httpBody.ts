import type { HttpRequest } from '../../lib';
import { tooLargeError } from './httpErrors';

/** Largest body that is accepted when the request does not say, in bytes. */
const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;

/**
 * The text of a body, piece by piece as it arrives.
 *
 * @param contentType - tells the charset; UTF-8 when it does not, or names one nobody knows
 * @throws {EngineError} `HTTP_BODY_TOO_LARGE` as soon as more than `request.maxBytes` arrived
 */
export async function* decodedText(
	body: AsyncIterable<Uint8Array>,
	contentType: string | undefined,
	request: HttpRequest,
): AsyncGenerator<string> {
	const maxBytes = request.maxBytes ?? DEFAULT_MAX_BYTES;
	const decoder = decoderFor(contentType);
	let bytes = 0;
	for await (const chunk of body) {
		bytes += chunk.byteLength;
		if (bytes > maxBytes) throw tooLargeError(request, maxBytes);
		const text = decoder.decode(chunk, { stream: true });
		if (text !== '') yield text;
	}
	const rest = decoder.decode();
	if (rest !== '') yield rest;
}

function decoderFor(contentType = ''): InstanceType<typeof TextDecoder> {
	const charset = /charset=["']?([\w-]+)/i.exec(contentType)?.[1] ?? 'utf-8';
	try {
		return new TextDecoder(charset);
	} catch {
		return new TextDecoder();
	}
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
