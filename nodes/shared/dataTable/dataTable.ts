import type { IExecuteFunctions, IWorkflowBase } from 'n8n-workflow';

import { StoreUnavailableError } from '../../../lib';
import type { Table, TableRow, TableStep } from '../../../lib';
import { n8nRuntime } from '../runtime';
import { COLUMNS, createWorkflow, dataOf, listWorkflow, stepsWorkflow } from './workflow';

/** What is needed to reach a Data Table. Webhooks do not have it. */
export type SubWorkflows = Pick<
	IExecuteFunctions,
	'executeWorkflow' | 'getExecutionId' | 'getMode' | 'getWorkflow'
>;

/** Whether this context can start sub-workflows, and so reach Data Tables. */
export function hasSubWorkflows<Context extends object>(
	context: Context,
): context is Context & SubWorkflows {
	return 'executeWorkflow' in context && typeof context.executeWorkflow === 'function';
}

/** How often a call is tried that met a table in change, and the pause before, in milliseconds. */
const TRIES = 4;
const PAUSE_MS = 100;

/** Ids of tables, by project as far as this process can tell: workflow and name. */
const tables = new Map<string, Promise<string>>();

/**
 * A Data Table of the workflow's project, made on first use. n8n gives its tables to its own nodes
 * only, so every call is a sub-workflow of such nodes: 40 to 100 milliseconds.
 */
export function dataTable(context: SubWorkflows, name: string): Table {
	const label = `Data Table "${name}"`;
	const key = `${context.getWorkflow().id}\n${name}`;

	const call = async (workflow: IWorkflowBase, json = {}): Promise<object[]> => {
		const parentExecution = {
			executionId: context.getExecutionId(),
			workflowId: context.getWorkflow().id ?? '',
			shouldResume: false,
		};
		const executionMode = context.getMode();
		const { data } = await context.executeWorkflow({ code: workflow }, [{ json }], undefined, {
			executionMode,
			parentExecution,
		});
		return (data[0] ?? []).map((item) => item.json);
	};

	const find = async (): Promise<string | undefined> => {
		const found = (await call(listWorkflow(name))) as Array<{ id?: string; name?: string }>;
		return found.find((table) => table.name === name)?.id;
	};

	const locate = async (): Promise<string> => {
		const existing = await find();
		if (existing !== undefined) return existing;
		const [made] = (await call(createWorkflow(name)).then(
			(answer) => answer,
			// Another execution was quicker.
			() => [],
		)) as Array<{ id?: string }>;
		const id = made?.id ?? (await find());
		return id ?? (await Promise.reject(new Error('It could not be made.')));
	};

	const tableId = async (): Promise<string> => {
		const known = tables.get(key);
		if (known !== undefined) return await known;
		const locating = locate();
		tables.set(key, locating);
		locating.catch(() => tables.delete(key));
		return await locating;
	};

	const attempt = async (steps: readonly TableStep[]): Promise<TableRow[]> => {
		const rows = await call(stepsWorkflow(await tableId(), steps), dataOf(steps));
		return (rows as TableRow[]).filter(({ token }) => token !== undefined).map(rowOf);
	};

	return {
		name: label,
		run: async (steps) => {
			for (let tries = 1; ; tries++) {
				const outcome = await attempt(steps).then(
					(rows) => ({ rows }),
					(error: Error) => ({ error }),
				);
				if ('rows' in outcome) return outcome.rows;
				const { error } = outcome;
				if (tries === TRIES || !isPassing(error)) {
					throw new StoreUnavailableError(label, 'be used', { cause: error, hint: hintFor(error) });
				}
				// It may have been removed and made anew by the user.
				tables.delete(key);
				await n8nRuntime.sleep(PAUSE_MS * tries);
			}
		},
	};
}

/** Whether the call did nothing because the table was in change. */
function isPassing({ message }: Error): boolean {
	return /synchronization error|could not be found|not found/i.test(message);
}

function hintFor({ message }: Error): string {
	return `n8n said: ${message}. Data Tables have a limit for all of them together (N8N_DATA_TABLES_MAX_SIZE_BYTES, 200 MiB by default): remove old runs with the Checkpoint node's Prune, or choose PostgreSQL or Redis in an Agent Swarm Store credential.`;
}

/** n8n gives empty texts back as null. */
function rowOf(row: TableRow): TableRow {
	const columns = Object.keys(COLUMNS) as Array<keyof TableRow>;
	return Object.fromEntries(
		columns.map((column) => [
			column,
			COLUMNS[column] === 'number' ? Number(row[column]) : (row[column] ?? ''),
		]),
	) as unknown as TableRow;
}
