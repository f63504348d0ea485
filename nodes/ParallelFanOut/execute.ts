import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { CallScope, fanOut, redactor, retry, runWithTimeout } from '../../lib';
import type { FanOutOptions, FanOutResult, FanOutWrapper, Json } from '../../lib';
import { cancelSignalOf } from '../shared/cancel';
import { toNodeError } from '../shared/errors';
import { parameterReader } from '../shared/parameters';
import { n8nRuntime } from '../shared/runtime';
import { taskItem } from './output';
import type { Plan } from './output';
import { settingsSchema } from './parameters';
import type { Settings } from './parameters';
import { planTasks } from './plan';
import { properties } from './properties';
import { runRecorded } from './record';
import type { Task, TaskReport, Work } from './task';
import { agentPromptWork } from './work/agentPrompt';
import { httpRequestWork } from './work/httpRequest';
import { subWorkflowWork } from './work/subWorkflow';

/** All tasks of all input items, at the same time, joined into two outputs: Done and Failed. */
export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	if (context.getInputData().length === 0) return [[], []];
	const { plan, result } = await run(context).catch(
		async (error: unknown) => await Promise.reject(toNodeError(context.getNode(), error)),
	);
	warnOfFailures(context, result);

	const outputs: [INodeExecutionData[], INodeExecutionData[]] = [[], []];
	for (const ended of result.tasks) {
		outputs[ended.status === 'completed' ? 0 : 1].push(taskItem(ended, plan));
	}
	return outputs;
}

async function run(
	context: IExecuteFunctions,
): Promise<{ plan: Plan; result: FanOutResult<Json> }> {
	const settings = parameterReader(context, settingsSchema, properties)(0);
	const work = await workOf(context, settings);
	const tasks = planTasks(context, work);
	const reports = new Map<number, TaskReport>();
	const result = await fanOut<Task, Json>(
		tasks,
		async (task, { index, signal }) =>
			await runRecorded(context, task, {
				signal,
				report: (report) => reports.set(index, { ...reports.get(index), ...report }),
			}),
		{ ...fanOutOptions(settings, work, tasks.length), signal: cancelSignalOf(context) },
		n8nRuntime,
	);
	return { plan: { tasks, reports, redact: work.redact ?? redactor() }, result };
}

async function workOf(context: IExecuteFunctions, settings: Settings): Promise<Work> {
	switch (settings.work) {
		case 'agentPrompt':
			return await agentPromptWork(context, settings);
		case 'httpRequest':
			return httpRequestWork(context);
		case 'subWorkflow':
			return subWorkflowWork(context);
	}
}

function fanOutOptions(
	{ atOnce, options }: Settings,
	work: Work,
	taskCount: number,
): FanOutOptions<Task> {
	const { waitFor, resultsNeeded, deadlineSeconds, onTaskFailure, maxFailures } = options;
	const joins = {
		all: 'all',
		first: 'any',
		some: { n: Math.min(resultsNeeded, taskCount) },
		deadline: { deadlineMs: deadlineSeconds * 1000 },
	} as const;
	const errorModes = {
		settle: 'settle',
		stopStarting: 'fail_fast',
		cancelRest: 'fail_fast',
		threshold: 'threshold',
	} as const;
	return {
		key: ({ key }) => key,
		maxConcurrent: atOnce,
		join: joins[waitFor],
		errorMode: errorModes[onTaskFailure],
		onSiblingFailure: onTaskFailure === 'cancelRest' ? 'cancel' : 'finish',
		maxFailures,
		around: attemptsOf(options, work),
	};
}

/** Retry and time limit of each task; undefined when there is neither. */
function attemptsOf(options: Settings['options'], work: Work): FanOutWrapper | undefined {
	const maxAttempts = work.retriesItself ? 1 : (options.maxAttempts ?? work.defaultAttempts);
	const limitMs = options.taskTimeoutSeconds * 1000;
	if (maxAttempts === 1 && limitMs === 0) return undefined;
	const policy = retry(
		{ maxAttempts, initialDelayMs: options.initialDelaySeconds * 1000 },
		n8nRuntime,
	);
	const limits = limitMs === 0 ? {} : { limit: { kind: 'startToClose' as const, ms: limitMs } };
	return async (attempt, { signal }) =>
		await policy.attempts(
			async (number) => {
				const scope = new CallScope(number, signal);
				const once = async () => await attempt(scope.signal);
				return await runWithTimeout(once, scope, limits, n8nRuntime).finally(() => scope.close());
			},
			{ signal },
		);
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
