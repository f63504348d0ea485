import { z } from 'zod';

import { EngineError, isJsonObject, type Json, type JsonObject } from '../../core';
import { goTo } from '../../scheduler';
import { targetsSchema } from '../definitionSchema';
import { named, oneOf } from '../named';
import type { Predicate } from '../predicate';
import { predicateSchema } from '../predicateSchema';
import type { AnyStepKind, KindContext, StepKind } from '../stepKind';
import { agentKind, type AgentRunner } from './agent';

interface QaParameters {
	/** What must be true of the input, in words, for an agent to judge. */
	criteria?: string;
	/** What must hold of the input, as `result`; needs no agent. */
	check?: Predicate;
	/** The least score that passes, 0 to 1. Default 0.8. */
	threshold: number;
	/** What a failure does: end the step as failed, or go back. Default `route` with `to`. */
	onFailure?: 'halt' | 'route';
	/** Where to go back to, with the findings. */
	to: string[];
	/** Where to go on when it passes. Default: to whatever depends on the step. */
	next: string[];
	/** Parameters of the agent that judges, e.g. `model`. */
	judge: JsonObject;
}

/** What a check gives: the step's output. */
interface Verdict extends JsonObject {
	passed: boolean;
	score: number;
	findings: string[];
}

/** How a judging agent answers. */
const VERDICT_SCHEMA: JsonObject = {
	type: 'object',
	properties: {
		score: { type: 'number', minimum: 0, maximum: 1 },
		findings: { type: 'array', items: { type: 'string' } },
	},
	required: ['score', 'findings'],
	additionalProperties: false,
};

/**
 * Checks what came before, by criteria that an agent judges, by a predicate, or both. A failure halts
 * the flow, or leads back to an earlier step, which finds the findings in this step's output; the
 * `maxIterations` of that step limit the rounds. The output is `{ passed, score, findings }`.
 */
export function qaKind(judge: AgentRunner): StepKind<QaParameters> {
	return {
		kind: 'qa',
		parameters: named(
			{
				criteria: z.string().min(1).optional(),
				check: predicateSchema.optional(),
				threshold: z.number().min(0).max(1).default(0.8),
				onFailure: oneOf(['halt', 'route']).optional(),
				to: targetsSchema.default(null),
				next: targetsSchema.default(null),
				judge: z.custom<JsonObject>(isJsonObject, 'must be an object').default({}),
			},
			{ aliases: { routeTo: 'to', backTo: 'to', then: 'next' } },
		),
		raw: ['check'],
		targets: ({ to, next }) => [...to, ...next],
		async execute(context) {
			const { parameters, step } = context;
			const { to, next, onFailure = to.length > 0 ? 'route' : 'halt' } = parameters;
			const verdict = await verdictOf(context, judge);
			if (!verdict.passed && onFailure === 'halt') throw halted(step.id, verdict);
			return goTo(verdict.passed ? next : to, verdict);
		},
	};
}

/** The kinds of steps that agents do. */
export function agentKinds(run: AgentRunner): AnyStepKind[] {
	return [agentKind(run), qaKind(run)];
}

async function verdictOf(
	{ parameters, input, holds, step, task, attempt, runtime, waitFor }: KindContext<QaParameters>,
	judge: AgentRunner,
): Promise<Verdict> {
	const { criteria, check, threshold } = parameters;
	if (check !== undefined && !holds(check, { result: input })) {
		return { passed: false, score: 0, findings: ['The check does not hold.'] };
	}
	if (criteria === undefined) return { passed: true, score: 1, findings: [] };
	const answer = await judge({
		...{ input, attempt, runtime, waitFor, stepId: step.id, agent: step.agent },
		task: task ?? `Judge the data by these criteria:\n${criteria}\nName every finding.`,
		parameters: { ...parameters.judge, schema: VERDICT_SCHEMA, thread: false },
		threadId: step.threadId ?? `${attempt.runId}/${step.id}`,
	});
	const { score, findings } = readVerdict(answer, step.id);
	return { passed: score >= threshold, score, findings };
}

const verdictSchema = z.object({ score: z.number(), findings: z.array(z.string()) });

function readVerdict(answer: unknown, stepId: string): z.infer<typeof verdictSchema> {
	const read = verdictSchema.safeParse(answer);
	if (read.success) return read.data;
	throw new EngineError('BAD_VERDICT', `Step "${stepId}" got no verdict from its judge.`, {
		errorClass: 'bad_output',
		hint: 'A judge answers with {"score": 0 to 1, "findings": [texts]}.',
		details: { answer: answer as Json },
	});
}

function halted(stepId: string, { findings, score }: Verdict): EngineError {
	const why = findings.length === 0 ? `a score of ${score}` : findings.join(' ');
	return new EngineError('HALTED', `The check "${stepId}" did not pass: ${why}`, {
		errorClass: 'guardrail',
		details: { stepId, score, findings },
	});
}
