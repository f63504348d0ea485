import * as fc from 'fast-check';

import type { Usage } from '../../../lib/core';
import { VirtualRuntime, seededRandom } from '../../../lib/core/virtualRuntime';
import { BudgetExceededError, parseBudget, raiseBudget } from '../../../lib/budget/budget';
import type { ReserveRequest } from '../../../lib/budget/estimates';
import { BudgetLedger, type BudgetEvent } from '../../../lib/budget/ledger';

const used = (totalTokens: number, costUsd: number | null = 0): Usage => ({
	inputTokens: 0,
	outputTokens: totalTokens,
	totalTokens,
	costUsd,
	calls: 1,
});

const tokens = (amount: number, path = 'step'): ReserveRequest => ({
	path,
	amounts: { tokens: amount },
});

/** Lets promises settle. */
const settle = (): Promise<void> => new VirtualRuntime().drain();

describe('BudgetLedger', () => {
	it('reserves before a call and books what it has used', () => {
		const ledger = new BudgetLedger({ tokens: { hard: 100 } });
		const reservation = ledger.tryReserve(tokens(60))!;
		expect(ledger.toJSON()).toMatchObject({ reserved: { tokens: 60 }, spent: { tokens: 0 } });
		reservation.settle(used(25), { activeMs: 7 });
		expect(ledger.toJSON()).toEqual({
			schemaVersion: 1,
			limits: { tokens: { hard: 100 } },
			branches: {},
			reserved: { tokens: 0, costUsd: 0, calls: 0, activeMs: 0, toolCalls: 0, searches: 0 },
			spent: { tokens: 25, costUsd: 0, calls: 1, activeMs: 7, toolCalls: 0, searches: 0 },
			byPath: {
				step: { tokens: 25, costUsd: 0, calls: 1, activeMs: 7, toolCalls: 0, searches: 0 },
			},
			open: [],
			unpricedModels: [],
			raises: [],
		});
	});

	it('gives everything back when the call was not made', () => {
		const ledger = new BudgetLedger({ tokens: { hard: 100 } });
		const reservation = ledger.tryReserve(tokens(100))!;
		expect(ledger.tryReserve(tokens(1))).toBeUndefined();
		reservation.release();
		reservation.release();
		expect(reservation.state).toBe('released');
		expect(ledger.tryReserve(tokens(100))).toBeDefined();
		expect(ledger.spent().tokens).toBe(0);
	});

	it('books only once, but also what is reported late', () => {
		const ledger = new BudgetLedger();
		const reservation = ledger.tryReserve(tokens(10))!;
		reservation.release();
		reservation.settle(used(8));
		reservation.settle(used(8));
		reservation.release();
		expect(reservation.state).toBe('settled');
		expect(ledger.spent()).toMatchObject({ tokens: 8, calls: 1 });
		expect(ledger.toJSON().reserved.tokens).toBe(0);
	});

	it('counts the call even when the model reports nothing', () => {
		const ledger = new BudgetLedger();
		ledger.tryReserve({ path: 'a', model: 'm' })!.settle();
		ledger.tryReserve({ path: 'a', amounts: { searches: 1 } })!.settle(undefined, { searches: 1 });
		expect(ledger.spent()).toMatchObject({ calls: 1, searches: 1, tokens: 0 });
	});

	it('decides at once when no running call could free enough', () => {
		const ledger = new BudgetLedger({ tokens: { hard: 100 } });
		ledger.tryReserve(tokens(40))!.settle(used(40));
		expect(() => ledger.tryReserve(tokens(61))).toThrow(
			expect.objectContaining({
				name: 'BudgetExceededError',
				code: 'BUDGET_EXCEEDED',
				errorClass: 'budget',
				retryable: false,
				message: 'The budget allows 100 tokens; 40 are spent and the next call may need 61.',
				hint: 'Raise the budget, or let the task do less.',
				details: { path: '', unit: 'tokens', limit: 100, spent: 40, needed: 61 },
			}),
		);
		expect(ledger.tryReserve(tokens(60))).toBeDefined();
	});

	it('waits when running calls could free enough, first come, first served', async () => {
		const ledger = new BudgetLedger({ tokens: { hard: 100 } });
		const running = ledger.tryReserve(tokens(80))!;
		const order: string[] = [];
		const wait = (name: string, amount: number): Promise<unknown> =>
			ledger.reserve(tokens(amount, name)).then(({ path }) => order.push(path));
		const all = [wait('big', 90), wait('small', 10)];
		await settle();
		expect(order).toEqual([]);
		expect(ledger.tryReserve(tokens(5))).toBeUndefined();
		running.settle(used(0));
		await Promise.all(all);
		expect(order).toEqual(['big', 'small']);
	});

	it('tells those who wait as soon as hope is gone', async () => {
		const ledger = new BudgetLedger({ tokens: { hard: 100 } });
		const running = ledger.tryReserve(tokens(50))!;
		const waiting = ledger.reserve(tokens(60));
		running.settle(used(50));
		await expect(waiting).rejects.toThrow(BudgetExceededError);
		await expect(ledger.reserve(tokens(51))).rejects.toThrow(BudgetExceededError);
		await expect(ledger.reserve(tokens(50))).resolves.toMatchObject({ amounts: { tokens: 50 } });
	});

	it('lets go of those who cancel, and serves the next', async () => {
		const ledger = new BudgetLedger({ tokens: { hard: 100 } });
		ledger.tryReserve(tokens(80));
		const controller = new AbortController();
		const other = new AbortController();
		const remove = jest.spyOn(other.signal, 'removeEventListener');
		const big = ledger.reserve(tokens(90), controller.signal);
		const small = ledger.reserve(tokens(20), other.signal);
		controller.abort('stop');
		await expect(big).rejects.toMatchObject({ errorClass: 'abort', cause: 'stop' });
		await expect(small).resolves.toMatchObject({ state: 'open' });
		expect(remove).toHaveBeenCalledTimes(1);
		await expect(ledger.reserve(tokens(1), controller.signal)).rejects.toMatchObject({
			errorClass: 'abort',
		});
	});

	it('is not disturbed by a cancel after it has decided', async () => {
		const ledger = new BudgetLedger({ tokens: { hard: 10 } });
		const running = ledger.tryReserve(tokens(10))!;
		const controller = new AbortController();
		const listeners = jest.spyOn(controller.signal, 'removeEventListener');
		const waiting = ledger.reserve(tokens(5), controller.signal);
		running.settle(used(5));
		await waiting;
		expect(listeners).toHaveBeenCalledWith('abort', expect.any(Function));
	});

	it('stops listening to those it refuses', async () => {
		const ledger = new BudgetLedger({ tokens: { hard: 10 } });
		const running = ledger.tryReserve(tokens(10))!;
		const { signal } = new AbortController();
		const remove = jest.spyOn(signal, 'removeEventListener');
		const waiting = ledger.reserve(tokens(5), signal);
		running.settle(used(10));
		await expect(waiting).rejects.toThrow(BudgetExceededError);
		expect(remove).toHaveBeenCalledWith('abort', expect.any(Function));
	});

	it('starts nothing more once the hard limit is reached', () => {
		const ledger = new BudgetLedger({ activeMs: { hard: 100 }, calls: { hard: 2 } });
		ledger.tryReserve({ path: 'a', model: 'm' })!.settle(used(1), { activeMs: 99 });
		ledger.tryReserve({ path: 'a', model: 'm' })!.settle(undefined, { calls: 0, activeMs: 1 });
		expect(() => ledger.tryReserve({ path: 'a', model: 'm' })).toThrow('activeMs');
		expect(() => ledger.tryReserve({ path: 'a', amounts: { searches: 1 } })).toThrow('activeMs');
	});

	it('lets calls go on that need nothing of what is used up', () => {
		const ledger = new BudgetLedger({ costUsd: { hard: 1 }, searches: { hard: 1 } });
		ledger.tryReserve({ path: 'a', amounts: { costUsd: 1 } })!.settle(used(5, 1));
		const home = { path: 'a', model: 'local', maxOutputTokens: 9 };
		const priced = new BudgetLedger(
			{ costUsd: { hard: 1 } },
			{ prices: { local: { input: 0, output: 0 } } },
		);
		priced.tryReserve({ path: 'a', amounts: { costUsd: 1 } })!.settle(used(5, 1));
		expect(priced.tryReserve(home)!.amounts).toMatchObject({ costUsd: 0, tokens: 9 });
		expect(ledger.tryReserve({ path: 'a', amounts: { searches: 1 } })).toBeDefined();
	});

	it('does not refuse for a rest that is only rounding', () => {
		const ledger = new BudgetLedger({ costUsd: { hard: 0.3 } });
		ledger.tryReserve({ path: 'a', amounts: { costUsd: 0.1 } });
		ledger.tryReserve({ path: 'a', amounts: { costUsd: 0.1 } })!.settle(used(1, 0.1));
		expect(ledger.tryReserve({ path: 'a', amounts: { costUsd: 0.1 } })).toBeDefined();
		expect(ledger.toJSON().reserved.costUsd).toBeCloseTo(0.2);
	});

	describe('branches', () => {
		it('have limits of their own, below those of the run', () => {
			const ledger = new BudgetLedger({ tokens: { hard: 100 } });
			ledger.openBranch('fan', { tokens: { hard: 30 } });
			ledger.tryReserve(tokens(20, 'fan/1'))!.settle(used(20));
			expect(() => ledger.tryReserve(tokens(11, 'fan'))).toThrow('The budget of "fan" allows 30');
			expect(ledger.tryReserve(tokens(80, 'fanatic'))).toBeDefined();
			expect(ledger.tryReserve(tokens(1, 'fan/2'))).toBeUndefined();
			const spent = ['fan', 'fan/1', 'fan/2', ''].map((path) => ledger.spent(path).tokens);
			expect(spent).toEqual([20, 20, 0, 20]);
		});

		it('do not make others wait who share only the run with them', async () => {
			const ledger = new BudgetLedger({ tokens: { hard: 1000 } });
			ledger.openBranch('a', { tokens: { hard: 10 } });
			const running = ledger.tryReserve(tokens(10, 'a/1'))!;
			const waiting = ledger.reserve(tokens(10, 'a/2'));
			expect(ledger.tryReserve(tokens(10, 'b'))).toBeDefined();
			running.release();
			await expect(waiting).resolves.toMatchObject({ path: 'a/2' });
		});

		it('count what was spent and reserved below them before', () => {
			const ledger = new BudgetLedger();
			ledger.tryReserve(tokens(5, 'a/1'))!.settle(used(5));
			ledger.tryReserve(tokens(5, 'b'))!.settle(used(5));
			expect([ledger.spent('a').tokens, ledger.spent().tokens]).toEqual([5, 10]);
			const open = ledger.tryReserve(tokens(3, 'a'))!;
			ledger.tryReserve(tokens(3, 'b'));
			ledger.openBranch('a', { tokens: { hard: 10 } });
			expect(ledger.tryReserve(tokens(3, 'a/2'))).toBeUndefined();
			open.release();
			expect(ledger.tryReserve(tokens(3, 'a/2'))).toBeDefined();
		});
	});

	describe('events', () => {
		it('tell of soft and hard limits once each, until they are raised', () => {
			const events: BudgetEvent[] = [];
			const ledger = new BudgetLedger(
				{ tokens: { soft: 10, hard: 20 } },
				{ onEvent: (event) => events.push(event) },
			);
			const spend = (amount: number): void => ledger.tryReserve(tokens(1))!.settle(used(amount));
			const told = (): string[] =>
				events
					.splice(0)
					.filter(({ type }) => type !== 'reserved' && type !== 'settled')
					.map(({ type, path, unit }) => `${type} ${path} ${unit}`);
			spend(9);
			expect([told(), ledger.shouldFinish('step')]).toEqual([[], false]);
			spend(1);
			expect([told(), ledger.shouldFinish('step')]).toEqual([['soft  tokens'], true]);
			spend(10);
			expect(told()).toEqual(['hard  tokens']);
			expect(() => ledger.tryReserve(tokens(1))).toThrow('allows 20 tokens; 20 are spent');
			ledger.raise({ tokens: { hard: 5 } }, 'Ada', 7);
			expect([told(), ledger.shouldFinish('step')]).toEqual([['raised  undefined'], true]);
			spend(5);
			expect(told()).toEqual(['soft  tokens', 'hard  tokens']);
		});

		it('tell what was reserved and settled', () => {
			const events: BudgetEvent[] = [];
			const ledger = new BudgetLedger({}, { onEvent: (event) => events.push(event) });
			ledger.tryReserve(tokens(5))!.settle(used(3));
			expect(events).toEqual([
				{ type: 'reserved', path: 'step', amounts: { tokens: 5, activeMs: 0 } },
				{ type: 'settled', path: 'step', amounts: { tokens: 3, costUsd: 0, calls: 1 } },
			]);
		});

		it('ask only the branch to finish whose soft limit is reached', () => {
			const ledger = new BudgetLedger();
			ledger.openBranch('a', { tokens: { soft: 5 } });
			ledger.tryReserve(tokens(5, 'a/1'))!.settle(used(5));
			expect(['a', 'a/9', 'b'].map((path) => ledger.shouldFinish(path))).toEqual([
				true,
				true,
				false,
			]);
		});
	});

	describe('raises', () => {
		it('let those go on who wait, and are recorded', async () => {
			const ledger = new BudgetLedger({ tokens: { hard: 10 } });
			ledger.tryReserve(tokens(10));
			const waiting = ledger.reserve(tokens(8));
			ledger.raise({ tokens: { hard: 8 } }, 'Ada', 42);
			await expect(waiting).resolves.toMatchObject({ state: 'open' });
			expect(ledger.toJSON()).toMatchObject({
				limits: { tokens: { hard: 18 } },
				raises: [{ by: 'Ada', at: 42, path: '', delta: { tokens: { hard: 8 } } }],
			});
		});

		it('last when limits are set again', () => {
			const ledger = new BudgetLedger({ tokens: { hard: 10 } });
			ledger.openBranch('a', { tokens: { hard: 1 } });
			for (const at of [1, 2]) ledger.raise({ tokens: { hard: 10 } }, 'Ada', at);
			ledger.raise({ tokens: { hard: 5 } }, 'Ada', 3, 'a');
			ledger.openBranch('', { tokens: { hard: 10 } });
			ledger.openBranch('a', { tokens: { hard: 2 } });
			expect(ledger.toJSON()).toMatchObject({
				limits: { tokens: { hard: 30 } },
				branches: { a: { tokens: { hard: 7 } } },
			});
		});

		it('may be for one branch', () => {
			const ledger = new BudgetLedger();
			ledger.openBranch('a', { tokens: { hard: 1 } });
			ledger.raise({ tokens: { hard: 1 } }, 'Ada', 42, 'a');
			expect(ledger.toJSON().branches).toEqual({ a: { tokens: { hard: 2 } } });
			expect(() => ledger.raise({}, 'Ada', 42, 'b')).toThrow(
				expect.objectContaining({
					code: 'UNKNOWN_BUDGET',
					errorClass: 'not_found',
					message: 'There is no budget for "b" to raise.',
				}),
			);
		});
	});

	describe('estimates', () => {
		it('are prompt and longest answer, priced', () => {
			const ledger = new BudgetLedger();
			const request = { path: 'a', model: 'gpt-4o', inputTokens: 1e6, maxOutputTokens: 1e5 };
			expect(ledger.tryReserve(request)!.amounts).toEqual({
				tokens: 1_100_000,
				costUsd: 3.5,
				calls: 1,
				activeMs: 0,
			});
		});

		it('are learned from calls of the same kind', () => {
			const ledger = new BudgetLedger();
			const usage = { inputTokens: 70, outputTokens: 30, totalTokens: 100, costUsd: 0, calls: 1 };
			const amounts = (request: Partial<ReserveRequest>) =>
				ledger.tryReserve({ path: 'b', kind: 'chat', model: 'm', ...request })!.amounts.tokens;
			expect(amounts({})).toBe(0);
			ledger.tryReserve({ path: 'a', kind: 'chat', model: 'm' })!.settle(usage);
			expect(amounts({})).toBe(100);
			expect(amounts({ inputTokens: 500 })).toBe(530);
			expect(amounts({ maxOutputTokens: 40 })).toBe(100);
			expect(amounts({ maxOutputTokens: 400 })).toBe(400);
			expect(amounts({ kind: 'other' })).toBe(0);
			expect(amounts({ kind: undefined, path: 'chat' })).toBe(100);
		});

		it('give way to what is said outright', () => {
			const ledger = new BudgetLedger();
			const request = { path: 'a', model: 'm', maxOutputTokens: 9, amounts: { calls: 3 } };
			expect(ledger.tryReserve(request)!.amounts).toMatchObject({ tokens: 9, calls: 3 });
		});

		it('note models without a price, and block them when told to', () => {
			const request = { path: 'a', model: 'house-model', maxOutputTokens: 9 };
			const limited = { costUsd: { hard: 1 } };
			const allowing = new BudgetLedger(limited);
			expect(allowing.tryReserve(request)!.amounts.costUsd).toBe(0);
			expect(allowing.toJSON().unpricedModels).toEqual(['house-model']);
			allowing.tryReserve({ path: 'a', model: 'gpt-4o', maxOutputTokens: 9 });
			expect(allowing.toJSON().unpricedModels).toEqual(['house-model']);
			const branched = new BudgetLedger({}, { unpriced: 'block' });
			branched.openBranch('a', limited);
			expect(() => branched.tryReserve(request)).toThrow('is not known');
			const blocking = new BudgetLedger(limited, { unpriced: 'block' });
			expect(() => blocking.tryReserve(request)).toThrow(
				expect.objectContaining({
					code: 'UNPRICED_MODEL',
					errorClass: 'budget',
					retryable: false,
					message: 'The price of model "house-model" is not known.',
					hint: 'Give its price in the price table, allow unpriced models, or limit tokens instead.',
					details: { model: 'house-model' },
				}),
			);
			for (const limits of [{}, { tokens: { hard: 99 } }, { costUsd: { soft: 1 } }]) {
				const free = new BudgetLedger(limits, { unpriced: 'block' });
				expect(free.tryReserve(request)).toBeDefined();
			}
		});
	});

	it('books late what a call has used that was settled without knowing it', () => {
		const events: BudgetEvent[] = [];
		const onEvent = (event: BudgetEvent) => void events.push(event);
		const ledger = new BudgetLedger({ tokens: { hard: 20 } }, { onEvent });
		ledger.tryReserve({ ...tokens(15), model: 'x' })!.settle();
		expect(ledger.spent()).toMatchObject({ tokens: 0, calls: 1 });
		ledger.bookLate('step', 'x', used(20));
		expect(ledger.spent('step')).toMatchObject({ tokens: 20, calls: 1 });
		expect(events.at(-1)).toEqual({ type: 'hard', path: '', unit: 'tokens' });
	});

	it('survives a restart: open calls count as made', () => {
		const ledger = new BudgetLedger({ tokens: { hard: 100 } });
		ledger.openBranch('a', { tokens: { hard: 50 } });
		ledger.tryReserve(tokens(20, 'a/1'))!.settle(used(20));
		ledger.tryReserve({ ...tokens(15, 'a/2'), model: 'x' });
		ledger.raise({ tokens: { hard: 5 } }, 'Ada', 1);
		const state = JSON.parse(JSON.stringify(ledger)) as ReturnType<BudgetLedger['toJSON']>;
		expect(state.open).toEqual([
			{ path: 'a/2', amounts: { tokens: 15, costUsd: 0, calls: 1, activeMs: 0 } },
		]);
		const events: BudgetEvent[] = [];
		const restored = BudgetLedger.restore(state, { onEvent: (event) => events.push(event) });
		expect(restored.toJSON()).toMatchObject({
			limits: { tokens: { hard: 105 } },
			branches: { a: { tokens: { hard: 50 } } },
			spent: { tokens: 35, calls: 2 },
			reserved: { tokens: 0 },
			open: [],
			unpricedModels: ['x'],
			raises: [{ by: 'Ada' }],
		});
		expect(restored.spent('a').tokens).toBe(35);
		expect(() => restored.tryReserve(tokens(16, 'a'))).toThrow(BudgetExceededError);
		restored.tryReserve(tokens(1, 'b'));
		expect(events).toHaveLength(1);
		expect(BudgetLedger.restore(state).spent().tokens).toBe(35);
	});

	/** Runs random calls side by side; what each needs is its estimate times a random error. */
	async function overshoot(seed: number, calls: number, width: number, error: number) {
		const random = seededRandom(seed);
		const runtime = new VirtualRuntime({ seed });
		const hard = 1000 + Math.floor(random() * 20_000);
		const ledger = new BudgetLedger({ tokens: { hard } });
		let [made, refused, running, mostUnderWay, largestError] = [0, 0, 0, 0, 0];
		const call = async (): Promise<void> => {
			const estimate = 1 + Math.floor(random() * 100);
			const actual = Math.floor(estimate * (1 + (random() * 2 - 1) * error));
			const reservation = await ledger.reserve(tokens(estimate)).catch(() => undefined);
			if (reservation === undefined) {
				refused++;
				await runtime.sleep(1);
				return;
			}
			made++;
			mostUnderWay = Math.max(mostUnderWay, ++running);
			largestError = Math.max(largestError, actual - estimate);
			await runtime.sleep(random() * 100);
			running--;
			reservation.settle(used(actual));
		};
		let next = 0;
		const worker = async (): Promise<void> => {
			while (next++ < calls) await call();
		};
		await runtime.until(Promise.all(Array.from({ length: width }, worker)));
		expect(made + refused).toBe(calls);
		expect(ledger.toJSON().reserved.tokens).toBe(0);
		return { beyond: ledger.spent().tokens - hard, largestError, mostUnderWay, refused };
	}

	it('never passes the hard limit while estimates are not too low: 1,000 calls side by side', async () => {
		await fc.assert(
			fc.asyncProperty(fc.integer(), async (seed) => {
				const { beyond, refused } = await overshoot(seed, 1000, 50, 0);
				expect(beyond).toBeLessThanOrEqual(0);
				expect(refused).toBeGreaterThan(0);
			}),
			{ numRuns: 20 },
		);
	});

	it('passes it by no more than one error for each call under way', async () => {
		await fc.assert(
			fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 50 }), async (seed, width) => {
				const { beyond, largestError, mostUnderWay } = await overshoot(seed, 1000, width, 0.5);
				expect(beyond).toBeLessThanOrEqual(largestError * mostUnderWay);
			}),
			{ numRuns: 30 },
		);
	});

	it('passes it by no more than one error when calls follow one another', async () => {
		await fc.assert(
			fc.asyncProperty(fc.integer(), async (seed) => {
				const { beyond, largestError } = await overshoot(seed, 1000, 1, 0.5);
				expect(beyond).toBeLessThanOrEqual(largestError);
			}),
			{ numRuns: 20 },
		);
	});
});

describe('parseBudget', () => {
	it('accepts every unit', () => {
		const limit = { soft: 1, hard: 1 };
		const budget = {
			tokens: limit,
			costUsd: limit,
			calls: { hard: 0 },
			activeMs: { soft: 0 },
			toolCalls: {},
			searches: limit,
		};
		expect(parseBudget(budget)).toEqual(budget);
	});

	it.each([
		[{ tokens: { hard: -1 } }],
		[{ tokens: { soft: -1 } }],
		[{ tokens: { soft: 2, hard: 1 } }],
		[{ tokens: { max: 1 } }],
		[{ token: { hard: 1 } }],
	])('refuses %j', (budget) => {
		expect(() => parseBudget(budget as never)).toThrow(/^Budget: /);
		expect(() => new BudgetLedger(budget as never)).toThrow('Budget');
		expect(() => new BudgetLedger().openBranch('a', budget as never)).toThrow('Budget');
	});

	it('says that the soft limit must not be above the hard one', () => {
		expect(() => parseBudget({ tokens: { soft: 2, hard: 1 } })).toThrow(
			'the soft limit must not be above the hard limit',
		);
	});
});

describe('raiseBudget', () => {
	it('raises the soft limit along with the hard one', () => {
		const budget = { tokens: { soft: 10, hard: 20 }, calls: { hard: 3 }, costUsd: { soft: 1 } };
		expect(raiseBudget(budget, { tokens: { hard: 5 }, costUsd: { hard: 9 } })).toEqual({
			tokens: { soft: 15, hard: 25 },
			calls: { hard: 3 },
			costUsd: { soft: 10 },
		});
		expect(raiseBudget(budget, { costUsd: {} })).toEqual(budget);
		expect(raiseBudget(budget, { tokens: { soft: 2 } })).toMatchObject({
			tokens: { soft: 12, hard: 20 },
		});
		expect(raiseBudget(budget, { tokens: { soft: 2, hard: 4 }, calls: {} })).toMatchObject({
			tokens: { soft: 12, hard: 24 },
			calls: { hard: 3 },
		});
	});

	it('does not limit what had no limit, and leaves the old budget alone', () => {
		const budget = { tokens: { hard: 1 } };
		expect(raiseBudget(budget, { calls: { hard: 1 }, tokens: { hard: 1 } })).toEqual({
			tokens: { hard: 2 },
		});
		expect(budget).toEqual({ tokens: { hard: 1 } });
	});
});
