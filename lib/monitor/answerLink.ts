import type { Runtime } from '../core';
import { codeFor, equalInConstantTime } from '../human/secret';
import { isStoreConflict, type Store } from '../store';

const COLLECTION = 'secrets';
const ID = 'answer-links';

/** Which question of which execution. */
export interface QuestionName {
	runId: string;
	requestId: string;
}

/**
 * What the links to questions are signed with: a text that nobody can guess, the same for all
 * processes that share the store. It is made when it is first asked for.
 */
export async function answerSecret(store: Store, runtime: Pick<Runtime, 'newId'>): Promise<string> {
	const known = await store.get(COLLECTION, ID);
	if (known !== undefined) return known.value;
	const value = `${runtime.newId()}${runtime.newId()}`;
	return await store.put({ collection: COLLECTION, id: ID, version: 0, value }).then(
		() => value,
		async (error: Error) =>
			isStoreConflict(error) ? await answerSecret(store, runtime) : await Promise.reject(error),
	);
}

/** The query of the address where a question is answered: a key that fits this question alone. */
export function answerLink(secret: string, question: QuestionName): string {
	const { runId, requestId } = question;
	const code = answerCode(secret, question);
	return `?${new URLSearchParams({ run: runId, answer: requestId, code }).toString()}`;
}

/** Whether a code opens a question. */
export function opensQuestion(secret: string, question: QuestionName, code: string): boolean {
	return equalInConstantTime(answerCode(secret, question), code);
}

function answerCode(secret: string, { runId, requestId }: QuestionName): string {
	return codeFor(secret, 'answer', [runId, requestId]);
}
