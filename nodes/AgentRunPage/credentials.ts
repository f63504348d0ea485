import type { INodeCredentialDescription } from 'n8n-workflow';

import { storeCredential } from '../shared/runFields';

/** Who may see the page, and where the runs are. */
export const credentials: INodeCredentialDescription[] = [
	{
		name: 'httpBasicAuth',
		required: true,
		displayOptions: { show: { authentication: ['basicAuth'] } },
	},
	{
		name: 'httpHeaderAuth',
		required: true,
		displayOptions: { show: { authentication: ['headerAuth'] } },
	},
	storeCredential,
];
