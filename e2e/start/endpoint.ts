/** Who answers the agents: the service named in the environment, or the stand-in. */
import { startModel } from '../model/server.ts';
import type { Owner } from '../n8n/types.ts';
import type { Setup } from './examples.ts';
import { say } from './say.ts';

export interface Endpoint {
	baseUrl: string;
	apiKey: string;
	model: string;
	isStandIn: boolean;
	close(): Promise<void>;
}

/** Slow enough to see the agents work, fast enough not to wait for them. */
const STAND_IN_LATENCY_MS = 900;

const DEFAULT_MODEL = 'gpt-4o-mini';

/** `OPENAI_BASE_URL` and `OPENAI_API_KEY` (model: `OPENAI_MODEL`) when set, else the stand-in. */
export async function chooseEndpoint(environment: NodeJS.ProcessEnv): Promise<Endpoint> {
	const { OPENAI_BASE_URL: baseUrl, OPENAI_API_KEY: apiKey, OPENAI_MODEL: model } = environment;
	if (baseUrl) {
		say(
			`Agents use ${baseUrl} with the model "${model || DEFAULT_MODEL}" (set OPENAI_MODEL to change it).`,
		);
		return {
			baseUrl,
			apiKey: apiKey || 'none',
			model: model || DEFAULT_MODEL,
			isStandIn: false,
			close: async () => {},
		};
	}
	const standIn = await startModel({ latencyMs: STAND_IN_LATENCY_MS });
	say(
		'No OPENAI_BASE_URL is set: the agents are answered by a local STAND-IN, not by a language model.',
	);
	say('It speaks the real protocol, but it only repeats the sources. Set OPENAI_BASE_URL and');
	say('OPENAI_API_KEY to see real answers.');
	return {
		baseUrl: standIn.url,
		apiKey: 'stand-in',
		model: 'stand-in',
		isStandIn: true,
		close: () => standIn.close(),
	};
}

/** Credentials and the model for the examples. */
export const setupFor = (
	{ baseUrl, apiKey, model }: Pick<Endpoint, 'baseUrl' | 'apiKey' | 'model'>,
	owner?: Owner,
): Setup => ({
	model,
	credentials: {
		agentSwarmModelApi: { api: 'openAi', baseUrl, apiKey },
		openAiApi: { apiKey, url: baseUrl },
		...(owner && ownersCredentials(owner)),
	},
});

/** Whoever may sign in may see the runs and call the APIs. */
const ownersCredentials = ({ email, password }: Owner): Setup['credentials'] => ({
	httpBasicAuth: { user: email, password },
	httpHeaderAuth: { name: 'X-API-Key', value: password },
});
