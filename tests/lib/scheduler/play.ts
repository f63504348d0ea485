import {
	defineGraph,
	EngineError,
	startGraph,
	VirtualRuntime,
	type GraphDefinition,
	type GraphRun,
	type GraphRunOptions,
	type GraphStep,
	type RunEvent,
	type RunResult,
} from '../../../lib';

export type Steps = Readonly<Record<string, GraphStep | GraphStep['run']>>;

/** A run under virtual time, with everything it told. */
export interface Play {
	run: GraphRun;
	runtime: VirtualRuntime;
	events: RunEvent[];
	/** `type:path` of each event. */
	log: string[];
	/** Lets time pass until the run has ended. */
	end(): Promise<RunResult>;
}

/** Starts a run. A bare function is a step without anything else. */
export function start(
	steps: Steps,
	options: Partial<GraphRunOptions> = {},
	definition: Partial<GraphDefinition> = {},
): Play {
	const runtime = (options.runtime as VirtualRuntime | undefined) ?? new VirtualRuntime();
	const graph = defineGraph({ name: 'test', steps: full(steps), ...definition });
	const events: RunEvent[] = [];
	const log: string[] = [];
	const sink = (event: RunEvent): void => {
		events.push(event);
		log.push(event.stepPath === undefined ? event.type : `${event.type}:${event.stepPath}`);
	};
	const run = startGraph(graph, { runtime, runId: 'run', sinks: [sink], ...options });
	return { run, runtime, events, log, end: () => runtime.until(run.result) };
}

/** Runs to the end. */
export async function play(
	steps: Steps,
	options: Partial<GraphRunOptions> = {},
	definition: Partial<GraphDefinition> = {},
): Promise<Play & { result: RunResult }> {
	const started = start(steps, options, definition);
	return { ...started, result: await started.end() };
}

export function full(steps: Steps): Record<string, GraphStep> {
	return Object.fromEntries(
		Object.entries(steps).map(([id, step]) => [
			id,
			typeof step === 'function' ? { run: step } : step,
		]),
	);
}

/** A body that takes some virtual time. */
export function takes(
	ms: number,
	output?: unknown,
): (context: { signal: AbortSignal }) => Promise<unknown> {
	return async ({ signal }) => {
		await current.sleep(ms, signal);
		return output;
	};
}

/** A body that takes some virtual time and does not care about being stopped. */
export function stubborn(ms: number, output?: unknown): () => Promise<unknown> {
	return async () => {
		await current.sleep(ms);
		return output;
	};
}

/** The runtime that {@link takes} sleeps on; a new one for each test. */
export let current = new VirtualRuntime();

export function freshRuntime(): VirtualRuntime {
	current = new VirtualRuntime();
	return current;
}

/** A body that fails. */
export const fails = async (): Promise<never> =>
	await Promise.reject(new EngineError('BOOM', 'boom', { errorClass: 'server' }));

export const ok = async (): Promise<string> => await Promise.resolve('ok');

/** Statuses of all steps by id. */
export function statuses(run: GraphRun): Record<string, string> {
	return Object.fromEntries(run.stepIds.map((id) => [id, run.step(id).status]));
}

/** What started, in that order. */
export function started(log: readonly string[]): string[] {
	return log.filter((line) => line.startsWith('step.started')).map((line) => line.split(':')[1]!);
}
