import type { GraphStep } from './definition';
import type { Dependency } from './dependency';

/** What is known of a step before any run of it: made once a graph, shared by all its runs. */
export interface StepPlan {
	readonly id: string;
	/** Place in the order of definition. */
	readonly index: number;
	readonly definition: GraphStep;
	/** Waits until it is named. */
	readonly onDemand: boolean;
	readonly dependencies: readonly Dependency[];
	/** For each dependency the place of the step it is on. */
	readonly sources: readonly number[];
	/** Whether it is enough to count the dependencies down, as long as nothing runs twice. */
	readonly counts: boolean;
	/** Whether results it depends on may expire before it starts. */
	readonly temporal: boolean;
	/** Places of the steps that count this one down, once for each dependency. */
	readonly dependents: number[];
}

/** @param sources - see {@link StepPlan} */
export function stepPlan(
	id: string,
	index: number,
	definition: GraphStep,
	onDemand: boolean,
	dependencies: readonly Dependency[],
	sources: readonly number[],
): StepPlan {
	const counts = dependencies.every(isCounted);
	const temporal = !counts && dependencies.some(mayExpire);
	return {
		id,
		index,
		definition,
		onDemand,
		dependencies,
		sources,
		counts,
		temporal,
		dependents: [],
	};
}

/** Completed is enough, as long as nothing runs twice. */
function isCounted({ type, lifecycle = 'always', condition, timeoutMs }: Dependency): boolean {
	return (
		type === 'required' &&
		lifecycle === 'always' &&
		condition === undefined &&
		timeoutMs === undefined
	);
}

function mayExpire({ lifecycle }: Dependency): boolean {
	return lifecycle === 'temporary' || lifecycle === 'periodic';
}
