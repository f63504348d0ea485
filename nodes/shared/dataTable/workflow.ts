import type { INode, IWorkflowBase } from 'n8n-workflow';

import type { TableCondition, TableMatch, TableRow, TableStep } from '../../../lib';

/** The columns of the table, in the order in which n8n shows them. */
export const COLUMNS: Record<keyof TableRow, 'string' | 'number'> = {
	collection: 'string',
	key: 'string',
	run: 'string',
	status: 'string',
	state: 'string',
	version: 'number',
	changed: 'number',
	value: 'string',
	intent: 'string',
	token: 'string',
};

const columns = Object.keys(COLUMNS) as Array<keyof TableRow>;

const START = 'Start';

/** What the steps read: n8n takes texts that begin with `=` for expressions, so all are data. */
export interface StepData {
	steps: Array<{ row: Record<string, unknown>; values: Array<string | number> }>;
}

/** The data of the one item that the workflow is started with. */
export function dataOf(steps: readonly TableStep[]): StepData {
	return {
		steps: steps.map((step) => ({
			row: step.do === 'insert' ? { ...step.row } : step.do === 'update' ? { ...step.set } : {},
			values: 'match' in step ? step.match.conditions.map(({ value = '' }) => value) : [],
		})),
	};
}

/** The last step's name: its items are the answer. */
export const nameOf = (index: number): string => `Step ${index + 1}`;

/** A workflow that takes the steps on a Data Table, one node each. */
export function stepsWorkflow(tableId: string, steps: readonly TableStep[]): IWorkflowBase {
	const dataTableId = { __rl: true, mode: 'id', value: tableId };
	return workflow(
		steps.map((step, index) => ({ ...rowParameters(step, index), resource: 'row', dataTableId })),
	);
}

/** A workflow that lists the tables whose names contain a text. */
export function listWorkflow(name: string): IWorkflowBase {
	const options = { filterName: name };
	return workflow([{ resource: 'table', operation: 'list', returnAll: true, options }]);
}

/** A workflow that makes the table. */
export function createWorkflow(name: string): IWorkflowBase {
	const column = columns.map((column) => ({ name: column, type: COLUMNS[column] }));
	const options = { createIfNotExists: false };
	return workflow([
		{ resource: 'table', operation: 'create', tableName: name, columns: { column }, options },
	]);
}

function rowParameters(step: TableStep, index: number): INode['parameters'] {
	const data = `$('${START}').first().json.steps[${index}]`;
	const mapped = (names: Iterable<string>) => ({
		mappingMode: 'defineBelow',
		value: Object.fromEntries(
			Array.from(names, (column) => [column, `={{ ${data}.row.${column} }}`]),
		),
	});
	if (step.do === 'insert') return { operation: 'insert', columns: mapped(columns) };
	const match = matching(step.match, data);
	if (step.do !== 'update') {
		const operation = step.do === 'find' ? 'get' : 'deleteRows';
		return { operation, returnAll: true, ...match };
	}
	if (step.ifOneIn !== undefined) {
		// No row has the id -1: without exactly one row in the other step, nothing matches.
		const ones = `$('${nameOf(step.ifOneIn)}').all().filter(({ json }) => json.token).length === 1`;
		const keyValue = `={{ ${ones} ? -1 : 2147483647 }}`;
		match.filters.conditions.push({ keyName: 'id', condition: 'gt', keyValue });
	}
	return { operation: 'update', ...match, columns: mapped(Object.keys(step.set)) };
}

function matching({ conditions, any = false }: TableMatch, data: string) {
	const conditionOf = ({ column, is }: TableCondition, index: number) => {
		if (is === 'filled') return { keyName: column, condition: 'isNotEmpty', keyValue: '' };
		const condition = is === 'less' ? 'lt' : 'eq';
		return { keyName: column as string, condition, keyValue: `={{ ${data}.values[${index}] }}` };
	};
	return {
		matchType: any ? 'anyCondition' : 'allConditions',
		filters: { conditions: conditions.map(conditionOf) },
	};
}

/** Nodes one behind the other; each goes on even when it has found nothing. */
function workflow(parameters: Array<INode['parameters']>): IWorkflowBase {
	const start: INode = {
		id: 'start',
		name: START,
		type: 'n8n-nodes-base.executeWorkflowTrigger',
		typeVersion: 1.1,
		position: [0, 0],
		parameters: { inputSource: 'passthrough' },
	};
	const tables = parameters.map(
		(one, index): INode => ({
			id: nameOf(index),
			name: nameOf(index),
			type: 'n8n-nodes-base.dataTable',
			typeVersion: 1.1,
			position: [200 * (index + 1), 0],
			parameters: one,
			executeOnce: true,
			alwaysOutputData: true,
		}),
	);
	const nodes = [start, ...tables];
	const connections = Object.fromEntries(
		tables.map(({ name }, index) => [
			nodes[index]!.name,
			{ main: [[{ node: name, type: 'main' as const, index: 0 }]] },
		]),
	);
	// Not kept among the executions: a step of ours is no event of the user's.
	const settings = {
		executionOrder: 'v1' as const,
		saveDataErrorExecution: 'none' as const,
		saveDataSuccessExecution: 'none' as const,
		saveManualExecutions: false,
		saveExecutionProgress: false,
	};
	const name = 'Agent Swarm store';
	const now = new Date(0);
	return {
		id: '',
		name,
		nodes,
		connections,
		settings,
		active: false,
		isArchived: false,
		activeVersionId: null,
		createdAt: now,
		updatedAt: now,
	};
}
