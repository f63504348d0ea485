import { countDown, skipFor, startCounting } from './counting';
import { type Edge, type Gate, Group, type Step, type Wiring } from './step';
import { judgeEdge, judgeGroup } from './judgement';
import { makeReady } from './readiness';
import type { RunCore } from './runCore';
import { isStale } from './staleness';
import { recordOf } from './stepRecord';
import { edgesOf, wireDependents } from './wiring';

const NO_EDGES: readonly Edge[] = [];

/**
 * A step takes part from now on: closes its gates and opens those that may.
 *
 * @param now - milliseconds since the epoch, when that is known
 */
export function arm(run: RunCore, step: Step, now = run.now()): void {
	step.armed = true;
	step.since = now;
	run.open++;
	if (step.wiring === undefined) startCounting(run, step);
	else closeAll(run, step, step.wiring);
}

function closeAll(run: RunCore, step: Step, wiring: Wiring): void {
	const { incoming, groups } = wiring;
	if (incoming.length === 0) return makeReady(run, step);
	step.missing = groups.length;
	wiring.blocked = 0;
	wiring.patient = 0;
	for (const group of groups) close(group);
	for (const edge of incoming) {
		close(edge);
		edge.giveUpAt = undefined;
		edge.timedOut = false;
		edge.renewed = false;
		if (edge.group !== undefined) continue;
		step.missing++;
		if (edge.config.type === 'timeout') wiring.patient++;
	}
	for (const group of groups) look(run, group);
	for (const edge of incoming) if (edge.group === undefined) look(run, edge);
	if (run.isGated(step)) startWaits(run, step);
}

/** Looks again at all that the end of a step may have opened. */
export function tellDependents(run: RunCore, ended: Step): void {
	run.telling = ended;
	countDown(run, ended);
	run.telling = undefined;
	for (const edge of ended.outgoing ?? NO_EDGES) look(run, edge.group ?? edge);
}

/** Looks again at the conditions that were false. */
export function recheckConditions(run: RunCore): void {
	for (const step of [...run.conditionals]) {
		run.conditionals.delete(step);
		for (const gate of gatesOf(run, step)) {
			if (gate.blocked) look(run, gate);
		}
	}
}

/** Looks at one gate of a waiting step and acts on it. */
export function look(run: RunCore, gate: Gate): void {
	if (gate.open || !run.isGated(gate.to)) return;
	const verdict = isGroup(gate) ? judgeGroup(run, gate) : judgeEdge(run, gate as Edge);
	if (verdict === 'expired') refresh(run, gate as Edge);
	else if (verdict === 'open') openGate(run, gate);
	else if (verdict === 'blocked') block(run, gate);
	else if (verdict === 'never') giveUpOn(run, gate);
	else unblock(gate);
}

/** The dependency runs again, once, since its result does not count any more. */
function refresh(run: RunCore, edge: Edge): void {
	edge.renewed = true;
	unblock(edge);
	runAgain(run, edge.from);
}

/** Opens a gate; with the last one the step is ready. */
export function openGate(run: RunCore, gate: Gate): void {
	const { to } = gate;
	gate.open = true;
	unblock(gate);
	if (!isGroup(gate)) {
		const edge = gate as Edge;
		run.clearTimer(edge.timer);
		edge.timer = undefined;
		edge.giveUpAt = undefined;
		if (edge.config.type === 'timeout') to.wiring!.patient--;
	}
	to.missing--;
	if (to.missing === 0) makeReady(run, to);
	else settleWaiting(run, to);
}

/** Closes the gates whose dependency has expired since. @returns whether there were any */
export function closeExpired(run: RunCore, step: Step): boolean {
	const now = run.now();
	const expired = edgesOf(run, step).filter(
		(edge) => edge.config.type === 'required' && !edge.timedOut && isStale(edge, now),
	);
	if (expired.length === 0) return false;
	// Its time in line begins again with the next.
	run.forgetWaits(step);
	run.move(step, 'blocked');
	for (const edge of expired) {
		close(edge);
		step.missing++;
	}
	for (const edge of expired) look(run, edge);
	return true;
}

/** The gates of a step. */
export function gatesOf(run: RunCore, step: Step): Gate[] {
	const alone = edgesOf(run, step).filter(({ group }) => group === undefined);
	return [...step.wiring!.groups, ...alone];
}

/** A new execution of a step that has ended. */
export function runAgain(run: RunCore, step: Step): void {
	renew(run, step);
	arm(run, step);
}

/** Forgets the last execution of a step but for its record. It takes part again once it is armed. */
export function renew(run: RunCore, step: Step): void {
	wireDependents(run, step);
	const edges = edgesOf(run, step);
	// An execution that never began, skipped or timed out before, has used up nothing.
	if (step.attempt > 0) for (const edge of edges) edge.used = edge.from.order;
	run.progress.again(step);
	(step.extras.history ??= []).push(recordOf(step));
	step.renew();
}

function block(run: RunCore, gate: Gate): void {
	if (gate.blocked) return;
	gate.blocked = true;
	gate.to.wiring!.blocked++;
	settleWaiting(run, gate.to);
}

function unblock(gate: Gate): void {
	if (!gate.blocked) return;
	gate.blocked = false;
	gate.to.wiring!.blocked--;
}

function close(gate: Gate): void {
	gate.open = false;
	gate.blocked = false;
}

/** A step is blocked when nothing but its blocked gates keeps it; timers of patience start last. */
function settleWaiting(run: RunCore, step: Step): void {
	const { blocked, patient } = step.wiring!;
	if (step.status === 'pending' && step.missing > 0 && step.missing === blocked) {
		run.move(step, 'blocked');
	}
	if (patient > 0 && step.missing === patient) startPatience(run, step);
}

/** Starts the clocks of a step that has begun to wait. */
function startWaits(run: RunCore, step: Step): void {
	for (const edge of edgesOf(run, step)) {
		const { type, timeoutMs } = edge.config;
		if (type === 'timeout' || timeoutMs === undefined || edge.open) continue;
		limitWait(run, edge, timeoutMs);
	}
	settleWaiting(run, step);
}

/** Everything but `timeout` dependencies is ready: from now on their time runs. */
function startPatience(run: RunCore, step: Step): void {
	for (const edge of edgesOf(run, step)) {
		if (edge.config.type !== 'timeout' || edge.open || edge.timer !== undefined) continue;
		limitWait(run, edge, edge.config.timeoutMs!);
	}
}

/** Starts the clock of one wait, or lets it go on where it was before a restart. */
function limitWait(run: RunCore, edge: Edge, timeoutMs: number): void {
	const { to, from } = edge;
	const now = run.now();
	edge.giveUpAt = to.rare?.givesUpAt?.[from.id] ?? now + timeoutMs;
	edge.timer = run.setTimer(Math.max(0, edge.giveUpAt - now), () => giveUp(run, edge));
}

/** Gives up the waits whose time was up while the journal was asked. */
export function giveUpOverdue(run: RunCore): void {
	const overdue = [...run.overdue];
	run.overdue.clear();
	for (const edge of overdue) giveUp(run, edge);
}

function giveUp(run: RunCore, edge: Edge): void {
	const { to, from, config } = edge;
	edge.timer = undefined;
	if (edge.open || !run.isGated(to)) return;
	if (run.hasPast && run.lookups > 0) {
		// What an earlier process has done is just being found: it may be what is waited for.
		run.overdue.add(edge);
		return;
	}
	edge.giveUpAt = undefined;
	edge.timedOut = true;
	if (config.type === 'required') endAsTimedOut(run, edge);
	else if (edge.group === undefined) openGate(run, edge);
	else openGate(run, edge.group);
	run.events.emit('step.dependency_timed_out', to.path, undefined, { on: from.id });
	run.wake();
}

function endAsTimedOut(run: RunCore, edge: Edge): void {
	const { to, from, config } = edge;
	const message = `Step "${to.id}" waited longer than ${config.timeoutMs} ms for "${from.id}".`;
	to.cause = run.cause('dependency', message, from.id);
	to.error = {
		code: 'TIMEOUT',
		errorClass: 'timeout',
		message,
		retryable: false,
		details: { on: from.id, limitMs: config.timeoutMs },
	};
	run.end(to, 'timed_out', { error: to.error });
}

function giveUpOn(run: RunCore, gate: Gate): void {
	if (!isGroup(gate)) return skipFor(run, gate.to, (gate as Edge).from);
	const members = gate.members.map(({ from }) => `"${from.id}" is ${from.status}`).join(', ');
	run.skip(gate.to, run.cause('dependency', `Its "${gate.type}" group cannot be met: ${members}.`));
}

function isGroup(gate: Gate): gate is Group {
	return gate instanceof Group;
}
