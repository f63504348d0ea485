import { EngineError } from '../core';
import type { Runtime } from '../core';

/**
 * Keeps the calls of one service apart, for all searches that share it: some services ask for one
 * call in three seconds, and some ask for a pause.
 */
export class Pace {
	private nextAt = -Infinity;

	/** @param everyMs - least distance between the starts of two calls, in milliseconds */
	constructor(
		private readonly everyMs: number,
		private readonly runtime: Pick<Runtime, 'monotonic' | 'sleep'>,
	) {}

	/**
	 * Waits for the next turn, first come, first served.
	 *
	 * @param maxWaitMs - gives up at once when the turn comes later than that
	 * @throws {EngineError} `SEARCH_FAILED`, class `rate_limit`, with the time to wait
	 */
	async turn(engine: string, maxWaitMs: number, signal: AbortSignal): Promise<void> {
		const now = this.runtime.monotonic();
		const at = Math.max(now, this.nextAt);
		if (at - now > maxWaitMs) {
			throw new EngineError(
				'SEARCH_FAILED',
				`${engine} may be asked again in ${Math.ceil((at - now) / 1000)} s, later than this search can wait.`,
				{ errorClass: 'rate_limit', retryAfterMs: at - now },
			);
		}
		this.nextAt = at + this.everyMs;
		if (at > now) await this.runtime.sleep(at - now, signal);
	}

	/** Starts no call for this long: the service has asked for it. */
	pause(ms: number): void {
		this.nextAt = Math.max(this.nextAt, this.runtime.monotonic() + ms);
	}
}
