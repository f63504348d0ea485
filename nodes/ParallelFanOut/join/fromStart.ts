import type { IExecuteFunctions } from 'n8n-workflow';

import { hashOf, ValidationError } from '../../../lib';
import type { CompletedRecord, LedgerEntry } from '../../../lib';
import { openSteps } from '../../shared/steps';
import type { Settings } from '../parameters';
import type { Recorded } from '../record';
import type { Reports } from '../reports';
import type { EndedTask, Task } from '../task';
import { taskPaths } from '../undo';
import { waitsForAll } from '../work/subWorkflow';

/**
 * Whether the tasks are to be run outside this execution, which waits from the start.
 *
 * @throws {ValidationError} when results come by call-back, and nobody could wait for them
 */
export function waitsFromTheStart(context: IExecuteFunctions, settings: Settings): boolean {
	const mayWait = waitsForAll(settings) && !context.isToolExecution();
	if (isCalledBack(settings)) {
		if (mayWait) return true;
		throw new ValidationError('Results by Call-Back need a node that waits for all tasks.', {
			hint: 'Set Wait For to All Tasks and let a failed task not stop the others, or take results in the response',
		});
	}
	return mayWait && settings.work === 'subWorkflow' && settings.options.surviveCrashes;
}

/** Whether tasks tell their results by themselves, whenever they have them. */
export function isCalledBack({ work, resultsBy }: Settings): boolean {
	return work === 'webhookWorkers' && resultsBy === 'callback';
}

/** The tasks that the run has recorded as done, by index; undefined for those that are to be done. */
export async function recordedEnds(
	context: IExecuteFunctions,
	tasks: readonly Task[],
	reports: Reports,
): Promise<Array<EndedTask | undefined>> {
	const ends: Array<EndedTask | undefined> = [];
	for (const [index, { key, itemIndexes, input }] of tasks.entries()) {
		const { ledger, part, reuse } = await openSteps(context, itemIndexes[0]!);
		const entry = ledger.entry(`${part}/${taskPaths(ledger, part)(key)}`, hashOf(input));
		if (!reuse || entry?.record.status !== 'completed') {
			ends.push(undefined);
			continue;
		}
		const output = await ledger.output(entry as LedgerEntry<CompletedRecord>);
		const { result, ...told } = output as unknown as Recorded;
		reports.add(index, { ...told, reused: true });
		ends.push({ key, index, status: 'completed', result, attempts: 0, durationMs: 0 });
	}
	return ends;
}
