import { z } from 'zod';

import { errorClassOf, isJsonObject, type Json } from '../../core';
import { named, seconds } from '../named';
import type { KindContext, StepKind } from '../stepKind';

interface WaitParameters {
	/** How long, in milliseconds. */
	ms?: number;
	/** Until when: milliseconds since the epoch, or a date with time zone. */
	until?: string | number;
	/** Name of what may end the wait early. Default: the step's id. */
	signal?: string;
}

/**
 * Waits for a time, for an answer from outside, or for whichever comes first. Meanwhile it holds no
 * place and no resources; after a restart it waits for what is left.
 *
 * The output is `{ timedOut, answer }`, with `answer` null when none came.
 */
export const waitKind: StepKind<WaitParameters> = {
	kind: 'wait',
	parameters: named(
		{
			ms: z.number().min(0).optional(),
			until: z.union([z.number(), z.string().datetime({ offset: true })]).optional(),
			signal: z.string().optional(),
		},
		{ aliases: { durationMs: 'ms', name: 'signal' }, converted: { seconds: ['ms', seconds] } },
	),
	async execute(context) {
		const until = endOf(context);
		const name = context.parameters.signal ?? 'wait';
		const timeoutMs = until === undefined ? undefined : Math.max(0, until - context.runtime.now());
		return await context.waitFor(name, timeoutMs === undefined ? {} : { timeoutMs }).then(
			(answer) => ({ timedOut: false, answer: (answer ?? null) as Json }),
			(error: Error) => {
				if (errorClassOf(error) === 'timeout') return { timedOut: true, answer: null };
				return Promise.reject(error);
			},
		);
	},
};

/** When the wait ends; decided once and remembered, so that a restart does not begin it anew. */
function endOf({ parameters, attempt, runtime }: KindContext<WaitParameters>): number | undefined {
	const { ms, until } = parameters;
	const known = attempt.lastHeartbeat;
	if (isJsonObject(known) && typeof known.until === 'number') return known.until;
	const end = typeof until === 'string' ? Date.parse(until) : until;
	const decided = ms === undefined ? end : Math.min(end ?? Infinity, runtime.now() + ms);
	if (decided !== undefined) attempt.heartbeat({ until: decided });
	return decided;
}
