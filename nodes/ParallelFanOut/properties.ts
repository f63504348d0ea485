import type { INodeProperties } from 'n8n-workflow';

import { runFields } from '../shared/runFields';
import { graphFields } from './fields/graphFields';
import { httpFields } from './fields/httpFields';
import { fanOutModelFields } from './fields/modelFields';
import { promptFields } from './fields/promptFields';
import { cancelFields, webhookFields, workFields } from './fields/workFields';
import { optionFields } from './optionFields';

const atOnce: INodeProperties = {
	displayName: 'Tasks at Once',
	name: 'atOnce',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 10,
	description: 'How many tasks run at the same time; the others wait for their turn',
};

/** The fields of the node, in the order of the panel. */
export const properties: INodeProperties[] = [
	// Makes n8n sign the address at which a waiting node is told about its sub-workflows.
	{ displayName: 'Operation', name: 'operation', type: 'hidden', default: 'sendAndWait' },
	...workFields,
	...webhookFields,
	...graphFields,
	...fanOutModelFields,
	...promptFields,
	...httpFields,
	atOnce,
	...cancelFields,
	...runFields,
	optionFields,
];
