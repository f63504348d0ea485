import type { SearchReport } from '../../lib';
import type { PartProgress } from '../shared/partProgress';

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

/** Tells the record of the run about the searches of a node. */
export class SearchProgress {
	private readonly searches = new Map<number, SearchStatus>();

	/** @param total - how many searches there will be */
	constructor(
		private readonly record: PartProgress,
		private readonly total: number,
	) {}

	/** Notes how far the search of an item is. */
	tell(itemIndex: number, status: SearchStatus): void {
		this.searches.set(itemIndex, status);
		const all = [...this.searches.values()];
		const done = all.reduce((sum, { progress }) => sum + progress, 0);
		this.record.tell({
			progress: Math.min(100, Math.round(done / Math.max(this.total, all.length))),
			message: status.step_description,
			detail: { searches: all.slice(-MAX_TOLD).map((search) => ({ ...search })) },
		});
	}
}
