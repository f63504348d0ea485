import { defineWorkflow, isJsonObject, parse, search } from '../../lib';
import type { HttpClient, Json, JsonObject, SearchCall, WorkflowType } from '../../lib';
import { enginesOf, services } from '../SwarmSearch/engines';
import { searchKeys } from '../SwarmSearch/keys';
import { parametersSchema } from '../SwarmSearch/parameters';
import { requestOf } from '../SwarmSearch/request';
import { n8nRuntime } from '../shared/runtime';

/** How steps and workflows of this node search. */
export interface NodeSearches {
	search(call: SearchCall): Promise<Json>;
	/** The workflow type `swarm` of document 000. */
	swarm: WorkflowType;
}

/** Options of a search step that belong to Swarm Search's own fields, not to its options. */
const FIELDS = ['engines', 'documents', 'searxngUrl', 'customEngine', 'filters'];

/**
 * Searches as Swarm Search does.
 *
 * @param defaults - options for searches that do not say otherwise: `engines`, `documents`, `maxPages`, …
 */
export function nodeSearches(http: HttpClient, defaults: JsonObject): NodeSearches {
	const keys = searchKeys({}, '', { plain: http, keyed: http });
	const run = async (
		query: string,
		options: JsonObject,
		signal: AbortSignal,
		onProgress: (progress: number, description: string) => void,
	): Promise<Json> => {
		const parameters = readSearch(query, { ...defaults, ...options });
		const { engines, options: settings } = parameters;
		const report = await search(requestOf(parameters), {
			engines: enginesOf(engines, parameters, keys),
			standby: enginesOf(settings.standbyEngines ?? [], parameters, keys),
			...{ services, runtime: n8nRuntime, http, signal, onProgress },
		});
		return report as unknown as Json;
	};
	return {
		search: async ({ query, options, attempt }) =>
			await run(query, options, attempt.signal, (percent, description) =>
				attempt.progress(percent / 100, description),
			),
		swarm: defineWorkflow(
			'swarm',
			async (input, context) => {
				const { query, ...options } = readQuestion(input);
				return await run(query, options, context.signal, (percent, description) =>
					context.updateProgress(percent, description),
				);
			},
			(input) => {
				const { query, ...options } = readQuestion(input);
				readSearch(query, { ...defaults, ...options });
			},
		),
	};
}

function readSearch(query: string, options: JsonObject) {
	const isField = (name: string): boolean => FIELDS.includes(name);
	const entries = Object.entries(options);
	const fields = Object.fromEntries(entries.filter(([name]) => isField(name)));
	const others = Object.fromEntries(entries.filter(([name]) => !isField(name)));
	const all = { engines: ['wikipedia', 'duckDuckGo'], output: 'report', ...fields };
	return parse(parametersSchema, { ...all, query, options: others }, 'Search');
}

/** The input of the workflow type `swarm`: a question, or an object with one and options. */
function readQuestion(input: Json): { query: string } & JsonObject {
	const { query, options = {} } = isJsonObject(input) ? input : { query: input };
	return {
		...(isJsonObject(options) ? options : {}),
		query: typeof query === 'string' ? query : '',
	};
}
