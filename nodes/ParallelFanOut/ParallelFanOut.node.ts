import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	IExecuteFunctions,
	ILoadOptionsFunctions,
	INodeExecutionData,
	INodeListSearchResult,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';

import { searchModels } from '../AgentTask/models';
import { credentials } from './credentials';
import { execute } from './execute';
import { inputs } from './inputs';
import { joinWebhooks, webhook } from './join/webhook';
import { properties } from './properties';

/** Runs many tasks at the same time, waits for all of them, and gives all their results. */
export class ParallelFanOut implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Parallel Fan-out',
		name: 'parallelFanOut',
		icon: {
			light: 'file:../../icons/parallelFanOut.svg',
			dark: 'file:../../icons/parallelFanOut.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["atOnce"] + " at once" }}',
		description: 'Runs many tasks at the same time and waits for all of them',
		defaults: { name: 'Parallel Fan-out' },
		usableAsTool: true,
		inputs,
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Done', 'Failed'],
		credentials,
		webhooks: joinWebhooks,
		waitingNodeTooltip: 'Waiting for sub-workflows to end',
		properties,
	};

	methods = {
		listSearch: {
			async searchModels(
				this: ILoadOptionsFunctions,
				filter?: string,
			): Promise<INodeListSearchResult> {
				return await searchModels(this, filter);
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await webhook(this);
	}

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await execute(this);
	}
}
