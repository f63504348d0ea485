import { AbortError, serializeError, TimeoutError } from '../core';
import type { Suspension } from '../run';
import type { Attempt } from './attempt';
import { lineUp } from './failures';
import type { WaitForOptions } from './definition';
import {
	answerKey,
	close,
	hold,
	recordedAnswer,
	register,
	remember,
	requestIdOf,
	settle,
	shownHash,
} from './requests';
import type { RunCore } from './runCore';
import type { Step } from './step';
import type { OpenRequest } from './stepExtras';
import { takeInput } from './stepInput';

/** Name of the request that is opened when a step's attempts are spent. */
export const EXHAUSTED = 'exhausted';

/** Name of the request that is opened when an earlier process may have done the step. */
export const UNKNOWN_OUTCOME = 'unknown-outcome';

/** The body of a step waits for an answer; it holds no place meanwhile. */
export async function waitFor(
	run: RunCore,
	attempt: Attempt,
	name: string,
	options: WaitForOptions,
): Promise<unknown> {
	assertCurrent(attempt);
	const { step } = attempt;
	const shown = shownHash(options);
	const { answers } = step.extras;
	const key = answerKey(name, shown);
	if (answers?.has(key) === true) return answers.get(key);
	const unanswered = step.extras.unanswered?.get(name);
	if (unanswered !== undefined) throw unanswered;
	const recorded = await recordedAnswer(run, step, name, shown);
	if (recorded !== undefined) return remember(step, key, recorded.value);
	assertCurrent(attempt);
	return await settled(run, attempt, openRequest(run, step, name, options));
}

/** The body of a step waits for something else; it holds no place meanwhile. */
export async function waitElsewhere<Value>(
	run: RunCore,
	attempt: Attempt,
	wait: () => Promise<Value>,
): Promise<Value> {
	assertCurrent(attempt);
	const { step } = attempt;
	const name = `elsewhere ${++run.waitsElsewhere}`;
	const requestId = requestIdOf(run, step, name);
	const request: OpenRequest = { suspension: { requestId, name, openedAt: run.now() } };
	hold(run, step, name, request);
	const goOn = (outcome: Parameters<typeof settle>[1]): void => {
		// The step may have ended meanwhile, or gone on to its next attempt.
		if (step.rare?.requests?.get(name) !== request) return;
		close(run, step, name);
		letGo(run, step, () => settle(request, outcome));
		run.wake();
	};
	const ended = settled(run, attempt, request);
	const outside = async (): Promise<Value> => await wait();
	outside().then(
		(value) => goOn({ value }),
		(error: Error) => goOn({ error }),
	);
	return (await ended) as Value;
}

/** A step whose attempts are spent asks how to go on: see `onExhausted: 'pause'`. */
export function askAfterFailure(run: RunCore, attempt: Attempt, error: unknown): void {
	const { step } = attempt;
	// With the attempt: what somebody said about an earlier failure does not answer this one.
	const failure = serializeError(error);
	const prompt = `Step "${step.id}" has failed: ${failure.message} What now: {"retry": true}, or its output?`;
	const payload = { prompt, error: failure, attempt: step.attempt };
	openRequest(run, step, EXHAUSTED, { payload });
	step.error = failure;
	step.current = undefined;
	if (step.status !== 'waiting') run.move(step, 'waiting');
	attempt.leave();
}

/** Nobody knows how the attempt of an earlier process ended: a person decides how the step goes on. */
export function askAfterCrash(run: RunCore, step: Step): void {
	run.move(step, 'queued');
	run.move(step, 'waiting');
	const payload = { attempt: step.attempt };
	const { suspension } = openRequest(run, step, UNKNOWN_OUTCOME, { payload });
	run.askedAgain(step, suspension);
}

/** The time of a request is up. */
export function expire(run: RunCore, step: Step, request: OpenRequest): void {
	request.timer = undefined;
	// An answer that is just being recorded came in time.
	if (request.answer !== undefined) return;
	const { name, requestId, openedAt, expiresAt } = request.suspension;
	close(run, step, name);
	run.closed.set(requestId, 'expired');
	run.events.emit('human.timed_out', step.path, undefined, { requestId, name });
	const error = new TimeoutError(
		`Nobody answered "${name}" of step "${step.path}" within ${expiresAt! - openedAt} ms.`,
		{ retryable: false, details: { kind: 'answer', requestId } },
	);
	if (step.current !== undefined) letGo(run, step, () => settle(request, { error }));
	else {
		// After a restart no body is there to hear of it: it will ask again, and hear it then.
		(step.extras.unanswered ??= new Map()).set(name, error);
		beginAgain(run, step);
	}
	run.wake();
}

/** A step that waited over a restart has no body: it starts again once nothing is open any more. */
export function beginAgain(run: RunCore, step: Step): void {
	if (step.extras.requests!.size > 0) return;
	if (!takeInput(run, step)) return;
	// Beginning again where it stopped is not another attempt.
	step.attempt--;
	lineUp(run, step);
}

/** A suspended body goes on once all it asked is answered and it has a place again. */
export function letGo(run: RunCore, step: Step, settle: () => void): void {
	// A part of the body asked while the others were in line already.
	if (step.status !== 'waiting') return settle();
	const attempt = step.current as Attempt;
	const before = attempt.resume;
	attempt.resume = () => {
		before?.();
		settle();
	};
	if (step.extras.requests!.size > 0) {
		// Parts of the body that wait for other answers keep the step suspended.
		attempt.resume();
		attempt.resume = undefined;
		return;
	}
	lineUp(run, step);
}

/** A suspended attempt has a place again. */
export function resumeAttempt(run: RunCore, attempt: Attempt): void {
	attempt.suspended = false;
	attempt.holdsSlot = true;
	run.slots++;
	run.move(attempt.step, 'running');
	attempt.limits?.go();
	const { resume } = attempt;
	attempt.resume = undefined;
	resume!();
	// A part of the body has asked again while the others were in line.
	if (attempt.step.extras.requests!.size > 0) suspend(run, attempt);
}

function assertCurrent(attempt: Attempt): void {
	if (!attempt.isCurrent) throw new AbortError('The attempt that asks has ended.');
}

/** Suspends the step until a request is settled. */
async function settled(run: RunCore, attempt: Attempt, request: OpenRequest): Promise<unknown> {
	return await new Promise((resolve, reject) => {
		(request.waiters ??= []).push({ resolve, reject });
		suspend(run, attempt);
		run.wake();
	});
}

function openRequest(run: RunCore, step: Step, name: string, options: WaitForOptions): OpenRequest {
	const known = step.extras.requests?.get(name);
	if (known !== undefined) return known;
	const { payload, timeoutMs } = options;
	const openedAt = run.now();
	const suspension: Suspension = {
		requestId: requestIdOf(run, step, name),
		name,
		openedAt,
		...(payload === undefined ? {} : { payload }),
		...(timeoutMs === undefined ? {} : { expiresAt: openedAt + timeoutMs }),
	};
	const request = register(run, step, suspension, (expired) => expire(run, step, expired));
	const { requestId } = suspension;
	run.events.emit('human.asked', step.path, step.attempt, { requestId, name });
	return request;
}

function suspend(run: RunCore, attempt: Attempt): void {
	if (attempt.suspended) return;
	attempt.suspended = true;
	// Asked to make room, it does so by waiting.
	attempt.preempted = false;
	attempt.limits?.pause();
	run.move(attempt.step, 'waiting');
	attempt.release();
}
