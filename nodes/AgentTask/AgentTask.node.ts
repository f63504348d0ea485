import type {
	EngineRequest,
	EngineResponse,
	IExecuteFunctions,
	ILoadOptionsFunctions,
	INodeExecutionData,
	INodeListSearchResult,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import { credentials } from './credentials';
import { executeAgentTask } from './execute';
import { hints } from './hints';
import { inputs, outputs } from './inputs';
import { searchModels } from './models';
import { properties } from './properties';

/** Gives each item's task to an AI agent, and hands on a checked answer with what it took. */
export class AgentTask implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Agent Task',
		name: 'agentTask',
		icon: { light: 'file:../../icons/agentTask.svg', dark: 'file:../../icons/agentTask.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ { text: "Text", json: "JSON", label: "One of a List", parser: "Output Parser" }[$parameter.output] }}',
		description:
			'Give a task to an AI agent, with retries, fallback models, tools and checked output',
		defaults: { name: 'Agent Task' },
		inputs,
		outputs,
		// A tool made by n8n would have no inputs for models; Agent Task Tool has them.
		usableAsTool: undefined,
		credentials,
		hints,
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

	async execute(
		this: IExecuteFunctions,
		response?: EngineResponse,
	): Promise<INodeExecutionData[][] | EngineRequest> {
		return await executeAgentTask(this, response);
	}
}
