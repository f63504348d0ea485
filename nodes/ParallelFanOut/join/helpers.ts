import type { IExecuteFunctions, INode, IWorkflowBase } from 'n8n-workflow';

import { beat } from '../../../lib';
import type { JoinWatcher, Store } from '../../../lib';
import { untilSavedWaiting } from '../../shared/executions';
import { n8nRuntime } from '../../shared/runtime';
import type { JoinPlan } from './plan';

/** Longest wait until a new watcher is in n8n's database, in milliseconds. */
const SETTLE_MS = 10_000;

/** The part of a join that its hidden executions carry along. */
export type JoinName = Pick<JoinPlan, 'joinId' | 'parentId' | 'parentWorkflowId' | 'mode'>;

/**
 * Starts a watcher: a hidden execution that waits in n8n's database, looks, and waits again until
 * the join is over. Resolves when it waits, so that a kill from now on cannot hit it.
 */
export async function startWatcher(
	context: IExecuteFunctions,
	store: Store,
	join: JoinName,
	watcher: JoinWatcher,
): Promise<void> {
	await beat({ store, runtime: n8nRuntime, joinId: join.joinId }, watcher);
	// A Wait node would wait for less than 65 seconds in memory, where a kill hits it.
	const nodes = [
		ownNode(context, 'Wait', { role: 'rest' }),
		ownNode(context, 'Look', { role: 'watch' }),
	];
	const connections = {
		Start: { main: [to('Wait')] },
		Wait: { main: [to('Look')] },
		// The first output is the end, the second looks again.
		Look: { main: [[], to('Wait')] },
	};
	const id = await startHidden(context, join, { watcher }, nodes, connections);
	await untilSavedWaiting(context, id, SETTLE_MS);
}

/** Starts a runner: a hidden execution that does what is left to do. A kill may hit it. */
export async function startRunner(context: IExecuteFunctions, join: JoinName): Promise<void> {
	const nodes = [ownNode(context, 'Run', { role: 'run' })];
	await startHidden(context, join, {}, nodes, { Start: { main: [to('Run')] } });
}

/** @returns the id of the execution */
async function startHidden(
	context: IExecuteFunctions,
	join: JoinName,
	more: object,
	nodes: INode[],
	connections: IWorkflowBase['connections'],
): Promise<string> {
	const start = node('Start', 'n8n-nodes-base.executeWorkflowTrigger', 1.1, {
		inputSource: 'passthrough',
	});
	const now = new Date();
	const code: IWorkflowBase = {
		id: '',
		name: 'Parallel Fan-out: looks after its tasks',
		active: false,
		isArchived: false,
		activeVersionId: null,
		createdAt: now,
		updatedAt: now,
		nodes: [start, ...nodes],
		connections,
		settings: {
			executionOrder: 'v1',
			// Waiting executions are kept in any case; a finished helper is of no interest.
			saveDataSuccessExecution: 'none',
			saveManualExecutions: false,
		},
	};
	const { joinId, parentId, parentWorkflowId, mode } = join;
	const json = { joinId, parentId, parentWorkflowId, mode, ...more };
	const { executionId } = await context.executeWorkflow({ code }, [{ json }], undefined, {
		doNotWaitToFinish: true,
		executionMode: mode,
		// Never `true`: its end would continue the execution that waits, whatever it then waits for.
		parentExecution: { executionId: parentId, workflowId: parentWorkflowId, shouldResume: false },
	});
	return executionId;
}

/** The helper's node type lies in the same package, under whatever name n8n has loaded it. */
function ownNode(context: IExecuteFunctions, name: string, parameters: INode['parameters']): INode {
	const { type, credentials, parameters: own } = context.getNode();
	const helperType = type.replace(/parallelFanOut$/, 'fanOutWatch');
	const store = own.store ?? 'builtIn';
	return {
		...node(name, helperType, 1, { ...parameters, store }),
		...(credentials === undefined ? {} : { credentials }),
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

function to(name: string) {
	return [{ node: name, type: 'main' as const, index: 0 }];
}
