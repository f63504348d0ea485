import { fromUnits } from './requirements';

/** Use of one resource type, since the pool was made. */
export interface ResourceUsage {
	/** What the pool has; null when it is not limited. */
	total: number | null;
	current: number;
	peak: number;
	/** Starts that took some of it. */
	totalAllocations: number;
	/** Requests for it that were refused, cancelled or waited too long. */
	failedAllocations: number;
	/** Time that granted requests for it had queued, in milliseconds. */
	totalWaitMs: number;
}

/** What a pool has and what of it is in use, by position, with statistics. */
export class PoolUsage {
	readonly used: number[];
	private readonly peak: number[];
	private readonly allocations: number[];
	private readonly failures: number[];
	private readonly waitMs: number[];

	constructor(
		private readonly names: readonly string[],
		readonly totals: readonly number[],
	) {
		const zeros = (): number[] => names.map(() => 0);
		[this.used, this.peak, this.allocations] = [zeros(), zeros(), zeros()];
		[this.failures, this.waitMs] = [zeros(), zeros()];
	}

	/** One bit for each type that these needs take and that can run out. */
	scarceIn(needs: readonly number[]): number {
		let mask = 0;
		for (let index = 0; index < needs.length; index++) {
			if (needs[index]! > 0 && this.totals[index]! < Infinity) mask |= 1 << index;
		}
		return mask;
	}

	fits(needs: readonly number[]): boolean {
		for (let index = 0; index < needs.length; index++) {
			if (this.used[index]! + needs[index]! > this.totals[index]!) return false;
		}
		return true;
	}

	/** What is missing for these needs, by position; 0 or less means enough. */
	missing(needs: readonly number[]): number[] {
		return needs.map((need, index) => need + this.used[index]! - this.totals[index]!);
	}

	take(needs: readonly number[], waitedMs: number): void {
		for (let index = 0; index < needs.length; index++) {
			const need = needs[index]!;
			if (need === 0) continue;
			const used = this.used[index]! + need;
			this.used[index] = used;
			if (used > this.peak[index]!) this.peak[index] = used;
			this.allocations[index]!++;
			this.waitMs[index]! += waitedMs;
		}
	}

	giveBack(needs: readonly number[]): void {
		for (let index = 0; index < needs.length; index++) this.used[index]! -= needs[index]!;
	}

	/** Counts a request that came to nothing. */
	fail(needs: readonly number[]): void {
		needs.forEach((need, index) => {
			if (need > 0) this.failures[index]!++;
		});
	}

	/** By name. */
	report(): Record<string, ResourceUsage> {
		return Object.fromEntries(this.names.map((name, index) => [name, this.reportOf(index)]));
	}

	private reportOf(index: number): ResourceUsage {
		const total = this.totals[index]!;
		return {
			total: total === Infinity ? null : fromUnits(total),
			current: fromUnits(this.used[index]!),
			peak: fromUnits(this.peak[index]!),
			totalAllocations: this.allocations[index]!,
			failedAllocations: this.failures[index]!,
			totalWaitMs: this.waitMs[index]!,
		};
	}
}
