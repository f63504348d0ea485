import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import { storeCredentials } from '../shared/runFields';
import { execute } from './execute';
import { properties } from './properties';

/** Asks many search engines at once; answers with verbatim sentences whose citations are checked. */
export class SwarmSearch implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Swarm Search',
		name: 'swarmSearch',
		icon: {
			light: 'file:../../icons/swarmSearch.svg',
			dark: 'file:../../icons/swarmSearch.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["query"] }}',
		description:
			'Searches many engines at once and answers with sentences whose citations are checked',
		defaults: { name: 'Swarm Search' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: storeCredentials,
		properties,
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await execute(this);
	}
}
