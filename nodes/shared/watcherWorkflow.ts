import type { INode, IWorkflowBase } from 'n8n-workflow';

/** n8n keeps waits of 65 seconds and more in its database, shorter ones in memory. */
export const SHORTEST_KEPT_WAIT_SECONDS = 66;

/** What differs between watchers. */
export interface WatcherOptions {
	/** Name of the hidden workflow. */
	name: string;
	/** Seconds to wait before each look, or an expression that gives them. */
	waitSeconds: number | string;
	/** Tells the waits of different watchers apart. */
	webhookId: string;
	/** The node that looks: its first output is the end, the second looks again. */
	look: Pick<INode, 'type' | 'parameters' | 'credentials'>;
}

/**
 * A hidden workflow that waits, looks, and waits again: n8n keeps it through restarts. It is run as
 * a sub-workflow that nobody waits for.
 */
export function watcherWorkflow(options: WatcherOptions): IWorkflowBase {
	const start = node('Start', 'n8n-nodes-base.executeWorkflowTrigger', 1.1, {
		inputSource: 'passthrough',
	});
	const wait = {
		...node('Wait', 'n8n-nodes-base.wait', 1.1, {
			resume: 'timeInterval',
			amount: options.waitSeconds,
			unit: 'seconds',
		}),
		webhookId: options.webhookId,
	};
	const { type, parameters, credentials } = options.look;
	const look = { ...node('Look', type, 1, parameters), credentials };
	const to = (name: string) => [{ node: name, type: 'main' as const, index: 0 }];
	const now = new Date();
	return {
		id: '',
		name: options.name,
		active: false,
		isArchived: false,
		activeVersionId: null,
		createdAt: now,
		updatedAt: now,
		nodes: [start, wait, look],
		connections: {
			Start: { main: [to('Wait')] },
			Wait: { main: [to('Look')] },
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
