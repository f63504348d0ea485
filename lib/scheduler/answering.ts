import { EngineError, isJsonObject, messageOf } from '../core';
import type { Suspension } from '../run';
import { lineUp } from './failures';
import {
	answerKey,
	answerPath,
	close,
	recordedAnswer,
	register,
	remember,
	requestIdOf,
	settle,
	shownHash,
} from './requests';
import type { RunCore } from './runCore';
import { record } from './runRecord';
import type { Step } from './step';
import type { OpenRequest } from './stepExtras';
import { beginAgain, EXHAUSTED, expire, letGo, UNKNOWN_OUTCOME } from './suspension';

/** What became of an answer. */
export type AnswerReceipt =
	| { accepted: true }
	/**
	 * - `unknown`: nobody has asked this;
	 * - `answered`: somebody was first, with this value;
	 * - `expired`: its time was up;
	 * - `withdrawn`: the step that asked has ended, nobody needs the answer any more.
	 */
	| {
			accepted: false;
			reason: 'unknown' | 'answered' | 'expired' | 'withdrawn';
			value?: unknown;
	  };

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

/** Opens a request again after a restart: same id, what is left of its time. */
export function reopen(run: RunCore, step: Step, suspension: Suspension): void {
	register(run, step, suspension, (request) => expire(run, step, request));
	const { requestId, name } = suspension;
	run.events.emit('human.asked', step.path, step.attempt, { requestId, name, again: true });
	recall(run, step, suspension);
}

/** Takes an answer that an earlier process was given. */
export function recall(run: RunCore, step: Step, suspension: Suspension): void {
	void recallAnswer(run, step, suspension);
}

/** Somebody may have answered between the checkpoint and the restart. */
async function recallAnswer(run: RunCore, step: Step, suspension: Suspension): Promise<void> {
	const { name, requestId } = suspension;
	const recorded = await recordedAnswer(run, step, name, shownHash(suspension));
	if (recorded === undefined || !run.requests.has(requestId)) return;
	accept(run, step, name, recorded.value);
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
	give(run, step, request, value);
	run.wake();
}

function refuse(run: RunCore, requestId: string): AnswerReceipt {
	if (run.answers.has(requestId)) {
		return { accepted: false, reason: 'answered', value: run.answers.get(requestId) };
	}
	return { accepted: false, reason: run.closed.get(requestId) ?? 'unknown' };
}

/** Hands an answer to the step: to its waiting body, or to the one that will ask again. */
function give(run: RunCore, step: Step, request: OpenRequest, value: unknown): void {
	const { name } = request.suspension;
	const key = answerKey(name, shownHash(request.suspension));
	if (step.current !== undefined) {
		remember(step, key, value);
		return letGo(run, step, () => settle(request, { value }));
	}
	if (name === EXHAUSTED || name === UNKNOWN_OUTCOME) return decideAfterFailure(run, step, value);
	remember(step, key, value);
	beginAgain(run, step);
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
