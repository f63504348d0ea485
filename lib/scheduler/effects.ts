import { EngineError, errorClassOf, hashOf, isJsonObject, serializeError } from '../core';
import { throwIfCancelled } from '../resilience';
import type { Attempt } from './attempt';
import type { Effect, EffectOptions } from './definition';
import type { RunCore } from './runCore';

/** Failures after which nobody knows whether something was done. */
const UNKNOWN_ENDS: ReadonlySet<string> = new Set(['timeout', 'network', 'abort', 'server']);

/** Does something outside at most once: see `BodyContext.effect`. */
export async function doEffect<T>(
	run: RunCore,
	attempt: Attempt,
	name: string,
	work: Effect<T>,
	{ input, whenUnknown = 'ask' }: EffectOptions,
): Promise<T> {
	throwIfCancelled(attempt.signal);
	const { journal } = run.options;
	const path = `${attempt.path}/effect/${name}`;
	const hash = input === undefined ? '' : hashOf(input);
	const known = await journal?.find(path, hash);
	if (known?.status === 'completed') return known.result!.output as T;
	const record = async (output: T): Promise<T> => {
		await journal?.completed(path, hash, { output, attempt: attempt.attempt, order: 0 });
		return output;
	};
	if (known?.status === 'started') {
		const told = await clarify(attempt, name, whenUnknown);
		if (told !== undefined) return await record(told.result as T);
	}
	await journal?.started(path, hash, attempt.attempt);
	attempt.beginEffect();
	const idempotencyKey = hashOf([run.runId, path, hash]);
	return await Promise.resolve()
		.then(async () => await work({ idempotencyKey }))
		.catch(async (error: Error) => {
			const isSure = !UNKNOWN_ENDS.has(errorClassOf(error));
			if (isSure) await journal?.failed(path, hash, attempt.attempt, serializeError(error));
			return await Promise.reject(error);
		})
		// A result that cannot be recorded leaves the effect unknown: it was done.
		.then(record)
		.finally(() => attempt.endEffect());
}

/** @returns its result, when somebody knows that it was done; `undefined` to do it now */
async function clarify(
	attempt: Attempt,
	name: string,
	whenUnknown: EffectOptions['whenUnknown'],
): Promise<{ result: unknown } | undefined> {
	if (whenUnknown === 'retry') return undefined;
	const error = new EngineError(
		'EFFECT_UNKNOWN',
		`It is not known whether "${name}" of step "${attempt.path}" was done: it was begun and never told how it went.`,
		{
			retryable: false,
			hint: 'Look whether it was done; answer {"done": true, "result": …} or {"retry": true}.',
			details: { path: attempt.path, effect: name },
		},
	);
	if (whenUnknown === 'fail') throw error;
	const payload = { effect: name, message: error.message, hint: error.hint };
	const answer = await attempt.waitFor(`effect ${name}`, { payload });
	if (isJsonObject(answer) && answer.retry === true) return undefined;
	if (isJsonObject(answer) && answer.done === true) return { result: answer.result ?? null };
	throw error;
}
