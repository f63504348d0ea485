import type { FanOutContext } from './fanOutTypes';

/** The fan-out that a task belongs to, as the task sees it. */
export interface TaskOwner {
	keyOf(index: number): string;
	attemptOf(index: number): number;
	/** A signal of its own for a task that asked for one. */
	openSignal(): AbortController;
	closeSignal(controller: AbortController): void;
}

/** What one running task sees. Its signal exists only once it is asked for. */
export class TaskContext implements FanOutContext {
	private controller: AbortController | undefined;
	private given: AbortSignal | undefined;

	constructor(
		private readonly owner: TaskOwner,
		readonly index: number,
	) {}

	get key(): string {
		return this.owner.keyOf(this.index);
	}

	get attempt(): number {
		return this.owner.attemptOf(this.index);
	}

	get signal(): AbortSignal {
		if (this.given !== undefined) return this.given;
		this.controller ??= this.owner.openSignal();
		return this.controller.signal;
	}

	/** Shows the task another signal, e.g. one that a timeout made from ours. */
	use(signal: AbortSignal): void {
		this.given = signal;
	}

	close(): void {
		if (this.controller !== undefined) this.owner.closeSignal(this.controller);
	}
}
