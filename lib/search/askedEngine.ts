import { errorClassOf, messageOf } from '../core';
import { outOfTime } from './engineCall';
import type { EngineAnswer } from './engineCall';
import { filterHits } from './filterHits';
import type { SearchFilters } from './filters';
import type { EngineHit, EngineReport, SearchEngine } from './searchEngine';

/** One engine in one search: what it was asked, and what came of it. */
export class AskedEngine {
	/** Calls made, retries included. */
	calls = 0;
	/** Whether another engine was asked in its place. */
	replaced = false;
	private wordings = 0;
	private open = 0;
	private answered = 0;
	private cached = 0;
	private hits = 0;
	private abandoned = false;
	private lastFailure: unknown;
	private filters: EngineReport['filters'] = {};
	private endedAt: number;

	/** @param startedAt - monotonic time at which the search began */
	constructor(
		readonly engine: SearchEngine,
		private readonly startedAt: number,
	) {
		this.endedAt = startedAt;
	}

	get isOpen(): boolean {
		return this.open > 0;
	}

	get isAnswered(): boolean {
		return this.answered > 0;
	}

	/** Whether all its calls have ended and at least one brought hits. */
	get hasDelivered(): boolean {
		return this.hits > 0 && !this.isOpen;
	}

	/** Whether all its calls have failed. */
	get hasFailed(): boolean {
		return !this.isOpen && !this.isAnswered && this.lastFailure !== undefined;
	}

	/** What went wrong last; undefined when nothing did. */
	get failure(): unknown {
		return this.lastFailure;
	}

	/** Notes a call that begins. @returns false when it may be asked no further wording */
	begin(): boolean {
		if (this.wordings >= (this.engine.maxCalls ?? Infinity)) return false;
		this.wordings++;
		this.open++;
		return true;
	}

	/** Notes an answer. @returns those of its hits that are what was asked for */
	take({ hits, isCached }: EngineAnswer, filters: SearchFilters, at: number): EngineHit[] {
		this.close(at);
		const filtered = filterHits(hits, filters, this.engine.filters);
		this.answered++;
		this.cached += isCached ? 1 : 0;
		this.hits += filtered.hits.length;
		this.filters = { ...this.filters, ...filtered.filters };
		return filtered.hits;
	}

	/** Notes a call that failed. */
	fail(error: unknown, at: number): void {
		this.close(at);
		// That it is not asked any more says less than why.
		if (this.lastFailure === undefined || errorClassOf(error) !== 'overloaded') {
			this.lastFailure = error;
		}
	}

	/** Waits for its open calls no longer: for lack of time, or since nobody needs them. */
	leave(why: 'time' | 'enough', at: number): void {
		if (!this.isOpen) return;
		this.open = 0;
		this.endedAt = at;
		if (why === 'enough') this.abandoned = true;
		else this.lastFailure ??= outOfTime();
	}

	report(): EngineReport {
		return {
			name: this.engine.name,
			status: this.status(),
			results: this.hits,
			calls: this.calls,
			cached: this.cached,
			durationMs: Math.round(this.endedAt - this.startedAt),
			error: this.lastFailure === undefined ? null : messageOf(this.lastFailure),
			filters: this.filters,
		};
	}

	private status(): EngineReport['status'] {
		if (this.hits > 0) return 'ok';
		if (this.lastFailure !== undefined) return errorClassOf(this.lastFailure);
		if (this.abandoned) return 'abandoned';
		return this.wordings === 0 ? 'standby' : 'empty';
	}

	private close(at: number): void {
		this.open--;
		this.endedAt = at;
	}
}
