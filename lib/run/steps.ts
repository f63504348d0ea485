import {
	addUsage,
	EngineError,
	hashOf,
	noUsage,
	serializeError,
	toJson,
	type Json,
	type Runtime,
	type Usage,
} from '../core';
import { acquireLease, isLeaseHeld, type Lease, type Store } from '../store';
import type { Ledger } from './ledger';
import type { CompletedRecord, LedgerEntry } from './stepRecord';

/** What {@link Steps} needs. */
export interface StepsOptions {
	ledger: Ledger;
	store: Store;
	runtime: Runtime;
	/** Whether a recorded result may take the place of the work. Default true. */
	reuse?: boolean;
	/**
	 * Whether other executions may work under the same run key at the same time, so that a step has
	 * to be claimed before it runs. Default false.
	 */
	shared?: boolean;
	/** Names this execution to others that wait for it. */
	owner?: string;
	/** What to do with a step that another execution is just doing. Default `wait`. */
	whenBusy?: 'wait' | 'fail';
	/** Ends waiting early. */
	signal?: AbortSignal;
}

/** How one step is to be run. */
export interface StepOptions<Value> {
	/**
	 * `once` for a side effect that must not happen twice: its start is recorded before it runs, and
	 * when it was cut short, `whenUnknown` decides. Default `repeatable`.
	 */
	effect?: 'repeatable' | 'once';
	/** For `once`: do it again, or fail with `OUTCOME_UNKNOWN`. Default `fail`. */
	whenUnknown?: 'retry' | 'fail';
	/** Reads tokens and cost off the result, to be recorded with it. */
	usageOf?: (value: Value) => Usage | undefined;
}

/** How a step came to its result. */
export interface StepOutcome<Value> {
	result: Value;
	/** Taken from the record; nothing was called. */
	reused: boolean;
	/** What that has saved. Only for a reused result. */
	saved?: StepSavings;
}

/** What a recorded result cost when it was made; the calls and tokens only as far as it has told. */
export interface StepSavings {
	/** The time the work took, in milliseconds. */
	durationMs: number;
	/** Model calls. */
	calls?: number;
	totalTokens?: number;
	/** US dollars; `null` when at least one call had no known price. */
	costUsd?: number | null;
}

/** What recorded results have saved. */
export interface Savings {
	steps: number;
	usage: Usage;
	/** The time the work took when it was done, in milliseconds. */
	durationMs: number;
}

/** What a step's body gets. */
export interface StepContext {
	/** 1 for the first attempt ever, also counting executions that died. */
	attempt: number;
	/** Aborts when the caller cancels or another execution takes the step over. */
	signal: AbortSignal;
	/** For services that recognise repeated requests: stable over retries and restarts. */
	idempotencyKey: string;
}

/** Does work once per run, step path and input: what was recorded is not done again. */
export class Steps {
	readonly savings: Savings = { steps: 0, usage: noUsage(), durationMs: 0 };
	private readonly running = new Map<string, Promise<StepOutcome<Json>>>();
	private readonly never = new AbortController().signal;

	constructor(private readonly options: StepsOptions) {}

	/**
	 * Gives the recorded result of this step and input, or does the work and records it.
	 *
	 * @param path - stable name of the step in its run, e.g. `Summarize/order-17`
	 * @param input - whatever the result depends on; only its hash is stored
	 * @returns the result as plain JSON and whether it was reused
	 * @throws what `body` throws; it is recorded, and the step runs again next time
	 */
	async run<Value>(
		path: string,
		input: unknown,
		body: (context: StepContext) => Promise<Value>,
		options: StepOptions<Value> = {},
	): Promise<StepOutcome<Value>> {
		const hash = hashOf(input);
		const key = `${path}\n${hash}`;
		const twin = this.running.get(key);
		if (twin !== undefined) return { ...(await twin), reused: true } as StepOutcome<Value>;
		const work = this.reuseOrDo(path, hash, body, options);
		this.running.set(key, work as Promise<StepOutcome<Json>>);
		return await work.finally(() => this.running.delete(key));
	}

	private async reuseOrDo<Value>(
		path: string,
		hash: string,
		body: (context: StepContext) => Promise<Value>,
		options: StepOptions<Value>,
	): Promise<StepOutcome<Value>> {
		const recorded = await this.recall<Value>(path, hash);
		if (recorded !== undefined) return recorded;
		if (this.options.shared !== true) return await this.perform(path, hash, body, options);
		const lease = await this.claim(path, hash);
		try {
			// Whoever held it before may have done the work in the meantime.
			await this.options.ledger.refresh();
			const meanwhile = await this.recall<Value>(path, hash);
			return meanwhile ?? (await this.perform(path, hash, body, options, lease));
		} finally {
			await lease.release();
		}
	}

	/** The recorded result, if there is one and it may be used. */
	private async recall<Value>(path: string, hash: string): Promise<StepOutcome<Value> | undefined> {
		if (this.options.reuse === false) return undefined;
		const entry = this.options.ledger.entry(path, hash);
		if (entry?.record.status !== 'completed') return undefined;
		const completed = entry as LedgerEntry<CompletedRecord>;
		const result = (await this.options.ledger.output(completed)) as Value;
		this.count(completed.record);
		return { result, reused: true, saved: savingsOf(completed.record) };
	}

	private count({ usage, durationMs = 0 }: CompletedRecord): void {
		this.savings.steps++;
		this.savings.durationMs += durationMs;
		if (usage !== undefined) this.savings.usage = addUsage(this.savings.usage, usage);
	}

	private async claim(path: string, hash: string): Promise<Lease> {
		const { ledger, store, runtime, whenBusy = 'wait', signal } = this.options;
		const { runId } = ledger;
		const name = hashOf([runId, path, hash]);
		const owner = this.options.owner ?? runtime.newId();
		for (let pauseMs = 50; ; pauseMs = Math.min(2000, pauseMs * 2)) {
			const claimed = await acquireLease({ store, runtime, name, owner, runId }).catch(
				(error: Error) => (isLeaseHeld(error) ? error : Promise.reject(error)),
			);
			if (!isLeaseHeld(claimed)) return claimed;
			if (whenBusy === 'fail') throw busy(path, claimed.heldBy);
			await runtime.sleep(pauseMs, signal);
		}
	}

	private async perform<Value>(
		path: string,
		hash: string,
		body: (context: StepContext) => Promise<Value>,
		{ effect = 'repeatable', whenUnknown = 'fail', usageOf }: StepOptions<Value>,
		lease?: Lease,
	): Promise<StepOutcome<Value>> {
		const { ledger, runtime, reuse } = this.options;
		const before = ledger.entry(path, hash)?.record;
		const cutShort = before?.status === 'started' && reuse !== false;
		if (effect === 'once' && cutShort && whenUnknown === 'fail') throw unknownOutcome(path);
		const attempt = (before?.attempt ?? 0) + 1;
		const how = { ahead: effect === 'once', ...(lease === undefined ? {} : { lease }) };
		await ledger.started(path, hash, attempt, how);
		const context = {
			attempt,
			signal: this.signalFor(lease),
			// Few steps ask for it, and to hash costs more than to record.
			get idempotencyKey() {
				return hashOf([ledger.runId, path, hash]);
			},
		};
		const begun = runtime.monotonic();
		const outcome = await body(context).then(
			(value) => ({ value }),
			(error: Error) => ({ error }),
		);
		if ('error' in outcome) {
			await ledger.failed(path, hash, attempt, serializeError(outcome.error), how);
			return await Promise.reject(outcome.error);
		}
		const usage = usageOf?.(outcome.value);
		const durationMs = Math.round(runtime.monotonic() - begun);
		const output = toJson(outcome.value);
		const facts = { durationMs, ...(usage === undefined ? {} : { usage }) };
		await ledger.completed(path, hash, { output, attempt, order: 0 }, facts, how);
		return { result: output as Value, reused: false };
	}

	private signalFor(lease: Lease | undefined): AbortSignal {
		const { signal } = this.options;
		if (lease === undefined) return signal ?? this.never;
		return signal === undefined ? lease.lost : AbortSignal.any([signal, lease.lost]);
	}
}

function savingsOf({ usage, durationMs = 0 }: CompletedRecord): StepSavings {
	if (usage === undefined) return { durationMs };
	const { calls, totalTokens, costUsd } = usage;
	return { durationMs, calls, totalTokens, costUsd };
}

function busy(path: string, by: string): EngineError {
	return new EngineError('STEP_BUSY', `Step "${path}" is just being done by ${by}.`, {
		errorClass: 'conflict',
		retryable: true,
		hint: 'Run again when the other execution has ended: its result will be reused.',
		details: { path, by },
	});
}

function unknownOutcome(path: string): EngineError {
	return new EngineError(
		'OUTCOME_UNKNOWN',
		`Step "${path}" was started before and cut short, so nobody knows whether its effect happened.`,
		{
			errorClass: 'conflict',
			retryable: false,
			hint: 'Check whether it happened, then confirm it or run it again.',
			details: { path },
		},
	);
}
