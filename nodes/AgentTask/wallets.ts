import type { CallBudget } from '../../lib';
import { n8nRuntime } from '../shared/runtime';
import type { NodeSteps } from '../shared/steps';
import { openWallet, type Wallet } from '../shared/wallet';
import { budgetFor, priceTable } from './budget';
import type { Parameters } from './parameters';

/** The wallets that the items of one execution of the node pay from, each opened once. */
export class Wallets {
	private readonly opened = new Map<string, Promise<Wallet>>();

	/**
	 * What the calls of one item are paid from: the wallet of its run, under the item's own limits.
	 *
	 * @param path - of the item, unique in its run; all items of a node without limits of their own
	 * are booked together, so that the wallet stays small
	 */
	async budgetOf(
		{ store, runKey }: NodeSteps,
		{ options }: Parameters,
		nodeName: string,
		path: string,
	): Promise<CallBudget> {
		const limits = budgetFor('run', options);
		const opening =
			this.opened.get(runKey) ??
			openWallet({
				store,
				runKey,
				prices: priceTable(options),
				...(limits === undefined ? {} : { limits }),
			});
		this.opened.set(runKey, opening);
		const wallet = await opening;
		const own = budgetFor('item', options);
		if (own !== undefined) wallet.ledger.openBranch(path, own);
		const booked = own === undefined ? nodeName : path;
		const budget: CallBudget = {
			ledger: wallet.ledger,
			path: booked,
			late: (call) => wallet.hold(call),
		};
		// Without limits there is nothing that a crash could make us exceed.
		if (own === undefined && !wallet.limited) return budget;
		return { ...budget, save: async () => await wallet.save() };
	}

	/**
	 * A person has allowed as much again, for the run and for the item.
	 *
	 * @param decisionId - a decision that is carried out again, e.g. after a crash, raises nothing more
	 */
	async raise(
		{ runKey }: NodeSteps,
		{ options }: Parameters,
		path: string,
		decisionId: string,
	): Promise<void> {
		const wallet = await this.opened.get(runKey);
		if (wallet === undefined) return;
		const by = `a person (${decisionId})`;
		if (wallet.ledger.toJSON().raises.some((raise) => raise.by === by)) return;
		for (const [at, limits] of [
			['', budgetFor('run', options)],
			[path, budgetFor('item', options)],
		] as const) {
			if (limits !== undefined) wallet.ledger.raise(limits, by, n8nRuntime.now(), at);
		}
		await wallet.save();
	}

	/** Models that were called without a known price although a cost is limited. */
	async unpricedModels(): Promise<string[]> {
		const wallets = await Promise.allSettled(this.opened.values());
		const models = wallets.flatMap((opened) => {
			if (opened.status !== 'fulfilled') return [];
			const { limits, branches, unpricedModels } = opened.value.ledger.toJSON();
			const limited = [limits, ...Object.values(branches)].some(
				({ costUsd }) => costUsd !== undefined,
			);
			return limited ? unpricedModels : [];
		});
		return [...new Set(models)];
	}

	/** The node has ended; what was spent is remembered. */
	async close(): Promise<void> {
		const wallets = await Promise.allSettled(this.opened.values());
		await Promise.allSettled(
			wallets.map(async (opened) => {
				if (opened.status === 'fulfilled') await opened.value.close();
			}),
		);
	}
}
