import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import { keepLooking } from '../HumanReview/clock';
import { lookAfter } from '../HumanReview/lookAfter';
import { watchItem } from '../HumanReview/watcher';
import { storeCredentials, storeField } from '../shared/runFields';
import { n8nRuntime } from '../shared/runtime';

/**
 * Looks after a review that waits: reminders, escalation, deadline. Not for workflows of people:
 * Human Review starts it in a hidden execution, which survives restarts of n8n.
 */
export class ReviewWatch implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Review Watch',
		name: 'reviewWatch',
		icon: {
			light: 'file:../../icons/humanReview.svg',
			dark: 'file:../../icons/humanReview.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle: 'Used by Human Review',
		description: 'Looks after reviews that wait, for Human Review',
		defaults: { name: 'Review Watch' },
		hidden: true,
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Over', 'Look Again'],
		credentials: storeCredentials,
		properties: [storeField],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const [item] = this.getInputData();
		const requestId = String(item?.json.requestId);
		const next = await lookAfter(this, requestId);
		if (next === undefined) return [[{ json: { requestId }, pairedItem: { item: 0 } }], []];
		const watch = watchItem(requestId, next);
		// What is due sooner than n8n can keep a wait is done by this process, if it lives on.
		keepLooking(this, requestId, next, n8nRuntime.now() + watch.waitSeconds * 1000);
		return [[], [{ json: { ...watch }, pairedItem: { item: 0 } }]];
	}
}
