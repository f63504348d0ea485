import type { Runtime } from '../core';

/** The time of one stage of a search. */
export interface Stage {
	/** Aborts when the time of the stage is over, the search is stopped, or the stage has ended. */
	readonly signal: AbortSignal;
	/** Resolves when the signal aborts. */
	readonly over: Promise<void>;
	/** Ends the stage; what is still under way in it is broken off. */
	end(): void;
}

/** The time that a search has in all, given out to its stages. */
export class SearchClock {
	private readonly startedAt: number;

	/** @param deadlineMs - from now on; default: none */
	constructor(
		private readonly runtime: Pick<Runtime, 'monotonic' | 'setTimer'>,
		private readonly deadlineMs = Infinity,
	) {
		this.startedAt = runtime.monotonic();
	}

	/** Milliseconds until a share of the whole time has passed; Infinity without a deadline. */
	leftUntil(share: number): number {
		const until = this.startedAt + this.deadlineMs * share;
		return Math.max(0, until - this.runtime.monotonic());
	}

	/**
	 * Opens a stage that ends when a share of the whole time has passed.
	 *
	 * @param share - 0 to 1, counted from the beginning of the search
	 * @param signal - ends it early
	 */
	stage(share: number, signal?: AbortSignal): Stage {
		const controller = new AbortController();
		const end = (): void => {
			timer?.cancel();
			signal?.removeEventListener('abort', end);
			controller.abort();
		};
		const left = this.leftUntil(share);
		const timer = left < Infinity ? this.runtime.setTimer(left, end) : undefined;
		const over = new Promise<void>((resolve) =>
			controller.signal.addEventListener('abort', () => resolve(), { once: true }),
		);
		signal?.addEventListener('abort', end, { once: true });
		if (signal?.aborted === true) end();
		return { signal: controller.signal, over, end };
	}
}
