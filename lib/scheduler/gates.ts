import { isStepEnded } from '../run';
import { conditionHolds } from './condition';
import { MAX_ITERATIONS } from './limits';
import { countDown, skipFor, startCounting } from './counting';
import { type Edge, type Gate, Group, type Step, type Wiring } from './step';
import { makeReady } from './readiness';
import type { RunCore } from './runCore';
import { isStale } from './staleness';
import { recordOf } from './stepRecord';
import { edgesOf, wireDependents } from './wiring';

/** What a look at a gate found. `never`: it cannot open any more, and its step is skipped. */
type Verdict = 'open' | 'closed' | 'blocked' | 'never';

const NO_EDGES: readonly Edge[] = [];

/** A step takes part from now on: closes its gates and opens those that may. */
export function arm(run: RunCore, step: Step): void {
	step.armed = true;
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
	if (verdict === 'open') openGate(run, gate);
	else if (verdict === 'blocked') block(run, gate);
	else if (verdict === 'never') giveUpOn(run, gate);
	else unblock(gate);
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

/** A new execution of a step that has ended. @returns false when it has run often enough */
export function runAgain(run: RunCore, step: Step): boolean {
	const { maxIterations = MAX_ITERATIONS } = step.definition;
	wireDependents(run, step);
	for (const edge of edgesOf(run, step)) edge.used = edge.from.order;
	run.progress.again(step);
	(step.extras.history ??= []).push(recordOf(step));
	step.renew();
	if (step.iteration <= maxIterations) {
		arm(run, step);
		return true;
	}
	step.armed = true;
	run.open++;
	run.move(step, 'blocked');
	step.error = {
		code: 'ITERATION_LIMIT',
		errorClass: 'validation',
		message: `Step "${step.id}" was to run for the ${step.iteration}th time; its limit is ${maxIterations} executions in a run.`,
		retryable: false,
		hint: 'Raise maxIterations, or give the loop a way out.',
	};
	run.end(step, 'failed', { error: step.error });
	return false;
}

function judgeEdge(run: RunCore, edge: Edge): Verdict {
	const { config } = edge;
	const verdict = judgeType(run, edge);
	if (verdict !== 'open' || config.condition === undefined) return verdict;
	if (conditionHolds(run, edge.to, config.condition)) return 'open';
	run.conditionals.add(edge.to);
	return 'blocked';
}

function judgeType(run: RunCore, edge: Edge): Verdict {
	const { from } = edge;
	const ended = from.armed && from.told && isStepEnded(from.status);
	switch (edge.config.type) {
		case 'parallel':
		case 'conditional':
			return 'open';
		case 'sequential':
			return ended ? 'open' : 'closed';
		case 'optional':
			return ended || !from.armed || from.status === 'blocked' ? 'open' : 'closed';
		case 'timeout':
			edge.timedOut = ended && from.status !== 'completed';
			return ended ? 'open' : 'closed';
		default:
			return judgeRequired(run, edge, ended);
	}
}

function judgeRequired(run: RunCore, edge: Edge, ended: boolean): Verdict {
	const { from } = edge;
	if (!ended) return 'closed';
	if (from.status !== 'completed') return 'never';
	if (!isStale(edge, run.now())) return 'open';
	if (edge.renewed || from.definition.restartable === false) return 'blocked';
	edge.renewed = true;
	runAgain(run, from);
	return 'closed';
}

function judgeGroup(run: RunCore, group: Group): Verdict {
	let completed = 0;
	let open = 0;
	for (const { from, to, config } of group.members) {
		if (!from.armed || !from.told || !isStepEnded(from.status)) open++;
		else if (from.status === 'completed') {
			const { condition } = config;
			if (condition === undefined || conditionHolds(run, to, condition)) completed++;
		}
	}
	const failed = group.members.length - completed - open;
	if (group.type === 'and') return failed > 0 ? 'never' : open === 0 ? 'open' : 'closed';
	if (group.type === 'or') return completed > 0 ? 'open' : open === 0 ? 'never' : 'closed';
	if (completed > 1) return 'blocked';
	if (open > 0) return 'closed';
	return completed === 1 ? 'open' : 'never';
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
		edge.timer = run.setTimer(timeoutMs, () => giveUp(run, edge));
	}
	settleWaiting(run, step);
}

/** Everything but `timeout` dependencies is ready: from now on their time runs. */
function startPatience(run: RunCore, step: Step): void {
	for (const edge of edgesOf(run, step)) {
		if (edge.config.type !== 'timeout' || edge.open || edge.timer !== undefined) continue;
		edge.timer = run.setTimer(edge.config.timeoutMs!, () => giveUp(run, edge));
	}
}

function giveUp(run: RunCore, edge: Edge): void {
	const { to, from, config } = edge;
	edge.timer = undefined;
	if (!run.isGated(to)) return;
	if (run.hasPast && run.lookups > 0) {
		// What an earlier process has done is just being found; only then does the time count.
		edge.timer = run.setTimer(config.timeoutMs!, () => giveUp(run, edge));
		return;
	}
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
