import type { INodeProperties } from 'n8n-workflow';

import { storeField } from '../shared/runFields';
import { executionFields } from './fields/execution';
import { workflowModelFields } from './fields/models';
import { monitorFields } from './fields/monitor';
import { optionFields } from './fields/options';
import { workflowFields } from './fields/workflow';

const resource: INodeProperties = {
	displayName: 'Resource',
	name: 'resource',
	type: 'options',
	noDataExpression: true,
	options: [
		{ name: 'Execution', value: 'execution', description: 'One run of a workflow' },
		{ name: 'Monitor', value: 'monitor', description: 'What all runs of a store are doing' },
		{ name: 'Workflow', value: 'workflow', description: 'Steps of agents and others, as JSON' },
	],
	default: 'execution',
};

/** The fields of the node, in the order of the panel. */
export const properties: INodeProperties[] = [
	resource,
	...workflowFields,
	...executionFields,
	...monitorFields,
	...workflowModelFields,
	storeField,
	...optionFields,
];
