import type { Cause, Runtime, Timer } from '../core';
import { AbortError, serializeError, show, ValidationError } from '../core';
import { checkFanOut, neededOf, uniqueKeys } from './fanOutChecks';
import { TaskContext, type TaskOwner } from './fanOutContext';
import type {
	FanOutBody,
	FanOutOptions,
	FanOutResult,
	FanOutStatus,
	FanOutTask,
} from './fanOutTypes';

/**
 * Runs one task for each input, many at the same time, and joins the results.
 *
 * Workers share one index into the inputs, so that a queued task costs nothing: no promise, no
 * closure, no entry in a queue. The fan-out itself never rejects because of a task; failures are
 * results.
 *
 * A stop that aborts (`cancel`, a met join, a deadline, the caller's signal) answers at once. What
 * an aborted task still returns is dropped.
 *
 * @param inputs - one task each; none gives an empty success
 * @throws {ValidationError} when options do not fit or two tasks have the same key
 */
export async function fanOut<Input, Output>(
	inputs: readonly Input[],
	body: FanOutBody<Input, Output>,
	options: FanOutOptions<Input>,
	runtime: Runtime,
): Promise<FanOutResult<Output>> {
	checkFanOut(options, inputs.length);
	const keys = options.key === undefined ? undefined : uniqueKeys(inputs, options.key);
	return await new FanOut(inputs, body, options, keys, runtime).run();
}

/** Splits items into chunks of at most `size`, in order. */
export function chunk<Item>(items: readonly Item[], size: number): Item[][] {
	if (!Number.isInteger(size) || size < 1) {
		throw new ValidationError(`Chunk size must be a whole number from 1, received ${show(size)}.`);
	}
	const chunks: Item[][] = [];
	for (let start = 0; start < items.length; start += size) {
		chunks.push(items.slice(start, start + size));
	}
	return chunks;
}

// States of a task, one byte each; 0 is not started. Everything up to RUNNING is still open.
const RUNNING = 1;
const COMPLETED = 2;
const FAILED = 3;

/** One fan-out under way. What is known of the tasks lies in columns, a few bytes a task. */
class FanOut<Input, Output> implements TaskOwner {
	private readonly total: number;
	private readonly state: Uint8Array;
	private readonly attempts: Uint16Array;
	/** Start of a running task, duration of an ended one. */
	private readonly times: Float64Array;
	/** The result of a completed task, the thrown value of a failed one. */
	private readonly outcomes: unknown[];
	/** Indexes in the order in which the tasks ended. */
	private readonly endOrder: number[] = [];
	private readonly aborts = new Set<AbortController>();
	private readonly needed: number;
	private next = 0;
	private workers = 0;
	private completed = 0;
	private failed = 0;
	private finished = false;
	/** Whether tasks go on although the result is there. */
	private goesOn = false;
	private cause: Cause | undefined;
	private deadline: Timer | undefined;
	private resolve!: (result: FanOutResult<Output>) => void;

	constructor(
		private readonly inputs: readonly Input[],
		private readonly body: FanOutBody<Input, Output>,
		private readonly options: FanOutOptions<Input>,
		private readonly keys: readonly string[] | undefined,
		private readonly runtime: Runtime,
	) {
		this.total = inputs.length;
		this.state = new Uint8Array(this.total);
		this.attempts = new Uint16Array(this.total);
		this.times = new Float64Array(this.total);
		this.outcomes = new Array<unknown>(this.total);
		this.needed = neededOf(options, this.total);
	}

	async run(): Promise<FanOutResult<Output>> {
		return await new Promise((resolve) => {
			this.resolve = resolve;
			this.begin();
		});
	}

	keyOf(index: number): string {
		return this.keys?.[index] ?? String(index);
	}

	attemptOf(index: number): number {
		return this.attempts[index]!;
	}

	/** A signal of its own for a task that asked for one. */
	openSignal(): AbortController {
		const controller = new AbortController();
		if (this.finished && !this.goesOn) controller.abort(abortReason(this.cause));
		else this.aborts.add(controller);
		return controller;
	}

	closeSignal(controller: AbortController): void {
		this.aborts.delete(controller);
	}

	private begin(): void {
		const { maxConcurrent = Infinity, join, signal } = this.options;
		if (signal?.aborted === true) return this.abort('user', 'The fan-out was cancelled.');
		signal?.addEventListener('abort', this.onOuterAbort);
		if (typeof join === 'object' && 'deadlineMs' in join) {
			this.deadline = this.runtime.setTimer(join.deadlineMs, this.onDeadline);
		}
		this.workers = Math.min(maxConcurrent, this.total);
		if (this.workers === 0) return this.finish();
		for (let i = this.workers; i > 0; i--) void this.work();
	}

	private readonly onOuterAbort = (): void => this.abort('user', 'The fan-out was cancelled.');

	private readonly onDeadline = (): void => {
		const message = 'The deadline of the join passed.';
		if (this.options.afterDeadline !== 'finish') return this.abort('timeout', message);
		this.goesOn = true;
		this.cause = this.makeCause('timeout', message);
		this.finish();
	};

	/** One worker: takes the next input until there is none. */
	private async work(): Promise<void> {
		const { budget } = this.options;
		while ((this.cause === undefined || this.goesOn) && this.next < this.total) {
			if (budget?.ledger.shouldFinish(budget.path) === true) {
				this.cause = this.makeCause('budget', 'The budget is nearly used up: nothing more starts.');
				break;
			}
			const index = this.next++;
			this.state[index] = RUNNING;
			this.times[index] = this.runtime.monotonic();
			const context = new TaskContext(this, index);
			try {
				this.onCompleted(index, await this.call(index, context));
			} catch (error) {
				this.onFailed(index, error);
			}
			context.close();
		}
		if (--this.workers > 0) return;
		this.finish();
		if (this.goesOn) this.options.signal?.removeEventListener('abort', this.onOuterAbort);
	}

	private call(index: number, context: TaskContext): Output | Promise<Output> {
		const { around } = this.options;
		const input = this.inputs[index] as Input;
		if (around === undefined) {
			this.attempts[index] = 1;
			return this.body(input, context);
		}
		return around(async (signal) => {
			this.attempts[index]!++;
			if (signal !== undefined) context.use(signal);
			return await this.body(input, context);
		}, context);
	}

	private onCompleted(index: number, result: Output): void {
		if (this.finished) return;
		this.completed++;
		this.close(index, COMPLETED, result);
		if (this.completed >= this.needed && this.completed + this.failed < this.total) {
			this.abort('superseded', `The join had the ${this.needed} results it needs.`);
		}
	}

	private onFailed(index: number, error: unknown): void {
		if (this.finished) return;
		this.failed++;
		this.close(index, FAILED, error);
		const stop = this.stopAfterFailure(index);
		if (stop === undefined || this.cause !== undefined) return;
		if (this.options.onSiblingFailure === 'cancel') this.abort('sibling', stop);
		else this.cause = this.makeCause('sibling', stop);
	}

	/** Why nothing more should start after this failure, if so. */
	private stopAfterFailure(index: number): string | undefined {
		const { errorMode = 'settle', maxFailures = 0 } = this.options;
		if (errorMode === 'fail_fast') return `Task "${this.keyOf(index)}" failed.`;
		if (errorMode === 'threshold' && this.failed > maxFailures) {
			return `${this.failed} tasks failed, accepted are ${maxFailures}.`;
		}
		if (this.asksForSome() && this.total - this.failed < this.needed) {
			return `The join needs ${this.needed} results and can no longer have them.`;
		}
		return undefined;
	}

	private close(index: number, state: number, outcome: unknown): void {
		this.state[index] = state;
		this.outcomes[index] = outcome;
		this.times[index] = this.runtime.monotonic() - this.times[index]!;
		if (this.options.order === 'completion') this.endOrder.push(index);
		this.options.onTaskEnd?.(this.task(index), this.completed + this.failed, this.total);
	}

	/** Stops everything now and answers with what there is. */
	private abort(kind: Cause['kind'], message: string): void {
		this.goesOn = false;
		this.cause ??= this.makeCause(kind, message);
		this.finish();
		const reason = abortReason(this.cause);
		for (const controller of this.aborts) controller.abort(reason);
		this.aborts.clear();
	}

	private makeCause(kind: Cause['kind'], message: string): Cause {
		return { kind, message, at: this.runtime.now() };
	}

	private finish(): void {
		if (this.finished) return;
		this.finished = true;
		this.deadline?.cancel();
		if (!this.goesOn) this.options.signal?.removeEventListener('abort', this.onOuterAbort);
		const tasks = this.resultOrder().map((index) => this.task(index));
		this.resolve({
			outcome: this.outcome(),
			tasks,
			values: this.values(tasks),
			completed: this.completed,
			failed: this.failed,
			cancelled: this.total - this.completed - this.failed,
			...(this.cause === undefined ? {} : { cause: this.cause }),
		});
	}

	private resultOrder(): number[] {
		const indexes = Array.from({ length: this.total }, (_, index) => index);
		if (this.options.order !== 'completion') return indexes;
		return [...this.endOrder, ...indexes.filter((index) => this.state[index]! <= RUNNING)];
	}

	private task(index: number): FanOutTask<Output> {
		const state = this.state[index]!;
		const base = {
			key: this.keyOf(index),
			index,
			status: this.statusOf(state),
			attempts: this.attempts[index]!,
			durationMs: this.times[index]!,
		};
		if (state === COMPLETED) return { ...base, result: this.outcomes[index] as Output };
		if (state === FAILED) return { ...base, error: serializeError(this.outcomes[index]) };
		if (state === RUNNING) base.durationMs = this.runtime.monotonic() - base.durationMs;
		return { ...base, cause: this.cause! };
	}

	private statusOf(state: number): FanOutStatus {
		if (state === COMPLETED) return 'completed';
		if (state === FAILED) return 'failed';
		return state === RUNNING && this.cause?.kind === 'timeout' ? 'timed_out' : 'cancelled';
	}

	private values(tasks: ReadonlyArray<FanOutTask<Output>>): Array<Output | null> {
		const values: Array<Output | null> = [];
		for (const { status, result } of tasks) {
			if (status === 'completed') values.push(result as Output);
			else if (this.options.errorMode === 'null' && this.hasPlace(status)) values.push(null);
		}
		return values;
	}

	/** Whether a task without a result has a place among the values all the same. */
	private hasPlace(status: FanOutStatus): boolean {
		return status === 'failed' || (status === 'cancelled' && this.cause?.kind === 'budget');
	}

	private outcome(): FanOutResult<Output>['outcome'] {
		if (this.completed >= this.needed) return 'success';
		const { kind } = this.cause ?? {};
		const stopped = kind !== undefined && kind !== 'timeout' && kind !== 'budget';
		return stopped || this.asksForSome() || this.completed === 0 ? 'failure' : 'partial';
	}

	/** Whether the join is content with some of the results. */
	private asksForSome(): boolean {
		const { join = 'all' } = this.options;
		return join === 'any' || (typeof join === 'object' && 'n' in join);
	}
}

function abortReason(cause: Cause | undefined): AbortError {
	return new AbortError(cause?.message, { details: { cause } });
}
