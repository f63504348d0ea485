import { BudgetLedger, hashOf, isJsonObject, parseJson } from '../../lib';
import type { Budget, LedgerState, PriceTable, Store } from '../../lib';

const COLLECTION = 'wallets';
/** The path of everything in a ledger. */
const WHOLE_RUN = '';

/** The budget of a run, shared by all nodes that work for it, and remembered over crashes. */
export interface Wallet {
	readonly ledger: BudgetLedger;
	/** Whether the run has limits. */
	limited: boolean;
	/** Resolves when everything that is reserved and spent by now is in the store. */
	save(): Promise<void>;
	/** Keeps it open for somebody who books later, and saves it then. */
	hold(until: Promise<void>): void;
	/** The node that opened it has ended. Resolves when it is in the store. */
	close(): Promise<void>;
}

/** How a node opens the wallet of its run. */
export interface WalletOptions {
	store: Store;
	runKey: string;
	/**
	 * Limits for the whole run; those of the node that opened it last count, and what people have
	 * allowed besides. Default: as they are.
	 */
	limits?: Budget;
	prices: PriceTable;
}

interface OpenWallet {
	wallet: Wallet;
	users: number;
	/** Limits that were set last, without raises. */
	limits?: Budget;
}

/** Wallets in use in this process, by store and run. */
const open = new WeakMap<Store, Map<string, Promise<OpenWallet>>>();

/** Opens the wallet of a run, as it was left by other nodes and earlier executions. */
export async function openWallet(options: WalletOptions): Promise<Wallet> {
	const { store, runKey } = options;
	const wallets = open.get(store) ?? new Map<string, Promise<OpenWallet>>();
	open.set(store, wallets);
	const known = wallets.get(runKey);
	const opening = known ?? readWallet(options, () => wallets.delete(runKey));
	wallets.set(runKey, opening);
	opening.catch(() => wallets.delete(runKey));
	const opened = await opening;
	opened.users++;
	limit(opened, options.limits);
	return opened.wallet;
}

/** Sets limits for a run that is under way; what was spent, is set aside and was raised counts. */
function limit(opened: OpenWallet, limits: Budget | undefined): void {
	if (limits === undefined) return;
	if (opened.limits !== undefined && hashOf(limits) === hashOf(opened.limits)) return;
	opened.limits = limits;
	opened.wallet.ledger.openBranch(WHOLE_RUN, limits);
	opened.wallet.limited = hasLimits(limits);
}

const hasLimits = (limits: Budget): boolean => Object.keys(limits).length > 0;

async function readWallet(options: WalletOptions, forget: () => void): Promise<OpenWallet> {
	const { store, runKey, prices } = options;
	const document = await store.get(COLLECTION, runKey);
	const known = document === undefined ? undefined : stateOf(document.value);
	const ledger =
		known === undefined
			? new BudgetLedger({}, { prices })
			: BudgetLedger.restore(known, { prices });
	const save = saver(store, runKey, ledger);
	const close = async (): Promise<void> => {
		opened.users--;
		if (opened.users === 0) forget();
		await save();
	};
	const opened: OpenWallet = {
		users: 0,
		wallet: {
			ledger,
			limited: hasLimits(ledger.toJSON().limits),
			save,
			hold: (until) => {
				opened.users++;
				// What could not be saved now is saved with whatever is booked next.
				void until.then(close).catch(() => undefined);
			},
			close,
		},
	};
	return opened;
}

function stateOf(value: string): LedgerState | undefined {
	const json = parseJson(value);
	return isJsonObject(json) && json.schemaVersion === 1
		? (json as unknown as LedgerState)
		: undefined;
}

/** Writes one at a time; whoever asks while one is under way gets the next one. */
function saver(store: Store, runKey: string, ledger: BudgetLedger): () => Promise<void> {
	let writing: Promise<void> = Promise.resolve();
	let next: Promise<void> | undefined;
	const write = async (): Promise<void> => {
		next = undefined;
		const value = JSON.stringify(ledger.toJSON());
		await store.put({ collection: COLLECTION, id: runKey, version: 'any', value, runId: runKey });
	};
	return async () => {
		next ??= writing.then(write, write);
		writing = next;
		await next;
	};
}
