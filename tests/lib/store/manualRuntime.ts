import type { Runtime, Timer } from '../../../lib';

/** A runtime whose time passes only when the test says so. */
export class ManualRuntime implements Runtime {
	private time = 1_700_000_000_000;
	private ids = 0;
	private timers: Array<{ at: number; callback: () => void }> = [];

	now(): number {
		return this.time;
	}

	monotonic(): number {
		return this.time;
	}

	random(): number {
		return 0.5;
	}

	newId(): string {
		return `id-${++this.ids}`;
	}

	setTimer(ms: number, callback: () => void): Timer {
		const timer = { at: this.time + Math.max(0, ms), callback };
		this.timers.push(timer);
		return {
			cancel: () => {
				this.timers = this.timers.filter((other) => other !== timer);
			},
		};
	}

	async sleep(ms: number, signal?: AbortSignal): Promise<void> {
		signal?.throwIfAborted();
		await new Promise<void>((resolve, reject) => {
			const timer = this.setTimer(ms, resolve);
			signal?.addEventListener('abort', () => {
				timer.cancel();
				reject(signal.reason as Error);
			});
		});
	}

	/** How many timers are waiting. */
	get pending(): number {
		return this.timers.length;
	}

	/** Lets time pass, timer by timer, and the work that each of them sets off. */
	async advance(ms: number): Promise<void> {
		const end = this.time + ms;
		for (;;) {
			await settle();
			const next = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
			if (next === undefined) break;
			this.timers = this.timers.filter((timer) => timer !== next);
			this.time = Math.max(this.time, next.at);
			next.callback();
		}
		this.time = end;
	}
}

/** Lets everything that is ready run. */
export async function settle(): Promise<void> {
	await new Promise((resolve) => setImmediate(resolve));
}
