import type { Redactor } from '../../lib';
import type { Task, TaskReport } from './task';

/** What the tasks of a run told, by their index. */
export class Reports {
	private readonly told = new Map<number, TaskReport>();

	/** Adds to what a task told before; what is told again replaces it. */
	add(index: number, report: TaskReport): void {
		this.told.set(index, { ...this.told.get(index), ...report });
	}

	of(index: number): TaskReport {
		return this.told.get(index) ?? {};
	}
}

/** What was planned, and what the tasks told. */
export interface Plan {
	tasks: ReadonlyArray<Pick<Task, 'itemIndexes'>>;
	reports: Reports;
	redact: Redactor;
}
