import type { IExecuteFunctions } from 'n8n-workflow';

import { hashOf } from '../../../lib';
import type { CompletedRecord, LedgerEntry } from '../../../lib';
import { openSteps } from '../../shared/steps';
import type { Settings } from '../parameters';
import type { Recorded } from '../record';
import type { Reports } from '../reports';
import type { EndedTask, Task } from '../task';
import { taskPaths } from '../undo';
import { waitsForAll } from '../work/subWorkflow';

/** Whether the tasks are to be run outside this execution, which waits from the start. */
export function waitsFromTheStart(context: IExecuteFunctions, settings: Settings): boolean {
	const { work, options } = settings;
	return (
		work === 'subWorkflow' &&
		options.surviveCrashes &&
		waitsForAll(settings) &&
		!context.isToolExecution()
	);
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
