import { EngineError, hashOf } from '../core';
import type { Suspension } from '../run';
import type { WaitForOptions } from './definition';
import type { RunCore } from './runCore';
import type { Step } from './step';
import type { OpenRequest } from './stepExtras';

/** Everything that can be answered now, oldest first. */
export function openRequests(run: RunCore): Suspension[] {
	return [...run.requests.values()].map(({ request }) => request.suspension);
}

/** From now on somebody can answer this. @param onExpire - called when nobody did in time */
export function register(
	run: RunCore,
	step: Step,
	suspension: Suspension,
	onExpire: (request: OpenRequest) => void,
): OpenRequest {
	const { name, requestId, expiresAt } = suspension;
	const request: OpenRequest = { suspension };
	if (expiresAt !== undefined) {
		request.timer = run.setTimer(expiresAt - run.now(), () => onExpire(request));
	}
	hold(run, step, name, request);
	run.requests.set(requestId, { step, name, request });
	run.closed.delete(requestId);
	return request;
}

/** The step waits for this, whoever is to answer it. */
export function hold(run: RunCore, step: Step, name: string, request: OpenRequest): void {
	(step.extras.requests ??= new Map()).set(name, request);
	step.extras.closeRequests = () => withdraw(run, step);
}

/** Nobody can answer this any more. */
export function close(run: RunCore, step: Step, name: string): void {
	const request = step.extras.requests!.get(name)!;
	run.clearTimer(request.timer);
	step.extras.requests!.delete(name);
	run.requests.delete(request.suspension.requestId);
}

/** The step has ended: nobody needs the answers any more. */
function withdraw(run: RunCore, step: Step): void {
	for (const [name, request] of [...step.extras.requests!]) {
		const { requestId } = request.suspension;
		if (run.requests.has(requestId)) {
			run.closed.set(requestId, 'withdrawn');
			run.events.emit('human.withdrawn', step.path, undefined, { requestId, name });
		}
		close(run, step, name);
		const message = `Step "${step.path}" no longer waits for "${name}".`;
		settle(request, { error: new EngineError('ABORTED', message, { errorClass: 'abort' }) });
	}
}

/** Tells every part of the body that asked. */
export function settle(request: OpenRequest, answer: { value: unknown } | { error: Error }): void {
	for (const { resolve, reject } of request.waiters ?? []) {
		if ('error' in answer) reject(answer.error);
		else resolve(answer.value);
	}
}

/** What the journal knows of an answer to this. */
export async function recordedAnswer(
	run: RunCore,
	step: Step,
	name: string,
	shown: string,
): Promise<{ value: unknown } | undefined> {
	const entry = await run.options.journal?.find(answerPath(step, name), shown);
	return entry?.status === 'completed' ? { value: entry.result!.output } : undefined;
}

/** The same question of this execution gets the same answer from now on. */
export function remember(step: Step, key: string, value: unknown): unknown {
	(step.extras.answers ??= new Map()).set(key, value);
	return value;
}

export function requestIdOf(run: RunCore, step: Step, name: string): string {
	return `${run.runId}:${step.path}:${name}`;
}

/** Where the journal keeps an answer. */
export function answerPath(step: Step, name: string): string {
	return `${step.path}/answer/${name}`;
}

/** Hash of what was shown to whoever answers; the empty string when it was nothing. */
export function shownHash({ payload }: Pick<WaitForOptions, 'payload'>): string {
	return payload === undefined ? '' : hashOf(payload);
}

/** An answer counts for what was shown alone: asked with another payload, it is asked again. */
export function answerKey(name: string, shown: string): string {
	return shown === '' ? name : `${name}@${shown}`;
}
