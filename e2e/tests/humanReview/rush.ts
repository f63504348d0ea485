/** Many who decide the same review at the same moment. */
import assert from 'node:assert/strict';
import { outputOf } from '../../n8n/client.ts';
import type { N8nClient } from '../../n8n/client.ts';
import { decided } from './fixture.ts';
import type { Answer, OpenReview, ReviewFixture } from './fixture.ts';

/** An answer, and which of the pages was sent. */
export interface RushAnswer extends Answer {
	page: number;
}

const PAGES = 10;

/**
 * 200 submits at the same moment, from 10 pages, half of them to approve and half to reject.
 * Exactly one page is accepted, what follows runs once, and receipts tell what was decided.
 */
export async function rush(
	client: N8nClient,
	reviews: ReviewFixture,
	review: OpenReview,
): Promise<{ answers: RushAnswer[]; outcome: 'approved' | 'rejected' }> {
	const pages = await Promise.all(
		Array.from({ length: PAGES }, async () => await reviews.page(review.url)),
	);
	const answers = await Promise.all(
		Array.from({ length: 200 }, async (_, index) => {
			const page = index % PAGES;
			const decision = index % 2 === 0 ? 'approve' : 'reject';
			const answer = await reviews.post(review.url, { nonce: pages[page]!.nonce, decision });
			return { ...answer, page };
		}),
	);
	const execution = await client.waitForExecution(review.id);
	const [none, approved, rejected] = [0, 1, 2].map((output) => decided(execution, output));
	assert.deepEqual(none, []);
	assert.equal(approved!.length + rejected!.length, 1);
	assert.equal(outputOf(execution, 'Effect').length, 1, 'what follows ran once');
	assert.equal(execution.data.resultData.runData.Review!.length, 1);
	assert.equal(execution.data.resultData.runData.Effect!.length, 1);
	const outcome = approved!.length === 1 ? 'approved' : 'rejected';
	const accepted = answers.filter(({ html }) => html.includes('Your decision is recorded'));
	assert.equal(new Set(accepted.map(({ page }) => page)).size, 1, 'one page was accepted');
	for (const { html } of accepted) {
		assert.ok(html.toLowerCase().includes(`>${outcome}<`), 'the receipt tells the truth');
	}
	return { answers, outcome };
}
