import { MAX_PAGE } from '../store';
import type { Executions } from './executions';
import { askedOf, type PendingRequest } from './executionView';
import type { LocalRuns } from './localRuns';

/** Everything that people are asked by executions under way, oldest first. */
export async function pendingRequests(
	executions: Executions,
	local: LocalRuns,
): Promise<PendingRequest[]> {
	const active = (await executions.list({ active: true, limit: MAX_PAGE })).executions;
	const asking = active.filter(
		({ pendingRequests: count, runId }) => count > 0 || local.get(runId) !== undefined,
	);
	const records = await Promise.all(asking.map(async ({ runId }) => await executions.get(runId)));
	return records
		.map((record) => local.get(record.runId)?.view(record) ?? record)
		.flatMap(({ runId, workflowId, name, requests }) =>
			requests
				.filter((request) => askedOf(request) !== undefined)
				.map((request) => ({ runId, workflowId, workflow: name, request })),
		)
		.sort((first, second) => first.request.openedAt - second.request.openedAt);
}
