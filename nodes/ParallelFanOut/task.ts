import type { IBinaryKeyData, INodeExecutionData, RelatedExecution } from 'n8n-workflow';

import type {
	FanOutStatus,
	FanOutTask,
	Json,
	Redactor,
	SerializedError,
	StepSavings,
	Usage,
} from '../../lib';

/** What a task tells while it runs, and about its end. */
export interface TaskReport {
	/** What it has used until now. Default: nothing. */
	usage?: Usage;
	/** How often its service was called, when the task repeats calls by itself. */
	attempts?: number;
	/** The execution that did the work, if it was one. */
	subExecution?: RelatedExecution;
	/** Files that came with the result; they are not recorded. */
	binary?: IBinaryKeyData;
	/** The execution that does the work and waits: the task has not ended. */
	waits?: string;
	/** Why the result is the default one: the failure it stands for. */
	failure?: SerializedError;
	/** Whether the result was taken from the record, and nothing was called. */
	reused?: boolean;
	/** What that has saved. */
	saved?: StepSavings;
}

/** What a task is given when it is run. */
export interface TaskCall {
	/** Aborts when the task is to stop. */
	signal: AbortSignal;
	/** Tells what the output item says besides the result; also before a failure. */
	report(report: TaskReport): void;
	/** Tells that a service asked to slow down, though the task goes on. */
	slowDown?(): void;
}

/** An execution of a workflow, or a call of its webhook that tells its result by a call-back. */
export type RemoteWork =
	| { workflowId: string; items: INodeExecutionData[] }
	| { url: string; body: unknown };

/** One task, planned but not started. */
export interface Task {
	/** Unique in the run. */
	key: string;
	/** The input items it was made for: one, unless items are put together. */
	itemIndexes: readonly number[];
	/** Tasks with the same limit key count together. */
	limitKey?: string;
	/** Who starts first when not all can. Default `normal`. */
	priority?: 'low' | 'normal' | 'high' | 'critical';
	/** What it takes from the resources of the node, by type. Default: nothing. */
	needs?: Readonly<Record<string, number>>;
	/** What is done and with what, when it is an execution that may outlive this process. */
	remote?: RemoteWork;
	/** What its result depends on; equal input may reuse a recorded result. */
	input: unknown;
	run(call: TaskCall): Promise<Json>;
}

/** One kind of work: makes the tasks of an input item. */
export interface Work {
	/** Attempts per task unless the user says otherwise. */
	readonly defaultAttempts: number;
	/** Whether tasks repeat failed calls by themselves, with back-off. */
	readonly retriesItself: boolean;
	/** Knows the secrets of the credential that the tasks use, if they use one. */
	readonly redact?: Redactor;
	/**
	 * The tasks of one input item, or of several together; their names are missing when there is
	 * one only.
	 *
	 * @param itemIndexes - parameters are those of the first
	 * @throws {ValidationError} when the parameters do not fit this item
	 */
	tasksOf(
		itemIndexes: readonly number[],
	): Array<Pick<Task, 'input' | 'run' | 'remote'> & { name?: string }>;
}

/**
 * How a task ended. `skipped`: what it needed did not happen; `undone`: completed, then undone;
 * `late`: it goes on, and its result comes with a later run of the node.
 */
export interface EndedTask extends Omit<FanOutTask<Json>, 'status'> {
	status: FanOutStatus | 'skipped' | 'undone' | 'late';
}
