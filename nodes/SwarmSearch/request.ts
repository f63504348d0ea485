import type { SearchRequest } from '../../lib';
import type { Parameters } from './parameters';

/** What nobody waits longer for, unless the node says otherwise, in seconds. */
const DEADLINE_SECONDS = 20;

/** The parameters of an item without how it is put out, and how many passages that needs. */
export type Asked = Omit<Parameters, 'output'> & { maxPassages?: number };

/** The search that the parameters of an item ask for. In the panel, 0 means that there is no limit. */
export function requestOf({ query, filters, options, maxPassages }: Asked): SearchRequest {
	const { deadlineSeconds = DEADLINE_SECONDS, timeoutSeconds, enoughEngines } = options;
	const { publishedAfter, publishedBefore, country, ...others } = filters;
	return {
		query,
		filters: { ...others, from: publishedAfter, to: publishedBefore, region: country },
		allowPrivatePages: options.allowPrivatePages,
		attemptsPerEngine: options.attemptsPerEngine,
		deadlineMs: deadlineSeconds === 0 ? undefined : deadlineSeconds * 1000,
		enoughEngines: enoughEngines || undefined,
		maxCalls: options.maxCalls || undefined,
		maxCostUsd: options.maxCostUsd || undefined,
		maxPages: options.maxPages,
		maxPassages,
		maxSentences: options.maxSentences,
		maxSources: options.maxSources,
		maxVariants: options.maxVariants,
		respectRobots: options.respectRobots,
		resultsPerEngine: options.resultsPerEngine,
		summaryBy: options.summaryBy,
		timeoutMs: timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000,
		unproven: options.unproven,
		variantsBy: options.variantsBy,
	};
}
