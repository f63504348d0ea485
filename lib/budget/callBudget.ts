import type { Amounts } from './amounts';
import type { BudgetLedger } from './ledger';

/** The wallet that calls are paid from. */
export interface CallBudget {
	ledger: BudgetLedger;
	/** Path of the step, e.g. `Classify/3`. */
	path: string;
	/** Makes sure that what was reserved is not forgotten. Default: nothing to do. */
	save?(): Promise<void>;
	/** Told of a call that was given up but goes on; resolves when what it used is booked. */
	late?(booked: Promise<void>): void;
}

/** The wallet of a run. Inner runs share the one of the run around them. */
export interface RunBudget extends Omit<CallBudget, 'path'> {
	/**
	 * Path of the step around an inner run. Default: none; the run itself tells of its budget, in its
	 * events and checkpoints.
	 */
	path?: string;
	/**
	 * What a step means that the budget refuses: the run `fail`s, or completes as `partial` with what
	 * there is. Default `fail`.
	 */
	onHard?: 'fail' | 'partial';
}

/**
 * Does work that uses as much as it announces, e.g. `{ searches: 1 }`. Waits while running calls may
 * still give back enough.
 *
 * @param budget - without one nothing is counted
 * @throws {BudgetExceededError} when there is not enough left; the work is not done then
 */
export async function paidFrom<T>(
	budget: CallBudget | undefined,
	amounts: Amounts,
	work: () => T | Promise<T>,
	signal?: AbortSignal,
): Promise<T> {
	if (budget === undefined) return await work();
	const { ledger, path } = budget;
	const reservation = await ledger.reserve({ path, amounts }, signal);
	// What fails has been paid for all the same.
	try {
		await budget.save?.();
		return await work();
	} finally {
		reservation.settle(undefined, amounts);
	}
}
