import { isJsonObject, messageOf, type Json } from '../core';
import { plainWords } from './chosen';
import { didYouMean } from './closest';
import type { StepDefinition, StepWork, WorkflowDefinition } from './definition';
import { checkReachable, startSteps, unknownStep, type GraphProblem } from './graph';
import type { StepKind, StepKinds } from './stepKind';
import { compileTemplate } from './template';

/** What checking a workflow against the registered kinds brings to light. */
export interface CheckedSteps {
	problems: GraphProblem[];
	/** Where each step can lead: what it says itself and what its kind says. */
	targets: ReadonlyMap<string, readonly string[]>;
}

const CANNOT_UNDO_INSIDE =
	'has compensate, which a step inside another one cannot have: put compensate on the outermost step around it';

/**
 * Checks everything about a workflow that needs to know its step kinds: that they are registered,
 * that parameters fit, templates can be read and name existing steps, and that every step can run.
 *
 * @param outer - ids of steps around the workflow, which its templates may name. With them, the
 * workflow is one inside a step
 */
export function checkSteps(
	definition: WorkflowDefinition,
	kinds: StepKinds,
	outer?: Iterable<string>,
): CheckedSteps {
	const ids = new Set(definition.steps.map(({ id }) => id));
	const check = new StepCheck(kinds, new Set([...(outer ?? []), ...ids]), outer !== undefined);
	const targets = new Map(definition.steps.map((step) => [step.id, check.step(step)]));
	const { problems } = check;
	for (const [id, others] of targets) {
		for (const other of others) {
			if (!ids.has(other)) problems.push(unknownStep(id, 'leads to', other, ids));
		}
	}
	for (const other of definition.start ?? []) {
		if (!ids.has(other)) problems.push(unknownStep(other, 'is a start but leads to', other, ids));
	}
	if (problems.length > 0) return { problems, targets };
	const targetsOf = (id: string): readonly string[] => targets.get(id)!;
	const start = definition.start ?? startSteps(definition.steps, targetsOf);
	return { problems: checkReachable(definition.steps, start, targetsOf), targets };
}

const HOLDS_WHAT_IT_NEEDS =
	'has resources, and so has a step inside it: it would hold what that one waits for. Leave the resources to the steps inside';

class StepCheck {
	readonly problems: GraphProblem[] = [];

	constructor(
		private readonly kinds: StepKinds,
		/** Ids that templates may name. */
		private readonly known: ReadonlySet<string>,
		private readonly isInside: boolean,
	) {}

	/** @returns where the step can lead */
	step(step: StepDefinition): readonly string[] {
		const own = this.work(step.id, step);
		if (step.resources !== undefined && this.asksInside(step)) {
			this.add(step.id, HOLDS_WHAT_IT_NEEDS);
		}
		if (step.compensate !== undefined) {
			this.work(step.id, step.compensate);
			// Once the step around has completed, its output alone is recorded: nobody could undo it.
			if (this.isInside) this.add(step.id, CANNOT_UNDO_INSIDE);
		}
		return [...new Set([...(step.next ?? []), ...own])];
	}

	private work(id: string, work: StepWork): readonly string[] {
		const kind = this.kinds.get(work.kind);
		if (kind === undefined) {
			const guess = didYouMean(work.kind, this.kinds.keys());
			this.add(id, `has the kind "${work.kind}", which is not registered${guess}`);
			return [];
		}
		this.templates(id, work, kind);
		return this.parameters(id, work, kind);
	}

	/** What is still a template is checked when it is filled in. */
	private parameters(id: string, work: StepWork, kind: StepKind<unknown>): readonly string[] {
		const result = kind.parameters.safeParse(work.parameters, { errorMap: plainWords });
		if (result.success) {
			for (const inner of kind.inner?.(result.data) ?? []) {
				for (const problem of checkSteps(inner, this.kinds, this.known).problems) {
					this.add(id, `has a step inside that cannot run: ${problem.message}`);
				}
			}
			return kind.targets?.(result.data) ?? [];
		}
		for (const { path, message } of result.error.issues) {
			const [name] = path;
			const isOpen =
				name !== undefined &&
				kind.raw?.includes(String(name)) !== true &&
				holdsTemplate(work.parameters[name]);
			if (!isOpen) this.add(id, `has wrong parameters: ${path.join('.')} ${message}`);
		}
		return [];
	}

	/** Whether a step somewhere inside this one takes resources. */
	private asksInside({ kind: name, parameters }: StepWork): boolean {
		const kind = this.kinds.get(name);
		if (kind?.inner === undefined) return false;
		const parsed = kind.parameters.safeParse(parameters);
		const inside = parsed.success ? kind.inner(parsed.data) : [];
		return inside.some(({ steps }) =>
			steps.some((step) => step.resources !== undefined || this.asksInside(step)),
		);
	}

	private templates(
		id: string,
		{ parameters, task, input }: StepWork,
		kind: StepKind<unknown>,
	): void {
		const filled = Object.fromEntries(
			Object.entries(parameters).filter(([name]) => kind.raw?.includes(name) !== true),
		);
		try {
			const { paths } = compileTemplate([filled, task ?? null, input ?? null]);
			for (const [root, stepId] of paths) {
				if (root !== 'steps' || stepId === undefined || this.known.has(String(stepId))) continue;
				this.problems.push(unknownStep(id, 'uses the output of', String(stepId), this.known));
			}
		} catch (error) {
			this.add(id, `has a template that cannot be read: ${messageOf(error)}`);
		}
	}

	private add(stepId: string, what: string): void {
		this.problems.push({ kind: 'step', stepId, message: `Step "${stepId}" ${what}` });
	}
}

function holdsTemplate(value: Json | undefined): boolean {
	if (typeof value === 'string') return value.includes('{{');
	if (Array.isArray(value)) return value.some(holdsTemplate);
	return isJsonObject(value) && Object.values(value).some(holdsTemplate);
}
