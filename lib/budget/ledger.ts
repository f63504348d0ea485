import { EngineError, type Usage } from '../core';
import { abortErrorOf, throwIfCancelled } from '../resilience';
import type { Account } from './account';
import { Accounts, ROOT_PATH } from './accounts';
import { amountsOfUsage, type Amounts, type BudgetUnit, type FullAmounts } from './amounts';
import { BudgetExceededError, type Budget } from './budget';
import { Estimates, type PricingOptions, type ReserveRequest } from './estimates';
import { Reservation, type ReservationOwner } from './reservation';

export interface LedgerOptions extends PricingOptions {
	onEvent?: (event: BudgetEvent) => void;
}

/** Something that happened to a budget. */
export interface BudgetEvent {
	type: 'reserved' | 'settled' | 'soft' | 'hard' | 'raised';
	/** Path of the step; of the branch, with `soft`, `hard` and `raised`. */
	path: string;
	/** With `reserved` and `settled`. */
	amounts?: Amounts;
	/** With `soft` and `hard`. */
	unit?: BudgetUnit;
}

/** Who raised what. */
export interface Raise {
	by: string;
	/** Milliseconds since the epoch. */
	at: number;
	/** The branch; empty for the whole run. */
	path: string;
	delta: Budget;
}

/** A ledger as plain JSON. */
export interface LedgerState {
	schemaVersion: 1;
	limits: Budget;
	/** Limits of branches, by path. */
	branches: Record<string, Budget>;
	spent: FullAmounts;
	reserved: FullAmounts;
	byPath: Record<string, FullAmounts>;
	/** Calls under way: reserved and not settled. */
	open: Array<{ path: string; amounts: Amounts }>;
	unpricedModels: string[];
	raises: Raise[];
}

interface Waiter {
	path: string;
	amounts: Amounts;
	/** Where there is not enough at the moment; whoever comes later waits there too. */
	blockedAt: readonly Account[];
	grant: () => void;
	refuse: (error: BudgetExceededError) => void;
}

/**
 * The budget of one run with all its agents, branches and items: every call reserves what it may
 * need before it starts and books what it has used at its end. So calls that run side by side
 * cannot together pass a hard limit, except by what they need beyond their own estimates.
 */
export class BudgetLedger implements ReservationOwner {
	private readonly accounts: Accounts;
	private readonly estimates: Estimates;
	private readonly open = new Set<Reservation>();
	private readonly raises: Raise[] = [];
	private waiters: Waiter[] = [];
	private readonly listeners = new Set<(event: BudgetEvent) => void>();

	constructor(limits: Budget = {}, options: LedgerOptions = {}) {
		this.accounts = new Accounts(limits);
		this.estimates = new Estimates(options);
		if (options.onEvent !== undefined) this.subscribe(options.onEvent);
	}

	/** Adds a receiver of what happens to the budget. @returns a function that removes it */
	subscribe(listener: (event: BudgetEvent) => void): () => void {
		this.listeners.add(listener);
		return () => this.listeners.delete(listener);
	}

	/**
	 * Takes up a ledger after a restart. Calls that were under way count as made as announced: they
	 * may have been paid for, and a limit must hold across restarts.
	 */
	static restore(state: LedgerState, options: LedgerOptions = {}): BudgetLedger {
		const ledger = new BudgetLedger(state.limits, options);
		for (const [path, amounts] of Object.entries(state.byPath))
			ledger.accounts.spend(path, amounts);
		for (const { path, amounts } of state.open) ledger.accounts.spend(path, amounts);
		for (const [path, limits] of Object.entries(state.branches)) ledger.accounts.open(path, limits);
		for (const model of state.unpricedModels) ledger.estimates.unpricedModels.add(model);
		ledger.raises.push(...state.raises);
		return ledger;
	}

	/**
	 * Limits everything below a path, besides the limits of the run; the path of the run itself sets
	 * those anew. What was allowed there by raises is allowed on top of the new limits.
	 */
	openBranch(path: string, limits: Budget): void {
		this.accounts.open(path, limits);
		const account = this.accounts.get(path)!;
		for (const raise of this.raises) if (raise.path === path) account.raise(raise.delta);
		for (const reservation of this.open) {
			if (this.accounts.chainOf(reservation.path).includes(account))
				account.reserve(reservation.amounts);
		}
	}

	/** What was spent: by the whole run, or by a step and everything below it. */
	spent(path = ROOT_PATH): FullAmounts {
		return this.accounts.spentBelow(path);
	}

	/** Whether work below this path should come to an end: a soft limit is reached. */
	shouldFinish(path: string): boolean {
		return this.accounts.chainOf(path).some((account) => account.unitsToFinish().length > 0);
	}

	/**
	 * Reserves for one call, if that is possible now.
	 *
	 * @returns undefined when it may become possible once running calls have settled
	 * @throws {BudgetExceededError} when it cannot become possible
	 * @throws {EngineError} `UNPRICED_MODEL` when costs are limited and the price is not known
	 */
	tryReserve(request: ReserveRequest): Reservation | undefined {
		const amounts = this.estimate(request);
		return this.blockedAt(request.path, amounts, this.waiters).length > 0
			? undefined
			: this.book(request, amounts);
	}

	/**
	 * Reserves for one call; waits while running calls could still give back enough, first come,
	 * first served.
	 *
	 * @param signal - gives up at once when it aborts
	 * @throws as {@link tryReserve} does, also later, when hope is gone
	 */
	async reserve(request: ReserveRequest, signal?: AbortSignal): Promise<Reservation> {
		throwIfCancelled(signal);
		const reservation = this.tryReserve(request);
		if (reservation !== undefined) return reservation;
		const amounts = this.estimate(request);
		return await new Promise((resolve, reject) => {
			const onAbort = (): void => {
				this.waiters = this.waiters.filter((other) => other !== waiter);
				reject(abortErrorOf(signal!));
				this.serve();
			};
			const waiter: Waiter = {
				path: request.path,
				amounts,
				blockedAt: this.blockedAt(request.path, amounts, this.waiters),
				grant: () => {
					signal?.removeEventListener('abort', onAbort);
					resolve(this.book(request, amounts));
				},
				refuse: (error) => {
					signal?.removeEventListener('abort', onAbort);
					reject(error);
				},
			};
			signal?.addEventListener('abort', onAbort);
			this.waiters.push(waiter);
		});
	}

	/** See `Reservation.settle`. */
	settle(reservation: Reservation, spent: Amounts, usage: Usage | undefined): void {
		if (reservation.state === 'settled') return;
		this.giveBack(reservation);
		reservation.state = 'settled';
		this.spend(reservation, spent, usage);
	}

	/**
	 * Books what a call has used that nobody waited for any more, and that was settled without
	 * knowing it. The call itself has been counted then.
	 */
	bookLate(path: string, kind: string, usage: Usage): void {
		this.spend({ path, kind }, amountsOfUsage({ ...usage, calls: 0 }), usage);
	}

	/** See `Reservation.release`. */
	release(reservation: Reservation): void {
		if (reservation.state !== 'open') return;
		this.giveBack(reservation);
		reservation.state = 'released';
		this.serve();
	}

	/**
	 * Allows more, for the whole run or one branch.
	 *
	 * @param by - who decided it, for the record
	 * @param at - milliseconds since the epoch
	 * @throws {EngineError} `UNKNOWN_BUDGET` when the branch has no limits
	 */
	raise(delta: Budget, by: string, at: number, path = ROOT_PATH): void {
		const account = this.accounts.get(path);
		if (account === undefined) {
			throw new EngineError('UNKNOWN_BUDGET', `There is no budget for "${path}" to raise.`, {
				errorClass: 'not_found',
			});
		}
		account.raise(delta);
		this.raises.push({ by, at, path, delta });
		this.emit({ type: 'raised', path });
		this.serve();
	}

	toJSON(): LedgerState {
		const { root, byPath } = this.accounts;
		return {
			schemaVersion: 1,
			limits: root.limits,
			branches: this.accounts.branches(),
			spent: { ...root.spent },
			reserved: { ...root.reserved },
			byPath: Object.fromEntries([...byPath].map(([path, spent]) => [path, { ...spent }])),
			open: [...this.open].map(({ path, amounts }) => ({ path, amounts })),
			unpricedModels: [...this.estimates.unpricedModels],
			raises: [...this.raises],
		};
	}

	private estimate(request: ReserveRequest): Amounts {
		const chain = this.accounts.chainOf(request.path);
		return this.estimates.of(
			request,
			chain.some(({ limits }) => limits.costUsd?.hard !== undefined),
		);
	}

	/**
	 * The accounts at which a call would have to wait; none when it may start.
	 *
	 * @throws {BudgetExceededError} when waiting would be in vain
	 */
	private blockedAt(path: string, amounts: Amounts, ahead: readonly Waiter[]): Account[] {
		return this.accounts.chainOf(path).filter((account) => {
			const verdict = account.judge(amounts);
			if (verdict instanceof BudgetExceededError) throw verdict;
			return verdict === 'wait' || ahead.some(({ blockedAt }) => blockedAt.includes(account));
		});
	}

	private book({ path, kind = path }: ReserveRequest, amounts: Amounts): Reservation {
		const reservation = new Reservation(path, kind, amounts, this);
		this.open.add(reservation);
		for (const account of this.accounts.chainOf(path)) account.reserve(amounts);
		this.emit({ type: 'reserved', path, amounts });
		return reservation;
	}

	private spend(
		{ path, kind }: Pick<Reservation, 'path' | 'kind'>,
		spent: Amounts,
		usage: Usage | undefined,
	): void {
		this.accounts.spend(path, spent);
		if (usage !== undefined) this.estimates.observe(kind, usage);
		this.emit({ type: 'settled', path, amounts: spent });
		for (const account of this.accounts.chainOf(path)) this.tell(account);
		this.serve();
	}

	private giveBack(reservation: Reservation): void {
		if (!this.open.delete(reservation)) return;
		for (const account of this.accounts.chainOf(reservation.path))
			account.release(reservation.amounts);
	}

	private tell(account: Account): void {
		const { path } = account;
		for (const unit of account.newlySoft()) this.emit({ type: 'soft', path, unit });
		for (const unit of account.newlyHard()) this.emit({ type: 'hard', path, unit });
	}

	private emit(event: BudgetEvent): void {
		for (const listener of this.listeners) listener(event);
	}

	/** Decides about those that wait, in order. */
	private serve(): void {
		const waiting = this.waiters;
		this.waiters = [];
		for (const waiter of waiting) this.decide(waiter);
	}

	private decide(waiter: Waiter): void {
		try {
			waiter.blockedAt = this.blockedAt(waiter.path, waiter.amounts, this.waiters);
		} catch (error) {
			waiter.refuse(error as BudgetExceededError);
			return;
		}
		if (waiter.blockedAt.length === 0) waiter.grant();
		else this.waiters.push(waiter);
	}
}
