import type { WorkflowExecuteMode } from 'n8n-workflow';

import { joinRunId, parseJson } from '../../../lib';
import type { Store } from '../../../lib';
import type { Settings } from '../parameters';
import type { RemoteWork, Task } from '../task';

/** One task of a join. */
export interface PlannedTask extends Pick<Task, 'key' | 'limitKey' | 'priority' | 'needs'> {
	remote: RemoteWork;
	/** The signed address at which a called workflow tells its result. */
	callbackUrl?: string;
}

/** What a runner of a join has to know; kept in the store, so that any process can go on. */
export interface JoinPlan {
	joinId: string;
	/** The execution that waits, its workflow, and how it was started. */
	parentId: string;
	parentWorkflowId: string;
	mode: WorkflowExecuteMode;
	/** The signed address of the node that waits. */
	url: string;
	settings: Settings;
	/** When the node began to wait, in milliseconds since the epoch. */
	since: number;
	/** The runs that the node is part of, and what it is called there. */
	places: Array<{ runKey: string; part: string }>;
	tasks: PlannedTask[];
}

const COLLECTION = 'joins';

export async function savePlan(store: Store, plan: JoinPlan): Promise<void> {
	const { joinId: id } = plan;
	const value = JSON.stringify(plan);
	await store.put({ collection: COLLECTION, id, version: 0, value, runId: joinRunId(id) });
}

/** The plan of a join; undefined when the join is over and was removed. */
export async function loadPlan(store: Store, joinId: string): Promise<JoinPlan | undefined> {
	const document = await store.get(COLLECTION, joinId);
	return document === undefined ? undefined : (parseJson(document.value) as unknown as JoinPlan);
}
