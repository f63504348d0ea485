import {
	documentedStatus,
	documentedStepStatus,
	isStepEnded,
	type StepRecord,
	type StepStatus,
} from '../run';
import type { GraphRun } from '../scheduler';
import type { AgentMetrics, StateMetadata } from './agentTypes';

/** Each state of a run by name; nothing without a run. */
export function stateMetadata(run: GraphRun | undefined): Record<string, StateMetadata> {
	const metadata: Record<string, StateMetadata> = {};
	for (const record of recordsOf(run)) metadata[record.stepId] = metadataOf(record);
	return metadata;
}

/** Names of the states whose status is wanted. */
export function statesThat(
	run: GraphRun | undefined,
	isWanted: (status: StepStatus) => boolean,
): string[] {
	return recordsOf(run)
		.filter(({ status }) => isWanted(status))
		.map(({ stepId }) => stepId);
}

export function agentMetrics(run: GraphRun | undefined): AgentMetrics {
	const count = (isWanted: (status: StepStatus) => boolean): number =>
		statesThat(run, isWanted).length;
	const { attempts = 0, retries = 0 } = run?.metrics ?? {};
	return {
		status: documentedStatus(run?.status ?? 'pending'),
		completed: count((status) => status === 'completed'),
		running: count((status) => status === 'running'),
		pending: count((status) => !isStepEnded(status) && status !== 'running'),
		failed: count((status) => status === 'failed' || status === 'timed_out'),
		attempts,
		retries,
	};
}

function recordsOf(run: GraphRun | undefined): StepRecord[] {
	return run === undefined ? [] : run.stepIds.map((id) => run.step(id));
}

function metadataOf(record: StepRecord): StateMetadata {
	return {
		status: documentedStepStatus(record.status),
		attempts: record.attempt,
		executions: record.iteration,
		...('error' in record ? { error: record.error } : {}),
		...(record.startedAt === undefined ? {} : { startedAt: record.startedAt }),
		...('endedAt' in record ? { endedAt: record.endedAt } : {}),
	};
}
