import type { IExecuteFunctions } from 'n8n-workflow';

import { openLedger, reportPart, Steps, ValidationError } from '../../lib';
import type { RunPart, StepContext, StepOptions, StepOutcome, Store } from '../../lib';
import { cancelSignalOf } from './cancel';
import { DEFAULT_RUN_KEY } from './runFields';
import { n8nRuntime } from './runtime';
import { openStore } from './store';

/** A step's result and where it is recorded, for the output item. */
export interface NodeStepOutcome<Value> extends StepOutcome<Value> {
	runKey: string;
	stepPath: string;
}

/** The recorded steps of one node in one run. */
export interface NodeSteps {
	/** The run they are recorded under. */
	readonly runKey: string;
	readonly store: Store;

	/** What this node is called in the run; the paths of its steps begin with it. */
	readonly part: string;

	/**
	 * Gives the recorded result of this step and input, or does the work and records it.
	 *
	 * @param path - names the step within the node, e.g. `3` or `3/search`; stable over retries
	 * @param input - whatever the result depends on, credentials left out
	 * @param body - does the work; its result is recorded as JSON
	 * @throws what `body` throws
	 */
	run<Value>(
		path: string,
		input: unknown,
		body: (step: StepContext) => Promise<Value>,
		options?: StepOptions<Value>,
	): Promise<NodeStepOutcome<Value>>;
}

const opened = new WeakMap<IExecuteFunctions, Map<string, Promise<NodeSteps>>>();

/**
 * Opens the run that the fields *Run Key*, *If Already Done* and *Store* of this item name.
 * Items of one execution with the same key share it.
 *
 * ```ts
 * const steps = await openSteps(this, itemIndex);
 * const { result, reused, runKey, stepPath } = await steps.run(`${itemIndex}`, input, async () => await work());
 * ```
 */
export async function openSteps(context: IExecuteFunctions, itemIndex: number): Promise<NodeSteps> {
	const runs = opened.get(context) ?? new Map<string, Promise<NodeSteps>>();
	opened.set(context, runs);
	const runKey = runKeyOf(context, itemIndex);
	const existing = runs.get(runKey);
	if (existing !== undefined) return await existing;
	const opening = openRun(context, runKey);
	runs.set(runKey, opening);
	return await opening;
}

/**
 * The run key of an item.
 *
 * @throws {ValidationError} when its expression gives nothing: unrelated items would share a run
 */
export function runKeyOf(
	context: Pick<IExecuteFunctions, 'getNode' | 'getNodeParameter' | 'getExecutionId'>,
	itemIndex: number,
): string {
	const raw = context.getNode().parameters.runKey;
	// The default is known without evaluating it, which costs half a millisecond an item.
	if (raw === undefined || raw === '' || raw === DEFAULT_RUN_KEY) return executionKey(context);
	const value: unknown = context.getNodeParameter('runKey', itemIndex, '');
	const key = typeof value === 'number' ? String(value) : value;
	if (typeof key === 'string' && key.trim() !== '') return key.trim();
	throw new ValidationError('Run Key is empty for this item.', {
		hint: 'Let the expression of Run Key give a text, such as an order number, for every item.',
	});
}

function executionKey(context: Pick<IExecuteFunctions, 'getExecutionId'>): string {
	return context.getExecutionId() || 'manual';
}

async function openRun(context: IExecuteFunctions, runKey: string): Promise<NodeSteps> {
	const store = await openStore(context);
	const ledger = await openLedger({ store, runtime: n8nRuntime, runId: runKey });
	const part = partName(context);
	const steps = new Steps({
		ledger,
		store,
		runtime: n8nRuntime,
		reuse: context.getNodeParameter('ifAlreadyDone', 0, 'reuse') !== 'runAgain',
		shared: runKey !== executionKey(context),
		owner: `execution ${executionKey(context)} (${n8nRuntime.newId().slice(0, 8)})`,
		signal: cancelSignalOf(context),
	});
	const report = progressReporter(store, runKey, part, steps);
	return {
		runKey,
		store,
		part,
		run: async (path, input, body, options) => {
			const stepPath = `${part}/${path}`;
			const outcome = await report(async () => await steps.run(stepPath, input, body, options));
			return { ...outcome, runKey, stepPath };
		},
	};
}

/** The node's name; a node that runs again in a loop is another part of the run. */
function partName(context: IExecuteFunctions): string {
	const round: unknown = context.getWorkflowDataProxy(0).$runIndex;
	const { name } = context.getNode();
	return typeof round === 'number' && round > 0 ? `${name}#${round + 1}` : name;
}

/** Keeps the record of the run up to date: one write at a time, the last one before the node ends. */
function progressReporter(store: Store, runKey: string, part: string, steps: Steps) {
	const counts = { running: 0, completed: 0, failed: 0 };
	let writing: Promise<void> | undefined;
	let dirty = false;

	const current = (): Partial<RunPart> => ({
		status: counts.running > 0 ? 'running' : counts.failed > 0 ? 'failed' : 'completed',
		message: `${counts.completed} done, ${counts.failed} failed, ${counts.running} running`,
		saved: steps.savings,
	});
	const write = async (): Promise<void> => {
		while (dirty) {
			dirty = false;
			// The record informs; work that is done is not failed because it cannot be told.
			await reportPart(store, runKey, part, current(), n8nRuntime.now()).catch(() => undefined);
		}
		writing = undefined;
	};
	const report = (): Promise<void> => {
		dirty = true;
		return (writing ??= write());
	};

	return async <Value>(work: () => Promise<Value>): Promise<Value> => {
		counts.running++;
		void report();
		const end = async (how: 'completed' | 'failed'): Promise<void> => {
			counts.running--;
			counts[how]++;
			const reported = report();
			if (counts.running === 0) await reported;
		};
		return await work().then(
			async (value) => {
				await end('completed');
				return value;
			},
			async (error: Error) => {
				await end('failed');
				return await Promise.reject(error);
			},
		);
	};
}
