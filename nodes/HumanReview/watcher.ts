import type { IExecuteFunctions, INodeParameters } from 'n8n-workflow';

import { n8nRuntime } from '../shared/runtime';
import { STORE_CREDENTIAL } from '../shared/runFields';
import { SHORTEST_KEPT_WAIT_SECONDS, watcherWorkflow } from '../shared/watcherWorkflow';

/** What a watcher of a review knows. */
export interface ReviewWatchItem {
	requestId: string;
	/** How long to wait before the next look. */
	waitSeconds: number;
}

/** The item that makes a watcher look at a time, in milliseconds since the epoch. */
export function watchItem(requestId: string, lookAt: number): ReviewWatchItem {
	const seconds = Math.ceil((lookAt - n8nRuntime.now()) / 1000);
	return { requestId, waitSeconds: Math.max(SHORTEST_KEPT_WAIT_SECONDS, seconds) };
}

/**
 * Starts the watcher that survives restarts: a hidden execution that waits until something is due
 * for the review. It knows no link.
 *
 * @param lookAt - when to look first, in milliseconds since the epoch
 */
export async function startWatcher(
	context: IExecuteFunctions,
	requestId: string,
	lookAt: number,
): Promise<void> {
	const { type, parameters, credentials } = context.getNode();
	const credential = credentials?.[STORE_CREDENTIAL];
	const workflow = watcherWorkflow({
		name: 'Human Review: reminds, escalates and ends reviews',
		waitSeconds: '={{ $json.waitSeconds }}',
		webhookId: 'review-watch',
		look: {
			// In the same package, under whatever name n8n has loaded it.
			type: type.replace(/humanReview(HitlTool)?$/, 'reviewWatch'),
			parameters: { store: parameters.store ?? 'builtIn' } as INodeParameters,
			...(credential === undefined ? {} : { credentials: { [STORE_CREDENTIAL]: credential } }),
		},
	});
	const item = { json: { ...watchItem(requestId, lookAt) } };
	await context.executeWorkflow({ code: workflow }, [item], undefined, {
		doNotWaitToFinish: true,
		executionMode: context.getMode(),
		parentExecution: {
			executionId: context.getExecutionId(),
			workflowId: context.getWorkflow().id ?? '',
			// Never `true`: its end would continue this execution, whatever it then waits for.
			shouldResume: false,
		},
	});
}
