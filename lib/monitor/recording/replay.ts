import { canonicalJson, parse, VirtualRuntime, type Json } from '../../core';
import { defineWorkflow, openExecutions, WorkflowManager } from '../../manager';
import { memoryStore } from '../../store';
import {
	agentKinds,
	builtInKinds,
	httpKind,
	humanKind,
	searchKind,
	type AnyStepKind,
} from '../../workflow';
import { outcomeOf } from './exportRecording';
import { recordingSchema, type RecordedOutcome, type Recording } from './recording';
import { ReplayTape } from './replayTape';
import { tapedAnswers, tapedKind } from './taped';
import { tapedAgents } from './tapedAgents';

/** What a replay has shown. */
export interface ReplayReport {
	/** Whether the replay did and gave the same as the recorded run, byte for byte. */
	same: boolean;
	/** What the run asked the world and how it ended, as text: as recorded, and as replayed. */
	recorded: string;
	replayed: string;
	/** Milliseconds that the run took then. */
	tookMs: number;
}

/**
 * Runs a recorded execution again on this engine: models, tools, searches, services and people answer
 * what they answered then, in the time it took them then, and time passes as fast as it can. What
 * every step asks and how everything ends is compared with the recording.
 *
 * @param value - see {@link Recording}
 * @throws {ValidationError} when it is no recording
 */
export async function replayRecording(value: unknown): Promise<ReplayReport> {
	const recording = parse(recordingSchema, value, 'Recording');
	const runtime = new VirtualRuntime({ startAt: recording.startedAt });
	const tape = new ReplayTape(recording.calls, runtime);
	const store = memoryStore(runtime);
	const manager = new WorkflowManager({ runtime, store, kinds: replayKinds(tape, runtime) });
	registerType(manager, recording, tape);
	const { runId, input, metadata, definition, workflowType } = recording;
	await runtime.until(manager.start(workflowType ?? definition, { runId, input, metadata }));
	const executions = openExecutions(store, runtime);
	await runtime.until(manager.wait(runId));
	const record = await runtime.until(executions.get(runId));
	const recorded = traceOf(recording.outcome, recording.calls);
	const replayed = traceOf(outcomeOf(record), tape.asked);
	const { events, startedAt } = recording;
	const tookMs = (events.at(-1)?.at ?? startedAt) - startedAt;
	return { same: recorded === replayed, recorded, replayed, tookMs };
}

function replayKinds(tape: ReplayTape, runtime: VirtualRuntime): AnyStepKind[] {
	const threads = memoryStore(runtime);
	const silent = { request: never, stream: never };
	return [
		...builtInKinds,
		tapedKind(httpKind(silent), tape),
		tapedKind(searchKind(never), tape),
		...agentKinds(
			async (call) =>
				await tapedAgents(
					{
						runtime,
						tape,
						store: threads,
						settings: { profiles: [], maxAttempts: 1, attemptMs: 0 },
						models: async () => await Promise.resolve([]),
						tools: () => [],
					},
					call,
				),
		).map((kind) => tapedAnswers(kind, tape)),
		tapedAnswers(humanKind, tape),
	];
}

async function never(): Promise<never> {
	return await Promise.reject(new Error('Only the recording can answer this.'));
}

function registerType(manager: WorkflowManager, recording: Recording, tape: ReplayTape): void {
	const { workflowType: type } = recording;
	if (type === undefined) return;
	manager.register(
		defineWorkflow(
			type,
			async (input, { runId }) =>
				await tape.play<Json>({ runId, path: type }, { port: 'type', name: type, request: input }),
		),
	);
}

/**
 * What every step asked and how everything ended, as text. Questions that a step asks at once have
 * no order; they are put into one.
 */
function traceOf(
	outcome: RecordedOutcome,
	calls: ReadonlyArray<{ path: string; port: string; name: string; request: Json }>,
): string {
	const asked = calls.map(({ path, port, name, request }) =>
		canonicalJson({ path, port, name, request }),
	);
	return `${canonicalJson(outcome)}\n${asked.sort().join('\n')}\n`;
}
