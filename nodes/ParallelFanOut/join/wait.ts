import { WAIT_INDEFINITELY } from 'n8n-workflow';
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { hashOf, JoinLog } from '../../../lib';
import type { Store } from '../../../lib';
import { n8nRuntime } from '../../shared/runtime';
import { openSteps } from '../../shared/steps';
import { checkStoreForWebhooks, openStore } from '../../shared/store';
import type { Settings } from '../parameters';
import type { Reports } from '../reports';
import type { EndedTask, Task } from '../task';
import { taskPaths } from '../undo';
import { startRunner, startWatcher } from './helpers';
import { savePlan } from './plan';
import type { JoinPlan } from './plan';
import { openTasks, reportPlaces } from './record';
import { saveJoin } from './state';
import type { HeldTask, RecordPlace } from './state';

/** What the node knows of its tasks when it begins to wait. */
export interface WaitingTasks {
	settings: Settings;
	tasks: readonly Task[];
	reports: Reports;
	/** How tasks have ended so far, by index; those that wait are still open. */
	ended: ReadonlyArray<EndedTask | undefined>;
}

/**
 * Puts this execution to wait until all its tasks have ended. What is done is kept with it, what is
 * to be done is in the store; no process is held, and restarts do no harm.
 */
export async function waitForTasks(
	context: IExecuteFunctions,
	waiting: WaitingTasks,
): Promise<INodeExecutionData[][]> {
	checkStoreForWebhooks(context);
	const store = await openStore(context);
	const joinId = n8nRuntime.newId();
	const held = await heldTasks(context, waiting);
	const open = held.filter(({ open: isOpen }) => isOpen !== undefined);
	const plan = planOf(context, joinId, waiting, open);
	await savePlan(store, plan);
	await recordWaits(store, joinId, open);
	await startWatcher(context, store, plan, 'first');
	await startWatcher(context, store, plan, 'second');
	const since = n8nRuntime.now();
	await reportPlaces(store, held, 'waiting', `waits for ${open.length} tasks`, {
		open: openTasks(held, since),
	});
	const { settings } = waiting;
	saveJoin(context, { joinId, since, settings, tasks: held });
	await context.putExecutionToWait(WAIT_INDEFINITELY);
	await startRunner(context, plan);
	return [[], []];
}

async function heldTasks(
	context: IExecuteFunctions,
	{ tasks, reports, ended }: WaitingTasks,
): Promise<HeldTask[]> {
	const held: HeldTask[] = [];
	let at = 0;
	for (const [index, task] of tasks.entries()) {
		const report = reports.of(index);
		const { key, itemIndexes } = task;
		const base = { key, index, itemIndexes, report };
		const end = ended[index];
		if (end !== undefined && report.waits === undefined) held.push({ ...base, ended: end });
		else {
			const place = await placeOf(context, task);
			held.push({ ...base, open: { at: at++, place, durationMs: end?.durationMs ?? 0 } });
		}
	}
	return held;
}

async function placeOf(context: IExecuteFunctions, task: Task): Promise<RecordPlace> {
	const { runKey, part, ledger } = await openSteps(context, task.itemIndexes[0]!);
	const stepPath = `${part}/${taskPaths(ledger, part)(task.key)}`;
	return { runKey, part, stepPath, inputHash: hashOf(task.input) };
}

function planOf(
	context: IExecuteFunctions,
	joinId: string,
	{ settings, tasks }: WaitingTasks,
	open: readonly HeldTask[],
): JoinPlan {
	return {
		joinId,
		parentId: context.getExecutionId(),
		parentWorkflowId: context.getWorkflow().id ?? '',
		mode: context.getMode(),
		url: context.getSignedResumeUrl(),
		settings,
		since: n8nRuntime.now(),
		places: placesOf(open),
		tasks: open.map(({ index }, at) => {
			const { key, limitKey, priority, needs, remote } = tasks[index]!;
			const isCall = 'url' in remote!;
			return {
				key,
				remote: remote!,
				...(isCall && { callbackUrl: context.getSignedResumeUrl({ joinId, task: String(at) }) }),
				...(limitKey !== undefined && { limitKey }),
				...(priority && { priority }),
				...(needs && { needs }),
			};
		}),
	};
}

function placesOf(open: readonly HeldTask[]): JoinPlan['places'] {
	const parts = open.map(({ open: isOpen }) => isOpen!.place);
	return [...new Map(parts.map(({ runKey, part }) => [runKey, { runKey, part }])).values()];
}

/** Tasks that wait already need not be started. */
async function recordWaits(store: Store, joinId: string, open: readonly HeldTask[]): Promise<void> {
	const log = new JoinLog(store, joinId, open.length);
	const at = n8nRuntime.now();
	for (const [index, { report }] of open.entries()) {
		if (report.waits === undefined) continue;
		await log.record({ index, at, what: 'claimed' });
		await log.record({ index, at, what: 'waiting', executionId: report.waits });
	}
}
