import { isExpression } from 'n8n-workflow';
import type { IExecuteFunctions, RelatedExecution } from 'n8n-workflow';

import type { FanOutWrapper, Json, Usage } from '../../lib';
import { cancelSignalOf } from '../shared/cancel';
import { DEFAULT_RUN_KEY } from '../shared/runFields';
import { openSteps } from '../shared/steps';
import type { NodeSteps } from '../shared/steps';
import type { Reports } from './reports';
import type { Task } from './task';
import { taskPaths } from './undo';

/** What is recorded of a task that completed. */
export interface Recorded {
	result: Json;
	usage?: Usage;
	attempts?: number;
	subExecution?: RelatedExecution;
	/** Names of files that came with the result, and are not kept. */
	files?: string[];
}

/**
 * Gives the recorded result of a task, or runs it and records the result. Work that is done is not
 * done again: not by a retry of the node, of the execution, or by an execution with the same run
 * key. Attempts are inside: a task is recorded when it has completed, or has given up.
 */
export function recording(
	context: IExecuteFunctions,
	tasks: readonly Task[],
	reports: Reports,
	around: FanOutWrapper | undefined,
): FanOutWrapper {
	const stepsFor = stepsReader(context, tasks);
	const own = cancelSignalOf(context);
	return async <Output>(
		attempt: (signal?: AbortSignal) => Promise<Output>,
		fanOut: Parameters<FanOutWrapper>[1],
	) => {
		const { index, key } = fanOut;
		const { itemIndexes, input } = tasks[index]!;
		const { steps, pathOf } = await stepsFor(itemIndexes[0]!);
		const {
			result: recorded,
			reused,
			saved,
		} = await steps.run<Recorded>(
			pathOf(key),
			input,
			async (step) => {
				// The signal of the execution is behind that of the task already.
				const lost = step.signal === own ? undefined : step.signal;
				const result = await withSignal(attempt, fanOut, lost, around);
				const { binary, ...told } = reports.of(index);
				const files = binary === undefined ? {} : { files: Object.keys(binary) };
				return { result: result as Json, ...told, ...files };
			},
			{ usageOf: ({ usage }) => usage },
		);
		const { result, files, ...told } = recorded;
		if (reused) reports.add(index, { ...told, reused, ...(saved && { saved }) });
		if (reused && files !== undefined) tellOfFiles(context, key, files);
		return result as Output;
	};
}

/** Files must not go unseen that were there when the task was done, and are not kept. */
function tellOfFiles(context: IExecuteFunctions, key: string, files: readonly string[]): void {
	context.addExecutionHints({
		message: `The recorded result of task "${key}" comes without its files: ${files.join(', ')}. Let the sub-workflow store files, and return where they are.`,
		type: 'warning',
		location: 'outputPane',
	});
}

/** Runs a task. A signal is made only when somebody needs one: most tasks are over in no time. */
async function withSignal<Output>(
	attempt: (signal?: AbortSignal) => Promise<Output>,
	fanOut: Parameters<FanOutWrapper>[1],
	lost: AbortSignal | undefined,
	around: FanOutWrapper | undefined,
): Promise<Output> {
	const signal = lost === undefined ? undefined : AbortSignal.any([fanOut.signal, lost]);
	if (around === undefined) return await attempt(signal);
	if (signal === undefined) return await around(attempt, fanOut);
	const { index, key } = fanOut;
	return await around(attempt, { index, key, attempt: fanOut.attempt, signal });
}

/** Where a task is recorded. */
interface Place {
	steps: NodeSteps;
	pathOf(key: string): string;
}

/** The recorded steps for an input item; looked up once when all items have the same run key. */
function stepsReader(
	context: IExecuteFunctions,
	tasks: readonly Task[],
): (itemIndex: number) => Promise<Place> | Place {
	const raw = context.getNode().parameters.runKey;
	const varies = raw !== DEFAULT_RUN_KEY && isExpression(raw);
	const places = new Map<NodeSteps, Place>();
	const open = async (itemIndex: number): Promise<Place> => {
		const steps = await openSteps(context, itemIndex);
		const known = places.get(steps);
		if (known !== undefined) return known;
		const place = { steps, pathOf: taskPaths(steps.ledger, steps.part) };
		places.set(steps, place);
		return place;
	};
	if (varies) return open;
	let shared: Promise<Place> | Place | undefined;
	return (itemIndex) =>
		(shared ??= open(itemIndex).then((place) => {
			place.steps.progress.expect(tasks.length);
			return (shared = place);
		}));
}
