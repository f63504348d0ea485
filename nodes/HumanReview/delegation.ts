import type { IWebhookFunctions } from 'n8n-workflow';

import { addInvitation } from '../../lib';
import type { PassedOn, ReviewRequest, Store } from '../../lib';
import { nodeHttpClient } from '../shared/http';
import { delegationMessage } from './messages';
import { sendMessages } from './notify';

/**
 * Tells a stand-in that a vote was passed on to them. Only a webhook can be told from here, and
 * only of people that the workflow knows: other links are handed over by the reviewer.
 *
 * @returns whether they were told
 */
export async function sendLink(
	context: IWebhookFunctions,
	store: Store,
	request: ReviewRequest,
	passedOn: PassedOn,
): Promise<boolean> {
	const { requestId, delegation } = request;
	const invitations = await addInvitation(store, requestId, passedOn.to.id, passedOn.url);
	if (invitations === undefined) return false;
	const { channel } = invitations;
	if (delegation !== 'listed' || channel.by !== 'webhook') return false;
	const message = delegationMessage(request, passedOn);
	return await sendMessages({ http: nodeHttpClient(context) }, channel, [message]).then(
		() => true,
		() => false,
	);
}
