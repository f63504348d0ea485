import { priorityClass, Waiting, WaitingQueue } from '../resources';
import { READY_AGEING_MS } from './limits';
import { ReadyQueue } from './readyQueue';
import type { Step } from './step';

/** A step in the line of a run whose steps differ in priority. */
class Standing extends Waiting<Standing> {
	readonly fairnessKey = '';
	readonly group = '';
	readonly priorityClass: number;

	constructor(readonly step: Step) {
		super();
		this.priorityClass = priorityClass(step.definition.resources?.priority);
	}
}

/**
 * Steps that may start as soon as there is a place, in the order in which they should: by priority,
 * which grows with the wait as it does in a pool, then by arrival.
 *
 * As long as all steps have the same priority, which is usual, that is a plain queue.
 */
export class ReadyLine {
	private readonly plain = new ReadyQueue<Step>();
	private ranked: WaitingQueue<Standing> | undefined;

	/** @param now - monotonic milliseconds; asked only when priorities differ */
	constructor(private readonly now: () => number) {}

	push(step: Step): void {
		if (this.ranked !== undefined) this.ranked.add(new Standing(step), this.now());
		else if (step.definition.resources?.priority === undefined) this.plain.push(step);
		else this.rank(step);
	}

	shift(): Step | undefined {
		if (this.ranked === undefined) return this.plain.shift();
		const now = this.now();
		const first = this.ranked.first(now);
		if (first !== undefined) this.ranked.serve(first, now);
		return first?.step;
	}

	/** The waiting steps, first to go first. */
	toArray(): Step[] {
		if (this.ranked === undefined) return this.plain.toArray();
		const steps: Step[] = [];
		this.ranked.scan(this.now(), ({ step }) => {
			steps.push(step);
			return 'next';
		});
		return steps;
	}

	/** From the first step on that says how important it is, all are ranked. */
	private rank(step: Step): void {
		const now = this.now();
		this.ranked = new WaitingQueue<Standing>(READY_AGEING_MS);
		for (const earlier of [...this.plain.toArray(), step]) {
			this.ranked.add(new Standing(earlier), now);
		}
	}
}
