import type { Cause } from './cause';
import { AbortError } from './errors';

/**
 * A region of work that can be stopped as a whole: a run, a step, an attempt, a call.
 *
 * Scopes form a tree. A cancel flows down, with its cause, to every scope below except shielded
 * ones: cleaning up and compensating must not be stopped by the very cancel that made them
 * necessary. The first cancel counts; later ones change nothing.
 *
 * A scope costs one small object; its `AbortSignal` is made when somebody asks for it.
 */
export class CancellationScope {
	private children: Set<CancellationScope> | undefined;
	private listeners: Set<(cause: Cause) => void> | undefined;
	private controller: AbortController | undefined;
	private cancelledBy: Cause | undefined;

	constructor(private readonly parent?: CancellationScope) {
		if (parent === undefined) return;
		this.cancelledBy = parent.cancelledBy;
		if (this.cancelledBy === undefined) (parent.children ??= new Set()).add(this);
	}

	/** Why the scope was cancelled; `undefined` as long as it was not. */
	get cause(): Cause | undefined {
		return this.cancelledBy;
	}

	get cancelled(): boolean {
		return this.cancelledBy !== undefined;
	}

	/** For calls that take a signal. Aborts with an {@link AbortError} whose `details.cause` says why. */
	get signal(): AbortSignal {
		if (this.controller === undefined) {
			this.controller = new AbortController();
			if (this.cancelledBy !== undefined) this.controller.abort(abortReason(this.cancelledBy));
		}
		return this.controller.signal;
	}

	/** A scope inside this one. {@link close} it when its work has ended. */
	child(): CancellationScope {
		return new CancellationScope(this);
	}

	/** A scope that a cancel of this one does not reach. It can still be cancelled by itself. */
	shielded(): CancellationScope {
		return new CancellationScope();
	}

	/** Stops this scope and everything below it. */
	cancel(cause: Cause): void {
		if (this.cancelledBy !== undefined) return;
		this.cancelledBy = cause;
		this.close();
		this.controller?.abort(abortReason(cause));
		const { listeners, children } = this;
		this.listeners = undefined;
		this.children = undefined;
		for (const listener of listeners ?? []) listener(cause);
		for (const child of children ?? []) child.cancel(cause);
	}

	/**
	 * Calls back once, when the scope is cancelled; at once, when it already is.
	 *
	 * @returns a function that takes the callback back
	 */
	onCancel(listener: (cause: Cause) => void): () => void {
		if (this.cancelledBy !== undefined) {
			listener(this.cancelledBy);
			return () => undefined;
		}
		const listeners = (this.listeners ??= new Set());
		listeners.add(listener);
		return () => listeners.delete(listener);
	}

	/** @throws {AbortError} when the scope was cancelled */
	throwIfCancelled(): void {
		if (this.cancelledBy !== undefined) throw abortReason(this.cancelledBy);
	}

	/** The work has ended: the scope above forgets this one. */
	close(): void {
		this.parent?.children?.delete(this);
	}
}

/** The error that work stopped for this cause ends with. */
export function abortReason(cause: Cause): AbortError {
	return new AbortError(cause.message, { details: { cause } });
}
