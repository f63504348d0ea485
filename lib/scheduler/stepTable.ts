import type { Step } from './step';

/**
 * The steps of a run, in their order and by id. Places are looked up in the graph: to hash all ids
 * again would be a good part of the work of a large run.
 */
export class StepTable {
	/** In the order of definition. */
	readonly list: Step[] = [];
	/** Places of the steps that the graph does not have. */
	private readonly added = new Map<string, number>();

	constructor(private readonly places: ReadonlyMap<string, number>) {}

	get(stepId: string): Step | undefined {
		const place = this.places.get(stepId) ?? this.added.get(stepId);
		return place === undefined ? undefined : this.list[place];
	}

	has(stepId: string): boolean {
		return this.places.has(stepId) || this.added.has(stepId);
	}

	/** The next step of the graph; after its last one, steps that come on top. */
	add(step: Step): void {
		if (this.list.length >= this.places.size) this.added.set(step.id, this.list.length);
		this.list.push(step);
	}
}
