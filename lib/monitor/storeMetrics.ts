import type { Runtime } from '../core';
import { listPendingReviews } from '../human';
import { openExecutions, prometheusText, type Sample } from '../manager';
import { listRuns, RUN_STATUSES } from '../run';
import { MAX_PAGE, type Store } from '../store';

/**
 * What a store holds, in Prometheus' text format: the same answer from every process that shares it.
 */
export async function storeMetrics(store: Store, runtime: Runtime): Promise<string> {
	const executions = openExecutions(store, runtime);
	const counts = await Promise.all(
		RUN_STATUSES.map(async (status) => {
			const query = { status: [status], limit: 1 };
			const [workflows, nodes] = await Promise.all([
				executions.list(query),
				listRuns(store, query),
			]);
			return [
				count({ of: 'workflows', status }, workflows.total),
				count({ of: 'nodes', status }, nodes.total),
			];
		}),
	);
	const reviews = await listPendingReviews(store, { now: runtime.now(), limit: MAX_PAGE });
	return prometheusText([
		{
			name: 'agent_swarm_stored_runs',
			help: 'Runs in the store, by what they are doing or how they ended.',
			type: 'gauge',
			samples: counts.flat(),
		},
		{
			name: 'agent_swarm_pending_reviews',
			help: 'Reviews that wait for people; at most 1000 are counted.',
			type: 'gauge',
			samples: [count({}, reviews.length)],
		},
	]);
}

function count(labels: Readonly<Record<string, string>>, value: number): Sample {
	return { labels, value };
}
