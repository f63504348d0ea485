import { cancelNow } from './cancel';
import { gatesOf, openGate } from './gates';
import { gateText } from './metrics';
import type { RunCore } from './runCore';
import type { Step } from './step';
import { edgesOf } from './wiring';

/** So many waiting steps are spelt out in the message of a deadlock. */
const SHOWN = 20;

/**
 * Nothing is under way, yet steps wait for each other. What can give way does, what needs a
 * condition is skipped, what nobody named is skipped, and what then remains has failed.
 */
export function resolveStall(run: RunCore): void {
	const waiting = run.list.filter((step) => run.isGated(step));
	if (cancelUnwanted(run, waiting)) return;
	if (giveWay(run, waiting)) return;
	if (skipConditional(run, waiting)) return;
	if (skipUnnamed(run, waiting)) return;
	failDeadlocked(run, waiting);
}

/** Nothing will show any more that an earlier process had done them. */
function cancelUnwanted(run: RunCore, waiting: readonly Step[]): boolean {
	let cancelled = false;
	for (const step of waiting) {
		const cause = step.rare?.cancelLater;
		if (cause !== undefined) cancelled = cancelNow(run, step, cause, 'wait');
	}
	return cancelled;
}

/** Optional and timeout dependencies do not insist. @returns whether there were any */
function giveWay(run: RunCore, waiting: readonly Step[]): boolean {
	let gave = false;
	for (const step of waiting) {
		for (const edge of edgesOf(run, step)) {
			const { type } = edge.config;
			if (edge.open || (type !== 'optional' && type !== 'timeout')) continue;
			edge.timedOut = type === 'timeout';
			openGate(run, edge);
			gave = true;
		}
	}
	return gave;
}

function skipConditional(run: RunCore, waiting: readonly Step[]): boolean {
	let skipped = false;
	for (const step of waiting) {
		const edge = edgesOf(run, step).find(
			({ open, blocked, config }) => !open && blocked && config.condition !== undefined,
		);
		if (edge === undefined) continue;
		const message = `The condition of its dependency on "${edge.from.id}" never held.`;
		run.skip(step, run.cause('dependency', message, edge.from.id));
		skipped = true;
	}
	return skipped;
}

function skipUnnamed(run: RunCore, waiting: readonly Step[]): boolean {
	let skipped = false;
	for (const step of waiting) {
		for (const { from } of edgesOf(run, step)) {
			if (from.armed) continue;
			skipAsUnnamed(run, from);
			skipped = true;
		}
	}
	return skipped;
}

/** Ends a step on demand that nobody has named and nobody will. */
export function skipAsUnnamed(run: RunCore, step: Step): void {
	step.armed = true;
	run.open++;
	run.skip(step, run.cause('dependency', 'No step named it.'));
}

function failDeadlocked(run: RunCore, waiting: readonly Step[]): void {
	const blocked = waiting.filter(({ status }) => status === 'blocked');
	const waits = waiting
		.slice(0, SHOWN)
		.map((step) => `"${step.id}" waits for ${waitsFor(run, step)}`);
	if (waiting.length > SHOWN) waits.push(`and ${waiting.length - SHOWN} more`);
	const details = {
		waiting: Object.fromEntries(waiting.map((step) => [step.id, closedOn(run, step)])),
	};
	for (const step of blocked.length > 0 ? blocked : waiting) {
		step.error = {
			code: 'DEADLOCK',
			errorClass: 'conflict',
			message: `Nothing can start any more: ${waits.join('; ')}.`,
			retryable: false,
			hint: 'Remove or weaken one of these dependencies.',
			details,
		};
		if (step.status === 'pending') run.move(step, 'blocked');
		run.end(step, 'failed', { error: step.error });
	}
}

function waitsFor(run: RunCore, step: Step): string {
	return gatesOf(run, step)
		.filter(({ open }) => !open)
		.map(gateText)
		.join(' and ');
}

/** Ids of the steps whose gates are closed. */
function closedOn(run: RunCore, step: Step): string[] {
	return edgesOf(run, step)
		.filter(({ open, group }) => !(group?.open ?? open))
		.map(({ from }) => from.id);
}
