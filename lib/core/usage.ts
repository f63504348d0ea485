/** What work has used. Sums over attempts, tools and sub-agents. */
export interface Usage {
	inputTokens: number;
	outputTokens: number;
	totalTokens: number;
	/** US dollars; `null` when at least one call had no known price. */
	costUsd: number | null;
	/** Model calls. */
	calls: number;
}

/** Nothing used yet. */
export function noUsage(): Usage {
	return { inputTokens: 0, outputTokens: 0, totalTokens: 0, costUsd: 0, calls: 0 };
}

/** The sum of two usages; an unknown price makes the sum unknown. */
export function addUsage(first: Usage, second: Usage): Usage {
	return {
		inputTokens: first.inputTokens + second.inputTokens,
		outputTokens: first.outputTokens + second.outputTokens,
		totalTokens: first.totalTokens + second.totalTokens,
		costUsd:
			first.costUsd === null || second.costUsd === null ? null : first.costUsd + second.costUsd,
		calls: first.calls + second.calls,
	};
}
