import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import { testStore } from '../shared/storeTest';
import { execute } from './execute';
import { outputs } from './outputs';
import { properties } from './properties';

/** Saves and restores progress, skips what is done, and lets a side effect happen once. */
export class Checkpoint implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Checkpoint',
		name: 'checkpoint',
		icon: {
			light: 'file:../../icons/checkpoint.svg',
			dark: 'file:../../icons/checkpoint.dark.svg',
		},
		group: ['transform'],
		version: 1,
		// `skipIfDone` reads as "Skip If Done".
		subtitle:
			'={{ $parameter["operation"].replace(/[A-Z]/g, (letter) => " " + letter).replace(/^./, (letter) => letter.toUpperCase()) }}',
		description: 'Saves and restores progress, and skips work that is already done',
		defaults: { name: 'Checkpoint' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs,
		credentials: [
			{
				name: 'agentSwarmStoreApi',
				required: true,
				testedBy: 'testStore',
				displayOptions: { show: { store: ['credential'] } },
			},
		],
		properties,
	};

	methods = { credentialTest: { testStore } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await execute(this);
	}
}
