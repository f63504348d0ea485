import type {
	IExecuteFunctions,
	ILoadOptionsFunctions,
	INodeExecutionData,
	INodeListSearchResult,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { credentials } from '../AgentTask/credentials';
import { executeAgentTool } from '../AgentTask/execute';
import { hints } from '../AgentTask/hints';
import { toolInputs } from '../AgentTask/inputs';
import { searchModels } from '../AgentTask/models';
import { answerOnly } from '../AgentTask/outputItem';
import { properties } from './properties';

/** An agent that other agents call: n8n's AI Agent, or Agent Task. */
export class AgentTaskTool implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Agent Task Tool',
		name: 'agentTaskTool',
		icon: { light: 'file:../../icons/agentTask.svg', dark: 'file:../../icons/agentTask.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ { text: "Text", json: "JSON", label: "One of a List", parser: "Output Parser" }[$parameter.output] }}',
		description: 'Let an agent give a task to another agent, several at the same time',
		defaults: { name: 'Agent Task Tool' },
		inputs: toolInputs,
		outputs: [NodeConnectionTypes.AiTool],
		outputNames: ['Tool'],
		// It is a tool already, with inputs for models, which one made by n8n would not have.
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

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [(await executeAgentTool(this)).map(answerOnly)];
	}
}
