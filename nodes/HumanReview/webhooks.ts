import type { IWebhookDescription } from 'n8n-workflow';

/**
 * The address of a waiting review. n8n makes it and checks its signature, because the node's
 * operation is `sendAndWait`.
 *
 * GET and HEAD show the page, POST may decide. `responseData` is empty, so that n8n answers with
 * the page that the node gives it.
 */
export const reviewWebhooks: IWebhookDescription[] = (['GET', 'HEAD', 'POST'] as const).map(
	(httpMethod) => ({
		name: 'default',
		httpMethod,
		responseMode: 'onReceived',
		responseData: '',
		path: '={{ $nodeId }}',
		restartWebhook: true,
		isFullPath: true,
	}),
);
