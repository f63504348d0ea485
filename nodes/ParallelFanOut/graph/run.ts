import { addUsage, compileWorkflow, noUsage, startGraph, toJson } from '../../../lib';
import type { GraphRun, Json, ResourcePool, RunEvent, RunResult, StepRecord } from '../../../lib';
import { nodeLogger } from '../../shared/logger';
import { n8nRuntime } from '../../shared/runtime';
import { openSteps } from '../../shared/steps';
import type { NodeSteps } from '../../shared/steps';
import type { EndedTask, TaskCall, TaskReport } from '../task';
import { graphJournal } from './journal';
import { graphKinds } from './kinds';
import type { GraphNode, GraphWork } from './kinds';
import type { PlannedGraph } from './plan';

/** How a graph of tasks ended. */
export interface GraphEnd {
	/** In the order of the definition. */
	tasks: Array<Omit<EndedTask, 'index'> & { itemIndexes: readonly number[]; report: TaskReport }>;
	/** What the whole gives back; undefined when it did not complete. */
	output: Json | undefined;
	/** Why it did not complete. */
	failure: Pick<RunResult, 'error' | 'cause' | 'status'> | undefined;
}

/** Runs one graph to its end; a task that fails is a result. @throws when it cannot run at all */
export async function runGraph(
	node: GraphNode,
	planned: PlannedGraph,
	pool: ResourcePool,
	signal: AbortSignal,
): Promise<GraphEnd> {
	const { context, settings } = node;
	const { definition, input, itemIndex, key } = planned;
	const steps = await openSteps(context, itemIndex);
	const runId = [steps.runKey, steps.part, ...(key === '' ? [] : [key])].join('/');
	const told = new Told(runId);
	const compiled = compileWorkflow(definition, {
		kinds: graphKinds(node, { ...planned, callOf: (attempt) => told.callOf(attempt) }),
		runtime: n8nRuntime,
		input,
		pool,
		logger: nodeLogger(context),
		journal: graphJournal(steps, key),
	});
	const { atOnce, options } = settings;
	const { maxConcurrent = atOnce, timeoutMs } = definition;
	const { onTaskFailure } = options;
	const stops = onTaskFailure === 'cancelRest' || onTaskFailure === 'stopStarting';
	const run = startGraph(compiled.graph, {
		runtime: n8nRuntime,
		runId,
		input,
		pool,
		journal: graphJournal(steps, key),
		maxConcurrent: Math.min(maxConcurrent, atOnce),
		failureMode: stops ? 'fail_fast' : 'continue',
		logger: nodeLogger(context),
		...(timeoutMs === undefined ? {} : { timeoutMs }),
	});
	run.subscribe(progressOf(steps, definition.steps.length, key));
	run.subscribe((event) => told.hear(event));
	run.subscribe(({ type }) => {
		if (type === 'run.waiting') void Promise.resolve().then(() => endQuestions(run));
	});
	const stop = (): void => void run.cancel('The execution was stopped.', { mode: 'abandon' });
	signal.addEventListener('abort', stop);
	if (signal.aborted) stop();
	const result = await run.result.finally(() => signal.removeEventListener('abort', stop));
	await steps.progress.flush();
	return {
		tasks: definition.steps.map(({ id }) => ({
			...told.taskOf(run.step(id)),
			key: key === '' ? id : `${key}/${id}`,
			itemIndexes: planned.itemsOf(id),
			report: told.reportOf(id),
		})),
		...(result.status === 'completed'
			? { output: compiled.outputOf(result.outputs), failure: undefined }
			: { output: undefined, failure: result }),
	};
}

/** Whoever waits for an answer without end would wait for ever: nobody can give it here. */
function endQuestions(run: GraphRun): void {
	for (const stepId of run.stepIds) {
		const step = run.step(stepId);
		if (
			step.status !== 'waiting' ||
			!step.waitsFor.some(({ expiresAt }) => expiresAt === undefined)
		)
			continue;
		run.cancelStep(stepId, {
			message: `Task "${stepId}" waits for an answer that nobody can give inside this node.`,
		});
	}
}

/** Counts tasks that begin and end, for the record of the run. */
function progressOf(
	{ progress }: NodeSteps,
	total: number,
	key: string,
): (event: RunEvent) => void {
	const running = new Set<string>();
	const nameOf = (path: string) => (key === '' ? path : `${key}/${path}`);
	progress.expect(total);
	return ({ type, stepPath }) => {
		if (stepPath === undefined) return;
		if (type === 'step.started' && !running.has(stepPath)) {
			running.add(stepPath);
			progress.begin(nameOf(stepPath));
		} else if (ENDS.has(type) && running.delete(stepPath)) {
			void progress.end(nameOf(stepPath), type === 'step.completed' ? 'completed' : 'failed');
		}
	};
}

const ENDS: ReadonlySet<string> = new Set([
	'step.completed',
	'step.failed',
	'step.cancelled',
	'step.timed_out',
]);

/** What the tasks of a run told about themselves. */
class Told {
	private readonly reports = new Map<string, TaskReport>();
	private readonly undone = new Set<string>();

	constructor(private readonly runId: string) {}

	/** Steps inside a task speak for that task: what they use adds up. */
	callOf({ runId, path, signal }: Parameters<GraphWork['callOf']>[0]): TaskCall {
		const stepId = stepIdOf(`${runId}/${path}`.slice(this.runId.length + 1));
		return {
			signal,
			report: (report) => {
				const known = this.reportOf(stepId);
				const usage = known.usage ?? noUsage();
				const more = report.usage === undefined ? {} : { usage: addUsage(usage, report.usage) };
				this.reports.set(stepId, { ...known, ...report, ...more });
			},
		};
	}

	hear({ type, stepPath, data }: RunEvent): void {
		if (type !== 'step.compensation' || stepPath === undefined) return;
		if (data?.status === 'done') this.undone.add(stepIdOf(stepPath));
	}

	reportOf(stepId: string): TaskReport {
		return this.reports.get(stepId) ?? {};
	}

	taskOf(step: StepRecord): Omit<EndedTask, 'index' | 'key'> {
		const { stepId, attempt: attempts, startedAt } = step;
		const endedAt = 'endedAt' in step ? step.endedAt : n8nRuntime.now();
		const base = { attempts, durationMs: startedAt === undefined ? 0 : endedAt - startedAt };
		switch (step.status) {
			case 'completed': {
				if (step.reused === true)
					this.reports.set(stepId, { ...this.reportOf(stepId), reused: true });
				const status = this.undone.has(stepId) ? 'undone' : 'completed';
				return { ...base, status, result: toJson(step.output) };
			}
			case 'failed':
			case 'timed_out':
				return { ...base, status: step.status, error: step.error };
			case 'skipped':
			case 'cancelled':
				return { ...base, status: step.status, cause: step.cause };
			default:
				return { ...base, status: 'cancelled' };
		}
	}
}

/** `refine#2/1/inner` is part of the task `refine`. */
function stepIdOf(path: string): string {
	return path.split(/[/#]/, 1)[0]!;
}
