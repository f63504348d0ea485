import { EngineError, TimeoutError, noUsage } from '../core';
import type { Runtime } from '../core';
import { budgetGate } from '../budget';
import type { BudgetLedger } from '../budget';
import { CircuitOpenError, ResiliencePolicy, RetryExhaustedError } from '../resilience';
import type { PolicyParts, RetryOptions } from '../resilience';
import { poolGate } from '../resources';
import type { SearchFilters } from './filters';
import { cacheKey } from './searchCache';
import type { SearchCache } from './searchCache';
import type { EngineHit, SearchEngine } from './searchEngine';
import type { Service } from './services';

/** What one engine is asked in one wording. */
export interface EngineQuestion {
	text: string;
	limit: number;
	filters: SearchFilters;
}

/** What calls of engines go through. */
export interface CallRules {
	runtime: Pick<Runtime, 'monotonic' | 'now' | 'random' | 'setTimer' | 'sleep'>;
	signal: AbortSignal;
	/** Time limit of each attempt, and of the wait for a turn, in milliseconds. */
	timeoutMs: number;
	/** Monotonic time after which no attempt starts. */
	deadlineAt: number;
	/** Attempts in all. */
	maxAttempts: number;
	budget: BudgetLedger;
	cache?: SearchCache;
	/** Told that the cache does not work. */
	onCacheFailure: (error: unknown) => void;
	/** Told about each attempt that is made. */
	onAttempt: () => void;
}

/** The hits of one call, and whether they were remembered. */
export interface EngineAnswer {
	hits: readonly EngineHit[];
	isCached: boolean;
}

/** The pauses between two attempts at one engine; short, since somebody waits for the answer. */
const BACKOFF: RetryOptions = { initialDelayMs: 300, maxDelayMs: 4000 };
/** A cache that takes longer is slower than many an engine. */
const CACHE_TIMEOUT_MS = 1000;

/**
 * Asks one engine once, or remembers what it answered: within its limits, the budget and the time
 * of the search, again after a passing fault, and not at all while it is down.
 *
 * @throws {EngineError} of the last attempt, or of what stood in its way
 */
export async function callEngine(
	engine: SearchEngine,
	service: Service | undefined,
	question: EngineQuestion,
	rules: CallRules,
): Promise<EngineAnswer> {
	if (service === undefined) return { hits: await ask(engine, question, rules), isCached: false };
	const { text, limit, filters } = question;
	const key = cacheKey({ service: engine.service, text, limit, filters });
	const remembered = await recall(key, rules);
	if (remembered !== undefined) return { hits: remembered, isCached: true };
	const hits = await askService(engine, service, question, rules);
	// Nobody waits for it; should it fail, there is nothing to remember.
	rules.cache?.put(key, hits).catch(rules.onCacheFailure);
	return { hits, isCached: false };
}

async function recall(key: string, rules: CallRules): Promise<EngineHit[] | undefined> {
	const { cache, runtime, onCacheFailure } = rules;
	if (cache === undefined) return undefined;
	return await new Promise((resolve) => {
		const timer = runtime.setTimer(CACHE_TIMEOUT_MS, () => {
			onCacheFailure(new EngineError('CACHE_SLOW', 'It did not answer in time.'));
			resolve(undefined);
		});
		const settle = (hits: EngineHit[] | undefined): void => {
			timer.cancel();
			resolve(hits);
		};
		cache.get(key).then(settle, (error: unknown) => {
			onCacheFailure(error);
			settle(undefined);
		});
	});
}

async function askService(
	engine: SearchEngine,
	service: Service,
	question: EngineQuestion,
	rules: CallRules,
): Promise<readonly EngineHit[]> {
	const { runtime, timeoutMs, deadlineAt, signal } = rules;
	const waitMs = service.limiter.waitMs();
	if (waitMs > Math.min(timeoutMs, deadlineAt - runtime.monotonic())) throw tooLate(engine, waitMs);
	const policy = new ResiliencePolicy(partsFor(engine, service, rules), runtime);
	return await policy
		.execute(
			async (context) => await ask(engine, question, { ...rules, signal: context.signal }, service),
			{ signal, ...(deadlineAt < Infinity ? { deadlineAt } : {}) },
		)
		.catch(async (error: Error) => await Promise.reject(plainError(engine, service, error)));
}

/** The error of the engine itself, also when it was tried again, or is not asked any more. */
function plainError({ name }: SearchEngine, { breaker }: Service, error: Error): Error {
	if (error instanceof RetryExhaustedError) return error.cause as Error;
	if (error instanceof TimeoutError && error.details.kind === 'run') return outOfTime();
	if (!(error instanceof CircuitOpenError)) return error;
	const seconds = Math.ceil(breaker.msUntilProbe / 1000);
	const when = Number.isFinite(seconds) ? `in ${seconds} s` : 'once a call has got through';
	return new EngineError(
		'SEARCH_FAILED',
		`${name} has failed several times in a row; it is asked again ${when}.`,
		{ errorClass: 'overloaded', retryable: false },
	);
}

function partsFor(engine: SearchEngine, service: Service, rules: CallRules): PolicyParts {
	const { timeoutMs, maxAttempts, runtime, budget } = rules;
	const { costUsd = 0 } = engine.limits ?? {};
	const used = () => ({ ...noUsage(), calls: 1, costUsd });
	const request = () => ({ path: engine.name, amounts: { calls: 1, costUsd } });
	return {
		retry: { ...BACKOFF, maxAttempts },
		timeouts: { startToCloseMs: timeoutMs, scheduleToStartMs: timeoutMs },
		budget: budgetGate(budget, { request, usageOf: used, usageOfError: used }, runtime),
		breaker: service.breaker,
		whenOpen: 'fail',
		limiter: service.limiter,
		pool: poolGate(service.pool, () => ({
			path: engine.name,
			requirements: { resourceTypes: [] },
		})),
	};
}

async function ask(
	engine: SearchEngine,
	{ text, limit, filters }: EngineQuestion,
	{ timeoutMs, signal, onAttempt }: CallRules,
	service?: Service,
): Promise<readonly EngineHit[]> {
	onAttempt();
	return await engine.search({
		text,
		limit,
		filters,
		signal,
		timeoutMs,
		onPause: (ms) => service?.limiter.throttle(ms),
	});
}

/** The time of the search is over before an engine has answered. */
export function outOfTime(): TimeoutError {
	return new TimeoutError('The search had no more time to wait for it.');
}

function tooLate({ name }: SearchEngine, waitMs: number): EngineError {
	const seconds = Math.ceil(waitMs / 1000);
	return new EngineError(
		'SEARCH_FAILED',
		`${name} may be asked again in ${seconds} s, later than this search can wait.`,
		{ errorClass: 'rate_limit', retryable: false, retryAfterMs: waitMs },
	);
}
