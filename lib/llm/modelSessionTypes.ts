import type { CallBudget, PriceTable } from '../budget';
import type { Runtime, Usage } from '../core';
import type { AttemptOptions, RetryOptions } from '../resilience';
import type { AnswerCache } from './answerCache';
import type { ChatModel, ChatRequest, ChatResponse } from './chatModel';
import type { Endpoints } from './endpoints';

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
	runtime: Pick<Runtime, 'monotonic' | 'now' | 'random' | 'setTimer' | 'sleep'>;
	/** Default: 3 attempts a model, see `retry`. */
	retry?: RetryOptions;
	timeouts?: ModelTimeouts;
	/** Breakers and rate limits, shared by everybody who calls the same endpoints. Default: none. */
	endpoints?: Endpoints;
	/** Most calls that may start per minute at each endpoint. Default: no limit. */
	requestsPerMinute?: number;
	/** Default: none. */
	budget?: CallBudget;
	/** Answers that need not be asked for again. Default: none. */
	cache?: AnswerCache;
	/** Prices of models that win over the well-known ones. */
	prices?: PriceTable;
	/** Told what a call waits for, and with `undefined` that it goes on. */
	onBlocked?: AttemptOptions['onBlocked'];
	/** Told when a call has opened or closed the circuit of its endpoint. */
	onBreaker?: AttemptOptions['onBreaker'];
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
	/** What its calls, and those of its tools, are paid from. */
	readonly budget?: CallBudget;
	report(): SessionReport;
	/** A session with other models, e.g. a judge's, whose calls count in this one's report. */
	withModels(models: readonly ChatModel[]): ModelSession;
}
