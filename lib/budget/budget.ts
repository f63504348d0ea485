import { z } from 'zod';

import { EngineError, parse } from '../core';
import { BUDGET_UNITS, type BudgetUnit } from './amounts';

/** How much of one unit may be used. */
export interface Limit {
	/** From here on, work is asked to finish. */
	soft?: number;
	/** No call starts that could lead beyond this. */
	hard?: number;
}

/** Limits by unit. Costs are in US dollars, times in milliseconds. */
export type Budget = Partial<Record<BudgetUnit, Limit>>;

/** Of one unit. */
export const limitSchema = z
	.object({ soft: z.number().min(0).optional(), hard: z.number().min(0).optional() })
	.strict()
	.refine(({ soft = 0, hard = Infinity }) => soft <= hard, {
		message: 'the soft limit must not be above the hard limit',
	});

const schema = z
	.object({
		tokens: limitSchema.optional(),
		costUsd: limitSchema.optional(),
		calls: limitSchema.optional(),
		activeMs: limitSchema.optional(),
		toolCalls: limitSchema.optional(),
		searches: limitSchema.optional(),
	})
	.strict();

/** @throws {ValidationError} naming each wrong limit */
export function parseBudget(budget: Budget): Budget {
	return parse(schema, budget, 'Budget');
}

/** The sum of a budget and a raise; raising what has no limit changes nothing. */
export function raiseBudget(budget: Budget, delta: Budget): Budget {
	const raised: Budget = { ...budget };
	for (const unit of BUDGET_UNITS) {
		const [current, more] = [budget[unit], delta[unit]];
		if (current === undefined || more === undefined) continue;
		raised[unit] = {
			...(current.soft === undefined ? {} : { soft: current.soft + (more.soft ?? more.hard ?? 0) }),
			...(current.hard === undefined ? {} : { hard: current.hard + (more.hard ?? 0) }),
		};
	}
	return raised;
}

/** Code of a {@link BudgetExceededError}. */
export const BUDGET_EXCEEDED = 'BUDGET_EXCEEDED';

/** A hard limit would be passed: the call was not made. Never retried. */
export class BudgetExceededError extends EngineError {
	constructor(
		readonly path: string,
		readonly unit: BudgetUnit,
		numbers: { limit: number; spent: number; needed: number },
	) {
		const { limit: hard, spent, needed } = numbers;
		super(
			BUDGET_EXCEEDED,
			`The budget ${path === '' ? '' : `of "${path}" `}allows ${show(hard)} ${unit}; ${show(spent)} are spent and the next call may need ${show(needed)}.`,
			{
				errorClass: 'budget',
				hint: 'Raise the budget, or let the task do less.',
				details: { path, unit, ...numbers },
			},
		);
	}
}

function show(amount: number): string {
	return String(Math.round(amount * 1e6) / 1e6);
}
