import type { AnswerReceipt } from '../scheduler';
import type { Command, Commands } from './commands';
import type { ExecutionRecord } from './executionRecord';

/** Why a command to a paused execution is not worth keeping. */
export async function refusalOf(
	{ runId, requests, steps }: ExecutionRecord,
	command: Extract<Command, { type: 'answer' | 'cancelStep' }>,
	commands: Commands,
): Promise<AnswerReceipt | false | undefined> {
	if (command.type === 'cancelStep') {
		return steps.some(({ stepId }) => stepId === command.stepId) ? undefined : false;
	}
	const { requestId } = command;
	if (!requests.some((request) => request.requestId === requestId)) {
		return { accepted: false, reason: 'unknown' };
	}
	const given = (await commands.open(runId)).map(({ command: other }) => other);
	const first = given.find((other) => other.type === 'answer' && other.requestId === requestId);
	if (first?.type !== 'answer') return undefined;
	return { accepted: false, reason: 'answered', value: first.value };
}
