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
	switch (step.status) {
		case 'pending':
		case 'blocked':
			return step.armed ? byDependency(run, step) : unnamed(step);
		case 'ready':
		case 'queued':
			return step.rare?.withdraw === undefined || step.lined
				? { kind: 'slot', detail: `${run.slots} of ${run.maxConcurrent} places are taken` }
				: { kind: 'pool', detail: 'not enough free resources' };
		case 'running':
			return byCall(step);
		case 'backing_off':
			return { kind: 'timer', detail: `attempt ${step.attempt + 1} after a pause` };
		case 'waiting': {
			const names = [...step.rare!.requests!.keys()].map((name) => `"${name}"`);
			return { kind: 'human', detail: `an answer to ${names.join(', ')}` };
		}
		default:
			return undefined;
	}
}

/** A running step may wait inside its body: for its turn, a service, its part of the budget. */
function byCall({ current }: Step): WaitReason | undefined {
	const waitsFor = (current as Attempt).waitsFor;
	return waitsFor && { kind: waitsFor.kind, detail: waitsFor.detail };
}

function byDependency(run: RunCore, step: Step): WaitReason {
	const closed = gatesOf(run, step).filter(({ open }) => !open);
	return { kind: 'dependency', detail: closed.map(gateText).join(', ') };
}

function unnamed(step: Step): WaitReason {
	const detail = step.parked ? 'steps that may still name it' : 'a step that names it';
	return { kind: 'dependency', detail };
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
