import type { BlockedBy } from '../resilience';
import { STEP_STATUSES, type StepStatus } from '../run';
import type { Attempt } from './attempt';
import { type Edge, type Gate, Group, type Step } from './step';
import { gatesOf } from './gates';
import type { RunCore } from './runCore';

/** A run in numbers. */
export interface RunMetrics {
	/** Steps by status; steps on demand that nobody has named count as pending. */
	steps: Record<StepStatus, number>;
	/** Attempts started, and how many of them were not the first of their step. */
	attempts: number;
	retries: number;
	/** Bodies that do not obey a cancel or timeout and have lost their place. */
	zombies: number;
	events: number;
}

/** What a step waits for, for people. */
export interface WaitReason {
	kind: 'dependency' | 'slot' | 'timer' | 'human' | BlockedBy['kind'];
	detail: string;
	/** Milliseconds since the epoch. */
	since: number;
}

export function metricsOf(run: RunCore): RunMetrics {
	const steps = Object.fromEntries(STEP_STATUSES.map((status) => [status, 0])) as Record<
		StepStatus,
		number
	>;
	for (const { status } of run.list) steps[status]++;
	const { attempts, retries } = run;
	return { steps, attempts, retries, zombies: run.zombies.size, events: run.events.seq };
}

/** What a step waits for; `undefined` when it does not wait. */
export function blockedBy(run: RunCore, step: Step): WaitReason | undefined {
	const { rare } = step;
	const since = step.since === 0 ? run.startedAt : step.since;
	switch (step.status) {
		case 'pending':
		case 'blocked':
			return { kind: 'dependency', detail: dependencyText(run, step), since };
		case 'ready':
		case 'queued':
			return rare?.withdraw === undefined || step.lined
				? { kind: 'slot', detail: `${run.slots} of ${run.maxConcurrent} places are taken`, since }
				: { kind: 'pool', detail: 'not enough free resources', since };
		case 'running':
			return (step.current as Attempt).waitsFor;
		case 'backing_off':
			return { kind: 'timer', detail: `attempt ${step.attempt + 1} after a pause`, since };
		case 'waiting':
			return byPeople(step);
		default:
			return undefined;
	}
}

function byPeople({ rare }: Step): WaitReason {
	const asked = [...rare!.requests!.values()].map(({ suspension }) => suspension);
	const names = asked.map(({ name }) => `"${name}"`);
	const since = Math.min(...asked.map(({ openedAt }) => openedAt));
	return { kind: 'human', detail: `an answer to ${names.join(', ')}`, since };
}

function dependencyText(run: RunCore, step: Step): string {
	if (step.parked) return 'steps that may still name it';
	if (!step.armed) return 'a step that names it';
	const closed = gatesOf(run, step).filter(({ open }) => !open);
	return closed.map(gateText).join(', ');
}

/** A closed gate in words. */
export function gateText(gate: Gate): string {
	if (gate instanceof Group) {
		const members = gate.members.map(({ from }) => `"${from.id}" (${from.status})`);
		return `${gate.type} of ${members.join(', ')}`;
	}
	const { from, config } = gate as Edge;
	return `"${from.id}" (${config.type}, ${from.status})`;
}
