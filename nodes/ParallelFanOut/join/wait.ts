import { WAIT_INDEFINITELY } from 'n8n-workflow';
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { hashOf } from '../../../lib';
import type { FanOutResult, Json } from '../../../lib';
import { n8nRuntime } from '../../shared/runtime';
import { openSteps } from '../../shared/steps';
import { openStore } from '../../shared/store';
import type { Reports } from '../reports';
import type { Settings } from '../parameters';
import type { Task } from '../task';
import { reportPlaces } from './record';
import { saveJoin } from './state';
import type { JoinTask } from './state';
import { watchHere } from './watch';
import type { Watch } from './watch';
import { startWatcher } from './watcher';

/**
 * Puts this execution to wait until all its waiting sub-workflows have ended. What is done is kept
 * with it; no process is held, and restarts do no harm.
 */
export async function waitForChildren(
	context: IExecuteFunctions,
	settings: Settings,
	tasks: readonly Task[],
	reports: Reports,
	result: FanOutResult<Json>,
): Promise<INodeExecutionData[][]> {
	const joinId = n8nRuntime.newId();
	const joinTasks: JoinTask[] = [];
	for (const ended of result.tasks) {
		const task = tasks[ended.index]!;
		const report = reports.of(ended.index);
		const { itemIndexes } = task;
		const place = report.waits === undefined ? {} : { place: await placeOf(context, task) };
		joinTasks.push({ ended, itemIndexes, report, ...place });
	}
	const watch: Watch = {
		joinId,
		url: context.getSignedResumeUrl(),
		parentId: context.getExecutionId(),
		children: joinTasks.flatMap(({ ended, report }) =>
			report.waits === undefined ? [] : [{ index: ended.index, executionId: report.waits }],
		),
	};
	await startWatcher(context, watch);
	const message = `waits for ${watch.children.length} sub-workflows`;
	await reportPlaces(await openStore(context), joinTasks, 'waiting', message);
	saveJoin(context, { joinId, since: n8nRuntime.now(), settings, tasks: joinTasks });
	await context.putExecutionToWait(WAIT_INDEFINITELY);
	void watchHere(context, watch);
	return [[], []];
}

async function placeOf(context: IExecuteFunctions, task: Task): Promise<JoinTask['place']> {
	const { runKey, part } = await openSteps(context, task.itemIndexes[0]!);
	return { runKey, part, stepPath: `${part}/${task.key}`, inputHash: hashOf(task.input) };
}
