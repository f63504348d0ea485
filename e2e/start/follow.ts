/** Shows what an execution does while it does it. */
import type { N8nClient } from '../n8n/client.ts';
import type { Execution, ExecutionStatus } from '../n8n/types.ts';
import { waitFor } from '../n8n/waitFor.ts';
import { say } from './say.ts';

const MARKS: Record<string, string> = { success: '✓', error: '✗', waiting: '⏸' };

/** After this long without news, a sign of life. */
const SIGN_OF_LIFE_MS = 5000;

/** Long enough for people to read and decide. */
const ONE_DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Prints a line for each node that has finished, until the execution has one of the statuses.
 * The workflow must save its progress (`saveExecutionProgress`), or nothing shows before the end.
 *
 * @param shown - nodes that were printed before; added to
 */
export function follow(
	client: N8nClient,
	executionId: string,
	until: ExecutionStatus[],
	shown: Set<string>,
): Promise<Execution> {
	let lastNewsAt = Date.now();
	const news = (line: string): void => {
		say(line);
		lastNewsAt = Date.now();
	};
	const show = (execution: Execution): void => {
		for (const [name, runs] of Object.entries(execution.data.resultData.runData)) {
			const run = runs.at(-1);
			const line = `${name}/${run?.executionStatus}`;
			if (!run || shown.has(line)) continue;
			shown.add(line);
			const seconds = (run.executionTime / 1000).toFixed(1);
			news(`  ${MARKS[run.executionStatus ?? ''] ?? '·'} ${name} (${seconds} s)`);
		}
	};
	return waitFor(
		`execution ${executionId}`,
		async () => {
			const execution = await client.execution(executionId);
			show(execution);
			const isBusy = execution.status === 'running';
			if (isBusy && Date.now() - lastNewsAt > SIGN_OF_LIFE_MS) news('  … working');
			return until.includes(execution.status) ? execution : undefined;
		},
		{ timeoutMs: ONE_DAY_MS, everyMs: 300 },
	);
}
