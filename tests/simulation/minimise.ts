import type { Plan, PlanStep } from './plan';

/**
 * Makes a failing plan smaller: leaves out faults, steps, dependencies and special features as long
 * as it still fails.
 *
 * @param fails - whether a plan still shows the violation
 */
export async function minimise(plan: Plan, fails: (plan: Plan) => Promise<boolean>): Promise<Plan> {
	let smallest = plan;
	for (let shrunk = true; shrunk; ) {
		shrunk = false;
		for (const candidate of smallerPlans(smallest)) {
			if (!(await fails(candidate))) continue;
			smallest = candidate;
			shrunk = true;
			break;
		}
	}
	return smallest;
}

function* smallerPlans(plan: Plan): Iterable<Plan> {
	for (let i = 0; i < plan.faults.length; i++) {
		yield { ...plan, faults: plan.faults.filter((_, index) => index !== i) };
	}
	for (const { id } of plan.steps) {
		const smaller = without(plan, id);
		if (smaller.steps.some(({ onDemand }) => !onDemand)) yield smaller;
	}
	for (const [index, step] of plan.steps.entries()) {
		for (const smaller of smallerSteps(step)) {
			yield { ...plan, steps: plan.steps.map((other, at) => (at === index ? smaller : other)) };
		}
	}
	if (plan.timeoutMs !== undefined) yield { ...plan, timeoutMs: undefined };
	if (plan.failureMode !== 'continue') yield { ...plan, failureMode: 'continue' };
	if (plan.preemption === true) yield { ...plan, preemption: false };
	if (plan.journal === 'slow') yield { ...plan, journal: 'at once' };
}

function without(plan: Plan, id: string): Plan {
	const steps = plan.steps
		.filter((step) => step.id !== id)
		.map((step) => ({
			...step,
			names: step.names.filter((name) => name !== id),
			dependsOn: step.dependsOn.filter(({ on }) => on !== id),
		}));
	const faults = plan.faults.filter((fault) => !('stepId' in fault) || fault.stepId !== id);
	return { ...plan, steps, faults };
}

function* smallerSteps(step: PlanStep): Iterable<PlanStep> {
	for (let i = 0; i < step.dependsOn.length; i++) {
		yield { ...step, dependsOn: step.dependsOn.filter((_, index) => index !== i) };
	}
	for (const [index, { lifecycle, when, ...rest }] of step.dependsOn.entries()) {
		if (lifecycle === undefined && when === undefined) continue;
		const plain = {
			on: rest.on,
			type: rest.type === 'conditional' ? 'required' : rest.type,
		} as const;
		yield { ...step, dependsOn: step.dependsOn.map((other, at) => (at === index ? plain : other)) };
	}
	if (step.parts !== undefined) yield { ...step, parts: undefined };
	if (step.preemptible === true) yield { ...step, preemptible: false };
	for (const name of step.names) yield { ...step, names: step.names.filter((n) => n !== name) };
	if (step.asks !== undefined) yield { ...step, asks: undefined };
	if (step.compensate !== undefined) yield { ...step, compensate: undefined };
	if (step.startToCloseMs !== undefined) yield { ...step, startToCloseMs: undefined };
	if (step.stubborn) yield { ...step, stubborn: false };
	if (step.failures > 0) yield { ...step, failures: step.failures - 1 };
	if (step.cpu > 0) yield { ...step, cpu: 0 };
	if (step.maxAttempts > 1) yield { ...step, maxAttempts: step.maxAttempts - 1 };
	if (step.maxDelayMs > 0) yield { ...step, maxDelayMs: 0 };
}
