import type { Budget, PriceTable } from '../../lib';
import type { Parameters } from './parameters';

type Options = Parameters['options'];

/** Units of the panel in the units of the engine. */
const UNITS = {
	costUsd: { unit: 'costUsd', factor: 1 },
	minutes: { unit: 'activeMs', factor: 60_000 },
	calls: { unit: 'calls', factor: 1 },
	tokens: { unit: 'tokens', factor: 1 },
} as const;

/** The limits of one scope; `undefined` when it has none. */
export function budgetFor(scope: 'run' | 'item', { budget }: Options): Budget | undefined {
	const limits = budget.limits.filter((limit) => limit.scope === scope);
	if (limits.length === 0) return undefined;
	const result: Budget = {};
	for (const { unit, hard, softPercent } of limits) {
		const { unit: name, factor } = UNITS[unit];
		const amount = hard * factor;
		result[name] = { hard: amount, soft: (amount * softPercent) / 100 };
	}
	return result;
}

/** The user's own prices. */
export function priceTable({ prices }: Options): PriceTable {
	return Object.fromEntries(
		prices.models.map(({ model, input, output }) => [model, { input, output }]),
	);
}
