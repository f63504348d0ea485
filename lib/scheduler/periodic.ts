import { ValidationError } from '../core';
import type { Edge, Step } from './step';
import { runAgain } from './gates';
import { MAX_IN_RUN_WAIT_MS } from './limits';
import type { RunCore } from './runCore';

/**
 * A completed step that others want fresh runs again at the shortest of their intervals, as long as
 * one of them still waits. The next interval begins with the next completion, so runs never overlap.
 */
export function scheduleRenewal(run: RunCore, step: Step, outgoing: readonly Edge[]): void {
	const waiting = outgoing.filter((edge) => wantsRenewal(run, edge));
	if (waiting.length === 0) return;
	const intervalMs = Math.min(...waiting.map(({ config }) => config.intervalMs!));
	run.setTimer(intervalMs, () => {
		const busy = !step.told || run.stopping !== undefined || run.held;
		if (busy || !outgoing.some((edge) => wantsRenewal(run, edge))) return;
		runAgain(run, step);
		run.wake();
	});
}

/** @throws {ValidationError} for an interval that is longer than a run may wait */
export function checkInterval(run: RunCore, edge: Edge): void {
	const { maxInRunWaitMs = MAX_IN_RUN_WAIT_MS } = run.options;
	const { lifecycle, intervalMs } = edge.config;
	if (lifecycle !== 'periodic' || intervalMs! <= maxInRunWaitMs) return;
	throw new ValidationError(
		`Step "${edge.to.id}" wants "${edge.from.id}" again every ${intervalMs} ms; inside a run ${maxInRunWaitMs} ms is the most. Use a schedule trigger for longer intervals.`,
	);
}

function wantsRenewal(run: RunCore, { to, config }: Edge): boolean {
	return config.lifecycle === 'periodic' && run.isGated(to);
}
