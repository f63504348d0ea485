import { describe, expect, it } from '@jest/globals';

import { memoryStore, noUsage, VirtualRuntime } from '../../../lib';
import type { CallBudget, Store } from '../../../lib';
import type { Parameters } from '../../../nodes/AgentTask/parameters';
import { Wallets } from '../../../nodes/AgentTask/wallets';
import type { NodeSteps } from '../../../nodes/shared/steps';

/** 10 calls for the run and 2 for each item. */
const parameters = {
	options: {
		budget: {
			limits: [
				{ scope: 'run', unit: 'calls', hard: 10, softPercent: 100 },
				{ scope: 'item', unit: 'calls', hard: 2, softPercent: 100 },
			],
		},
		prices: { models: [] },
	},
} as unknown as Parameters;

const PATH = 'Task/0';

/** The node runs in a process of its own, and a person may have approved more before. */
async function opened(store: Store, decisionId?: string): Promise<CallBudget> {
	const steps = { store: Object.create(store) as Store, runKey: 'r' } as NodeSteps;
	const wallets = new Wallets();
	const budget = await wallets.budgetOf(steps, parameters, 'Task', PATH);
	if (decisionId !== undefined) await wallets.raise(steps, parameters, PATH, decisionId);
	return budget;
}

/** Makes calls until they are refused. @returns how many were made */
function spendAll({ ledger, path }: CallBudget): number {
	const made = ledger.spent(path).calls;
	const call = (): void => ledger.tryReserve({ path, amounts: { calls: 1 } })!.settle();
	expect(() => {
		for (let calls = 0; calls < 100; calls++) call();
	}).toThrow(expect.objectContaining({ code: 'BUDGET_EXCEEDED' }));
	return ledger.spent(path).calls - made;
}

describe('the wallets of a node', () => {
	it('allow as much again with each approval, and keep it over crashes', async () => {
		const store = memoryStore(new VirtualRuntime());
		for (const decision of [undefined, 'first', 'second', 'third']) {
			const budget = await opened(store, decision);
			expect([decision, spendAll(budget)]).toEqual([decision, 2]);
			await budget.save!();
			expect([decision, spendAll(await opened(store))]).toEqual([decision, 0]);
		}
	});

	it('raise once for a decision that is carried out again after a crash', async () => {
		const store = memoryStore(new VirtualRuntime());
		for (const decision of ['first', 'first', 'second']) await opened(store, decision);
		const { limits, branches } = (await opened(store)).ledger.toJSON();
		expect([limits.calls?.hard, branches[PATH]?.calls?.hard]).toEqual([30, 6]);
	});

	it('keep what a call used that was given up and answers after the node has ended', async () => {
		const store = memoryStore(new VirtualRuntime());
		const steps = { store: Object.create(store) as Store, runKey: 'r' } as NodeSteps;
		const wallets = new Wallets();
		const { ledger, late } = await wallets.budgetOf(steps, parameters, 'Task', PATH);
		let answer = (): void => undefined;
		late!(new Promise<void>((resolve) => (answer = resolve)));
		await wallets.close();
		const next = new Wallets();
		const sameLedger = (await next.budgetOf(steps, parameters, 'Task', PATH)).ledger;
		await next.close();
		ledger.bookLate(PATH, 'a model', { ...noUsage(), inputTokens: 7, totalTokens: 7, calls: 1 });
		answer();
		await Promise.resolve();
		await Promise.resolve();

		expect(sameLedger).toBe(ledger);
		expect((await opened(store)).ledger.spent().tokens).toBe(7);
	});
});
