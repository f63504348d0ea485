import type { Usage } from '../core';
import { amountsOfUsage, type Amounts } from './amounts';

/** What the ledger does for its reservations. */
export interface ReservationOwner {
	settle(reservation: Reservation, spent: Amounts, usage: Usage | undefined): void;
	release(reservation: Reservation): void;
}

/** A part of the budget, kept for one call. End it by {@link settle} or {@link release}. */
export class Reservation {
	state: 'open' | 'released' | 'settled' = 'open';

	constructor(
		/** Path of the step. */
		readonly path: string,
		/** What the call has in common with others, for estimates. */
		readonly kind: string,
		readonly amounts: Amounts,
		private readonly owner: ReservationOwner,
	) {}

	/**
	 * Books what the call has really used and gives the rest back. Works once, also after
	 * {@link release}: usage that is reported late was still paid for.
	 *
	 * @param usage - what the model reported; undefined when it reported nothing
	 * @param others - what else was used, e.g. `{ activeMs: 1200 }`
	 */
	settle(usage?: Usage, others: Amounts = {}): void {
		const spent = {
			...(usage === undefined ? { calls: this.amounts.calls } : amountsOfUsage(usage)),
		};
		this.owner.settle(this, { ...spent, ...others }, usage);
	}

	/** Gives everything back: the call was not made. */
	release(): void {
		this.owner.release(this);
	}
}
