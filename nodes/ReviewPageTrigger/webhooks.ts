import type { IWebhookDescription } from 'n8n-workflow';

/** The address of the pages: GET and HEAD show, POST may decide. */
export const pageWebhooks: IWebhookDescription[] = (['GET', 'HEAD', 'POST'] as const).map(
	(httpMethod) => ({
		name: 'default',
		httpMethod,
		responseMode: 'onReceived',
		responseData: '',
		path: '={{ $parameter["path"] }}',
		isFullPath: true,
		// One address for all methods: the editor shows it once.
		ndvHideUrl: httpMethod !== 'GET',
		ndvHideMethod: true,
	}),
);
