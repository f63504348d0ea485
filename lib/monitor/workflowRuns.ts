import { noUsage } from '../core';
import {
	askedOf,
	openExecutions,
	UnknownError,
	type ExecutionRecord,
	type ExecutionSummary,
} from '../manager';
import type { StepStatus } from '../run';
import type { WorkflowDefinition } from '../workflow';
import type { QuestionName } from './answerLink';
import type { RunSource } from './monitorCall';
import { pictureError } from './nodeRun';
import { checkpointsOf, reviewsOf, type SourceOptions } from './nodeRuns';
import type { ReviewPicture, RunLine, RunPicture, StepPicture } from './runPicture';

/** What the source of executions reads. */
export interface WorkflowRunsOptions extends SourceOptions {
	/** Only the executions of this caller. Default: all. */
	owner?: string;
	/** Where a question is answered; see `answerLink`. Default: questions come without addresses. */
	answerAt?: (question: QuestionName) => string;
}

/** Executions of stored workflows. */
export function workflowRuns(options: WorkflowRunsOptions): RunSource {
	const { store, runtime, owner } = options;
	const executions = openExecutions(store, runtime, owner);
	return {
		async list(query) {
			const page = await executions.list(query);
			return { runs: page.executions.map(lineOf), total: page.total };
		},
		async picture(runId) {
			const record = await executions
				.get(runId)
				.catch(async (error: Error) =>
					error instanceof UnknownError ? undefined : await Promise.reject(error),
				);
			if (record === undefined) return undefined;
			const [reviews, checkpoints] = await Promise.all([
				reviewsOf(runId, options),
				checkpointsOf(runId, options),
			]);
			const picture = workflowPicture(record, options.answerAt);
			return { ...picture, reviews: [...picture.reviews, ...reviews], checkpoints };
		},
	};
}

function lineOf(run: ExecutionSummary | ExecutionRecord): RunLine {
	const { runId, name, status, progress, createdAt, updatedAt, endedAt, stepDescription } = run;
	return {
		runId,
		name,
		status,
		progress,
		createdAt,
		updatedAt,
		usage: run.usage ?? noUsage(),
		...(endedAt !== undefined && { endedAt }),
		...(stepDescription !== undefined && { message: stepDescription }),
	};
}

/** A stored execution as readers see it. */
export function workflowPicture(
	record: ExecutionRecord,
	answerAt?: WorkflowRunsOptions['answerAt'],
): RunPicture {
	const { runId, error, requests, steps } = record;
	const definition = record.definition as WorkflowDefinition | undefined;
	const byId = new Map(definition?.steps.map((step) => [step.id, step]));
	const leadTo = ledBy(definition);
	return {
		...lineOf(record),
		...(error && { error: pictureError(error) }),
		budgetReached: budgetsOf(record),
		steps: steps.map((step) => stepOf(step, byId.get(step.stepId)?.kind, leadTo(step.stepId))),
		reviews: requests.flatMap((request) =>
			reviewOf(request, answerAt?.({ runId, requestId: request.requestId })),
		),
		checkpoints: [],
	};
}

function budgetsOf({ budgetReached }: ExecutionRecord): RunPicture['budgetReached'] {
	if (budgetReached === undefined) return [];
	return [{ at: budgetReached.at, error: pictureError(budgetReached.error) }];
}

function reviewOf(
	request: ExecutionRecord['requests'][number],
	answerAt: string | undefined,
): ReviewPicture[] {
	const title = askedOf(request);
	if (title === undefined) return [];
	const { requestId, openedAt, expiresAt } = request;
	const deadline = expiresAt === undefined ? {} : { deadlineAt: expiresAt };
	return [{ requestId, title, openedAt, ...deadline, ...(answerAt !== undefined && { answerAt }) }];
}

/** Which steps lead to a step: those it depends on, and those that name it as the next. */
function ledBy(definition: WorkflowDefinition | undefined): (stepId: string) => string[] {
	const from = new Map<string, string[]>();
	const add = (to: string, step: string) => from.set(to, [...(from.get(to) ?? []), step]);
	for (const { id, dependencies, next = [] } of definition?.steps ?? []) {
		for (const { on } of dependencies) add(id, on);
		for (const to of next) add(to, id);
	}
	return (stepId) => from.get(stepId) ?? [];
}

/** How a sentence about what a step waits for begins, by the kind of the wait. */
const WAITS: Readonly<Record<string, string>> = {
	slot: 'In line:',
	pool: 'In line:',
	timer: 'Next:',
};

function stepOf(
	step: ExecutionRecord['steps'][number],
	kind: string | undefined,
	after: string[],
): StepPicture {
	const { stepId, status, attempts, error, blockedBy, startedAt, endedAt, usage } = step;
	return {
		path: stepId,
		status: status as StepStatus,
		attempts,
		after,
		reused: step.reused === true,
		...(kind !== undefined && { kind }),
		...(startedAt !== undefined && { startedAt }),
		...(endedAt !== undefined && { endedAt }),
		...(blockedBy && { blockedBy: `${WAITS[blockedBy.kind] ?? 'Waits for'} ${blockedBy.detail}` }),
		...(usage && { usage }),
		...(error !== undefined && { error: { message: error } }),
	};
}
