import type { SearchRequest } from '../../lib';
import type { Parameters } from './parameters';

/** What nobody waits longer for, unless the node says otherwise, in seconds. */
const DEADLINE_SECONDS = 20;

/** The search that the parameters of an item ask for. In the panel, 0 means that there is no limit. */
export function requestOf({ query, filters, options }: Omit<Parameters, 'output'>): SearchRequest {
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
		maxSentences: options.maxSentences,
		maxSources: options.maxSources,
		maxVariants: options.maxVariants,
		respectRobots: options.respectRobots,
		resultsPerEngine: options.resultsPerEngine,
		timeoutMs: timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000,
		variantsBy: options.variantsBy,
	};
}
