import type { Usage } from '../core';

/** What a budget counts. `activeMs` is time at work, without waiting. */
export const BUDGET_UNITS = [
	'tokens',
	'costUsd',
	'calls',
	'activeMs',
	'toolCalls',
	'searches',
] as const;

/** One of {@link BUDGET_UNITS}. */
export type BudgetUnit = (typeof BUDGET_UNITS)[number];

/** Amounts by unit; a missing unit is 0. */
export type Amounts = Partial<Record<BudgetUnit, number>>;

/** Amounts of every unit. */
export type FullAmounts = Record<BudgetUnit, number>;

export function noAmounts(): FullAmounts {
	return { tokens: 0, costUsd: 0, calls: 0, activeMs: 0, toolCalls: 0, searches: 0 };
}

/** Adds to the first, in place. @param sign - -1 subtracts */
export function addAmounts(to: FullAmounts, amounts: Amounts, sign: 1 | -1 = 1): void {
	for (const unit of BUDGET_UNITS) {
		// What was reserved is given back exactly; sums of fractions must not leave a rest below zero.
		const sum = to[unit] + sign * (amounts[unit] ?? 0);
		to[unit] = sum < 0 ? 0 : sum;
	}
}

/** What a model reported, as a budget counts it; an unknown price costs nothing here. */
export function amountsOfUsage(usage: Usage): Amounts {
	return { tokens: usage.totalTokens, costUsd: usage.costUsd ?? 0, calls: usage.calls };
}
