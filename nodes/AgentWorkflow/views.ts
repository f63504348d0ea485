import type {
	ExecutionResult,
	ExecutionStatus,
	ExecutionSummary,
	FedEvent,
	JsonObject,
	PendingRequest,
	StoredWorkflow,
} from '../../lib';
import { awaitedChild, noUsage, toJson } from '../../lib';

/** A stored workflow as an item. */
export function shownWorkflow(workflow: StoredWorkflow): JsonObject {
	const { id, name, version, definition, definitionHash, createdAt, updatedAt } = workflow;
	return json({
		...{ workflowId: id, name, version, definition, definitionHash },
		createdAt: iso(createdAt),
		updatedAt: iso(updatedAt),
	});
}

/** How an execution is doing, as an item. */
export function shownStatus(status: ExecutionStatus): JsonObject {
	const { runId, steps, requests, step = null, stepDescription = null, usage, ...rest } = status;
	return json({
		executionId: runId,
		...rest,
		currentStep: step,
		stepDescription,
		blockedBy: steps
			.filter(({ blockedBy }) => blockedBy !== undefined && blockedBy.kind !== 'dependency')
			.map(({ stepId, blockedBy }) => ({ stepId, ...blockedBy })),
		usage: usage ?? noUsage(),
		steps: steps.map(withTimes),
		pendingReviews: requests
			.filter((request) => awaitedChild(request) === undefined)
			.map((request) => shownRequest(runId, request)),
		...times(status),
	});
}

/** An execution of a list, as an item. */
export function shownSummary(summary: ExecutionSummary): JsonObject {
	const { runId, step = null, stepDescription = null, usage, ...rest } = summary;
	return json({
		executionId: runId,
		...rest,
		currentStep: step,
		stepDescription,
		usage: usage ?? noUsage(),
		...times(summary),
	});
}

/** What an execution gave, as an item. */
export function shownResult({ runId, output, ...rest }: ExecutionResult): JsonObject {
	return json({ executionId: runId, ...rest, output });
}

/** Something that happened, as an item. */
export function shownEvent({ runId, at, ...rest }: FedEvent): JsonObject {
	return json({ executionId: runId, ...rest, at: iso(at) });
}

/** Something people are asked, as an item. */
export function shownReview({ runId, workflowId, workflow, request }: PendingRequest): JsonObject {
	return json({ ...shownRequest(runId, request), workflowId, workflow });
}

function shownRequest(runId: string, request: PendingRequest['request']): object {
	const { requestId, name, payload, openedAt, expiresAt } = request;
	return {
		executionId: runId,
		requestId,
		name,
		payload,
		openedAt: iso(openedAt),
		...(expiresAt === undefined ? {} : { expiresAt: iso(expiresAt) }),
	};
}

function withTimes<Step extends { startedAt?: number; endedAt?: number }>(step: Step): object {
	return { ...step, ...times(step) };
}

const TIMES = ['createdAt', 'startedAt', 'endedAt', 'updatedAt', 'wakeAt'] as const;

function times(record: Partial<Record<(typeof TIMES)[number], number>>): object {
	return Object.fromEntries(
		TIMES.flatMap((name) => {
			const at = record[name];
			return at === undefined ? [] : [[name, iso(at)]];
		}),
	);
}

function iso(at: number): string {
	return new Date(at).toISOString();
}

function json(value: object): JsonObject {
	return toJson(value) as JsonObject;
}
