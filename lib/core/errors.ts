/**
 * What kind of failure an error is. Retry, circuit breaker and fallback decide by it, so that no
 * caller needs a list of special cases.
 */
export const ERROR_CLASSES = [
	'abort',
	'validation',
	'auth',
	'not_found',
	'conflict',
	'quota_exhausted',
	'budget',
	'guardrail',
	'rate_limit',
	'timeout',
	'network',
	'server',
	'overloaded',
	'bad_output',
	'unknown',
] as const;

/** One of {@link ERROR_CLASSES}. */
export type ErrorClass = (typeof ERROR_CLASSES)[number];

/** Classes for which trying the same call again can help. */
const RETRYABLE: ReadonlySet<ErrorClass> = new Set<ErrorClass>([
	'rate_limit',
	'timeout',
	'network',
	'server',
	'overloaded',
	'bad_output',
	'unknown',
]);

/** Whether trying again can help with an error of this class. */
export function isRetryableClass(errorClass: ErrorClass): boolean {
	return RETRYABLE.has(errorClass);
}

/** What the caller may read from an {@link EngineError} besides its message. */
export interface ErrorInfo {
	/** Kind of failure. Default `unknown`. */
	errorClass?: ErrorClass;
	/** Whether trying the same call again can help. Default: what the class says. */
	retryable?: boolean;
	/** How long the other side asked us to wait before the next call, in milliseconds. */
	retryAfterMs?: number;
	/** What the user can do about it, one sentence. */
	hint?: string;
	/** Plain JSON for logs and n8n's error view; never a secret. */
	details?: Readonly<Record<string, unknown>>;
	/** The error that led to this one. */
	cause?: unknown;
}

/**
 * Base of every error the engine throws on purpose. Anything else that escapes is a bug.
 *
 * The message says what happened, with the values; `hint` says what to do; `code` is stable and
 * meant for programs, e.g. `VALIDATION`, `CIRCUIT_OPEN`.
 */
export class EngineError extends Error {
	readonly code: string;
	readonly errorClass: ErrorClass;
	readonly retryable: boolean;
	readonly retryAfterMs: number | undefined;
	readonly hint: string | undefined;
	readonly details: Readonly<Record<string, unknown>>;

	constructor(code: string, message: string, info: ErrorInfo = {}) {
		super(message, info.cause === undefined ? undefined : { cause: info.cause });
		this.name = new.target.name;
		this.code = code;
		this.errorClass = info.errorClass ?? 'unknown';
		this.retryable = info.retryable ?? isRetryableClass(this.errorClass);
		this.retryAfterMs = info.retryAfterMs;
		this.hint = info.hint;
		this.details = info.details ?? {};
	}
}

/** Input from the user or from outside does not have the expected shape. */
export class ValidationError extends EngineError {
	constructor(message: string, info: Omit<ErrorInfo, 'errorClass'> = {}) {
		super('VALIDATION', message, { ...info, errorClass: 'validation' });
	}
}

/** Somebody asked for the work to stop. `details.cause` says who and why, when known. */
export class AbortError extends EngineError {
	constructor(message = 'The work was cancelled.', info: Omit<ErrorInfo, 'errorClass'> = {}) {
		super('ABORTED', message, { ...info, errorClass: 'abort' });
	}
}

/** A time limit passed before the work was done. */
export class TimeoutError extends EngineError {
	constructor(message: string, info: Omit<ErrorInfo, 'errorClass'> = {}) {
		super('TIMEOUT', message, { ...info, errorClass: 'timeout' });
	}
}

/** True for engine errors, also when two copies of this package are loaded. */
export function isEngineError(error: unknown): error is EngineError {
	return (
		error instanceof Error && 'errorClass' in error && 'retryable' in error && 'details' in error
	);
}

/**
 * The class of any thrown value. Values that are not engine errors are `unknown`, except what an
 * `AbortSignal` throws, which is known by its name.
 */
export function errorClassOf(error: unknown): ErrorClass {
	if (isEngineError(error)) return error.errorClass;
	const name = textIn(error, 'name');
	if (name === 'AbortError') return 'abort';
	return name === 'TimeoutError' ? 'timeout' : 'unknown';
}

/** The message of any thrown value. */
export function messageOf(error: unknown): string {
	return textIn(error, 'message') ?? String(error);
}

/** A text field of a thrown value; errors of another realm are not instances of ours. */
function textIn(error: unknown, field: 'name' | 'message'): string | undefined {
	if (typeof error !== 'object' || error === null) return undefined;
	const value = (error as Record<string, unknown>)[field];
	return typeof value === 'string' ? value : undefined;
}

/** An error as plain JSON: for run records, items and events. */
export interface SerializedError {
	code: string;
	errorClass: ErrorClass;
	message: string;
	retryable: boolean;
	hint?: string;
	details?: Readonly<Record<string, unknown>>;
}

/** Plain JSON of any thrown value. Stacks and causes stay behind: they may hold what must not be stored. */
export function serializeError(error: unknown): SerializedError {
	if (!isEngineError(error)) {
		const errorClass = errorClassOf(error);
		return {
			code: errorClass === 'abort' ? 'ABORTED' : 'UNKNOWN',
			errorClass,
			message: messageOf(error),
			retryable: isRetryableClass(errorClass),
		};
	}
	const { code, errorClass, message, retryable, hint, details } = error;
	return {
		code,
		errorClass,
		message,
		retryable,
		...(hint === undefined ? {} : { hint }),
		...(Object.keys(details).length === 0 ? {} : { details }),
	};
}
