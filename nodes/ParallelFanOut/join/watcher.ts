import type { IExecuteFunctions } from 'n8n-workflow';

import { SHORTEST_KEPT_WAIT_SECONDS, watcherWorkflow } from '../../shared/watcherWorkflow';
import type { Watch } from './watch';

/**
 * Starts the watcher that survives restarts: a hidden execution that waits, looks, and waits
 * again until the join is over.
 */
export async function startWatcher(context: IExecuteFunctions, watch: Watch): Promise<void> {
	const workflowId = context.getWorkflow().id ?? '';
	const workflow = watcherWorkflow({
		name: 'Parallel Fan-out: waits for sub-workflows',
		waitSeconds: SHORTEST_KEPT_WAIT_SECONDS,
		webhookId: 'fan-out-watch',
		look: { type: watcherType(context), parameters: {} },
	});
	await context.executeWorkflow({ code: workflow }, [{ json: { ...watch } }], undefined, {
		doNotWaitToFinish: true,
		executionMode: context.getMode(),
		// Never `true`: its end would continue this execution, whatever it then waits for.
		parentExecution: { executionId: watch.parentId, workflowId, shouldResume: false },
	});
}

/** The watcher's node type lies in the same package, under whatever name n8n has loaded it. */
function watcherType(context: IExecuteFunctions): string {
	return context.getNode().type.replace(/parallelFanOut$/, 'fanOutWatch');
}
