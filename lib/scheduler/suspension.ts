import {
	AbortError,
	EngineError,
	hashOf,
	isJsonObject,
	messageOf,
	serializeError,
	TimeoutError,
} from '../core';
import type { Suspension } from '../run';
import type { Attempt } from './attempt';
import { record } from './runRecord';
import { lineUp } from './attempts';
import type { WaitForOptions } from './definition';
import { takeInput } from './readiness';
import type { RunCore } from './runCore';
import type { Step } from './step';
import type { OpenRequest } from './stepExtras';

/** What became of an answer. */
export type AnswerReceipt =
	| { accepted: true }
	/** `unknown`: nobody asks this. `answered`: somebody was first, with this value. */
	| { accepted: false; reason: 'unknown' | 'answered'; value?: unknown };

/** Name of the request that is opened when a step's attempts are spent. */
const EXHAUSTED = 'exhausted';

/** The body of a step waits for an answer; it holds no place meanwhile. */
export async function waitFor(
	run: RunCore,
	attempt: Attempt,
	name: string,
	options: WaitForOptions,
): Promise<unknown> {
	if (!attempt.isCurrent) throw new AbortError('The attempt that asks has ended.');
	const { step } = attempt;
	const shown = shownHash(options);
	const { answers } = step.extras;
	const key = answerKey(name, shown);
	if (answers?.has(key) === true) return answers.get(key);
	const unanswered = step.extras.unanswered?.get(name);
	if (unanswered !== undefined) throw unanswered;
	const recorded = await recordedAnswer(run, step, name, shown);
	if (recorded !== undefined) return remember(step, key, recorded.value);
	if (!attempt.isCurrent) throw new AbortError('The attempt that asks has ended.');
	return await new Promise((resolve, reject) => {
		const request = openRequest(run, step, name, options);
		(request.waiters ??= []).push({ resolve, reject });
		suspend(run, attempt);
		run.wake();
	});
}

/** A step whose attempts are spent asks how to go on: see `onExhausted: 'pause'`. */
export function askAfterFailure(run: RunCore, attempt: Attempt, error: unknown): void {
	const { step } = attempt;
	// With the attempt: what somebody said about an earlier failure does not answer this one.
	const payload = { error: serializeError(error), attempt: step.attempt };
	openRequest(run, step, EXHAUSTED, { payload });
	step.error = payload.error;
	step.current = undefined;
	if (step.status !== 'waiting') run.move(step, 'waiting');
	attempt.leave();
}

/**
 * Somebody answers. The first answer counts; it is recorded before the step goes on.
 *
 * @param requestId - see {@link openRequests}
 */
export async function answer(
	run: RunCore,
	requestId: string,
	value: unknown,
): Promise<AnswerReceipt> {
	const asked = run.requests.get(requestId);
	if (asked === undefined) return refuse(run, requestId);
	const { answer: earlier } = asked.request;
	if (earlier !== undefined) return { accepted: false, reason: 'answered', value: earlier.value };
	const { step, name, request } = asked;
	// The answer is as good as given once it is recorded; a second one comes too late already now.
	request.answer = { value };
	const shown = shownHash(request.suspension);
	const recorded = await recordedAnswer(run, step, name, shown);
	if (recorded !== undefined) {
		if (run.requests.get(requestId) === asked) accept(run, step, name, recorded.value);
		return { accepted: false, reason: 'answered', value: recorded.value };
	}
	const failure = await recordAnswer(run, answerPath(step, name), shown, value);
	if (failure !== undefined) {
		request.answer = undefined;
		throw failure;
	}
	if (run.requests.get(requestId) === asked) accept(run, step, name, value);
	return { accepted: true };
}

async function recordAnswer(
	run: RunCore,
	path: string,
	shown: string,
	value: unknown,
): Promise<EngineError | undefined> {
	const { journal } = run.options;
	if (journal === undefined) return undefined;
	const save = async (): Promise<void> =>
		await journal.completed(path, shown, { output: value, attempt: 1, order: 0 });
	return await save().then(
		() => undefined,
		(error: unknown) =>
			new EngineError('JOURNAL_FAILED', `The answer could not be recorded: ${messageOf(error)}`, {
				errorClass: 'server',
				hint: 'The question is still open: answer again.',
				cause: error,
			}),
	);
}

/** The answer counts: the step may go on with it. */
function accept(run: RunCore, step: Step, name: string, value: unknown): void {
	const { request } = run.requests.get(requestIdOf(run, step, name))!;
	close(run, step, name);
	const { requestId } = request.suspension;
	run.answers.set(requestId, value);
	run.events.emit('human.answered', step.path, undefined, { requestId, name });
	give(run, step, name, request, () => settle(request, { value }), value);
	run.wake();
}

/** Everything that can be answered now, oldest first. */
export function openRequests(run: RunCore): Suspension[] {
	return [...run.requests.values()].map(({ request }) => request.suspension);
}

/** Opens a request again after a restart: same id, what is left of its time. */
export function reopen(run: RunCore, step: Step, suspension: Suspension): void {
	register(run, step, suspension);
	const { requestId, name } = suspension;
	run.events.emit('human.asked', step.path, step.attempt, { requestId, name, again: true });
	void recallAnswer(run, step, suspension);
}

/** Somebody may have answered between the checkpoint and the restart. */
async function recallAnswer(run: RunCore, step: Step, suspension: Suspension): Promise<void> {
	const { name, requestId } = suspension;
	const recorded = await recordedAnswer(run, step, name, shownHash(suspension));
	if (recorded === undefined || !run.requests.has(requestId)) return;
	accept(run, step, name, recorded.value);
}

async function recordedAnswer(
	run: RunCore,
	step: Step,
	name: string,
	shown: string,
): Promise<{ value: unknown } | undefined> {
	const entry = await run.options.journal?.find(answerPath(step, name), shown);
	return entry?.status === 'completed' ? { value: entry.result!.output } : undefined;
}

function refuse(run: RunCore, requestId: string): AnswerReceipt {
	if (!run.answers.has(requestId)) return { accepted: false, reason: 'unknown' };
	return { accepted: false, reason: 'answered', value: run.answers.get(requestId) };
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
	const request = register(run, step, suspension);
	const { requestId } = suspension;
	run.events.emit('human.asked', step.path, step.attempt, { requestId, name });
	return request;
}

function register(run: RunCore, step: Step, suspension: Suspension): OpenRequest {
	const { name, requestId, expiresAt } = suspension;
	const request: OpenRequest = { suspension };
	if (expiresAt !== undefined) {
		request.timer = run.setTimer(expiresAt - run.now(), () => expire(run, step, name, request));
	}
	(step.extras.requests ??= new Map()).set(name, request);
	run.requests.set(requestId, { step, name, request });
	step.extras.closeRequests = () => withdraw(run, step);
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

function expire(run: RunCore, step: Step, name: string, request: OpenRequest): void {
	request.timer = undefined;
	// An answer that is just being recorded came in time.
	if (request.answer !== undefined) return;
	close(run, step, name);
	const { openedAt, expiresAt, requestId } = request.suspension;
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

/** Hands an answer to the step: to its waiting body, or to the one that will ask again. */
function give(
	run: RunCore,
	step: Step,
	name: string,
	request: OpenRequest,
	resolve: () => void,
	value: unknown,
): void {
	const key = answerKey(name, shownHash(request.suspension));
	if (step.current !== undefined) {
		remember(step, key, value);
		return letGo(run, step, resolve);
	}
	if (name === EXHAUSTED) return decideAfterFailure(run, step, value);
	remember(step, key, value);
	beginAgain(run, step);
}

/** A step that waited over a restart has no body: it starts again once nothing is open any more. */
function beginAgain(run: RunCore, step: Step): void {
	if (step.extras.requests!.size > 0) return;
	if (!takeInput(run, step)) return;
	// Beginning again where it stopped is not another attempt.
	step.attempt--;
	lineUp(run, step);
}

/** A suspended body goes on once all it asked is answered and it has a place again. */
function letGo(run: RunCore, step: Step, settle: () => void): void {
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

/** `{ retry: true }` allows as many attempts again; any other answer becomes the step's output. */
function decideAfterFailure(run: RunCore, step: Step, value: unknown): void {
	if (isJsonObject(value) && value.retry === true) {
		step.extras.attemptBase = step.attempt;
		return lineUp(run, step);
	}
	void completeWith(run, step, value);
}

async function completeWith(run: RunCore, step: Step, output: unknown): Promise<void> {
	const { path, inputHash, attempt } = step;
	const order = ++run.order;
	// The answer itself is recorded already: should this record be lost, it is found again.
	await record(run, path, { output, attempt, order }, inputHash);
	if (step.status !== 'waiting') return;
	step.error = undefined;
	step.output = output;
	step.order = order;
	run.complete(step);
	run.wake();
}

function remember(step: Step, key: string, value: unknown): unknown {
	(step.extras.answers ??= new Map()).set(key, value);
	return value;
}

function close(run: RunCore, step: Step, name: string): void {
	const request = step.extras.requests!.get(name)!;
	run.clearTimer(request.timer);
	step.extras.requests!.delete(name);
	run.requests.delete(request.suspension.requestId);
}

/** The step has ended: nobody needs the answers any more. */
function withdraw(run: RunCore, step: Step): void {
	for (const [name, request] of [...step.extras.requests!]) {
		close(run, step, name);
		const { requestId } = request.suspension;
		run.events.emit('human.withdrawn', step.path, undefined, { requestId, name });
		const message = `Step "${step.path}" no longer waits for "${name}".`;
		settle(request, { error: new EngineError('ABORTED', message, { errorClass: 'abort' }) });
	}
}

function requestIdOf(run: RunCore, step: Step, name: string): string {
	return `${run.runId}:${step.path}:${name}`;
}

/** Tells every part of the body that asked. */
function settle(request: OpenRequest, answer: { value: unknown } | { error: Error }): void {
	for (const { resolve, reject } of request.waiters ?? []) {
		if ('error' in answer) reject(answer.error);
		else resolve(answer.value);
	}
}

function answerPath(step: Step, name: string): string {
	return `${step.path}/answer/${name}`;
}

/** Hash of what was shown to whoever answers; the empty string when it was nothing. */
function shownHash({ payload }: Pick<WaitForOptions, 'payload'>): string {
	return payload === undefined ? '' : hashOf(payload);
}

/** An answer counts for what was shown alone: asked with another payload, it is asked again. */
function answerKey(name: string, shown: string): string {
	return shown === '' ? name : `${name}@${shown}`;
}
