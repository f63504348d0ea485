import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';

import { listModels, redactor, secretsOf } from '../../lib';
import { toNodeError } from '../shared/errors';
import { nodeHttpClient } from '../shared/http';
import { n8nRuntime } from '../shared/runtime';

/** The models that the API of the credential offers, for the list in the panel. */
export async function searchModels(
	context: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	const credential = await context.getCredentials<{ baseUrl: string }>('agentSwarmModelApi');
	const http = nodeHttpClient(context, 'agentSwarmModelApi');
	const wanted = filter.toLowerCase();
	return await listModels({ http, runtime: n8nRuntime, baseUrl: credential.baseUrl }).then(
		(names) => ({
			results: names
				.filter((name) => name.toLowerCase().includes(wanted))
				.map((name) => ({ name, value: name })),
		}),
		async (error: unknown) =>
			await Promise.reject(
				toNodeError(context.getNode(), error, undefined, redactor(secretsOf({ ...credential }))),
			),
	);
}
