import type { IExecuteFunctions } from 'n8n-workflow';

import { JoinLog, MAX_OPEN_STEPS, reportPart } from '../../../lib';
import type { JoinTask, Store } from '../../../lib';
import { n8nRuntime } from '../../shared/runtime';
import { stopExecutions } from '../stopExecutions';
import { isAbandoned } from './deliver';
import type { JoinPlan } from './plan';

/**
 * Whether the node waits no more, although not all has ended: somebody has stopped its execution.
 * Its sub-workflows are then stopped, or told to the run. Safe to call again.
 */
export async function isLeftAlone(
	context: IExecuteFunctions,
	store: Store,
	plan: JoinPlan,
): Promise<boolean> {
	if (!(await isAbandoned(context, plan.parentId))) return false;
	const log = new JoinLog(store, plan.joinId, plan.tasks.length);
	await log.refresh();
	if (!log.isOver) await leave(context, store, plan, log.tasks);
	return true;
}

async function leave(
	context: IExecuteFunctions,
	store: Store,
	plan: JoinPlan,
	tasks: readonly JoinTask[],
): Promise<void> {
	const open = [...tasks.entries()].flatMap(([index, { status, executionId, startedAt = 0 }]) =>
		status === 'ended' || executionId === undefined
			? []
			: [{ step: plan.tasks[index]!.key, since: startedAt, waitsFor: executionId }],
	);
	const message = await outcomeOf(
		context,
		plan,
		open.map(({ waitsFor }) => waitsFor),
	);
	const detail = { open: open.slice(0, MAX_OPEN_STEPS) };
	for (const { runKey, part } of plan.places) {
		const change = { status: 'cancelled', message, detail } as const;
		await reportPart(store, runKey, part, change, n8nRuntime.now());
	}
}

/** Stops what is under way of a join, where that was chosen. */
export async function stopOpen(
	context: IExecuteFunctions,
	store: Store,
	plan: JoinPlan,
): Promise<void> {
	if (plan.settings.cancelledSubWorkflows !== 'stop') return;
	const log = new JoinLog(store, plan.joinId, plan.tasks.length);
	await log.refresh();
	const known = log.tasks.flatMap(({ status, executionId }) =>
		status === 'ended' || executionId === undefined ? [] : [executionId],
	);
	await stopTasks(context, plan, known);
}

async function stopTasks(
	context: IExecuteFunctions,
	{ parentId, tasks }: JoinPlan,
	known: readonly string[],
): Promise<number> {
	const workflowIds = tasks.flatMap(({ remote }) =>
		'workflowId' in remote ? [remote.workflowId] : [],
	);
	return await stopExecutions(context, { parentId, workflowIds, known });
}

async function outcomeOf(
	context: IExecuteFunctions,
	plan: JoinPlan,
	known: readonly string[],
): Promise<string> {
	if (plan.settings.cancelledSubWorkflows === 'stop') {
		const count = await stopTasks(context, plan, known);
		return `stopped; sub-workflows stopped with it: ${count}`;
	}
	if (known.length === 0) return 'stopped';
	return `stopped; sub-workflows that wait on, and can be stopped by hand: ${known.join(', ')}`;
}
