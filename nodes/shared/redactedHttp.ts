import type { HttpClient, Redactor } from '../../lib';

/**
 * A client whose answers hold no secret. At the door, so that nothing further in can keep or repeat
 * a key that a service repeats.
 */
export function redactedHttp(http: HttpClient, redact: Redactor): HttpClient {
	return {
		request: async (request) => {
			const response = await http.request(request);
			return { ...response, text: redact.text(response.text) };
		},
		stream: async (request) => {
			const stream = await http.stream(request);
			return { ...stream, chunks: redactedChunks(stream.chunks, redact) };
		},
	};
}

async function* redactedChunks(
	chunks: AsyncIterable<string>,
	redact: Redactor,
): AsyncGenerator<string> {
	for await (const chunk of chunks) yield redact.text(chunk);
}
