import { noUsage, type Usage } from '../../../lib/core';
import { VirtualRuntime } from '../../../lib/core/virtualRuntime';
import { budgetGate, type BudgetGateOptions } from '../../../lib/budget/budgetGate';
import { BudgetExceededError } from '../../../lib/budget/budget';
import { paidFrom } from '../../../lib/budget/callBudget';
import { BudgetLedger } from '../../../lib/budget/ledger';
import { ResiliencePolicy } from '../../../lib/resilience';

const usage = (totalTokens: number): Usage => ({ ...noUsage(), totalTokens, calls: 1 });

function setup(hard: number, more: Partial<BudgetGateOptions> = {}) {
	const runtime = new VirtualRuntime();
	const ledger = new BudgetLedger({ tokens: { hard } });
	const gate = budgetGate(
		ledger,
		{
			request: (attempt) => ({ path: `step#${attempt}`, model: 'm', maxOutputTokens: 10 }),
			usageOf: (value) => (typeof value === 'number' ? usage(value) : undefined),
			...more,
		},
		runtime,
	);
	return { runtime, ledger, gate };
}

describe('budgetGate', () => {
	it('reserves for each attempt and books what its result has used', async () => {
		const { runtime, ledger, gate } = setup(100);
		const policy = new ResiliencePolicy({ budget: gate }, runtime);
		await runtime.advance(1000);
		const result = policy.execute(async () => {
			expect(ledger.toJSON().reserved.tokens).toBe(10);
			await runtime.sleep(30);
			return 7;
		});
		await runtime.until(result);
		expect(ledger.spent()).toMatchObject({ tokens: 7, calls: 1, activeMs: 30 });
		expect(Object.keys(ledger.toJSON().byPath)).toEqual(['step#1']);
		await policy.execute(() => Promise.resolve('no usage'));
		expect(ledger.spent()).toMatchObject({ tokens: 7, calls: 2 });
	});

	it('books what failed attempts have used, when that is known', async () => {
		const known = setup(100, { usageOfError: () => usage(4) });
		const broken = (): Promise<never> => Promise.reject(new Error('x'));
		await new ResiliencePolicy({ budget: known.gate }, known.runtime)
			.execute(broken)
			.catch(() => undefined);
		expect(known.ledger.spent()).toMatchObject({ tokens: 4, calls: 1 });
		const unknown = setup(100);
		await new ResiliencePolicy({ budget: unknown.gate }, unknown.runtime)
			.execute(broken)
			.catch(() => undefined);
		expect(unknown.ledger.spent()).toMatchObject({ tokens: 0, calls: 1 });
	});

	it('books tool calls and searches as announced, whatever the model reports', () => {
		const amounts = { toolCalls: 2, searches: 1 };
		for (const end of [{ value: 7 }, { value: 'no usage' }, { error: new Error('x') }]) {
			const { gate, ledger } = setup(100, { request: () => ({ path: 'step', amounts }) });
			const pass = gate.tryEnter(1)!;
			expect(ledger.toJSON().reserved).toMatchObject(amounts);
			pass.leave({ started: true, ...end });
			expect(ledger.toJSON()).toMatchObject({
				spent: amounts,
				reserved: { toolCalls: 0, searches: 0 },
			});
		}
	});

	it('books nothing for a call that was not made', () => {
		const { gate, ledger } = setup(100);
		gate.tryEnter(1)!.leave({ started: false });
		expect(ledger.toJSON()).toMatchObject({ spent: { calls: 0 }, reserved: { calls: 0 } });
	});

	it('makes calls wait as long as there is hope, and refuses them then', async () => {
		const { gate } = setup(15);
		const pass = gate.tryEnter(1)!;
		expect(gate.tryEnter(2)).toBeUndefined();
		const { signal } = new AbortController();
		const [second, third] = [gate.enter(2, signal), gate.enter(3, signal)];
		pass.leave({ started: true, value: 5 });
		(await second).leave({ started: true, value: 10 });
		await expect(third).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
		expect(() => gate.tryEnter(4)).toThrow('allows 15 tokens');
	});

	it('keeps what a timed out call may still use until it settles', async () => {
		const { gate, ledger, runtime } = setup(100, { usageOfError: () => usage(3) });
		const pass = gate.tryEnter(1)!;
		pass.abandon(runtime.sleep(500).then(() => 8));
		await runtime.advance(499);
		expect(ledger.toJSON().reserved.tokens).toBe(10);
		await runtime.advance(1);
		expect(ledger.toJSON()).toMatchObject({ reserved: { tokens: 0 }, spent: { tokens: 8 } });
		gate.tryEnter(2)!.abandon(Promise.reject(new Error('aborted')));
		await runtime.drain();
		expect(ledger.spent().tokens).toBe(11);
		expect(runtime.pendingTimers).toBe(0);
	});

	it('gives it back after abandonMs, and books late usage all the same', async () => {
		for (const [more, abandonMs] of [
			[{}, 30_000],
			[{ abandonMs: 100 }, 100],
		] as const) {
			const { gate, ledger, runtime } = setup(100, more);
			gate.tryEnter(1)!.abandon(runtime.sleep(1e6).then(() => 8));
			await runtime.advance(abandonMs - 1);
			expect(ledger.toJSON().reserved.tokens).toBe(10);
			await runtime.advance(1);
			expect(ledger.toJSON()).toMatchObject({ reserved: { tokens: 0 }, spent: { tokens: 0 } });
			await runtime.advance(1e6);
			expect(ledger.spent().tokens).toBe(8);
		}
	});

	it('settles a failed late call even when nobody knows what it used', async () => {
		const { gate, ledger, runtime } = setup(100);
		gate.tryEnter(1)!.abandon(Promise.reject(new Error('aborted')));
		await runtime.drain();
		expect(ledger.toJSON()).toMatchObject({ reserved: { calls: 0 }, spent: { calls: 1 } });
	});
});

describe('paidFrom', () => {
	const spentBy = (ledger: BudgetLedger) => ledger.spent('step').toolCalls;

	it('does work that is announced, and counts it however it ends', async () => {
		const ledger = new BudgetLedger({ toolCalls: { hard: 2 } });
		const saved: number[] = [];
		const save = async () => void (await saved.push(ledger.toJSON().reserved.toolCalls));
		const budget = { ledger, path: 'step', save };
		await expect(paidFrom(budget, { toolCalls: 1 }, () => 'done')).resolves.toBe('done');
		await expect(paidFrom({ ledger, path: 'other' }, {}, () => 'free')).resolves.toBe('free');
		const broken = paidFrom(budget, { toolCalls: 1 }, () => Promise.reject(new Error('broken')));
		await expect(broken).rejects.toThrow('broken');
		expect([spentBy(ledger), saved]).toEqual([2, [1, 1]]);
		let done = false;
		const refused = paidFrom({ ledger, path: 'step' }, { toolCalls: 1 }, () => (done = true));
		await expect(refused).rejects.toThrow(BudgetExceededError);
		expect([done, spentBy(ledger)]).toEqual([false, 2]);
	});

	it('counts nothing without a budget', async () => {
		await expect(paidFrom(undefined, { toolCalls: 1 }, () => 'done')).resolves.toBe('done');
	});

	it('gives up its place in line when it is cancelled', async () => {
		const ledger = new BudgetLedger({ toolCalls: { hard: 1 } });
		ledger.tryReserve({ path: 'other', amounts: { toolCalls: 1 } });
		const controller = new AbortController();
		const waiting = paidFrom(
			{ ledger, path: 'step' },
			{ toolCalls: 1 },
			() => 'done',
			controller.signal,
		);
		controller.abort();
		await expect(waiting).rejects.toThrow('cancelled');
	});
});
