import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';

import { storeCredentials } from '../shared/runFields';
import { execute } from './execute';
import { OUTPUTS } from './outputs';
import { properties } from './properties';
import { webhook } from './webhook';
import { reviewWebhooks } from './webhooks';

/** Asks people to approve, choose, edit or answer on a page, and waits until they have. */
export class HumanReview implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Human Review',
		name: 'humanReview',
		icon: {
			light: 'file:../../icons/humanReview.svg',
			dark: 'file:../../icons/humanReview.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ { approval: "approve or reject", choice: "choose", edit: "edit", form: "form", text: "free text" }[$parameter["responseType"]] }}',
		description: 'Asks people to approve, choose, edit or answer, and waits safely',
		defaults: { name: 'Human Review' },
		// As a gate in front of an agent's tools instead, which n8n makes of it by itself.
		usableAsTool: undefined,
		inputs: [NodeConnectionTypes.Main],
		outputs: OUTPUTS as `={{${string}}}`,
		waitingNodeTooltip: 'Waiting for reviewers to decide',
		webhooks: reviewWebhooks,
		credentials: storeCredentials,
		properties,
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await execute(this);
	}

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await webhook(this);
	}
}
