import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { outputOf } from '../n8n/client.ts';
import { ReviewFixture, decided } from './humanReview/fixture.ts';
import type { OpenReview } from './humanReview/fixture.ts';
import { Receiver } from './humanReview/receiver.ts';
import { queueModeForTests } from './queueModeForTests.ts';
import type { TestQueueMode } from './queueModeForTests.ts';

describe('Human Review in queue mode', () => {
	let n8n: TestQueueMode;
	let reviews: ReviewFixture;
	let receiver: Receiver;
	/** A review whose worker was killed, while the others went on. */
	let kept: { review: OpenReview; receiver: Receiver };

	before(async () => {
		receiver = await new Receiver().open();
		n8n = await queueModeForTests('humanReviewQueue');
		const credential = await n8n.client.saveCredential('Reviews', 'agentSwarmStoreApi', {
			kind: 'postgres',
			url: n8n.postgres.url,
			password: '',
		});
		reviews = new ReviewFixture(n8n.client, credential);
		kept = await openAndKill();
	});
	after(async () => {
		await n8n.close();
		await receiver.close();
		await kept.receiver.close();
	});

	const shared = { store: 'credential' };

	/** Opens a review and kills the worker that asked, with its timers: it is seen at the end. */
	async function openAndKill(): Promise<{ review: OpenReview; receiver: Receiver }> {
		const own = await new Receiver().open();
		const review = await reviews.open({
			...shared,
			notify: 'webhook',
			notifyUrl: `${own.url}/tell`,
			settings: { reminders: '0.8' },
		});
		const asking = await n8n.workerOf(review.id);
		await asking.kill();
		await asking.start();
		return { review, receiver: own };
	}

	it('is refused with the built-in store before anybody is told, since webhooks cannot use it', async () => {
		receiver.received.length = 0;
		const notifyUrl = `${receiver.url}/tell`;
		const refused = reviews.open({ store: 'builtIn', notify: 'webhook', notifyUrl });
		await assert.rejects(refused, /does not let a webhook use Data Tables/);
		assert.deepEqual(receiver.received, []);
	});

	it('opens on a worker, answers on the main process, and goes on wherever a worker is', async () => {
		const review = await reviews.open(shared);
		const asking = await n8n.workerOf(review.id);
		await asking.kill();
		const execution = await reviews.decide(review, 'approve');
		assert.equal(execution.status, 'success');
		assert.equal(decided(execution, 1).length, 1);
		assert.equal(outputOf(execution, 'Effect').length, 1);
		await asking.start();
	});

	it('accepts one of many submits at the same moment', async () => {
		const review = await reviews.open(shared);
		const pages = await Promise.all(
			Array.from({ length: 10 }, async () => await reviews.page(review.url)),
		);
		const answers = await Promise.all(
			Array.from({ length: 50 }, async (_, index) => {
				const decision = index % 2 === 0 ? 'approve' : 'reject';
				return await reviews.post(review.url, { nonce: pages[index % 10]!.nonce, decision });
			}),
		);
		const execution = await n8n.client.waitForExecution(review.id);
		assert.deepEqual(
			answers.map(({ status }) => status).filter((status) => status >= 500),
			[],
		);
		assert.equal(outputOf(execution, 'Effect').length, 1);
		assert.equal(execution.data.resultData.runData.Effect!.length, 1);
	});

	it('shows receipts on a published page, which the main process serves', async () => {
		const pageUrl = await reviews.publishPage(n8n.main.url);
		const review = await reviews.open({ ...shared, settings: { pageUrl } });
		const { nonce } = await reviews.page(review.url);
		const receipt = await reviews.post(review.url, { nonce, decision: 'approve' });
		assert.equal(receipt.status, 200);
		const execution = await n8n.client.waitForExecution(review.id);
		assert.equal(outputOf(execution, 'Effect').length, 1);
		assert.deepEqual(await reviews.post(review.url, { nonce, decision: 'approve' }), receipt);
		assert.equal((await reviews.post(review.url, { nonce, decision: 'reject' })).status, 409);
	});

	it('keeps a deadline of seconds with the votes there are, and reminds by the shared store', async () => {
		const people = { values: [{ name: 'Ann' }, { name: 'Ben' }] };
		const settings = {
			timeLimit: 12,
			timeLimitUnit: 'seconds',
			votesToApprove: 2,
			reminders: '0.1',
		};
		receiver.received.length = 0;
		const notifyUrl = `${receiver.url}/tell`;
		const review = await reviews.open({
			...shared,
			notify: 'webhook',
			notifyUrl,
			reviewers: people,
			settings,
		});
		const [first] = await receiver.messages(2);
		await reviews.vote(String(first!.url), 'approve');
		const told = await receiver.messages(3);
		assert.deepEqual(
			told.slice(2).map(({ type, reviewer }) => [type, reviewer]),
			[['reviewReminder', 'Ben']],
		);
		const execution = await n8n.client.waitForExecution(review.id);
		const [item] = decided(execution, 0);
		assert.equal(item!.reason, 'expired');
		assert.equal((item!.votes as unknown[]).length, 1);
	});

	it('reminds once after the worker that asked was killed', async () => {
		const told = await kept.receiver.messages(2, 150_000);
		assert.deepEqual(
			told.map(({ type }) => type),
			['reviewRequested', 'reviewReminder'],
		);
		const url = String(told[1]!.url);
		const execution = await reviews.decide({ ...kept.review, url }, 'approve');
		assert.equal(decided(execution, 1).length, 1);
		assert.equal(kept.receiver.received.length, 2);
	});
});
