import type { IExecuteFunctions } from 'n8n-workflow';

import { Steps, ValidationError, openLedger, serializeError } from '../../lib';
import type {
	Ledger,
	SerializedError,
	StepContext,
	StepOptions,
	StepOutcome,
	Store,
} from '../../lib';
import { cancelSignalOf } from './cancel';
import { itemParameter, type ItemParameterContext } from './itemParameter';
import { PartProgress } from './partProgress';
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

	/** What the run has recorded. */
	readonly ledger: Ledger;

	/** Whether recorded results may take the place of work. */
	readonly reuse: boolean;

	/** Tells the run how this node is getting on. */
	readonly progress: PartProgress;

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
		options?: NodeStepOptions<Value>,
	): Promise<NodeStepOutcome<Value>>;
}

/** What else a step of a node tells of itself. */
export interface NodeStepOptions<Value> extends StepOptions<Value> {
	/** What ended the work on a better result. Default: nothing. */
	cutShortOf?: (value: Value) => SerializedError | undefined;
}

/** The runs that a node's items belong to. */
interface NodeRuns {
	keyOf: (itemIndex: number) => string;
	byKey: Map<string, Promise<NodeSteps>>;
}

const opened = new WeakMap<IExecuteFunctions, NodeRuns>();

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
	const runs = opened.get(context) ?? { keyOf: runKeys(context), byKey: new Map() };
	opened.set(context, runs);
	const runKey = runs.keyOf(itemIndex);
	const existing = runs.byKey.get(runKey);
	if (existing !== undefined) return await existing;
	const opening = openRun(context, runKey);
	runs.byKey.set(runKey, opening);
	return await opening;
}

/** What is needed to read run keys. */
type RunKeyContext = ItemParameterContext & Pick<IExecuteFunctions, 'getNode' | 'getExecutionId'>;

/**
 * The run key of an item.
 *
 * @throws {ValidationError} when its expression gives nothing: unrelated items would share a run
 */
export function runKeyOf(context: RunKeyContext, itemIndex: number): string {
	return runKeys(context)(itemIndex);
}

/** A reader of the run keys of many items, see {@link runKeyOf}. */
function runKeys(context: RunKeyContext): (itemIndex: number) => string {
	const raw = context.getNode().parameters.runKey;
	if (raw === undefined || raw === '' || raw === DEFAULT_RUN_KEY) {
		// The default is known without evaluating it.
		return () => executionKey(context);
	}
	const read = itemParameter(context, 'runKey', raw);
	return (itemIndex) => {
		const value = read(itemIndex);
		const key = typeof value === 'number' ? String(value) : value;
		if (typeof key === 'string' && key.trim() !== '') return key.trim();
		throw new ValidationError('Run Key is empty for this item.', {
			hint: 'Let the expression of Run Key give a text, such as an order number, for every item.',
		});
	};
}

function executionKey(context: Pick<IExecuteFunctions, 'getExecutionId'>): string {
	return context.getExecutionId() || 'manual';
}

async function openRun(context: IExecuteFunctions, runKey: string): Promise<NodeSteps> {
	const store = await openStore(context);
	const ledger = await openLedger({ store, runtime: n8nRuntime, runId: runKey });
	const part = partName(context);
	const reuse = context.getNodeParameter('ifAlreadyDone', 0, 'reuse') !== 'runAgain';
	const steps = new Steps({
		ledger,
		store,
		runtime: n8nRuntime,
		reuse,
		shared: runKey !== executionKey(context),
		owner: `execution ${executionKey(context)} (${n8nRuntime.newId().slice(0, 8)})`,
		signal: cancelSignalOf(context),
	});
	const progress = new PartProgress({ store, runKey, part, savings: steps.savings });
	return {
		runKey,
		store,
		part,
		ledger,
		reuse,
		progress,
		run: async (path, input, body, options) => {
			const stepPath = `${part}/${path}`;
			progress.begin(path);
			return await steps.run(stepPath, input, body, options).then(
				async (outcome) => {
					const { result, reused } = outcome;
					const told = {
						usage: options?.usageOf?.(result),
						cutShort: options?.cutShortOf?.(result),
					};
					await progress.end(path, 'completed', reused ? {} : told);
					return { ...outcome, runKey, stepPath };
				},
				async (error: Error) => {
					await progress.end(path, 'failed', { error: serializeError(error) });
					return await Promise.reject(error);
				},
			);
		},
	};
}

/** The node's name; a node that runs again in a loop is another part of the run. */
function partName(context: IExecuteFunctions): string {
	const round: unknown = context.getWorkflowDataProxy(0).$runIndex;
	const { name } = context.getNode();
	return typeof round === 'number' && round > 0 ? `${name}#${round + 1}` : name;
}
