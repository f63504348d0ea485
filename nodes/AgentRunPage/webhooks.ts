import type { IWebhookDescription } from 'n8n-workflow';

/**
 * The address of the page: GET shows it, POST answers a question. `responseData` is empty, so that
 * n8n answers nothing besides what the node sends.
 */
export const pageWebhooks: IWebhookDescription[] = (['GET', 'POST'] as const).map((httpMethod) => ({
	name: 'default',
	httpMethod,
	responseMode: 'onReceived',
	responseData: '',
	path: '={{ $parameter["path"] }}',
	isFullPath: true,
}));
