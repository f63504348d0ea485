import { z } from 'zod';

import { canonicalJson, errorClassOf, type Json, type JsonObject } from '../../core';
import { jsonObject, named, oneOf, seconds } from '../named';
import { predicateSchema } from '../predicateSchema';
import { holds, predicatePaths, type Predicate } from '../predicate';
import type { StepKind } from '../stepKind';

interface HumanParameters {
	/** What people are asked. Default: the step's task. */
	prompt?: string;
	/** What they need to see. Default: the step's input. */
	payload?: Json;
	/** Answers to choose from. Default: any text. */
	options?: Json[];
	/** Must hold for `answer`; otherwise it is asked again, on the same clock. */
	validator?: Predicate;
	timeoutMs?: number;
	/** What happens when nobody answers in time. Default `fail`; with a default value, that one. */
	onTimeout?: 'fail' | 'default';
	/** The answer when the time is up. */
	default?: Json;
	/** What else whoever asks should know, e.g. reviewers. */
	review?: JsonObject;
}

/** Why nobody could have given the default as an answer, as far as that can be told beforehand. */
function defaultProblem(parameters: HumanParameters): string | undefined {
	const { default: fallback, options, validator } = parameters;
	if (fallback === undefined) return undefined;
	const text = canonicalJson(fallback);
	const isOption = options?.some((option) => canonicalJson(option) === text) ?? true;
	if (!isOption && !canonicalJson(options).includes('{{')) return 'must be one of the options';
	if (validator === undefined) return undefined;
	let isOpen = predicatePaths(validator).some(([root]) => root !== 'answer');
	const passes = holds(validator, { answer: fallback }, () => (isOpen = true));
	return passes || isOpen ? undefined : 'must pass the validator';
}

/**
 * Asks people and waits for days if need be. The host shows the open requests to them and gives
 * back what they say. The output is `{ answer, decidedBy }`, with `human` or `timeout`.
 */
export const humanKind: StepKind<HumanParameters> = {
	kind: 'human',
	parameters: named(
		{
			prompt: z.string().optional(),
			payload: z.custom<Json>().optional(),
			options: z.array(z.custom<Json>()).optional(),
			validator: predicateSchema.optional(),
			timeoutMs: z.number().min(0).optional(),
			onTimeout: oneOf(['fail', 'default']).optional(),
			default: z.custom<Json>().optional(),
			review: jsonObject.optional(),
		},
		{
			aliases: { defaultValue: 'default', choices: 'options' },
			converted: { timeout: ['timeoutMs', seconds] },
		},
	).superRefine((parameters, context) => {
		const message = defaultProblem(parameters);
		if (message !== undefined) context.addIssue({ code: 'custom', path: ['default'], message });
	}),
	raw: ['validator'],
	async execute({ parameters, input, task, step, runtime, holds: holdsHere, waitFor }) {
		const {
			prompt = task ?? step.name ?? step.id,
			payload = input,
			options,
			validator,
		} = parameters;
		const { timeoutMs, review, default: fallback } = parameters;
		const onTimeout = parameters.onTimeout ?? (fallback === undefined ? 'fail' : 'default');
		const endsAt = timeoutMs === undefined ? undefined : runtime.now() + timeoutMs;
		const isValid = (answer: Json) =>
			(options === undefined ||
				holdsHere({ path: 'answer', op: 'in', value: options }, { answer })) &&
			(validator === undefined || holdsHere(validator, { answer }));
		const asked = { prompt, payload, ...(options && { options }), ...(review && { review }) };
		for (let round = 1; ; round++) {
			const name = round === 1 ? 'review' : `review#${round}`;
			const left = endsAt === undefined ? {} : { timeoutMs: Math.max(0, endsAt - runtime.now()) };
			const again = round === 1 ? {} : { problem: 'The last answer was not valid.' };
			const reply = await waitFor(name, { payload: { ...asked, ...again }, ...left }).then(
				(answer) => ({ answer: (answer ?? null) as Json, decidedBy: 'human' }),
				(error: Error) => {
					const late = errorClassOf(error) === 'timeout' && onTimeout === 'default';
					if (late) return { answer: fallback ?? null, decidedBy: 'timeout' };
					return Promise.reject(error);
				},
			);
			if (reply.decidedBy === 'timeout' || isValid(reply.answer)) return reply;
		}
	},
};
