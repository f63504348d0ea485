import type { INodeProperties } from 'n8n-workflow';

import { ifAlreadyDoneField, runKeyField } from '../../shared/runFields';
import { limitField, offsetOption, returnAllField } from './paging';
import { showFor } from './show';

const show = (...operation: string[]) => showFor('checkpoint', ...operation);

const operation: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: show(),
	options: [
		{
			name: 'Compare',
			value: 'compare',
			action: 'Compare checkpoints',
			description: 'Tell how two versions, or two checkpoints, differ',
		},
		{
			name: 'Delete',
			value: 'delete',
			action: 'Delete a checkpoint',
			description: 'Remove a checkpoint with all its versions',
		},
		{
			name: 'Get Many',
			value: 'getMany',
			action: 'Get many checkpoints',
			description: 'List checkpoints, last saved first',
		},
		{
			name: 'Load',
			value: 'load',
			action: 'Load a checkpoint',
			description: 'Give back what was saved',
		},
		{
			name: 'Save',
			value: 'save',
			action: 'Save a checkpoint',
			description: 'Record the item, or other data, under a name',
		},
		{
			name: 'Skip If Done',
			value: 'skipIfDone',
			action: 'Skip what is done',
			description:
				'Send items that were saved before to Done, with what was saved, and others to New',
		},
	],
	default: 'save',
};

const checkpointName: INodeProperties = {
	displayName: 'Checkpoint Name',
	name: 'checkpointName',
	type: 'string',
	required: true,
	default: 'main',
	placeholder: 'e.g. order-{{ $json.orderNumber }}',
	description:
		'Names the checkpoint within its run. For items that are done one by one, use something that identifies the item.',
	displayOptions: show('save', 'load', 'skipIfDone', 'compare', 'delete'),
};

const data: INodeProperties = {
	displayName: 'Data',
	name: 'data',
	type: 'json',
	default: '={{ $json }}',
	description: 'What to save. A later save of the same name becomes the next version.',
	displayOptions: show('save'),
};

const scope: INodeProperties = {
	displayName: 'Of',
	name: 'scope',
	type: 'options',
	noDataExpression: true,
	options: [
		{ name: 'This Run', value: 'run', description: 'Checkpoints of the run that Run Key names' },
		{ name: 'All Runs', value: 'all', description: 'Checkpoints of every run of the store' },
	],
	default: 'run',
	description: 'Whose checkpoints to list',
	displayOptions: show('getMany'),
};

const saveOptions: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	displayOptions: show('save'),
	options: [
		{
			displayName: 'Versions to Keep',
			name: 'keep',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 10000 },
			default: 20,
			description: 'How many of the latest versions can be loaded',
		},
	],
};

const loadOptions: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	displayOptions: show('load'),
	options: [
		{
			displayName: 'Default Data',
			name: 'defaultData',
			type: 'json',
			default: '{}',
			description:
				'What to give when there is no checkpoint. Only for If Missing = Use Default Data.',
		},
		{
			displayName: 'If Missing',
			name: 'ifMissing',
			type: 'options',
			options: [
				{
					name: 'Fail',
					value: 'fail',
					description: 'Stop, or send the item to the error output',
				},
				{ name: 'Return No Item', value: 'skip', description: 'Go on without the item' },
				{
					name: 'Use Default Data',
					value: 'default',
					description: 'Give the default data in its place',
				},
			],
			default: 'fail',
			description: 'What to do when there is no such checkpoint',
		},
		{
			displayName: 'Version',
			name: 'version',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 1,
			description: 'Which version to load in the place of the latest',
		},
	],
};

const compareOptions: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	displayOptions: show('compare'),
	options: [
		{
			displayName: 'Other Checkpoint Name',
			name: 'otherName',
			type: 'string',
			default: '',
			description: 'The checkpoint to compare with, in the place of an earlier version of the same',
		},
		{
			displayName: 'Other Run Key',
			name: 'otherRunKey',
			type: 'string',
			default: '',
			description: 'The run of the checkpoint to compare with, in the place of the same run',
		},
		{
			displayName: 'Other Version',
			name: 'otherVersion',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 1,
			description: 'The version to compare with, in the place of the one before',
		},
		{
			displayName: 'Version',
			name: 'version',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 1,
			description: 'The version to compare, in the place of the latest',
		},
	],
};

const getManyOptions: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	displayOptions: show('getMany'),
	options: [offsetOption],
};

/** The fields of the resource *Checkpoint*; *Run Key* and *Store* go before its options. */
export const checkpointFields: INodeProperties[] = [
	operation,
	checkpointName,
	data,
	scope,
	returnAllField(show('getMany')),
	limitField('checkpoint', 'getMany'),
	{ ...runKeyField, displayOptions: show() },
	{ ...ifAlreadyDoneField, displayOptions: show('skipIfDone') },
];

/** Shown last. */
export const checkpointOptions = [saveOptions, loadOptions, compareOptions, getManyOptions];
