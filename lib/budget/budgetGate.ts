import type { Runtime, Usage } from '../core';
import type { AttemptEnd, Gate, Pass } from '../resilience';
import type { ReserveRequest } from './estimates';
import type { BudgetLedger } from './ledger';
import type { Reservation } from './reservation';

/** How the calls of a policy use a budget. */
export interface BudgetGateOptions {
	/** What the next attempt may need. */
	request: (attempt: number) => ReserveRequest;
	/** What a result has used; undefined when the model did not report it. */
	usageOf: (value: unknown) => Usage | undefined;
	/** What a failed call has used. Default: nothing is known. */
	usageOfError?: (error: unknown) => Usage | undefined;
	/** How long a call that timed out keeps what it reserved, in milliseconds. Default 30000. */
	abandonMs?: number;
}

/** Lets each attempt of a policy run only with what it may need reserved. */
export function budgetGate(
	ledger: BudgetLedger,
	options: BudgetGateOptions,
	runtime: Pick<Runtime, 'monotonic' | 'setTimer'>,
): Gate {
	return {
		tryEnter: (attempt) => {
			const reservation = ledger.tryReserve(options.request(attempt));
			return reservation && new BudgetPass(reservation, options, runtime);
		},
		enter: async (attempt, signal) =>
			new BudgetPass(await ledger.reserve(options.request(attempt), signal), options, runtime),
	};
}

class BudgetPass implements Pass {
	private readonly grantedAt: number;

	constructor(
		private readonly reservation: Reservation,
		private readonly options: BudgetGateOptions,
		private readonly runtime: Pick<Runtime, 'monotonic' | 'setTimer'>,
	) {
		this.grantedAt = runtime.monotonic();
	}

	leave({ started, value, error }: AttemptEnd): void {
		if (!started) this.reservation.release();
		else if (error === undefined) this.settle(this.options.usageOf(value));
		else this.settle(this.options.usageOfError?.(error));
	}

	abandon(body: Promise<unknown>): void {
		const { abandonMs = 30_000 } = this.options;
		const timer = this.runtime.setTimer(abandonMs, () => this.reservation.release());
		const settled = (usage: Usage | undefined): void => {
			timer.cancel();
			this.settle(usage);
		};
		body.then(
			(value) => settled(this.options.usageOf(value)),
			(error: unknown) => settled(this.options.usageOfError?.(error)),
		);
	}

	/** No model reports tool calls and searches: those that were announced were made. */
	private settle(usage: Usage | undefined): void {
		const { toolCalls, searches } = this.reservation.amounts;
		const activeMs = this.runtime.monotonic() - this.grantedAt;
		this.reservation.settle(usage, { toolCalls, searches, activeMs });
	}
}
