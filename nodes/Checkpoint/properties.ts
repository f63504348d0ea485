import type { INodeProperties } from 'n8n-workflow';

import { runKeyField, storeField } from '../shared/runFields';

const resource: INodeProperties = {
	displayName: 'Resource',
	name: 'resource',
	type: 'options',
	noDataExpression: true,
	options: [{ name: 'Checkpoint', value: 'checkpoint' }],
	default: 'checkpoint',
};

const checkpointOperation: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: { show: { resource: ['checkpoint'] } },
	options: [
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
	displayOptions: { show: { resource: ['checkpoint'], operation: ['save', 'load', 'skipIfDone'] } },
};

const data: INodeProperties = {
	displayName: 'Data',
	name: 'data',
	type: 'json',
	default: '={{ $json }}',
	description: 'What to save. A later save of the same name becomes the next version.',
	displayOptions: { show: { resource: ['checkpoint'], operation: ['save'] } },
};

const saveOptions: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	displayOptions: { show: { resource: ['checkpoint'], operation: ['save'] } },
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
	displayOptions: { show: { resource: ['checkpoint'], operation: ['load'] } },
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

/** The fields of the node, in the order of the panel. */
export const properties: INodeProperties[] = [
	resource,
	checkpointOperation,
	checkpointName,
	data,
	runKeyField,
	storeField,
	saveOptions,
	loadOptions,
];
