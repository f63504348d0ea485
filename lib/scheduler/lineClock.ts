import type { TimeLimit } from '../resilience';
import { waitLimit } from '../resilience';
import type { RunCore } from './runCore';
import type { Step } from './step';

/** A step gets in line for the first time: its time runs. */
export function startLineClock(run: RunCore, step: Step): void {
	const { timeouts } = step.definition;
	if (timeouts === undefined) return;
	step.extras.scheduledAt = run.options.runtime.monotonic();
	limitWait(run, step, waitLimit(timeouts, 0));
}

/** A step gets in line again; what is left of the time for all its attempts goes on. */
export function goOnInLine(run: RunCore, step: Step): void {
	const { definition, rare, current } = step;
	const { scheduleToCloseMs } = definition.timeouts ?? {};
	// A body that has its answer and waits for a place has a clock of its own, which stands still.
	if (scheduleToCloseMs === undefined || current !== undefined) return;
	const scheduledAt = rare?.scheduledAt;
	if (scheduledAt === undefined) return;
	const sinceScheduledMs = run.options.runtime.monotonic() - scheduledAt;
	limitWait(run, step, waitLimit({ scheduleToCloseMs }, 0, { sinceScheduledMs }));
}

function limitWait(run: RunCore, step: Step, limit: TimeLimit | undefined): void {
	if (limit === undefined) return;
	const { extras } = step;
	extras.timer = run.setTimer(Math.max(0, limit.ms), () => {
		extras.timer = undefined;
		endInLine(run, step, limit);
		run.wake();
	});
}

function endInLine(run: RunCore, step: Step, { kind }: TimeLimit): void {
	if (step.status === 'ready') run.move(step, 'queued');
	const { scheduleToStartMs, scheduleToCloseMs } = step.definition.timeouts!;
	const isStart = kind === 'scheduleToStart';
	const limitMs = isStart ? scheduleToStartMs! : scheduleToCloseMs!;
	step.error = {
		code: 'TIMEOUT',
		errorClass: 'timeout',
		message: isStart
			? `Step "${step.id}" waited longer than ${limitMs} ms for a place to run.`
			: `Step "${step.id}" was not done within ${limitMs} ms: it still waited for a place to run.`,
		retryable: false,
		details: { kind, limitMs },
	};
	run.end(step, 'timed_out', { error: step.error });
}
