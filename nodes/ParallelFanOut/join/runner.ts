import type { IExecuteFunctions } from 'n8n-workflow';

import { messageOf, runJoin } from '../../../lib';
import type { JoinOptions } from '../../../lib';
import { untilSavedWaiting } from '../../shared/executions';
import { nodeLogger } from '../../shared/logger';
import { n8nRuntime } from '../../shared/runtime';
import { openStore } from '../../shared/store';
import { isCalledBack } from './fromStart';
import { loadPlan } from './plan';
import { portsFor } from './ports';

/** Longest wait until n8n has saved that the node waits, in milliseconds. */
const SAVED_MS = 10_000;

/**
 * Does what is left to do for a join. Resolves when nothing is left but to wait; looking after what
 * waits goes on in this process.
 */
export async function runHere(context: IExecuteFunctions, joinId: string): Promise<void> {
	const store = await openStore(context);
	const plan = await loadPlan(store, joinId);
	if (plan === undefined) return;
	// Nothing begins before the node waits for it: what a kill leaves behind would else be nobody's.
	await untilSavedWaiting(context, plan.parentId, SAVED_MS);
	let onWaiting: () => void = () => undefined;
	const waiting = new Promise<void>((resolve) => (onWaiting = resolve));
	const { settings, tasks } = plan;
	const options: JoinOptions = {
		store,
		runtime: n8nRuntime,
		joinId,
		total: tasks.length,
		atOnce: Math.min(settings.atOnce, tasks.length),
		countWaiting: isCalledBack(settings),
		maxRuns: settings.options.maxStarts,
		owner: n8nRuntime.newId(),
		ports: portsFor(context, store, plan),
		onWaiting,
	};
	const running = runJoin(options).then(
		() => undefined,
		(error: unknown) =>
			// Such as a store that is out of reach: the watchers start another runner.
			nodeLogger(context).log('warn', 'Tasks of Parallel Fan-out could not be looked after', {
				waitingExecution: plan.parentId,
				message: messageOf(error),
			}),
	);
	await Promise.race([running, waiting]);
}
