import { Account } from './account';
import { addAmounts, noAmounts, type Amounts, type FullAmounts } from './amounts';
import { parseBudget, type Budget } from './budget';

/** The path of the account that stands for the whole run. */
export const ROOT_PATH = '';

/** The accounts of one run: the root, and one for each branch with limits of its own. */
export class Accounts {
	readonly byPath = new Map<string, FullAmounts>();
	private readonly accounts = new Map<string, Account>();

	constructor(limits: Budget) {
		this.accounts.set(ROOT_PATH, new Account(ROOT_PATH, parseBudget(limits)));
	}

	get root(): Account {
		return this.accounts.get(ROOT_PATH)!;
	}

	get(path: string): Account | undefined {
		return this.accounts.get(path);
	}

	/** Limits a branch; what was spent below its path before counts. */
	open(path: string, limits: Budget): void {
		const account = new Account(path, parseBudget(limits));
		account.spend(this.spentBelow(path));
		this.accounts.set(path, account);
	}

	/** What was spent by a step and everything below it. */
	spentBelow(path: string): FullAmounts {
		const sum = noAmounts();
		for (const [below, amounts] of this.byPath) if (isBelow(below, path)) addAmounts(sum, amounts);
		return sum;
	}

	/** The accounts that a step's calls are booked to: the root's and those of its branches. */
	chainOf(path: string): Account[] {
		if (this.accounts.size === 1) return [this.root];
		return [...this.accounts.values()].filter((account) => isBelow(path, account.path));
	}

	/** Books what was spent. */
	spend(path: string, amounts: Amounts): void {
		for (const account of this.chainOf(path)) account.spend(amounts);
		const own = this.byPath.get(path) ?? noAmounts();
		addAmounts(own, amounts);
		this.byPath.set(path, own);
	}

	/** The limits of the branches, by path. */
	branches(): Record<string, Budget> {
		const branches = [...this.accounts.values()].filter(({ path }) => path !== ROOT_PATH);
		return Object.fromEntries(branches.map(({ path, limits }) => [path, limits]));
	}
}

function isBelow(path: string, branch: string): boolean {
	return branch === ROOT_PATH || path === branch || path.startsWith(`${branch}/`);
}
