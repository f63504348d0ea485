/** The last calls of a circuit breaker: how many there were, failed, and were slow. */
export interface BreakerWindow {
	readonly calls: number;
	readonly failures: number;
	readonly slow: number;
	/** @param now - monotonic milliseconds */
	record(failed: boolean, slow: boolean, now: number): void;
	clear(): void;
}

/** Which calls a breaker looks at. */
export interface WindowOptions {
	/** `count`: the last `size` calls; `time`: the calls of the last `size` milliseconds. */
	kind: 'count' | 'time';
	size: number;
}

export function breakerWindow({ kind, size }: WindowOptions): BreakerWindow {
	return kind === 'count' ? new CountWindow(size) : new TimeWindow(size);
}

const FAILED = 1;
const SLOW = 2;

/** A ring of the last calls. */
class CountWindow implements BreakerWindow {
	calls = 0;
	failures = 0;
	slow = 0;

	private readonly ring: Uint8Array;
	private position = 0;

	constructor(size: number) {
		this.ring = new Uint8Array(size);
	}

	record(failed: boolean, slow: boolean): void {
		if (this.calls === this.ring.length) this.forget(this.ring[this.position]!);
		this.ring[this.position] = (failed ? FAILED : 0) | (slow ? SLOW : 0);
		this.position = (this.position + 1) % this.ring.length;
		this.calls++;
		if (failed) this.failures++;
		if (slow) this.slow++;
	}

	clear(): void {
		this.calls = this.failures = this.slow = 0;
		this.position = 0;
	}

	private forget(entry: number): void {
		this.calls--;
		if ((entry & FAILED) !== 0) this.failures--;
		if ((entry & SLOW) !== 0) this.slow--;
	}
}

/** A time window is kept in this many parts; the oldest leaves as a whole. */
const PARTS = 10;

interface Part {
	calls: number;
	failures: number;
	slow: number;
}

/** A ring of parts of the time, so that memory does not grow with the number of calls. */
class TimeWindow implements BreakerWindow {
	calls = 0;
	failures = 0;
	slow = 0;

	private readonly partMs: number;
	private readonly parts: Part[];
	/** Number of the newest part: time divided by its length. */
	private newest = -1;

	constructor(sizeMs: number) {
		this.partMs = sizeMs / PARTS;
		this.parts = Array.from({ length: PARTS }, emptyPart);
	}

	record(failed: boolean, slow: boolean, now: number): void {
		this.advance(now);
		const part = this.parts[this.newest % PARTS]!;
		for (const counts of [part, this]) {
			counts.calls++;
			if (failed) counts.failures++;
			if (slow) counts.slow++;
		}
	}

	private advance(now: number): void {
		const current = Math.floor(now / this.partMs);
		const first = Math.max(this.newest + 1, current - PARTS + 1);
		for (let number = first; number <= current; number++) this.drop(number % PARTS);
		this.newest = Math.max(this.newest, current);
	}

	clear(): void {
		for (let index = 0; index < PARTS; index++) this.drop(index);
	}

	private drop(index: number): void {
		const part = this.parts[index]!;
		this.calls -= part.calls;
		this.failures -= part.failures;
		this.slow -= part.slow;
		this.parts[index] = emptyPart();
	}
}

function emptyPart(): Part {
	return { calls: 0, failures: 0, slow: 0 };
}
