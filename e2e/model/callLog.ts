/** Which calls came, when they began and when they were answered. */

export interface Call {
	/** 1, 2, … in the order of arrival. */
	n: number;
	path: string;
	model: string;
	/** The system message: tells apart who called. */
	instructions: string;
	prompt: string;
	/** Milliseconds since epoch. */
	startedAt: number;
	/** Missing while the call is in flight. */
	endedAt?: number;
	status?: number;
	totalTokens?: number;
}

/** The largest number of calls that were in flight at the same moment. */
export function mostAtOnce(calls: Call[]): number {
	const moments = calls.flatMap(({ startedAt, endedAt }) => [
		{ at: startedAt, change: 1 },
		{ at: endedAt ?? Infinity, change: -1 },
	]);
	moments.sort((a, b) => a.at - b.at || a.change - b.change);
	let open = 0;
	return moments.reduce((most, { change }) => {
		open += change;
		return Math.max(most, open);
	}, 0);
}
