import { EngineError, type Json } from '../core';
import type { BodyContext } from '../scheduler';

/** What code that is registered as a workflow type sees of its run. */
export interface WorkflowTypeContext
	extends Pick<BodyContext, 'runId' | 'attempt' | 'signal' | 'idempotencyKey' | 'waitFor'> {
	/** Says how far the work is, 0 to 100, and what it is doing. */
	updateProgress(percent: number, description?: string): void;
}

/** A kind of workflow written in code, by the name that callers give as `workflow_type`. */
export interface WorkflowType {
	type: string;
	/**
	 * Looks at the input before anything starts. Default: any input is fine.
	 *
	 * @throws {ValidationError} when nothing can be done with it
	 */
	check?(input: Json): void;
	/** Does all of the work. What it returns is the result of the run. */
	execute(input: Json, context: WorkflowTypeContext): unknown;
}

/** A workflow type from a function, and from one that looks at the input before. */
export function defineWorkflow(
	type: string,
	execute: WorkflowType['execute'],
	check?: WorkflowType['check'],
): WorkflowType {
	return { type, execute, ...(check && { check }) };
}

/**
 * Base of workflow types written as classes. A subclass says in `execute` what is done:
 *
 * ```ts
 * class Research extends WorkflowBase {
 * 	async execute({ query }: { query: string }) {
 * 		this.updateProgress(25, 'Searching');
 * 		const found = await search(query, this.signal);
 * 		return this.complete({ query, found });
 * 	}
 * }
 * manager.register(workflowClass('research', Research));
 * ```
 *
 * Each run has an instance of its own.
 */
export abstract class WorkflowBase<Input = Json> {
	constructor(protected readonly context: WorkflowTypeContext) {}

	/** Does the work. Return `this.complete(results)`, or `this.fail(why)`; throwing fails, too. */
	abstract execute(input: Input): unknown;

	/** Id of the run. */
	get workflowId(): string {
		return this.context.runId;
	}

	/** Aborts when the run is cancelled. */
	get signal(): AbortSignal {
		return this.context.signal;
	}

	/** Says how far the work is, 0 to 100, and what it is doing. */
	protected updateProgress(percent: number, description?: string): void {
		this.context.updateProgress(percent, description);
	}

	/** Ends the run with these results. */
	protected complete<Results>(results: Results): Results {
		this.updateProgress(100, 'Completed');
		return results;
	}

	/**
	 * Ends the run as failed.
	 *
	 * @throws {EngineError} `WORKFLOW_FAILED`, always
	 */
	protected fail(message: string): never {
		throw new EngineError('WORKFLOW_FAILED', message, { retryable: false });
	}
}

/** Registers a subclass of {@link WorkflowBase} under a name. */
export function workflowClass<Input>(
	type: string,
	Workflow: new (context: WorkflowTypeContext) => WorkflowBase<Input>,
): WorkflowType {
	return { type, execute: (input, context) => new Workflow(context).execute(input as Input) };
}
