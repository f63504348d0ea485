import type { IExecuteData, IExecuteFunctions, ITaskMetadata } from 'n8n-workflow';

import type { EndedTask, TaskReport } from '../task';
import type { Settings } from '../parameters';

/** Where a task of a join is recorded once it has completed. */
export interface RecordPlace {
	runKey: string;
	/** What the node is called in the run. */
	part: string;
	stepPath: string;
	inputHash: string;
}

/** One task of a node that waits: how it ended, or where its end will be found. */
export interface HeldTask {
	key: string;
	index: number;
	itemIndexes: readonly number[];
	report: TaskReport;
	ended?: EndedTask;
	/** Only for a task that has not ended. */
	open?: {
		/** Its place in the log of the join. */
		at: number;
		place: RecordPlace;
		/** How long it had run before the node began to wait, in milliseconds. */
		durationMs: number;
	};
}

/** What a node that waits for its tasks remembers. Saved by n8n with the execution. */
export interface JoinState {
	/** Tells the rounds of a loop apart: a late answer of one must not end the next. */
	joinId: string;
	/** When the node began to wait, in milliseconds since the epoch. */
	since: number;
	settings: Settings;
	tasks: HeldTask[];
}

/** Name under which the state is kept with the node's data. */
const METADATA_KEY = 'fanOutJoin';

/** Keeps the state with the node that is about to wait. */
export function saveJoin(context: Pick<IExecuteFunctions, 'setMetadata'>, state: JoinState): void {
	context.setMetadata({ [METADATA_KEY]: state } as ITaskMetadata);
}

/** The state of the node that waits; n8n gives it to webhooks, but does not say so in its types. */
export function loadJoin(context: object): JoinState | undefined {
	const { executeData } = context as { executeData?: IExecuteData };
	const metadata = executeData?.metadata as Record<string, unknown> | undefined;
	return metadata?.[METADATA_KEY] as JoinState | undefined;
}
