import { budgetGate, type CallBudget, costOf } from '../budget';
import { addUsage, noUsage, type Usage, ValidationError } from '../core';
import { type CallContext, type Gate, type PolicyParts, ResiliencePolicy } from '../resilience';
import type { ChatModel, ChatRequest, ChatResponse } from './chatModel';
import type { ModelSession, ModelSessionOptions, SessionReport } from './modelSessionTypes';
import { isFinal, joined } from './sessionErrors';
import { estimateInputTokens } from './tokens';
import { untilAborted } from './untilAborted';

/** Opens a session. See {@link ModelSession}. */
export function modelSession(options: ModelSessionOptions): ModelSession {
	if (options.models.length === 0) {
		throw new ValidationError('There is no model to ask.', {
			hint: 'Attach a Chat Model, or set Model Source to API Credential and choose a model.',
		});
	}
	return new Session(options);
}

/** What a session and those made of it count together. */
interface Totals {
	usage: Usage;
	failures: number;
	deadlineAt: number | undefined;
}

class Session implements ModelSession {
	private current = 0;
	private answeredBy = '';

	constructor(
		private readonly options: ModelSessionOptions,
		private readonly totals: Totals = { usage: noUsage(), failures: 0, deadlineAt: undefined },
	) {}

	async chat(request: ChatRequest): Promise<ChatResponse> {
		const { timeouts, models, runtime } = this.options;
		if (timeouts?.totalMs !== undefined) {
			this.totals.deadlineAt ??= runtime.monotonic() + timeouts.totalMs;
		}
		const failed: Array<{ model: string; error: unknown }> = [];
		for (let index = this.current; index < models.length; index++) {
			const model = models[index]!;
			const isLast = index + 1 === models.length;
			const end = await this.cachedOrAsked(model, request, isLast).then(
				(response) => ({ response }),
				(error: unknown) => ({ error }),
			);
			if ('response' in end) {
				this.current = index;
				this.answeredBy = end.response.model;
				return end.response;
			}
			failed.push({ model: model.name, error: end.error });
			const next = isLast || isFinal(end.error) ? 'fail' : 'fallback';
			this.options.onFailure?.({ model: model.name, error: end.error, next });
			if (next === 'fail') break;
		}
		throw joined(failed);
	}

	get budget(): CallBudget | undefined {
		return this.options.budget;
	}

	finishNow(): boolean {
		const { budget } = this;
		return budget !== undefined && budget.ledger.shouldFinish(budget.path);
	}

	report(): SessionReport {
		const { usage, failures } = this.totals;
		return { usage, attempts: 1 + failures, model: this.answeredBy };
	}

	withModels(models: readonly ChatModel[]): ModelSession {
		return new Session({ ...this.options, models }, this.totals);
	}

	/** A remembered answer costs nothing; a streamed one is said at once. */
	private async cachedOrAsked(
		model: ChatModel,
		request: ChatRequest,
		isLast: boolean,
	): Promise<ChatResponse> {
		const { cache } = this.options;
		if (cache === undefined) return await this.ask(model, request, isLast);
		const known = await cache.get(model, request);
		if (known !== undefined) {
			request.onText?.(known.text);
			return known;
		}
		const response = await this.ask(model, request, isLast);
		await cache.put(model, request, response);
		return response;
	}

	private async ask(
		model: ChatModel,
		request: ChatRequest,
		isLast: boolean,
	): Promise<ChatResponse> {
		const { runtime, onBlocked, onBreaker, onFailure } = this.options;
		const { deadlineAt } = this.totals;
		const policy = new ResiliencePolicy(this.parts(model, request, isLast), runtime);
		return await policy.execute(async (context) => await this.attempt(model, request, context), {
			...(request.signal === undefined ? {} : { signal: request.signal }),
			...(deadlineAt === undefined ? {} : { deadlineAt }),
			...(onBlocked && { onBlocked }),
			...(onBreaker && { onBreaker }),
			onRetry: ({ error }) => onFailure?.({ model: model.name, error, next: 'retry' }),
		});
	}

	private parts(model: ChatModel, request: ChatRequest, isLast: boolean): PolicyParts {
		const { retry, timeouts, budget, endpoints, requestsPerMinute } = this.options;
		const { attemptMs, idleMs } = timeouts ?? {};
		return {
			retry: retry ?? {},
			timeouts: {
				...(attemptMs === undefined ? {} : { startToCloseMs: attemptMs }),
				...(idleMs === undefined ? {} : { idleMs }),
			},
			...(budget === undefined ? {} : { budget: this.gate(budget, model, request) }),
			...endpoints?.at(model.key, requestsPerMinute),
			// Waiting for the only model to recover is better than failing; another model is better still.
			whenOpen: isLast ? 'wait' : 'fail',
		};
	}

	/** One call. Counts what it used, or that it failed. */
	private async attempt(
		model: ChatModel,
		request: ChatRequest,
		context: CallContext,
	): Promise<ChatResponse> {
		const { timeouts, endpoints } = this.options;
		const asked: ChatRequest = {
			...request,
			...restartNote(request, context.attempt),
			signal: context.signal,
			onActivity: () => context.activity(),
		};
		// Only a streamed answer shows signs of life on its way.
		if (timeouts?.idleMs !== undefined) asked.onText ??= () => undefined;
		const call = model.chat(asked);
		return await untilAborted(call, context.signal).then(
			(response) => {
				this.count(model, response);
				return response;
			},
			async (error: Error) => {
				if (context.signal.aborted) this.countLate(model, call);
				this.totals.failures++;
				endpoints?.slowDown(model.key, error);
				return await Promise.reject(error);
			},
		);
	}

	/** Counts what an answer used. @returns that */
	private count(model: ChatModel, response: ChatResponse): Usage {
		const used = this.priced(model, response);
		this.totals.usage = addUsage(this.totals.usage, used);
		return used;
	}

	/** An answer that comes after the abort has been paid for all the same. */
	private countLate(model: ChatModel, call: Promise<ChatResponse>): void {
		const { budget } = this.options;
		const book = (response: ChatResponse): void => {
			const used = this.count(model, response);
			budget?.ledger.bookLate(budget.path, model.key, used);
		};
		// Nobody is left to hear of a failure.
		const booked = call.then(book).catch(() => undefined);
		budget?.late?.(booked);
	}

	/** Sets aside what a call may need, and remembers that before the call is made. */
	private gate(budget: CallBudget, model: ChatModel, request: ChatRequest): Gate {
		const { ledger, path } = budget;
		const { maxOutputTokens } = request;
		const gate = budgetGate(
			ledger,
			{
				request: () => ({
					path,
					kind: model.key,
					model: model.name,
					inputTokens: estimateInputTokens(request),
					...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
				}),
				usageOf: (value) => this.priced(model, value as ChatResponse),
			},
			this.options.runtime,
		);
		if (budget.save === undefined) return gate;
		return {
			tryEnter: () => undefined,
			enter: async (attempt, signal) => {
				const pass = await gate.enter(attempt, signal);
				return await budget.save!().then(
					() => pass,
					async (error: Error) => {
						pass.leave({ started: false });
						return await Promise.reject(error);
					},
				);
			},
		};
	}

	private priced({ name }: ChatModel, { model, usage }: ChatResponse): Usage {
		const { inputTokens, outputTokens, totalTokens } = usage;
		const { prices } = this.options;
		// Services may answer with a name of their own that a price table does not know.
		const costUsd = costOf(model, usage, prices) ?? costOf(name, usage, prices);
		return { inputTokens, outputTokens, totalTokens, costUsd, calls: 1 };
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
