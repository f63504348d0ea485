import type {
	INodeType,
	INodeTypeDescription,
	ITriggerFunctions,
	ITriggerResponse,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { credentials } from './credentials';
import { properties } from './properties';
import { trigger } from './trigger';

/** Starts a workflow when something happens in a run: it ended, failed, stalled, asks a person. */
export class AgentEventTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Agent Event Trigger',
		name: 'agentEventTrigger',
		icon: {
			light: 'file:../../icons/agentEventTrigger.svg',
			dark: 'file:../../icons/agentEventTrigger.dark.svg',
		},
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description: 'Starts the workflow when something happens in a run of agents',
		defaults: { name: 'Agent Event Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials,
		properties,
	};

	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		return await trigger(this);
	}
}
