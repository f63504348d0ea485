import { BUDGET_UNITS, addAmounts, noAmounts, type Amounts, type BudgetUnit } from './amounts';
import { BudgetExceededError, raiseBudget, type Budget } from './budget';

/** `fits`: may start; `wait`: may fit once running calls have settled; otherwise it never will. */
export type Verdict = 'fits' | 'wait' | BudgetExceededError;

/** The budget of a run, or of one branch of it. */
export class Account {
	readonly reserved = noAmounts();
	readonly spent = noAmounts();
	/** Units whose soft limit has been told about. */
	private readonly softTold = new Set<BudgetUnit>();
	private readonly hardTold = new Set<BudgetUnit>();

	constructor(
		/** The run's root, or the path of the branch. */
		readonly path: string,
		private budget: Budget,
	) {}

	get limits(): Budget {
		return this.budget;
	}

	/** Raised limits that are reached again are told about again. */
	raise(delta: Budget): void {
		this.budget = raiseBudget(this.budget, delta);
		this.softTold.clear();
		this.hardTold.clear();
	}

	/** Whether these amounts may be reserved, now or later. */
	judge(needs: Amounts): Verdict {
		let verdict: Verdict = 'fits';
		for (const unit of BUDGET_UNITS) {
			const needed = needs[unit];
			const hard = this.limits[unit]?.hard ?? Infinity;
			if (needed === undefined || isFree(unit, needed)) continue;
			const spent = this.spent[unit];
			if (spent + needed > hard + EPSILON || spent >= hard) {
				return new BudgetExceededError(this.path, unit, { limit: hard, spent, needed });
			}
			if (spent + this.reserved[unit] + needed > hard + EPSILON) verdict = 'wait';
		}
		return verdict;
	}

	reserve(needs: Amounts): void {
		addAmounts(this.reserved, needs);
	}

	release(needs: Amounts): void {
		addAmounts(this.reserved, needs, -1);
	}

	spend(amounts: Amounts): void {
		addAmounts(this.spent, amounts);
	}

	/** Units whose soft limit is reached: work should come to an end. */
	unitsToFinish(): BudgetUnit[] {
		return BUDGET_UNITS.filter((unit) => this.spent[unit] >= (this.limits[unit]?.soft ?? Infinity));
	}

	/** Units that have just reached their soft limit; each is told once until it is raised. */
	newlySoft(): BudgetUnit[] {
		return remember(this.softTold, this.unitsToFinish());
	}

	/** Units that have just reached their hard limit. */
	newlyHard(): BudgetUnit[] {
		const reached = BUDGET_UNITS.filter(
			(unit) => this.spent[unit] >= (this.limits[unit]?.hard ?? Infinity),
		);
		return remember(this.hardTold, reached);
	}
}

/** A rest this small is rounding, not money. */
const EPSILON = 1e-9;

/** A call that needs nothing of a unit may go on; how long it will work is never known before. */
function isFree(unit: BudgetUnit, needed: number): boolean {
	return needed === 0 && unit !== 'activeMs';
}

function remember(told: Set<BudgetUnit>, units: readonly BudgetUnit[]): BudgetUnit[] {
	const fresh = units.filter((unit) => !told.has(unit));
	for (const unit of fresh) told.add(unit);
	return fresh;
}
