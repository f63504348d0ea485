import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import { testStore } from '../shared/storeTest';
import { TAKE_KEY } from './engineList';
import { execute } from './execute';
import { testSearchKeys } from './keyTest';
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
		inputs: [
			NodeConnectionTypes.Main,
			{
				type: NodeConnectionTypes.AiLanguageModel,
				displayName: 'Chat Model',
				required: false,
				maxConnections: 1,
			},
		],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{
				name: 'agentSwarmSearchApi',
				required: false,
				testedBy: 'testSearchKeys',
				displayOptions: { show: { engines: [...TAKE_KEY] } },
			},
			{
				name: 'agentSwarmStoreApi',
				required: true,
				testedBy: 'testStore',
				displayOptions: { show: { store: ['credential'] } },
			},
		],
		properties,
	};

	methods = { credentialTest: { testSearchKeys, testStore } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await execute(this);
	}
}
