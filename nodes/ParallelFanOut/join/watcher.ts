import type { IExecuteFunctions, INode, IWorkflowBase } from 'n8n-workflow';

import type { Watch } from './watch';

/** Waits of 65 seconds and more are kept in n8n's database, shorter ones in memory. */
const LOOK_EVERY_SECONDS = 66;

/**
 * Starts the watcher that survives restarts: a hidden execution that waits, looks, and waits
 * again until the join is over.
 */
export async function startWatcher(context: IExecuteFunctions, watch: Watch): Promise<void> {
	const workflowId = context.getWorkflow().id ?? '';
	await context.executeWorkflow(
		{ code: watcherWorkflow(watcherType(context)) },
		[{ json: { ...watch } }],
		undefined,
		{
			doNotWaitToFinish: true,
			executionMode: context.getMode(),
			// Never `true`: its end would continue this execution, whatever it then waits for.
			parentExecution: { executionId: watch.parentId, workflowId, shouldResume: false },
		},
	);
}

/** The watcher's node type lies in the same package, under whatever name n8n has loaded it. */
function watcherType(context: IExecuteFunctions): string {
	return context.getNode().type.replace(/parallelFanOut$/, 'fanOutWatch');
}

function watcherWorkflow(type: string): IWorkflowBase {
	const start = node('Start', 'n8n-nodes-base.executeWorkflowTrigger', 1.1, {
		inputSource: 'passthrough',
	});
	const wait = {
		...node('Wait', 'n8n-nodes-base.wait', 1.1, {
			resume: 'timeInterval',
			amount: LOOK_EVERY_SECONDS,
			unit: 'seconds',
		}),
		webhookId: 'fan-out-watch',
	};
	const look = node('Look', type, 1, {});
	const to = (name: string) => [{ node: name, type: 'main' as const, index: 0 }];
	const now = new Date();
	return {
		id: '',
		name: 'Parallel Fan-out: waits for sub-workflows',
		active: false,
		isArchived: false,
		activeVersionId: null,
		createdAt: now,
		updatedAt: now,
		nodes: [start, wait, look],
		connections: {
			Start: { main: [to('Wait')] },
			Wait: { main: [to('Look')] },
			// The first output is the end, the second looks again.
			Look: { main: [[], to('Wait')] },
		},
		settings: {
			executionOrder: 'v1',
			// Waiting executions are kept in any case; a finished watcher is of no interest.
			saveDataSuccessExecution: 'none',
			saveManualExecutions: false,
		},
	};
}

function node(
	name: string,
	type: string,
	typeVersion: number,
	parameters: INode['parameters'],
): INode {
	return { id: name.toLowerCase(), name, type, typeVersion, position: [0, 0], parameters };
}
