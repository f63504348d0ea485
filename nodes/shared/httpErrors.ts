import { AbortError, EngineError, TimeoutError, isEngineError, messageOf } from '../../lib';
import type { HttpRequest } from '../../lib';

/** Codes of Node.js and of n8n's client for an exchange that took too long. */
const TIMEOUT_CODES = new Set(['ECONNABORTED', 'ETIMEDOUT', 'ESOCKETTIMEDOUT']);

/** What the common network failures mean, in words. */
const NETWORK_CODES: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'the connection was refused',
	ECONNRESET: 'the connection was closed in the middle',
	EPIPE: 'the connection was closed in the middle',
	ENOTFOUND: 'the name of the host is not known',
	EAI_AGAIN: 'the name of the host could not be looked up',
	EHOSTUNREACH: 'the host cannot be reached',
	ENETUNREACH: 'the network cannot be reached',
	CERT_HAS_EXPIRED: 'the certificate of the host has expired',
	DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate of the host is self-signed',
	SELF_SIGNED_CERT_IN_CHAIN: 'the certificate of the host is self-signed',
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate of the host cannot be verified',
};

/** Errors by which n8n refuses a request before it is sent. */
const REFUSALS = new Set(['SsrfBlockedIpError', 'SsrfBlockedHostnameError', 'UserError']);

/** The engine's error for an exchange that brought no whole answer. */
export function exchangeError(request: HttpRequest, error: unknown): EngineError {
	if (isEngineError(error)) return error;
	const chain = causesOf(error);
	const target = `${request.method} ${withoutQuery(request.url)}`;
	const details = { method: request.method, url: withoutQuery(request.url) };

	const refusal = chain.find(
		(link) => REFUSALS.has(link.name) || REFUSALS.has(constructorOf(link)),
	);
	if (refusal !== undefined) {
		return new EngineError('HTTP_REFUSED', `${target} was not sent: ${refusal.message}`, {
			errorClass: 'validation',
			hint: 'Check the address, and the allowed domains of the credential',
			details,
		});
	}
	const code = chain.map(codeOf).find((found) => found !== undefined) ?? '';
	if (code === 'ERR_CANCELED') return cancelledError(request);
	if (TIMEOUT_CODES.has(code)) {
		return new TimeoutError(`${target} got no answer in time.`, { details });
	}
	// Other codes stay in the details: n8n replaces messages that contain a code it knows.
	const reason = NETWORK_CODES[code] ?? chain.at(-1)?.message ?? messageOf(error);
	return new EngineError('HTTP_NETWORK', `${target} got no answer: ${reason}.`, {
		errorClass: 'network',
		hint: 'Check the address, and that the service is running and can be reached from n8n',
		details: { ...details, ...(code === '' ? {} : { code }) },
	});
}

/** The error for an exchange that somebody stopped. */
export function cancelledError(request: HttpRequest): AbortError {
	const url = withoutQuery(request.url);
	return new AbortError(`${request.method} ${url} was cancelled.`, {
		details: { method: request.method, url },
	});
}

/** The error for an exchange that passed the time limit of its request. */
export function timeoutError(request: HttpRequest): TimeoutError {
	const { method, timeoutMs } = request;
	const url = withoutQuery(request.url);
	return new TimeoutError(`${method} ${url} did not finish within ${timeoutMs} ms.`, {
		hint: 'Allow more time in the options of the node, or check the load of the service',
		details: { method, url, timeoutMs },
	});
}

/** The error for a body that is larger than the caller accepts. */
export function tooLargeError(request: HttpRequest, maxBytes: number): EngineError {
	const url = withoutQuery(request.url);
	return new EngineError(
		'HTTP_BODY_TOO_LARGE',
		`${request.method} ${url} answered with more than ${maxBytes} bytes.`,
		{
			errorClass: 'server',
			retryable: false,
			hint: 'Ask the service for less at a time',
			details: { method: request.method, url, maxBytes },
		},
	);
}

/** An address without what may be secret: user, password, query and fragment. */
function withoutQuery(url: string): string {
	if (!URL.canParse(url)) return url.split(/[?#]/, 1)[0] ?? '';
	const { origin, pathname } = new URL(url);
	return `${origin}${pathname}`;
}

/** The error and what led to it, outermost first. */
function causesOf(error: unknown): Error[] {
	const chain: Error[] = [];
	for (let link = error; link instanceof Error && !chain.includes(link); link = link.cause) {
		chain.push(link);
	}
	return chain;
}

function codeOf(error: Error): string | undefined {
	return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function constructorOf(error: Error): string {
	return error.constructor.name;
}
