import { addAmounts, amountsOfUsage, noAmounts } from '../../../lib/budget/amounts';

describe('addAmounts', () => {
	it('adds and subtracts unit by unit, in place', () => {
		const sum = noAmounts();
		addAmounts(sum, { tokens: 5, searches: 1 });
		addAmounts(sum, { tokens: 2, costUsd: 0.5, calls: 1, activeMs: 9, toolCalls: 3 });
		expect(sum).toEqual({
			tokens: 7,
			costUsd: 0.5,
			calls: 1,
			activeMs: 9,
			toolCalls: 3,
			searches: 1,
		});
		addAmounts(sum, { tokens: 3, costUsd: 0.25 }, -1);
		expect(sum).toMatchObject({ tokens: 4, costUsd: 0.25, searches: 1 });
	});

	it('leaves no rest below zero from rounding', () => {
		const sum = noAmounts();
		for (const costUsd of [0.1, 0.7]) addAmounts(sum, { costUsd });
		for (const costUsd of [0.7, 0.1000001]) addAmounts(sum, { costUsd }, -1);
		expect(sum.costUsd).toBe(0);
	});
});

describe('amountsOfUsage', () => {
	it('counts all tokens and calls; an unknown price costs nothing here', () => {
		const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 5, costUsd: 0.5, calls: 2 };
		expect(amountsOfUsage(usage)).toEqual({ tokens: 5, costUsd: 0.5, calls: 2 });
		expect(amountsOfUsage({ ...usage, costUsd: null }).costUsd).toBe(0);
	});
});
