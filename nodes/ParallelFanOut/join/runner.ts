import type { IExecuteFunctions } from 'n8n-workflow';

import { messageOf, runJoin, serializeError } from '../../../lib';
import type { JoinEnd, JoinOptions, JoinPorts, Json, TaskStart } from '../../../lib';
import { untilSavedWaiting } from '../../shared/executions';
import { nodeLogger } from '../../shared/logger';
import { n8nRuntime } from '../../shared/runtime';
import { openStore } from '../../shared/store';
import { taskLimits } from '../limits';
import type { TaskReport } from '../task';
import { ChildWaits, runSubWorkflow } from '../work/subWorkflow';
import { endOf, isCrashed } from './child';
import { isAbandoned, tell } from './deliver';
import { loadPlan } from './plan';
import type { JoinPlan } from './plan';
import { isCrashedWaiting } from './status';

/** Longest wait until n8n has saved that the node waits, in milliseconds. */
const SAVED_MS = 10_000;

/** How long an execution that waits is trusted not to have crashed, in milliseconds. */
const TRUSTED_MS = 60_000;

/** What sub-workflows are, as works go. */
const SUB_WORKFLOWS = { defaultAttempts: 1, retriesItself: false };

/**
 * Does what is left to do for a join. Resolves when nothing is left but to wait; looking after what
 * waits goes on in this process.
 */
export async function runHere(context: IExecuteFunctions, joinId: string): Promise<void> {
	const store = await openStore(context);
	const plan = await loadPlan(store, joinId);
	if (plan === undefined) return;
	// Nothing begins before the node waits for it: what a kill leaves behind would else be nobody's.
	await untilSavedWaiting(context, plan.parentId, SAVED_MS);
	let onWaiting: () => void = () => undefined;
	const waiting = new Promise<void>((resolve) => (onWaiting = resolve));
	const { settings, tasks } = plan;
	const options: JoinOptions = {
		store,
		runtime: n8nRuntime,
		joinId,
		total: tasks.length,
		atOnce: Math.min(settings.atOnce, tasks.length),
		maxRuns: settings.options.maxStarts,
		owner: n8nRuntime.newId(),
		ports: portsFor(context, plan),
		onWaiting,
	};
	const running = runJoin(options).then(
		() => undefined,
		(error: unknown) =>
			// Such as a store that is out of reach: the watchers start another runner.
			nodeLogger(context).log('warn', 'Tasks of Parallel Fan-out could not be looked after', {
				waitingExecution: plan.parentId,
				message: messageOf(error),
			}),
	);
	await Promise.race([running, waiting]);
}

function portsFor(context: IExecuteFunctions, plan: JoinPlan): JoinPorts {
	const { around } = taskLimits(plan.settings, SUB_WORKFLOWS, plan.tasks);
	const never = new AbortController().signal;
	const trustedAt = new Map<string, number>();
	return {
		start: async (index) => {
			const { key } = plan.tasks[index]!;
			let report: TaskReport = {};
			const attempt = async (signal = never): Promise<Json> =>
				await startTask(context, plan, index, signal, (told) => (report = { ...report, ...told }));
			const work =
				around === undefined
					? attempt()
					: around(attempt, { index, key, attempt: 1, signal: never });
			const end = await work.then(
				(result): JoinEnd => ({ status: 'completed', result }),
				(error: unknown): TaskStart =>
					error instanceof ChildWaits
						? { status: 'waiting' }
						: { status: 'failed', error: serializeError(error) },
			);
			const executionId = report.waits ?? report.subExecution?.executionId;
			if (executionId === undefined) return end;
			trustedAt.set(executionId, n8nRuntime.now());
			return { ...end, executionId };
		},
		look: async (executionId) => {
			const run = await context.getExecutionDataById(executionId);
			const end = isCrashed(run) ? 'crashed' : endOf(run, executionId);
			if (end !== undefined) return end;
			if (n8nRuntime.now() - (trustedAt.get(executionId) ?? 0) < TRUSTED_MS) return 'open';
			trustedAt.set(executionId, n8nRuntime.now());
			const crashed = await isCrashedWaiting(context, plan, executionId, run?.resumeToken);
			return crashed ? 'crashed' : 'open';
		},
		tell: async () => await tell(context, plan).catch(() => false),
		isAbandoned: async () => await isAbandoned(context, plan.parentId),
	};
}

async function startTask(
	context: IExecuteFunctions,
	{ tasks, mode, parentId, parentWorkflowId }: JoinPlan,
	index: number,
	signal: AbortSignal,
	report: (told: TaskReport) => void,
): Promise<Json> {
	const { workflowId, items } = tasks[index]!;
	const parent = { executionId: parentId, workflowId: parentWorkflowId };
	const call = { signal, report };
	return await runSubWorkflow(context, workflowId, items, call, { mode, parent, mayWait: true });
}
