import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { hashOf, noUsage, parseJson } from '../../lib';
import type { CompletedRecord, Json, Ledger, LedgerEntry, Redactor, Store } from '../../lib';
import { openSteps } from '../shared/steps';
import type { NodeSteps } from '../shared/steps';
import type { Settings } from './parameters';
import type { Recorded } from './record';
import type { EndedTask, Task } from './task';
import { taskPaths } from './undo';

/** A task that was not done at the deadline, and where its result will be recorded. */
interface LateTask {
	key: string;
	index: number;
	stepPath: string;
	inputHash: string;
}

const COLLECTION = 'fanOutLate';

/** Whether tasks go on after the deadline, to be delivered by a later run of the node. */
export function deliversLate({ options: { waitFor, lateTasks } }: Settings): boolean {
	return waitFor === 'deadline' && lateTasks === 'deliver';
}

/** Notes which tasks are late. @returns all tasks, with those marked so */
export async function noteLate(
	context: IExecuteFunctions,
	tasks: readonly Task[],
	ended: readonly EndedTask[],
): Promise<EndedTask[]> {
	const marked = ended.map(
		(task): EndedTask => (task.cause?.kind === 'timeout' ? { ...task, status: 'late' } : task),
	);
	const late = new Map<NodeSteps, LateTask[]>();
	for (const { key, index, status } of marked) {
		if (status !== 'late') continue;
		const steps = await openSteps(context, tasks[index]!.itemIndexes[0]!);
		late.set(steps, [...(late.get(steps) ?? []), { key, index, ...placeOf(steps, tasks[index]!) }]);
	}
	for (const [{ store, runKey }, more] of late) {
		const id = documentId(context, runKey);
		await save(store, id, runKey, [...(await load(store, id)), ...more]);
	}
	return marked;
}

/**
 * The items of tasks that were late in earlier runs of the node, and have ended by now. What this
 * run does itself is not delivered twice.
 *
 * @returns completed ones, and failed ones; not paired: their input items were another run's
 */
export async function takeLate(
	context: IExecuteFunctions,
	tasks: readonly Task[],
	redact: Redactor,
): Promise<[INodeExecutionData[], INodeExecutionData[]]> {
	const own = new Map<NodeSteps, Set<string>>();
	for (const task of tasks) {
		const steps = await openSteps(context, task.itemIndexes[0]!);
		const paths = own.get(steps) ?? new Set<string>();
		own.set(steps, paths.add(placeOf(steps, task).stepPath));
	}
	const taken: [INodeExecutionData[], INodeExecutionData[]] = [[], []];
	for (const [{ store, runKey, ledger }, paths] of own) {
		const id = documentId(context, runKey);
		const noted = await load(store, id);
		if (noted.length === 0) continue;
		await ledger.refresh();
		const left: LateTask[] = [];
		for (const late of noted) {
			if (paths.has(late.stepPath)) continue;
			const item = await itemOf(ledger, late, redact);
			if (item === undefined) left.push(late);
			else taken[item.status === 'completed' ? 0 : 1].push({ json: item });
		}
		await save(store, id, runKey, left);
	}
	return taken;
}

/** Undefined while it is not done. */
async function itemOf(
	ledger: Ledger,
	{ key, index, stepPath, inputHash }: LateTask,
	redact: Redactor,
): Promise<IDataObject | undefined> {
	const entry = ledger.entry(stepPath, inputHash);
	if (entry === undefined || entry.record.status === 'started') return undefined;
	const { record } = entry;
	const base = { key, index, attempts: record.attempt, reused: false, late: true };
	if (record.status === 'failed') {
		const error = redact.json({ ...record.error } as unknown as Json) as IDataObject;
		const usage = { ...noUsage() };
		return { ...base, status: 'failed', result: null, error, durationMs: 0, usage };
	}
	const output = await ledger.output(entry as LedgerEntry<CompletedRecord>);
	const { result, usage = noUsage(), attempts = record.attempt } = output as unknown as Recorded;
	return {
		...base,
		status: 'completed',
		result: redact.json(result) as IDataObject[string],
		error: null,
		attempts,
		durationMs: Math.round(record.durationMs ?? 0),
		usage: { ...usage },
	};
}

function placeOf(
	{ ledger, part }: NodeSteps,
	{ key, input }: Task,
): Pick<LateTask, 'stepPath' | 'inputHash'> {
	return { stepPath: `${part}/${taskPaths(ledger, part)(key)}`, inputHash: hashOf(input) };
}

/** The rounds of a loop share what is late: one delivers what another has begun. */
function documentId(context: IExecuteFunctions, runKey: string): string {
	return `${runKey}/${context.getNode().name}`;
}

async function load(store: Store, id: string): Promise<LateTask[]> {
	const document = await store.get(COLLECTION, id);
	return document === undefined ? [] : (parseJson(document.value) as unknown as LateTask[]);
}

async function save(store: Store, id: string, runId: string, tasks: LateTask[]): Promise<void> {
	const value = JSON.stringify(tasks);
	await store.put({ collection: COLLECTION, id, version: 'any', value, runId });
}
