import {
	EngineError,
	type ErrorClass,
	type HttpResponse,
	isJsonObject,
	type Json,
	parseJson,
} from '../core';

/** Longest piece of a service's own words that a message quotes. */
const QUOTED_LENGTH = 300;

/** Where a call went, for messages. */
export interface CallTarget {
	/** The model's name. */
	model: string;
	/** Host and port of the endpoint; never the whole address, which may hold a key. */
	host: string;
}

/** The host of an address, for messages; the text itself when it is no address. */
export function hostOf(url: string): string {
	const match = /^https?:\/\/(?:[^/?#@]*@)?([^/?#]+)/i.exec(url);
	return match?.[1] ?? 'the model service';
}

interface Kind {
	errorClass: ErrorClass;
	code: string;
	hint: string;
}

const KINDS = {
	auth: {
		errorClass: 'auth',
		code: 'MODEL_AUTH',
		hint: 'Check the API key in the credential, and that it may use this model.',
	},
	notFound: {
		errorClass: 'not_found',
		code: 'MODEL_NOT_FOUND',
		hint: 'Check the model name and the base URL in the credential.',
	},
	invalid: {
		errorClass: 'validation',
		code: 'MODEL_REJECTED',
		hint: 'Check the model name and the options; the service does not accept this request.',
	},
	tooLong: {
		errorClass: 'validation',
		code: 'CONTEXT_TOO_LONG',
		hint: 'Shorten the task or the documents, or use a model with a larger context.',
	},
	quota: {
		errorClass: 'quota_exhausted',
		code: 'MODEL_QUOTA',
		hint: 'Add credit or raise the limit of the account at the service.',
	},
	rateLimit: {
		errorClass: 'rate_limit',
		code: 'MODEL_RATE_LIMIT',
		hint: 'Lower Items at Once or set Requests per Minute.',
	},
	overloaded: {
		errorClass: 'overloaded',
		code: 'MODEL_OVERLOADED',
		hint: 'Try again later, or attach a second model as fallback.',
	},
	timeout: {
		errorClass: 'timeout',
		code: 'MODEL_TIMEOUT',
		hint: 'Try again later, or attach a second model as fallback.',
	},
	server: {
		errorClass: 'server',
		code: 'MODEL_SERVER',
		hint: 'Try again later, or attach a second model as fallback.',
	},
	proxy: {
		errorClass: 'network',
		code: 'PROXY_AUTH',
		hint: 'The proxy between n8n and the service wants a login; check the proxy settings.',
	},
	filtered: {
		errorClass: 'guardrail',
		code: 'CONTENT_FILTERED',
		hint: 'Reword the task; the service does not answer this content.',
	},
} as const satisfies Record<string, Kind>;

const QUOTA_CODES = /insufficient_quota|billing|quota_exceeded|credit_balance|insufficient_credit/i;
const TOO_LONG_CODES = /context_length|string_above_max_length|prompt is too long|maximum context/i;
const FILTER_CODES = /content_filter|content_policy|responsibleaipolicy/i;

/** The kind of failure behind a status and the service's own error. */
function kindOf(status: number, said: string): Kind {
	if (status === 401 || status === 403) return KINDS.auth;
	if (status === 402) return KINDS.quota;
	if (status === 404) return KINDS.notFound;
	if (status === 407) return KINDS.proxy;
	if (status === 408) return KINDS.timeout;
	if (status === 429) return QUOTA_CODES.test(said) ? KINDS.quota : KINDS.rateLimit;
	if (status === 503 || status === 529) return KINDS.overloaded;
	if (status === 504) return KINDS.timeout;
	if (status >= 500) return KINDS.server;
	if (QUOTA_CODES.test(said)) return KINDS.quota;
	if (TOO_LONG_CODES.test(said)) return KINDS.tooLong;
	return FILTER_CODES.test(said) ? KINDS.filtered : KINDS.invalid;
}

/**
 * The error for an answer whose status is not a success.
 *
 * @param retryAfterMs - what the answer's headers ask for, see `retryAfterMs` of `lib/resilience`
 */
export function statusError(
	response: HttpResponse,
	target: CallTarget,
	retryAfterMs?: number,
): EngineError {
	const said = serviceMessage(response.text);
	const { errorClass, code, hint } = kindOf(response.status, said.all);
	return new EngineError(
		code,
		`Model "${target.model}" at ${target.host} answered with status ${response.status}${quote(said.message)}.`,
		{
			errorClass,
			hint,
			details: { status: response.status, model: target.model, host: target.host },
			...(retryAfterMs === undefined ? {} : { retryAfterMs }),
		},
	);
}

/** The error for an error object inside an answer or stream whose status said success. */
export function embeddedError(body: Json, target: CallTarget): EngineError | undefined {
	if (!isJsonObject(body) || body.error === undefined || body.error === null) return undefined;
	const said = serviceMessage(JSON.stringify(body));
	const status = isJsonObject(body.error) ? Number(body.error.code ?? body.error.status) : NaN;
	const kind = Number.isInteger(status) && status >= 400 ? kindOf(status, said.all) : KINDS.server;
	return new EngineError(
		kind.code,
		`Model "${target.model}" at ${target.host} answered with an error${quote(said.message)}.`,
		{
			errorClass: kind.errorClass,
			hint: kind.hint,
			details: { model: target.model, host: target.host },
		},
	);
}

/** The error for an answer that is not what the protocol promises. */
export function badAnswer(problem: string, text: string, target: CallTarget): EngineError {
	return new EngineError(
		'BAD_PROVIDER_RESPONSE',
		`Model "${target.model}" at ${target.host} answered ${problem}${quote(text)}.`,
		{
			errorClass: 'bad_output',
			hint: 'Check that the base URL in the credential leads to the API and not to a web page or proxy.',
			details: { model: target.model, host: target.host },
		},
	);
}

/** What is wrong with a body that is not JSON. */
export function describeBody(text: string): string {
	if (text.trim() === '') return 'with an empty body';
	return text.trimStart().startsWith('<') ? 'with a web page' : 'with text that is not JSON';
}

/** The service's message, and all that its error says, for looking up codes. */
function serviceMessage(text: string): { message: string; all: string } {
	const body = tryParse(text);
	if (!isJsonObject(body)) return { message: isMarkup(text) ? '' : text, all: text };
	const error = body.error;
	if (typeof error === 'string') return { message: error, all: text };
	if (isJsonObject(error) && typeof error.message === 'string') {
		return { message: error.message, all: text };
	}
	return { message: typeof body.message === 'string' ? body.message : '', all: text };
}

function isMarkup(text: string): boolean {
	return text.trimStart().startsWith('<');
}

/** Parsed JSON, or `undefined` when the text is none. */
export function tryParse(text: string): Json | undefined {
	try {
		return parseJson(text.startsWith('\uFEFF') ? text.slice(1) : text);
	} catch {
		return undefined;
	}
}

function quote(text: string): string {
	const line = text.replace(/\s+/g, ' ').trim();
	if (line === '') return '';
	const cut = line.length > QUOTED_LENGTH ? `${line.slice(0, QUOTED_LENGTH)}…` : line;
	return `: ${cut.replace(/\.$/, '')}`;
}
