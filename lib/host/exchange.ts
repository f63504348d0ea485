import { AbortError, EngineError, isEngineError, TimeoutError, type HttpRequest } from '../core';

/** One HTTP exchange under way: its time limit, its end, and what went wrong in plain words. */
export class Exchange {
	private readonly controller = new AbortController();
	private readonly timer: NodeJS.Timeout | undefined;
	private timedOut = false;
	/** Where the request goes, without anything that could be a secret. */
	private readonly target: string;

	constructor(
		private readonly request: Pick<HttpRequest, 'method' | 'timeoutMs' | 'signal'>,
		url: URL,
	) {
		this.target = `${request.method} ${url.origin}`;
		const { signal, timeoutMs } = request;
		if (signal?.aborted === true) this.controller.abort();
		signal?.addEventListener('abort', this.abort, { once: true });
		if (timeoutMs !== undefined) this.timer = setTimeout(this.expire, timeoutMs).unref();
	}

	/** Aborts when the caller does, and when the time is up. */
	get signal(): AbortSignal {
		return this.controller.signal;
	}

	/** Lets go of timer and listener. Call it however the exchange ended. */
	close(): void {
		clearTimeout(this.timer);
		this.request.signal?.removeEventListener('abort', this.abort);
	}

	/** The answer is larger than the caller accepts. */
	tooLarge(maxBytes: number): EngineError {
		return this.failure('HTTP_TOO_LARGE', `sent more than the ${maxBytes} bytes allowed`, {
			retryable: false,
			hint: 'Raise maxBytes if an answer of this size is expected.',
			maxBytes,
		});
	}

	/**
	 * The error of a failed exchange. The client's own error stays behind: it holds the headers.
	 */
	errorOf(thrown: unknown): EngineError {
		if (isEngineError(thrown)) return thrown;
		if (this.timedOut) {
			return new TimeoutError(
				`${this.target} gave no whole answer within ${this.request.timeoutMs} ms.`,
				{ details: { target: this.target, timeoutMs: this.request.timeoutMs } },
			);
		}
		if (this.controller.signal.aborted) {
			return new AbortError(`${this.target} was broken off.`, { details: { target: this.target } });
		}
		const code = codeOf(thrown);
		const [words, retryable] = REASONS[code] ?? ['failed on the way', true];
		return this.failure('HTTP_FAILED', `${words} (${code})`, { retryable, reason: code });
	}

	private failure(
		code: string,
		words: string,
		info: { retryable: boolean; hint?: string } & Record<string, unknown>,
	): EngineError {
		const { retryable, hint, ...details } = info;
		return new EngineError(code, `${this.target} ${words}.`, {
			errorClass: 'network',
			retryable,
			...(hint === undefined ? {} : { hint }),
			details: { target: this.target, ...details },
		});
	}

	private readonly abort = (): void => this.controller.abort();

	private readonly expire = (): void => {
		this.timedOut = true;
		this.controller.abort();
	};
}

/** What happened, and whether trying again can help. */
const REASONS: Readonly<Record<string, readonly [words: string, retryable: boolean]>> = {
	ECONNREFUSED: ['was refused: nothing listens there', true],
	ECONNRESET: ['was cut off by the other side', true],
	EPIPE: ['was cut off by the other side', true],
	ENOTFOUND: ['failed: the name is unknown', true],
	EAI_AGAIN: ['failed: the name could not be looked up', true],
	ERR_FR_TOO_MANY_REDIRECTS: ['was redirected too often', false],
	Z_DATA_ERROR: ['sent a damaged answer', true],
	Z_BUF_ERROR: ['sent a damaged answer', true],
};

function codeOf(thrown: unknown): string {
	const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code;
	return typeof code === 'string' ? code : 'UNKNOWN';
}
