export {
	BUDGET_UNITS,
	amountsOfUsage,
	type Amounts as BudgetAmounts,
	type BudgetUnit,
	type FullAmounts,
} from './amounts';
export { BUDGET_EXCEEDED, BudgetExceededError, type Budget, type Limit } from './budget';
export * from './budgetGate';
export * from './callBudget';
export type { PricingOptions, ReserveRequest } from './estimates';
export {
	BudgetLedger,
	type BudgetEvent,
	type LedgerOptions as BudgetLedgerOptions,
	type LedgerState,
	type Raise,
} from './ledger';
export * from './prices';
export { Reservation } from './reservation';
