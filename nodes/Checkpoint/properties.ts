import type { INodeProperties } from 'n8n-workflow';

import { storeField } from '../shared/runFields';
import { checkpointFields, checkpointOptions } from './fields/checkpoint';
import { runFieldsOfRun, runOptions } from './fields/run';
import { sideEffectFields, sideEffectOptions } from './fields/sideEffect';

const resource: INodeProperties = {
	displayName: 'Resource',
	name: 'resource',
	type: 'options',
	noDataExpression: true,
	options: [
		{ name: 'Checkpoint', value: 'checkpoint', description: 'Named data, kept in versions' },
		{
			name: 'Run',
			value: 'run',
			description: 'All that was recorded under one run key',
		},
		{
			name: 'Side Effect',
			value: 'sideEffect',
			description: 'What must happen once, whatever goes wrong',
		},
	],
	default: 'checkpoint',
};

/** The fields of the node, in the order of the panel. */
export const properties: INodeProperties[] = [
	resource,
	...checkpointFields,
	...sideEffectFields,
	...runFieldsOfRun,
	storeField,
	...checkpointOptions,
	...sideEffectOptions,
	...runOptions,
];
