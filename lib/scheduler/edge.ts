import type { Timer } from '../core';
import type { Dependency } from './dependency';
import type { Step } from './step';

/**
 * A condition between a step and its start. Closed at first; the step is ready when all are open.
 * An {@link Edge} is a gate of its own unless it belongs to a {@link Group}.
 */
export interface Gate {
	readonly to: Step;
	open: boolean;
	/** Closed, and no completion alone will open it: a false condition, an expired result. */
	blocked: boolean;
}

/** One dependency between two steps of a run. */
export class Edge implements Gate {
	open = false;
	blocked = false;
	/** Whether the wait for the dependency was given up. */
	timedOut = false;
	/** Completion order of `from` that an earlier execution of `to` has used up. */
	used = 0;
	/** Whether the dependency was already run again for this execution of `to`. */
	renewed = false;
	group: Group | undefined;
	timer: Timer | undefined;

	constructor(
		readonly from: Step,
		readonly to: Step,
		readonly config: Dependency,
	) {}
}

/** `and`, `or` and `xor` dependencies that are judged together. */
export class Group implements Gate {
	open = false;
	blocked = false;
	readonly members: Edge[] = [];

	constructor(
		readonly to: Step,
		readonly type: 'and' | 'or' | 'xor',
		readonly name: string,
	) {}
}

/** The gates of one step. */
export class Wiring {
	/** In the order of the dependencies. */
	readonly incoming: Edge[] = [];
	readonly groups: Group[] = [];
	/** Closed gates that no completion alone will open. */
	blocked = 0;
	/** Closed gates of type `timeout`. */
	patient = 0;
}
