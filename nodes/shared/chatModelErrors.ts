import type { CallTarget } from '../../lib';
import {
	AbortError,
	EngineError,
	isEngineError,
	messageOf,
	parseRetryAfter,
	statusError,
} from '../../lib';
import { n8nRuntime } from './runtime';

/** Codes of connections that did not come about or broke off. */
const NETWORK_CODES = new Set([
	'ECONNREFUSED',
	'ECONNRESET',
	'ENOTFOUND',
	'EAI_AGAIN',
	'EPIPE',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'UND_ERR_SOCKET',
	'CERT_HAS_EXPIRED',
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'SELF_SIGNED_CERT_IN_CHAIN',
]);

const TIMEOUT_CODES = new Set([
	'ETIMEDOUT',
	'ESOCKETTIMEDOUT',
	'UND_ERR_HEADERS_TIMEOUT',
	'UND_ERR_BODY_TIMEOUT',
	'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * The engine's error for what an attached model threw. Sub-nodes use the libraries of many services,
 * which agree only on a status, a code and a message, somewhere along the chain of causes.
 */
export function chatModelError(error: unknown, target: CallTarget): EngineError {
	if (isEngineError(error)) return error;
	const chain = causesOf(error);
	if (chain.some(isAbort)) return new AbortError(undefined, { cause: error });
	const status = firstNumber(chain, ['status', 'statusCode', 'httpCode']);
	if (status !== undefined && status >= 400) {
		const response = { status, headers: {}, text: messageText(error, status) };
		return statusError(response, target, retryAfterOf(chain));
	}
	const codes = chain.map(({ code }) => String(code));
	const named = chain.map(({ name }) => String(name)).join(' ');
	if (codes.some((code) => TIMEOUT_CODES.has(code)) || /Timeout/.test(named)) {
		return failure('MODEL_TIMEOUT', 'timeout', 'did not answer in time', error, target);
	}
	if (codes.some((code) => NETWORK_CODES.has(code)) || /APIConnection|FetchError/.test(named)) {
		return failure('MODEL_NETWORK', 'network', 'could not be reached', error, target);
	}
	return failure('MODEL_FAILED', 'unknown', 'could not be asked', error, target);
}

function failure(
	code: string,
	errorClass: 'timeout' | 'network' | 'unknown',
	what: string,
	error: unknown,
	{ model, host }: CallTarget,
): EngineError {
	return new EngineError(code, `Model "${model}" at ${host} ${what}: ${messageOf(error)}`, {
		errorClass,
		hint: 'Check the Chat Model that is attached to this node, and its credential.',
		details: { model, host },
		cause: error,
	});
}

type Fields = Readonly<Record<string, unknown>>;

/** The error and what led to it, at most five deep. */
function causesOf(error: unknown): Fields[] {
	const chain: Fields[] = [];
	let current: unknown = error;
	while (typeof current === 'object' && current !== null && chain.length < 5) {
		const fields = current as Fields;
		chain.push(fields);
		if (typeof fields.response === 'object' && fields.response !== null) {
			chain.push(fields.response as Fields);
		}
		current = fields.cause;
	}
	return chain;
}

function isAbort({ name, code }: Fields): boolean {
	return name === 'AbortError' || name === 'APIUserAbortError' || code === 'ERR_CANCELED';
}

function firstNumber(chain: readonly Fields[], names: readonly string[]): number | undefined {
	for (const fields of chain) {
		for (const name of names) {
			const number = Number(fields[name] ?? NaN);
			if (Number.isInteger(number)) return number;
		}
	}
	return undefined;
}

/** The service's words; libraries put the status before them, which the message says anyway. */
function messageText(error: unknown, status: number): string {
	return messageOf(error).replace(new RegExp(`^${status}\\s+`), '');
}

function retryAfterOf(chain: readonly Fields[]): number | undefined {
	for (const { headers } of chain) {
		const value = headerOf(headers, 'retry-after');
		if (value !== undefined) return parseRetryAfter(value, n8nRuntime.now());
	}
	return undefined;
}

function headerOf(headers: unknown, name: string): string | undefined {
	if (typeof headers !== 'object' || headers === null) return undefined;
	if (headers instanceof Headers) return headers.get(name) ?? undefined;
	const value = (headers as Fields)[name];
	return typeof value === 'string' ? value : undefined;
}
