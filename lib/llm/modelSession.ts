import {
	addUsage,
	EngineError,
	errorClassOf,
	messageOf,
	noUsage,
	type Runtime,
	ValidationError,
	type Usage,
} from '../core';
import {
	attemptLimit,
	CallScope,
	type Retry,
	retry,
	type RetryOptions,
	runWithTimeout,
} from '../resilience';
import type { ChatModel, ChatRequest, ChatResponse, TokenUsage } from './chatModel';
import { estimateInputTokens } from './tokens';
import { untilAborted } from './untilAborted';

/** Tokens reserved for an answer whose length nobody limited. */
const USUAL_ANSWER_TOKENS = 1000;

/** What stands between callers and an endpoint, shared by all of them: breaker and rate limit. */
export interface EndpointGuard {
	/**
	 * Makes the call when the endpoint may be called, after waiting its turn.
	 *
	 * @param key - see `ChatModel.key`
	 * @throws {EngineError} `CIRCUIT_OPEN` when the endpoint is down, and what the call throws
	 */
	pass<T>(key: string, call: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** Money and tokens set aside for one call. */
export interface BudgetHold {
	/** The call is over and used this much; nothing when it failed. */
	settle(usage: Usage): void;
}

/** The wallet that calls are paid from. */
export interface CallBudget {
	/**
	 * Sets aside what a call may cost.
	 *
	 * @throws {EngineError} `BUDGET_EXCEEDED`, class `budget`, when it is not there
	 */
	hold(estimate: Usage): BudgetHold;
	/** Whether the soft limit is passed. */
	finishNow(): boolean;
}

/** Price of tokens at a model, in US dollars; `null` when unknown. */
export type PriceOf = (model: string, tokens: Omit<TokenUsage, 'estimated'>) => number | null;

/** Time limits of model calls, in milliseconds; none by default. */
export interface ModelTimeouts {
	/** Longest time of one attempt. */
	attemptMs?: number;
	/** Longest time without a sign of life. Asks models to stream. */
	idleMs?: number;
	/** Longest time of the session, from its first call on. */
	totalMs?: number;
}

/** How a session reaches its models. */
export interface ModelSessionOptions {
	/** At least one; the first is primary, the others take over in this order. */
	models: readonly ChatModel[];
	runtime: Pick<Runtime, 'monotonic' | 'random' | 'setTimer' | 'sleep'>;
	/** Default: 3 attempts a model, see `retry`. */
	retry?: RetryOptions;
	timeouts?: ModelTimeouts;
	/** Default: none. */
	guard?: EndpointGuard;
	/** Default: none. */
	budget?: CallBudget;
	/** Default: every price is unknown. */
	priceOf?: PriceOf;
	/** Told about each failed call, before the pause or fallback. */
	onFailure?: (failure: CallFailure) => void;
}

/** One model call that failed. */
export interface CallFailure {
	model: string;
	error: unknown;
	/** What comes next. */
	next: 'retry' | 'fallback' | 'fail';
}

/** What a session has done so far. */
export interface SessionReport {
	usage: Usage;
	/** 1 plus the calls that failed. */
	attempts: number;
	/** The model that answered last, by its service's name; empty when none did. */
	model: string;
}

/** One task's way to its models. */
export interface ModelSession {
	/**
	 * Asks the models until one answers. A model that took over keeps the task: its conversation
	 * goes on where it was.
	 *
	 * @throws {EngineError} the error of the only model, or `ALL_MODELS_FAILED`
	 */
	chat(request: ChatRequest): Promise<ChatResponse>;
	finishNow(): boolean;
	report(): SessionReport;
}

/** Classes of failure that another model would not mend. */
const FINAL_CLASSES: ReadonlySet<string> = new Set(['abort', 'budget', 'guardrail']);

/** Opens a session. See {@link ModelSession}. */
export function modelSession(options: ModelSessionOptions): ModelSession {
	if (options.models.length === 0) {
		throw new ValidationError('There is no model to ask.', {
			hint: 'Attach a Chat Model, or set Model Source to OpenAI-Compatible API and choose a model.',
		});
	}
	return new Session(options);
}

class Session implements ModelSession {
	private readonly retry: Retry;
	private current = 0;
	private usage = noUsage();
	private failures = 0;
	private answeredBy = '';
	private deadlineAt: number | undefined;

	constructor(private readonly options: ModelSessionOptions) {
		this.retry = retry(options.retry ?? {}, options.runtime);
	}

	async chat(request: ChatRequest): Promise<ChatResponse> {
		const { totalMs } = this.options.timeouts ?? {};
		if (totalMs !== undefined) this.deadlineAt ??= this.options.runtime.monotonic() + totalMs;
		const failed: Array<{ model: string; error: unknown }> = [];
		for (let index = this.current; index < this.options.models.length; index++) {
			const model = this.options.models[index]!;
			const end = await this.askWithRetry(model, request).then(
				(response) => ({ response }),
				(error: unknown) => ({ error }),
			);
			if ('response' in end) {
				this.current = index;
				return end.response;
			}
			failed.push({ model: model.name, error: end.error });
			const more = index + 1 < this.options.models.length && !isFinal(end.error);
			this.options.onFailure?.({
				model: model.name,
				error: end.error,
				next: more ? 'fallback' : 'fail',
			});
			if (!more) break;
		}
		throw joined(failed);
	}

	finishNow(): boolean {
		return this.options.budget?.finishNow() === true;
	}

	report(): SessionReport {
		return { usage: this.usage, attempts: 1 + this.failures, model: this.answeredBy };
	}

	private async askWithRetry(model: ChatModel, request: ChatRequest): Promise<ChatResponse> {
		const { signal } = request;
		return await this.retry.attempts(async (attempt) => await this.ask(model, request, attempt), {
			...(signal === undefined ? {} : { signal }),
			...(this.deadlineAt === undefined ? {} : { deadlineAt: this.deadlineAt }),
			onRetry: ({ error }) => this.options.onFailure?.({ model: model.name, error, next: 'retry' }),
		});
	}

	/** One attempt: budget, then breaker and rate limit, then the call under its time limits. */
	private async ask(
		model: ChatModel,
		request: ChatRequest,
		attempt: number,
	): Promise<ChatResponse> {
		const hold = this.options.budget?.hold(this.estimate(model, request));
		const scope = new CallScope(attempt, request.signal);
		const call = async () => await this.callWithin(model, request, scope);
		const { guard } = this.options;
		const end = await (guard === undefined ? call() : guard.pass(model.key, call, request.signal))
			.finally(() => scope.close())
			.then(
				(response) => ({ response }),
				(error: unknown) => ({ error }),
			);
		if ('error' in end) {
			this.failures++;
			hold?.settle(noUsage());
			throw end.error;
		}
		const { response } = end;
		const used = this.priced(response.model, model.name, response.usage);
		hold?.settle(used);
		this.usage = addUsage(this.usage, used);
		this.answeredBy = response.model;
		return response;
	}

	private async callWithin(
		model: ChatModel,
		request: ChatRequest,
		scope: CallScope,
	): Promise<ChatResponse> {
		const { attemptMs, idleMs } = this.options.timeouts ?? {};
		const { runtime } = this.options;
		const limit = attemptLimit(
			attemptMs === undefined ? {} : { startToCloseMs: attemptMs },
			this.deadlineAt === undefined ? {} : { runMs: this.deadlineAt - runtime.monotonic() },
		);
		const restart = restartNote(request, scope.attempt);
		const asked: ChatRequest = {
			...request,
			...restart,
			signal: scope.signal,
			onActivity: () => scope.activity(),
		};
		// Only a streamed answer shows signs of life on its way.
		if (idleMs !== undefined) asked.onText ??= () => undefined;
		const limits = {
			...(limit === undefined ? {} : { limit }),
			...(idleMs === undefined ? {} : { idleMs }),
		};
		const calling = runWithTimeout(async () => await model.chat(asked), scope, limits, runtime);
		return await untilAborted(calling, request.signal);
	}

	private estimate(model: ChatModel, request: ChatRequest): Usage {
		const inputTokens = estimateInputTokens(request);
		const outputTokens = request.maxOutputTokens ?? USUAL_ANSWER_TOKENS;
		const tokens = { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens };
		return this.priced(model.name, model.name, tokens);
	}

	private priced(
		answeredBy: string,
		asked: string,
		{ inputTokens, outputTokens, totalTokens }: Omit<TokenUsage, 'estimated'>,
	): Usage {
		const tokens = { inputTokens, outputTokens, totalTokens };
		const { priceOf } = this.options;
		// Services answer with dated names (`gpt-4o-2024-08-06`) that a price table may not know.
		const costUsd = priceOf?.(answeredBy, tokens) ?? priceOf?.(asked, tokens) ?? null;
		return { ...tokens, costUsd, calls: 1 };
	}
}

/** Tells a reader of the stream that what came before the failure does not count. */
function restartNote({ onText }: ChatRequest, attempt: number): Pick<ChatRequest, 'onText'> {
	if (onText === undefined) return {};
	let first = attempt > 1;
	return {
		onText: (piece) => {
			if (first) onText('\n\n[The answer starts again.]\n\n');
			first = false;
			onText(piece);
		},
	};
}

function isFinal(error: unknown): boolean {
	return FINAL_CLASSES.has(errorClassOf(error));
}

/** The error of the only model that failed, or one for all of them, of the last one's class. */
function joined(failed: ReadonlyArray<{ model: string; error: unknown }>): Error {
	const last = failed.at(-1)!.error;
	if (failed.length === 1 || isFinal(last)) return last as Error;
	const each = failed.map(({ model, error }) => `${model}: ${messageOf(error)}`);
	return new EngineError(
		'ALL_MODELS_FAILED',
		`All ${failed.length} models failed. ${each.join(' ')}`,
		{
			errorClass: errorClassOf(last),
			retryable: false,
			hint: 'Check each model and its credential, or try again later.',
			details: { models: failed.map(({ model }) => model) },
			cause: last,
		},
	);
}
