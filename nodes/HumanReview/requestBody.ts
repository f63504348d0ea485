import type { IWebhookFunctions } from 'n8n-workflow';

import { isJsonObject, parseJson } from '../../lib';
import type { FormBody } from '../../lib';

type WebhookRequest = ReturnType<IWebhookFunctions['getRequestObject']>;

/** What n8n adds to a request: its body is only read when somebody asks for it. */
interface RawRequest {
	rawBody?: Uint8Array;
	readRawBody?: () => Promise<void>;
	body?: unknown;
}

/** Largest body a page may send, in bytes. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Reads the fields of a submitted page. Never throws, whatever was sent. */
export async function readForm(request: WebhookRequest): Promise<FormBody> {
	const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
	const isForm = type === 'application/x-www-form-urlencoded';
	if (!isForm && type !== 'application/json') return { refused: 'wrongType' };
	if (Number(request.headers['content-length'] ?? 0) > MAX_BYTES) return { refused: 'tooLarge' };
	const raw = request as RawRequest;
	const failure = await raw.readRawBody?.().then(() => undefined, reasonOf);
	if (failure !== undefined) return { refused: failure };
	if (raw.rawBody === undefined) return fromObject(raw.body);
	if (raw.rawBody.byteLength > MAX_BYTES) return { refused: 'tooLarge' };
	const text = new TextDecoder().decode(raw.rawBody);
	return isForm ? { fields: new URLSearchParams(text) } : fromObject(jsonOf(text));
}

function reasonOf(error: unknown): 'tooLarge' | 'unreadable' {
	const isLimit = error instanceof Error && 'status' in error && error.status === 413;
	return isLimit ? 'tooLarge' : 'unreadable';
}

function jsonOf(text: string): unknown {
	try {
		return parseJson(text);
	} catch {
		return undefined;
	}
}

/** Fields that are already apart: names with a text, or with a list of texts. */
function fromObject(body: unknown): FormBody {
	if (!isJsonObject(body)) return { refused: 'unreadable' };
	const fields = new URLSearchParams();
	for (const [name, value] of Object.entries(body)) {
		for (const entry of [value].flat()) {
			if (typeof entry !== 'string') return { refused: 'unreadable' };
			fields.append(name, entry);
		}
	}
	return { fields };
}
