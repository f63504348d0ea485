import type {
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';

import { storeCredentials } from '../shared/runFields';
import { properties } from './properties';
import { webhook } from './webhook';
import { pageWebhooks } from './webhooks';

/**
 * Serves the pages of Human Review at an address of its own, which outlives the executions that
 * wait for them. It starts nothing.
 */
export class ReviewPageTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Review Page Trigger',
		name: 'reviewPageTrigger',
		icon: {
			light: 'file:../../icons/humanReview.svg',
			dark: 'file:../../icons/humanReview.dark.svg',
		},
		group: ['trigger'],
		version: 1,
		subtitle: '=/{{ $parameter["path"] }}',
		description: 'Serves the pages of Human Review at an address that lasts',
		eventTriggerDescription: '',
		activationMessage:
			'Put the production URL of this node into the option Review Page URL of your Human Review nodes.',
		defaults: { name: 'Review Page Trigger' },
		inputs: [],
		outputs: [],
		webhooks: pageWebhooks,
		credentials: storeCredentials,
		properties,
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await webhook(this);
	}
}
