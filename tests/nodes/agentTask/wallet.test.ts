/** A13: a budget holds over crashes. */
import { describe, expect, it } from '@jest/globals';

import { BudgetLedger, memoryStore, VirtualRuntime } from '../../../lib';
import type { Store } from '../../../lib';
import { openWallet } from '../../../nodes/shared/wallet';

/** The same data in another process: another object over them. */
const inAnotherProcess = (store: Store): Store => Object.create(store) as Store;

const request = { path: 'Task/0', amounts: { calls: 1 } };

describe('A13: the wallet of a run', () => {
	it('is shared by all who open it', async () => {
		const store = memoryStore(new VirtualRuntime());
		const options = { store, runKey: 'r', prices: {}, limits: { calls: { hard: 2 } } };
		const [first, second] = await Promise.all([openWallet(options), openWallet(options)]);
		expect(first.ledger).toBe(second.ledger);
	});

	it('counts calls that a dead process had announced', async () => {
		const store = memoryStore(new VirtualRuntime());
		const limits = { calls: { hard: 2 } };
		const doomed = await openWallet({ store, runKey: 'r', prices: {}, limits });
		doomed.ledger.tryReserve(request);
		await doomed.save();
		// The process dies here: nothing is settled, nothing is closed.

		const other = inAnotherProcess(store);
		const { ledger } = await openWallet({ store: other, runKey: 'r', prices: {}, limits });
		expect(ledger.spent().calls).toBe(1);
		ledger.tryReserve(request)?.settle();
		expect(ledger.spent().calls).toBe(2);
		expect(() => ledger.tryReserve(request)).toThrow(
			expect.objectContaining({ code: 'BUDGET_EXCEEDED' }),
		);
	});

	it('keeps limits that a later node does not set, and takes over those that it does', async () => {
		const store = memoryStore(new VirtualRuntime());
		const limits = { calls: { hard: 2 } };
		const first = await openWallet({ store, runKey: 'r', prices: {}, limits });
		await first.close();
		const second = await openWallet({ store, runKey: 'r', prices: {} });
		expect(second.ledger.toJSON().limits).toEqual(limits);
		await second.close();
		const third = await openWallet({ store, runKey: 'r', prices: {}, limits: {} });
		expect(third.ledger.toJSON().limits).toEqual({});
	});

	it('keeps what people have allowed over each opening and over crashes', async () => {
		let store = memoryStore(new VirtualRuntime());
		const limits = { calls: { hard: 2 } };
		const options = { runKey: 'r', prices: {}, limits };
		for (const [approval, hard] of [4, 6].entries()) {
			store = inAnotherProcess(store);
			const wallet = await openWallet({ ...options, store });
			wallet.ledger.raise(limits, 'Ada', approval);
			await wallet.save();
			const again = await openWallet({ ...options, store });
			expect(again.ledger.toJSON().limits).toEqual({ calls: { hard } });
			// The process dies here: nothing is closed.
		}
		const unset = await openWallet({ runKey: 'r', prices: {}, store: inAnotherProcess(store) });
		expect(unset.ledger.toJSON().limits).toEqual({ calls: { hard: 6 } });
		const more = { ...options, limits: { calls: { hard: 3 } }, store: inAnotherProcess(store) };
		expect((await openWallet(more)).ledger.toJSON().limits).toEqual({ calls: { hard: 7 } });
	});

	it('takes limits over from a node that opens it while others work', async () => {
		const store = memoryStore(new VirtualRuntime());
		const first = await openWallet({ store, runKey: 'r', prices: {} });
		expect(first.limited).toBe(false);
		const underWay = first.ledger.tryReserve(request);
		first.ledger.tryReserve(request)?.settle();

		const limits = { calls: { hard: 3 } };
		const second = await openWallet({ store, runKey: 'r', prices: {}, limits });
		expect([first.limited, second.limited]).toEqual([true, true]);
		first.ledger.tryReserve(request)?.settle();
		expect(first.ledger.tryReserve(request)).toBeUndefined();
		underWay?.settle();
		expect(() => first.ledger.tryReserve(request)).toThrow(
			expect.objectContaining({ code: 'BUDGET_EXCEEDED' }),
		);
	});

	it('stays open until the last one has closed it', async () => {
		const store = memoryStore(new VirtualRuntime());
		const options = { store, runKey: 'r', prices: {} };
		const first = await openWallet(options);
		const second = await openWallet(options);
		await first.close();
		expect((await openWallet(options)).ledger).toBe(second.ledger);
	});

	it('belongs to one run', async () => {
		const store = memoryStore(new VirtualRuntime());
		const one = await openWallet({ store, runKey: 'a', prices: {} });
		const other = await openWallet({ store, runKey: 'b', prices: {} });
		expect(one.ledger).not.toBe(other.ledger);
	});

	it('begins anew with what it does not understand', async () => {
		const store = memoryStore(new VirtualRuntime());
		await store.put({
			collection: 'wallets',
			id: 'r',
			version: 'any',
			value: '{"schemaVersion":9}',
		});
		const { ledger } = await openWallet({ store, runKey: 'r', prices: {} });
		expect(ledger).toBeInstanceOf(BudgetLedger);
	});

	it('can be opened again after the store was out of reach', async () => {
		const store = memoryStore(new VirtualRuntime());
		let broken = true;
		const shaky: Store = Object.assign(inAnotherProcess(store), {
			get: async (...args: Parameters<Store['get']>) =>
				broken ? await Promise.reject(new Error('gone')) : await store.get(...args),
		});
		await expect(openWallet({ store: shaky, runKey: 'r', prices: {} })).rejects.toThrow('gone');
		broken = false;
		await openWallet({ store: shaky, runKey: 'r', prices: {} });
	});
});
