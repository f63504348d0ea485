import { parse, stringify } from 'flatted';
import type {
	ExecutionError,
	ExecutionStatus,
	IDataObject,
	INodeExecutionData,
	IRun,
	IRunExecutionData,
	ITaskData,
	RelatedExecution,
	WorkflowExecuteMode,
} from 'n8n-workflow';

import type { TestWorkflow } from './workflow';

/** One execution of a workflow, from its start through all its waiting to its end. */
export class Execution {
	status: ExecutionStatus = 'running';

	/** Names of the nodes that ran, in the order in which they finished. */
	readonly order: string[] = [];

	/** The engine's last word: set whenever the execution stops running, also to wait. */
	run: IRun | undefined;

	/** Whether it was continued after a wait; only then does its end continue its parent. */
	resumed = false;

	private leg: Promise<void> = Promise.resolve();

	private stopLeg: () => void = () => undefined;

	constructor(
		readonly id: string,
		readonly workflow: TestWorkflow & { id: string },
		readonly mode: WorkflowExecuteMode,
		readonly parent: RelatedExecution | undefined,
	) {}

	/** Used by the instance: a new stretch of work until the end or the next wait. */
	attach(leg: Promise<void>, stop: () => void): void {
		this.status = 'running';
		this.leg = leg;
		this.stopLeg = stop;
	}

	/** Resolves when the execution ended or waits. */
	async settled(): Promise<this> {
		await this.leg;
		return this;
	}

	/** Stops it, as n8n's Stop button does; nodes hear of it through their cancel signal. */
	cancel(): void {
		if (this.status === 'running') this.stopLeg();
		this.status = 'canceled';
	}

	/** What a database would give back: a copy of the data, as plain JSON. */
	storedData(): IRunExecutionData {
		return parse(stringify(this.data)) as IRunExecutionData;
	}

	get data(): IRunExecutionData {
		if (this.run === undefined) throw new Error(`Execution ${this.id} is still running`);
		return this.run.data;
	}

	/** The error that ended the execution, if one did. */
	get error(): ExecutionError | undefined {
		return this.data.resultData.error;
	}

	/** The record of one run of a node. @param run - which one, when it ran several times */
	task(name: string, run = 0): ITaskData {
		const task = this.data.resultData.runData[name]?.[run];
		if (task === undefined) throw new Error(`Node "${name}" has no run ${run}`);
		return task;
	}

	/** What a node put on one of its outputs; nothing when it did not run. */
	items(name: string, output = 0, run = 0): INodeExecutionData[] {
		return this.data.resultData.runData[name]?.[run]?.data?.main?.[output] ?? [];
	}

	/** The JSON of what a node put on one of its outputs. */
	json(name: string, output = 0, run = 0): IDataObject[] {
		return this.items(name, output, run).map((item) => item.json);
	}
}
