import type {
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { credentials } from './credentials';
import { properties } from './properties';
import { webhook } from './webhook';
import { pageWebhooks } from './webhooks';

/** Serves a live picture of the runs, and starts the workflow when a person answers a question there. */
export class AgentRunPage implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Agent Run Page',
		name: 'agentRunPage',
		icon: {
			light: 'file:../../icons/agentRunPage.svg',
			dark: 'file:../../icons/agentRunPage.dark.svg',
		},
		group: ['trigger'],
		version: 1,
		subtitle: '={{ "/" + $parameter["path"] }}',
		description: 'Shows runs of agents live on a web page, and takes answers to their questions',
		eventTriggerDescription: 'Waiting for you to open the Test URL',
		activationMessage: 'The page can now be opened at its Production URL.',
		defaults: { name: 'Agent Run Page' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials,
		webhooks: pageWebhooks,
		properties,
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await webhook(this);
	}
}
