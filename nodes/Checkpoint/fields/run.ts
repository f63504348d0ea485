import type { INodeProperties } from 'n8n-workflow';

import { runKeyField } from '../../shared/runFields';
import { limitField, offsetOption, returnAllField } from './paging';
import { showFor } from './show';

const show = (...operation: string[]) => showFor('run', ...operation);

const operation: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: show(),
	options: [
		{
			name: 'Delete',
			value: 'deleteRun',
			action: 'Delete a run',
			description: 'Remove a run with its results, checkpoints and receipts',
		},
		{
			name: 'Export',
			value: 'export',
			action: 'Export a run',
			description: 'Write a whole run into one JSON item',
		},
		{
			name: 'Fork',
			value: 'fork',
			action: 'Fork a run',
			description: 'Start a new run from the middle of this one',
		},
		{
			name: 'Get Many',
			value: 'getManyRuns',
			action: 'Get many runs',
			description: 'List runs, last updated first',
		},
		{
			name: 'Import',
			value: 'import',
			action: 'Import a run',
			description: 'Read what Export wrote, also on another machine or store',
		},
		{
			name: 'Prune',
			value: 'prune',
			action: 'Prune runs',
			description: 'Remove old runs',
		},
	],
	default: 'getManyRuns',
};

const newRunKey: INodeProperties = {
	displayName: 'New Run Key',
	name: 'newRunKey',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. order-17-again',
	description: 'The key of the new run',
	displayOptions: show('fork'),
};

const exportedRun: INodeProperties = {
	displayName: 'Exported Run',
	name: 'exportedRun',
	type: 'json',
	default: '={{ $json }}',
	description: 'What Export gave',
	displayOptions: show('import'),
};

const whenExists: INodeProperties = {
	displayName: 'If the Run Exists',
	name: 'whenExists',
	type: 'options',
	noDataExpression: true,
	options: [
		{ name: 'Fail', value: 'fail', description: 'Keep the run that is there' },
		{
			name: 'Replace',
			value: 'replace',
			description: 'Put the imported run in the place of the one that is there',
		},
	],
	default: 'fail',
	description: 'What to do when the store has a run of the same key',
	displayOptions: show('import'),
};

const getManyOptions: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	displayOptions: show('getManyRuns'),
	options: [
		{
			displayName: 'Key Begins With',
			name: 'keyPrefix',
			type: 'string',
			default: '',
			description: 'Only runs whose key begins like this',
		},
		offsetOption,
		{
			displayName: 'Status',
			name: 'status',
			type: 'multiOptions',
			options: [
				{ name: 'Completed', value: 'completed' },
				{ name: 'Failed', value: 'failed' },
				{ name: 'Paused', value: 'paused' },
				{ name: 'Running', value: 'running' },
				{ name: 'Waiting', value: 'waiting' },
			],
			default: [],
			description: 'Only runs in these states',
		},
	],
};

const pruneOptions: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	displayOptions: show('prune'),
	options: [
		{
			displayName: 'Max Age (Days)',
			name: 'maxAgeDays',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 7,
			description: 'Remove ended runs that were not touched for longer',
		},
		{
			displayName: 'Max Age of Open Runs (Days)',
			name: 'maxOpenAgeDays',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 90,
			description: 'Remove runs that never ended and were not touched for longer',
		},
		{
			displayName: 'Max Runs',
			name: 'maxRuns',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 10000,
			description: 'Keep at most this many ended runs, the latest',
		},
		{
			displayName: 'Max Size (MiB)',
			name: 'maxMegabytes',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 1024,
			description: 'Keep ended runs up to this size in all, the latest first',
		},
	],
};

const forkOptions: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	displayOptions: show('fork'),
	options: [
		{
			displayName: 'Checkpoint Changes',
			name: 'patch',
			type: 'json',
			default: '{}',
			description: 'New states of checkpoints in the new run, by checkpoint name',
		},
		{
			displayName: 'Start Over From',
			name: 'fromStep',
			type: 'string',
			default: '',
			placeholder: 'e.g. Summarize/2',
			description:
				'The step, or the node, to do anew. It and all that was done after it are left behind; without it, every result is taken along.',
		},
	],
};

/** The fields of the resource *Run*. */
export const runFieldsOfRun: INodeProperties[] = [
	operation,
	newRunKey,
	exportedRun,
	whenExists,
	returnAllField(show('getManyRuns')),
	limitField('run', 'getManyRuns'),
	{ ...runKeyField, displayOptions: show('deleteRun', 'export', 'fork') },
];

/** Shown last. */
export const runOptions = [getManyOptions, pruneOptions, forkOptions];
