import type {
	IExecuteFunctions,
	ILoadOptionsFunctions,
	INodeExecutionData,
	INodeListSearchResult,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { searchModels } from '../AgentTask/models';
import { credentials } from './credentials';
import { execute } from './execute';
import { inputs } from './inputs';
import { properties } from './properties';

/** Keeps workflows of agents as JSON, and starts, follows and controls their executions. */
export class AgentWorkflow implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Agent Workflow',
		name: 'agentWorkflow',
		icon: {
			light: 'file:../../icons/agentWorkflow.svg',
			dark: 'file:../../icons/agentWorkflow.dark.svg',
		},
		group: ['transform'],
		version: 1,
		// `getMany` of `workflow` reads as "Get Many: workflow".
		subtitle:
			'={{ $parameter["operation"].replace(/[A-Z]/g, (letter) => " " + letter).replace(/^./, (letter) => letter.toUpperCase()) + ": " + $parameter["resource"] }}',
		description: 'Stores workflows of agents and manages their executions',
		defaults: { name: 'Agent Workflow' },
		usableAsTool: undefined,
		inputs,
		outputs: [NodeConnectionTypes.Main],
		credentials,
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

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await execute(this);
	}
}
