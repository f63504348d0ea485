import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { fanOut, redactor, toJson } from '../../lib';
import type { FanOutContext, FanOutOptions, FanOutResult, Json } from '../../lib';
import { cancellable } from '../shared/cancelWish';
import { toNodeError } from '../shared/errors';
import { parameterReader } from '../shared/parameters';
import { n8nRuntime } from '../shared/runtime';
import { orDefaultResult } from './defaultResult';
import { executeGraphs } from './graph/execute';
import { recordedEnds, waitsFromTheStart } from './join/fromStart';
import { waitForTasks } from './join/wait';
import { deliversLate, noteLate, takeLate } from './late';
import { taskLimits } from './limits';
import type { TaskLimits } from './limits';
import { outputsOf } from './output';
import { settingsSchema } from './parameters';
import type { Settings } from './parameters';
import { planTasks } from './plan';
import { properties } from './properties';
import { recording } from './record';
import { Reports } from './reports';
import { stopExecutions } from './stopExecutions';
import type { EndedTask, Task, TaskCall, Work } from './task';
import { undoCompleted } from './undo';
import { agentPromptWork } from './work/agentPrompt';
import { httpRequestWork } from './work/httpRequest';
import { subWorkflowWork } from './work/subWorkflow';
import { webhookWorkersWork } from './work/webhookWorkers';

/** All tasks of all input items, at the same time, joined into two outputs: Done and Failed. */
export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	if (context.getInputData().length === 0) return [[], []];
	return await run(context).catch(
		async (error: unknown) => await Promise.reject(toNodeError(context.getNode(), error)),
	);
}

async function run(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const settings = parameterReader(context, settingsSchema, properties)(0);
	const { work: kind } = settings;
	if (kind === 'taskGraph') return await executeGraphs(context, settings);
	const work = await workOf(context, settings, kind);
	const tasks = planTasks(context, work, settings);
	const reports = new Reports();
	if (waitsFromTheStart(context, settings)) {
		const ended = await recordedEnds(context, tasks, reports);
		if (ended.includes(undefined))
			return await waitForTasks(context, { settings, tasks, reports, ended });
		return outputsOf(settings, { tasks, reports, redact: redactor() }, ended as EndedTask[]);
	}
	return await cancellable(
		context,
		async (signal) => await runHere(context, { settings, work, tasks, reports, signal }),
	);
}

/** What is run in this execution. */
interface Running {
	settings: Settings;
	work: Work;
	tasks: readonly Task[];
	reports: Reports;
	/** Aborts when all is to stop. */
	signal: AbortSignal;
}

async function runHere(
	context: IExecuteFunctions,
	running: Running,
): Promise<INodeExecutionData[][]> {
	const { settings, work, tasks, reports, signal } = running;
	const limits = taskLimits(settings, work, tasks);
	const endOrder: number[] = [];
	const result = await fanOut<Task, Json>(
		tasks,
		async (task, call) => await task.run(callOf(call, reports, limits.slowDown)),
		{
			...joinOptions(settings, tasks.length),
			...aroundTasks(context, settings, limits, tasks, reports),
			onTaskEnd: ({ index }) => endOrder.push(index),
			signal,
		},
		n8nRuntime,
	);
	await stopCancelled(context, settings, tasks, reports, result);
	const waits = tasks.some((_, index) => reports.of(index).waits !== undefined);
	if (waits && !signal.aborted) {
		return await waitForTasks(context, { settings, tasks, reports, ended: result.tasks });
	}
	if (settings.options.onTaskFailure !== 'drop') warnOfFailures(context, result);
	const ended = await undoCompleted(context, settings, tasks, reports, result, endOrder);
	const redact = work.redact ?? redactor();
	if (!deliversLate(settings)) return outputsOf(settings, { tasks, reports, redact }, ended);
	const [done, failed] = await takeLate(context, tasks, redact);
	const marked = await noteLate(context, tasks, ended);
	const [own, ownFailed] = outputsOf(settings, { tasks, reports, redact }, marked);
	return [
		[...own!, ...done],
		[...ownFailed!, ...failed],
	];
}

/** What a running task sees of the fan-out. Its signal is made when it is first asked for. */
function callOf(running: FanOutContext, reports: Reports, slowDown: () => void): TaskCall {
	return {
		get signal() {
			return running.signal;
		},
		report: (report) => reports.add(running.index, report),
		slowDown,
	};
}

/** What surrounds each task, from the outside in: default result, record, attempts and limits. */
function aroundTasks(
	context: IExecuteFunctions,
	settings: Settings,
	{ around, maxConcurrent }: TaskLimits,
	tasks: readonly Task[],
	reports: Reports,
): Pick<FanOutOptions<Task>, 'around' | 'maxConcurrent'> {
	const recorded = recording(context, tasks, reports, around);
	const { onTaskFailure, defaultResult } = settings.options;
	if (onTaskFailure !== 'useDefault') return { around: recorded, maxConcurrent };
	const result = toJson(defaultResult ?? null);
	return { around: orDefaultResult(recorded, result, reports), maxConcurrent };
}

async function workOf(
	context: IExecuteFunctions,
	settings: Settings,
	kind: Exclude<Settings['work'], 'taskGraph'>,
): Promise<Work> {
	switch (kind) {
		case 'agentPrompt':
			return await agentPromptWork(context, settings);
		case 'httpRequest':
			return httpRequestWork(context);
		case 'subWorkflow':
			return subWorkflowWork(context, settings);
		case 'webhookWorkers':
			return webhookWorkersWork(context);
	}
}

function joinOptions({ options }: Settings, taskCount: number): FanOutOptions<Task> {
	const { waitFor, resultsNeeded, deadlineSeconds, onTaskFailure } = options;
	const joins = {
		all: 'all',
		first: 'any',
		some: { n: Math.min(resultsNeeded, taskCount) },
		deadline: { deadlineMs: deadlineSeconds * 1000 },
	} as const;
	const errorModes = {
		settle: 'settle',
		drop: 'drop',
		stopStarting: 'fail_fast',
		cancelRest: 'fail_fast',
		threshold: 'threshold',
		useDefault: 'settle',
	} as const;
	return {
		key: ({ key }) => key,
		join: joins[waitFor],
		errorMode: errorModes[onTaskFailure],
		onSiblingFailure: onTaskFailure === 'cancelRest' ? 'cancel' : 'finish',
		maxFailures: failuresAccepted(options, taskCount),
		afterDeadline: options.lateTasks === 'deliver' ? 'finish' : 'cancel',
	};
}

/** As a number, as a share of all tasks, or the smaller of both; none unless the user says so. */
function failuresAccepted(
	{ maxFailures, maxFailuresPercent }: Settings['options'],
	taskCount: number,
): number {
	if (maxFailuresPercent === undefined) return maxFailures ?? 0;
	return Math.min(maxFailures ?? Infinity, Math.floor((maxFailuresPercent / 100) * taskCount));
}

/** Sub-workflows that nobody needs any more are stopped where that was chosen. */
async function stopCancelled(
	context: IExecuteFunctions,
	{ work, cancelledSubWorkflows }: Settings,
	tasks: readonly Task[],
	reports: Reports,
	result: FanOutResult<Json>,
): Promise<void> {
	if (work !== 'subWorkflow' || cancelledSubWorkflows !== 'stop') return;
	const cancelled = result.tasks.filter(
		({ status, attempts }) => attempts > 0 && (status === 'cancelled' || status === 'timed_out'),
	);
	if (cancelled.length === 0) return;
	const workflowIds = cancelled.flatMap(({ index }) => {
		const { remote } = tasks[index]!;
		return remote !== undefined && 'workflowId' in remote ? [remote.workflowId] : [];
	});
	const known = cancelled.flatMap(({ index }) => reports.of(index).subExecution?.executionId ?? []);
	await stopExecutions(context, { parentId: context.getExecutionId(), workflowIds, known });
}

/** Failures must not go unseen when nothing is connected to the Failed output. */
function warnOfFailures(
	context: IExecuteFunctions,
	{ tasks, completed }: FanOutResult<Json>,
): void {
	const lost = tasks.length - completed;
	if (lost === 0) return;
	context.addExecutionHints({
		message: `${lost} of ${tasks.length} tasks did not complete. They are in the Failed output.`,
		type: 'warning',
		location: 'outputPane',
	});
}
