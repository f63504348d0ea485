import { stopTimers } from '../../../nodes/HumanReview/clock';
import { closeStores } from '../../../nodes/shared/store';
import { nonceOf, openReview } from './review';

/** `REVIEW_FULL=1` gives the 100 rounds of the docs. */
const ROUNDS = process.env.REVIEW_FULL === '1' ? 100 : 2;

const SUBMITS = 200;

afterAll(async () => {
	stopTimers();
	await closeStores();
});

describe('200 submits at the same moment', () => {
	it(
		'are one decision, one branch and one receipt, and none of them fails',
		async () => {
			for (let round = 0; round < ROUNDS; round++) {
				const review = await openReview();
				const pages = await Promise.all(
					Array.from({ length: 10 }, async () => nonceOf(await review.open())),
				);
				const answers = await Promise.all(
					Array.from({ length: SUBMITS }, async (_, index) => {
						const decision = index % 2 === 0 ? 'approve' : 'reject';
						return await review.post({ nonce: pages[index % 10]!, decision });
					}),
				);
				await review.execution.settled();
				const failed = answers.filter(({ status }) => status >= 500);
				const ways = [0, 1, 2].map((output) => review.execution.json('Review', output).length);
				expect({ failed, ways: ways.sort() }).toEqual({ failed: [], ways: [0, 0, 1] });
				expect(review.execution.json('Review', 0)).toEqual([]);
				const approved = review.execution.json('Review', 1).length === 1;
				const receipts = answers.filter(({ body }) =>
					String(body).includes('Your decision is recorded'),
				);
				expect(receipts.length).toBeGreaterThan(0);
				for (const { body } of receipts) {
					expect(String(body)).toContain(approved ? '>Approved<' : '>Rejected<');
				}
			}
		},
		1000 * 60 * 5,
	);
});
