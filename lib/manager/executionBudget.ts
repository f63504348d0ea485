import { BudgetLedger, type LedgerState } from '../budget';
import { parseJson } from '../core';
import type { Store } from '../store';

const COLLECTION = 'execution-budgets';

/**
 * What an execution has spent and what people have allowed it besides, as an earlier process left it.
 * Calls that were under way when that process died count as made.
 */
export async function readLedger(store: Store, runId: string): Promise<BudgetLedger | undefined> {
	const document = await store.get(COLLECTION, runId);
	if (document === undefined) return undefined;
	// Nobody writes there but `saveLedger`.
	return BudgetLedger.restore(parseJson(document.value) as unknown as LedgerState);
}

/** Stores what is spent and reserved now; before each call, so that a crash forgets none. */
export async function saveLedger(store: Store, runId: string, ledger: BudgetLedger): Promise<void> {
	const value = JSON.stringify(ledger.toJSON());
	await store.put({ collection: COLLECTION, id: runId, version: 'any', value, runId });
}
