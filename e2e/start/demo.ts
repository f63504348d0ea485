/** One real question to the flagship, from the webhook to the approved answer. */
import { nodes, reviewUrlOf, sampleQuestion, WEBHOOK_PATH } from '../flagship.ts';
import type { Outcome, WebhookAnswer } from '../flagship.ts';
import { outputOf } from '../n8n/client.ts';
import type { N8nClient } from '../n8n/client.ts';
import type { Execution } from '../n8n/types.ts';
import { follow } from './follow.ts';
import { submitReview } from './reviewForm.ts';
import { say, secondsSince } from './say.ts';

/** The result as text: the brief, its sources, who approved it. */
export function asText({ status, question, brief, sources, decidedBy, comment }: Outcome): string {
	const references = sources.map(({ n, title, url }) => `[${n}] ${title}${url ? ` ${url}` : ''}`);
	const who = decidedBy ? ` by ${decidedBy === 'human' ? 'a person' : decidedBy}` : '';
	return [
		`Question: ${question}`,
		'',
		brief,
		'',
		'Sources:',
		...references,
		'',
		`Decision: ${status}${who}${comment ? ` ("${comment}")` : ''}`,
	].join('\n');
}

async function decide(execution: Execution, isOnce: boolean): Promise<void> {
	const url = reviewUrlOf(execution);
	say();
	say(`The brief waits for a person. Review it here: ${url}`);
	if (!isOnce) {
		say('Approve or reject on that page; this command goes on by itself then.');
		return;
	}
	say('--once: filling in and submitting the page as a reviewer would …');
	const { status } = await submitReview(url, 'approve');
	if (status >= 400) throw new Error(`The review page answered the decision with ${status}.`);
}

/**
 * Asks, shows the work, has it reviewed and returns what came out.
 *
 * @param isOnce - approve without a person
 */
export async function askAndReview(client: N8nClient, isOnce: boolean): Promise<Outcome> {
	const startedAt = Date.now();
	const question = sampleQuestion(`start-${startedAt}`);
	say(`Question: ${question.question}`);
	const { data } = await client.callWebhook(WEBHOOK_PATH, question);
	const { executionId } = data as unknown as WebhookAnswer;

	const shown = new Set<string>();
	const waiting = await follow(
		client,
		executionId,
		['waiting', 'success', 'error', 'crashed'],
		shown,
	);
	if (waiting.status === 'waiting') await decide(waiting, isOnce);

	const finished = await follow(
		client,
		executionId,
		['success', 'error', 'canceled', 'crashed'],
		shown,
	);
	const [outcome] = outputOf(finished, nodes.result);
	if (finished.status !== 'success' || !outcome) {
		const reason = finished.data.resultData.error?.message ?? `it ended as "${finished.status}"`;
		throw new Error(`The research brief did not get done: ${reason}`);
	}
	say(`Done after ${secondsSince(startedAt)}.`);
	return outcome as unknown as Outcome;
}

/** Asks the same once more: the record answers, no model is called. */
export async function askAgain(client: N8nClient, { key }: Outcome): Promise<void> {
	const startedAt = Date.now();
	const { data } = await client.callWebhook(WEBHOOK_PATH, sampleQuestion(key));
	const { reused } = data as unknown as WebhookAnswer;
	if (reused)
		say(
			`The same question again, same key: answered from the record in ${secondsSince(startedAt)}.`,
		);
}
