import * as fc from 'fast-check';

import { addUsage, noUsage, type Usage } from '../../../lib/core/usage';

const some: Usage = { inputTokens: 1, outputTokens: 2, totalTokens: 4, costUsd: 0.5, calls: 3 };

describe('addUsage', () => {
	it('adds every part', () => {
		expect(addUsage(some, { ...some, calls: 10, totalTokens: 20 })).toEqual({
			inputTokens: 2,
			outputTokens: 4,
			totalTokens: 24,
			costUsd: 1,
			calls: 13,
		});
	});

	it('starts from nothing', () => {
		expect(noUsage()).toEqual({
			inputTokens: 0,
			outputTokens: 0,
			totalTokens: 0,
			costUsd: 0,
			calls: 0,
		});
		expect(addUsage(noUsage(), some)).toEqual(some);
		expect(addUsage(some, noUsage())).toEqual(some);
	});

	it('does not know the sum when one price is not known', () => {
		const unknown = { ...some, costUsd: null };
		expect(addUsage(some, unknown).costUsd).toBeNull();
		expect(addUsage(unknown, some).costUsd).toBeNull();
	});

	it('gives the same sum in any order', () => {
		const usage = fc.record({
			inputTokens: fc.nat(),
			outputTokens: fc.nat(),
			totalTokens: fc.nat(),
			costUsd: fc.option(fc.nat()),
			calls: fc.nat(),
		});
		fc.assert(
			fc.property(usage, usage, usage, (a, b, c) => {
				expect(addUsage(addUsage(a, b), c)).toEqual(addUsage(a, addUsage(c, b)));
			}),
		);
	});
});
