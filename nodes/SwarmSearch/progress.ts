import { reportPart } from '../../lib';
import type { SearchReport } from '../../lib';
import { n8nRuntime } from '../shared/runtime';
import type { NodeSteps } from '../shared/steps';

/** What one search tells about itself while it runs, by the names that status queries use. */
export interface SearchStatus {
	query: string;
	variant_queries: string[];
	summary: string | null;
	status: 'running' | SearchReport['status'] | 'failed';
	/** 0 to 100. */
	progress: number;
	step_description: string;
}

/** Searches of one node that are told of one by one; of more, the latest. */
const MAX_TOLD = 20;

/**
 * Keeps the record of the run up to date about the searches of a node, one write at a time. A
 * record that cannot be written disturbs no search.
 */
export class SearchProgress {
	private readonly searches = new Map<number, SearchStatus>();
	private writing: Promise<void> | undefined;
	private isBehind = false;

	/** @param total - how many searches there will be */
	constructor(
		private readonly steps: NodeSteps,
		private readonly total: number,
	) {}

	/** Notes how far the search of an item is. */
	tell(itemIndex: number, status: SearchStatus): void {
		this.searches.set(itemIndex, status);
		this.isBehind = true;
		this.writing ??= this.write();
	}

	/** Resolves when all that was told is written. */
	async written(): Promise<void> {
		await this.writing;
	}

	private async write(): Promise<void> {
		while (this.isBehind) {
			this.isBehind = false;
			const { steps } = this;
			const now = n8nRuntime.now();
			await reportPart(steps.store, steps.runKey, steps.part, this.change(), now).catch(
				() => undefined,
			);
		}
		this.writing = undefined;
	}

	private change() {
		const all = [...this.searches.values()];
		const done = all.reduce((sum, { progress }) => sum + progress, 0);
		return {
			progress: Math.min(100, Math.round(done / Math.max(this.total, all.length))),
			message: all.at(-1)!.step_description,
			detail: { searches: all.slice(-MAX_TOLD) },
		};
	}
}
