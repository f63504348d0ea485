import { EngineError, parse, parseJson, type Json, type Runtime } from '../../core';
import {
	EventFeed,
	openExecutions,
	UnknownError,
	type ExecutionRecord,
	type FedEvent,
} from '../../manager';
import { MAX_PAGE, type Store } from '../../store';
import { CALLS } from './recorder';
import { recordingSchema, type RecordedOutcome, type Recording } from './recording';

/** The metadata by which an execution asks to be recorded. */
export const RECORDED = 'recorded';

/** When an execution that is to be recorded began; `undefined` for any other one. */
export async function recordedStart(
	store: Store,
	runtime: Runtime,
	runId: string,
): Promise<number | undefined> {
	const record = await openExecutions(store, runtime)
		.get(runId)
		.catch(async (error: Error) =>
			error instanceof UnknownError ? undefined : await Promise.reject(error),
		);
	return record?.metadata[RECORDED] === true ? record.createdAt : undefined;
}

/**
 * A recorded execution as one JSON value: what it worked on, what it was told from outside, its
 * events, and how it ended. With `replayRecording` it runs again anywhere, without keys or network.
 *
 * @throws {EngineError} `NOT_RECORDED` when the execution was not started to be recorded
 */
export async function exportRecording(
	store: Store,
	runtime: Runtime,
	runId: string,
	owner?: string,
): Promise<Recording> {
	const record = await openExecutions(store, runtime, owner).get(runId);
	if (record.metadata[RECORDED] !== true) throw notRecorded(runId);
	const { name, workflowId, workflowType, createdAt, definition, input, metadata } = record;
	const recording = {
		format: 'agent-swarm-recording',
		schemaVersion: 1,
		runId,
		name,
		workflowId,
		startedAt: createdAt,
		definition,
		...(workflowType !== undefined && { workflowType }),
		input: (input ?? null) as Json,
		metadata,
		calls: await callsOf(store, runId),
		events: await eventsOf(store, runtime, runId),
		outcome: outcomeOf(record),
	};
	return parse(recordingSchema, recording, `Recording of "${runId}"`);
}

/** How an execution ended, as a recording keeps it. */
export function outcomeOf({ status, output, error, steps }: ExecutionRecord): RecordedOutcome {
	return {
		status,
		output: (output ?? null) as Json,
		...(error && { error: error.message }),
		steps: steps.map((step) => ({
			stepId: step.stepId,
			status: step.status,
			attempts: step.attempts,
		})),
	};
}

/** All events of a run that were kept. */
async function eventsOf(store: Store, runtime: Runtime, runId: string): Promise<FedEvent[]> {
	const feed = new EventFeed(store, runtime);
	const events: FedEvent[] = [];
	for (let after = 0; ; ) {
		const page = await feed.read({ runId, after, limit: MAX_PAGE });
		events.push(...page.events);
		if (page.last === after) return events;
		after = page.last;
	}
}

async function callsOf(store: Store, runId: string): Promise<Json[]> {
	const found: Array<{ id: string; value: string }> = [];
	for (;;) {
		const page = await store.list(CALLS, { runId, limit: MAX_PAGE, offset: found.length });
		found.push(...page.documents);
		if (found.length >= page.total || page.documents.length === 0) break;
	}
	// Ids begin with the time, written so that their order is that of time.
	return found
		.sort((one, other) => (one.id < other.id ? -1 : 1))
		.map(({ value }) => parseJson(value));
}

function notRecorded(runId: string): EngineError {
	return new EngineError('NOT_RECORDED', `Execution "${runId}" was not recorded.`, {
		errorClass: 'not_found',
		hint: 'Start it with the option Record for Replay; what was not recorded then cannot be had now.',
	});
}
