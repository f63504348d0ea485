import { errorClassOf, type Runtime } from '../core';
import {
	abortErrorOf,
	throwIfCancelled,
	type AttemptEnd,
	type Gate,
	type Pass,
} from '../resilience';
import type { AdaptiveConcurrency } from './adaptiveConcurrency';

/**
 * Lets as many attempts run at the same time as {@link AdaptiveConcurrency} allows, and tells it how
 * they went: a rate limit, an overload and an attempt that is given up count as refusals; other
 * errors say nothing about how much the other side can take.
 *
 * @example
 * const gate = new AdaptiveGate(new AdaptiveConcurrency({ max: 50 }), runtime);
 * const policy = new ResiliencePolicy({ retry: { maxAttempts: 5 }, pool: gate }, runtime);
 */
export class AdaptiveGate implements Gate {
	private running = 0;
	private readonly waiting = new Set<() => void>();

	constructor(
		private readonly adaptive: AdaptiveConcurrency,
		private readonly runtime: Pick<Runtime, 'monotonic'>,
	) {}

	/** The same gate for attempts that need a pass of another one as well, e.g. of a pool. */
	with(inner: Gate): Gate {
		return {
			tryEnter: (attempt) => {
				if (!this.isOpen) return undefined;
				const pass = inner.tryEnter(attempt);
				return pass && this.begin(pass);
			},
			enter: async (attempt, signal) => {
				const pass = await inner.enter(attempt, signal);
				return await this.admit(signal, pass).catch(async (error: Error) => {
					pass.leave({ started: false });
					return await Promise.reject(error);
				});
			},
		};
	}

	tryEnter(): Pass | undefined {
		return this.isOpen ? this.begin() : undefined;
	}

	async enter(_attempt: number, signal: AbortSignal): Promise<Pass> {
		return await this.admit(signal);
	}

	/** Whether an attempt may go on at once, without passing others. */
	private get isOpen(): boolean {
		return this.hasRoom && this.waiting.size === 0;
	}

	private async admit(signal: AbortSignal, inner?: Pass): Promise<Pass> {
		if (!this.hasRoom) await this.turn(signal);
		return this.begin(inner);
	}

	private get hasRoom(): boolean {
		return this.running < this.adaptive.limit;
	}

	/** Waits until there is room; who came first goes first. */
	private async turn(signal: AbortSignal): Promise<void> {
		throwIfCancelled(signal);
		await new Promise<void>((resolve, reject) => {
			const leave = (): void => {
				this.waiting.delete(go);
				signal.removeEventListener('abort', onAbort);
			};
			const go = (): void => {
				leave();
				resolve();
			};
			const onAbort = (): void => {
				leave();
				reject(abortErrorOf(signal));
			};
			this.waiting.add(go);
			signal.addEventListener('abort', onAbort);
		});
	}

	private begin(inner?: Pass): Pass {
		this.running++;
		const round = this.adaptive.start();
		const begunAt = this.runtime.monotonic();
		return {
			leave: (end) => {
				this.learn(round, begunAt, end);
				inner?.leave(end);
				this.end();
			},
			abandon: (body) => {
				this.adaptive.refused(round);
				inner?.abandon(body);
				const end = (): void => this.end();
				body.then(end, end);
			},
		};
	}

	private learn(round: number, begunAt: number, { started, error }: AttemptEnd): void {
		if (!started) return;
		if (error === undefined) {
			this.adaptive.success(round, this.runtime.monotonic() - begunAt);
		} else if (REFUSALS.has(errorClassOf(error))) {
			this.adaptive.refused(round);
		}
	}

	private end(): void {
		this.running--;
		let room = this.adaptive.limit - this.running;
		for (const go of this.waiting) {
			if (room-- <= 0) return;
			go();
		}
	}
}

const REFUSALS: ReadonlySet<string> = new Set(['rate_limit', 'overloaded', 'timeout']);
