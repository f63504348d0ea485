import { z } from 'zod';

import {
	BUDGET_EXCEEDED,
	BudgetLedger,
	type Budget,
	type CallBudget,
	type RunBudget,
} from '../budget';
import { parseBudget } from '../budget/budget';
import { isEngineError } from '../core';
import type { WorkflowBudget, WorkflowDefinition } from './definition';
import { camelCase } from './named';
import type { KindContext } from './stepKind';

/** The wallet of a run of a workflow: that of its earlier processes, or a new one. */
export function runBudget(
	{ budget }: WorkflowDefinition,
	known: BudgetLedger | undefined,
): RunBudget | undefined {
	if (budget === undefined) return known && { ledger: known };
	if (known === undefined) return { ledger: new BudgetLedger(limitsOf(budget)), ...onHard(budget) };
	known.openBranch('', limitsOf(budget));
	return { ledger: known, ...onHard(budget) };
}

/**
 * The wallet of a run inside a step: that of the run around it, in which the inner workflow may have
 * limits of its own.
 *
 * @param outer - what the step is paid from
 * @param name - tells several inner runs of one step apart
 */
export function innerBudget(
	{ budget }: WorkflowDefinition,
	outer: CallBudget | undefined,
	name: string,
): RunBudget | undefined {
	if (outer === undefined) return runBudget({ budget } as WorkflowDefinition, undefined);
	const path = `${outer.path}/${name}`;
	if (budget !== undefined) outer.ledger.openBranch(path, limitsOf(budget));
	return { ...outer, path, ...(budget && onHard(budget)) };
}

function limitsOf(budget: WorkflowBudget): Budget {
	const limits = { ...budget };
	delete limits.onHard;
	return limits;
}

/** A question is asked where the step is; whoever refuses to give more lets the run fail. */
function onHard({ onHard: wanted = 'partial' }: WorkflowBudget): Pick<RunBudget, 'onHard'> {
	return { onHard: wanted === 'ask' ? 'fail' : wanted };
}

/** What people answer who allow more. */
const raiseSchema = z.object({ raise: z.record(z.number().min(0)) });

/**
 * Does the work of a step, and asks people for more each time the budget refuses it.
 *
 * @throws {BudgetExceededError} when they do not allow more
 */
export async function askingForMore(
	execute: () => Promise<unknown>,
	{ attempt, waitFor, runtime }: Pick<KindContext<unknown>, 'attempt' | 'waitFor' | 'runtime'>,
): Promise<unknown> {
	for (;;) {
		const end = await execute().then(
			(output) => ({ output }),
			(error: unknown) => ({ error }),
		);
		if ('output' in end) return end.output;
		const { error } = end;
		if (!isEngineError(error) || error.code !== BUDGET_EXCEEDED) throw error;
		const prompt = `${error.message} How much more is allowed, e.g. {"raise": {"calls": 5}}?`;
		const payload = { prompt, message: error.message, ...error.details };
		const answer = raiseSchema.safeParse(await waitFor('budget', { payload }));
		if (!answer.success) throw error;
		const { path = '' } = error.details as { path?: string };
		attempt.budget!.ledger.raise(raiseOf(answer.data.raise), 'a person', runtime.now(), path);
	}
}

/** `{"tokens": 5000}` allows 5000 tokens more. */
function raiseOf(more: Readonly<Record<string, number>>): Budget {
	return parseBudget(
		Object.fromEntries(Object.entries(more).map(([unit, hard]) => [camelCase(unit), { hard }])),
	);
}
