import { SERVED_BY } from '../../lib';
import type { HttpClient, HttpResponse } from '../../lib';
import { n8nRuntime } from '../shared/runtime';

/** Longest time to wait for an answer of n8n, in milliseconds. */
const TIMEOUT_MS = 5_000;

/** Between looks at an execution that is about to wait, in milliseconds. */
const PAUSE_MS = 300;

const LOOKS = 5;

/**
 * What is known of the workflow that waits for a review. `unknown` is all that can be said where
 * this n8n cannot reach its own address.
 */
export type Waiting = 'waiting' | 'gone' | 'unknown';

/**
 * Asks n8n whether a workflow still waits for its review.
 *
 * @param deliveryUrl - where it waits
 */
export async function waitingAt(http: HttpClient, deliveryUrl: string): Promise<Waiting> {
	for (let look = 1; look <= LOOKS; look++) {
		const answer = await send(http, 'GET', deliveryUrl);
		const waiting = answer === undefined ? 'unknown' : meaningOf(answer);
		if (waiting !== 'starting') return waiting;
		// People were told a moment before the execution began to wait.
		await n8nRuntime.sleep(PAUSE_MS);
	}
	return 'unknown';
}

function meaningOf(answer: HttpResponse): Waiting | 'starting' {
	if (isOurs(answer)) return 'waiting';
	const { status, text } = answer;
	if (status === 409 && text.includes('is running')) return 'starting';
	return [200, 404, 409].includes(status) ? 'gone' : 'unknown';
}

/** Brings the end of a review to its workflow. @returns whether the workflow has gone on by it */
export async function deliver(http: HttpClient, deliveryUrl: string): Promise<boolean> {
	const answer = await send(http, 'POST', deliveryUrl);
	return answer !== undefined && answer.status === 200 && isOurs(answer);
}

async function send(
	http: HttpClient,
	method: 'GET' | 'POST',
	url: string,
): Promise<HttpResponse | undefined> {
	const request = { method, url, timeoutMs: TIMEOUT_MS, followRedirects: false } as const;
	return await http.request(request).catch(() => undefined);
}

function isOurs({ headers }: HttpResponse): boolean {
	return headers[SERVED_BY.name.toLowerCase()] === SERVED_BY.value;
}
