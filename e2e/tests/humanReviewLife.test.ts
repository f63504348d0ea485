import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chain, node, webhook } from '../n8n/build.ts';
import { outputOf } from '../n8n/client.ts';
import type { Workflow } from '../n8n/types.ts';
import { ReviewFixture, decided, started } from './humanReview/fixture.ts';
import type { OpenReview } from './humanReview/fixture.ts';
import { Receiver } from './humanReview/receiver.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';

/** What may happen to a workflow and to n8n while a review of it waits. */
describe('Human Review while it waits', () => {
	let n8n: TestN8n;
	let reviews: ReviewFixture;
	let receiver: Receiver;
	/** A review that n8n was killed at, while the others went on. */
	let kept: { review: OpenReview; receiver: Receiver };

	before(async () => {
		receiver = await new Receiver().open();
		n8n = await n8nForTests('humanReviewLife');
		reviews = new ReviewFixture(n8n.client);
		kept = await openAndKill();
	});
	after(async () => {
		await n8n.close();
		await receiver.close();
		await kept.receiver.close();
	});

	/** Opens a review, lets Ann approve it, and kills n8n: what comes then is seen at the end. */
	async function openAndKill(): Promise<{ review: OpenReview; receiver: Receiver }> {
		const own = await new Receiver().open();
		const review = await reviews.open({
			notify: 'webhook',
			notifyUrl: `${own.url}/tell`,
			reviewers: { values: [{ name: 'Ann' }, { name: 'Ben' }] },
			settings: {
				// The second one comes when only what n8n keeps in its database can know of it.
				reminders: '0.02, 1.15',
				votesToApprove: 2,
				timeLimit: 80,
				timeLimitUnit: 'seconds',
			},
		});
		const [first] = await own.messages(4);
		await reviews.vote(String(first!.url), 'approve');
		await n8n.server.kill();
		await n8n.server.start();
		return { review, receiver: own };
	}

	const workflowOf = async (executionId: string): Promise<string> =>
		(await n8n.client.execution(executionId)).workflowId;

	it('reminds by webhook and by sub-workflow, and asks those who join later', async () => {
		const reviewers = {
			values: [{ name: 'Ann' }, { name: 'Eva', joins: 'later', joinsAfter: 0.06 }],
		};
		const settings = { reminders: '0.03' };
		const notifyUrl = `${receiver.url}/tell`;
		receiver.received.length = 0;
		const byWebhook = await reviews.open({ notify: 'webhook', notifyUrl, reviewers, settings });
		const told = await receiver.messages(3);
		assert.deepEqual(
			told.map(({ type, reviewer }) => [type, reviewer]),
			[
				['reviewRequested', 'Ann'],
				['reviewReminder', 'Ann'],
				['reviewEscalated', 'Eva'],
			],
		);
		const execution = await reviews.decide({ ...byWebhook, url: String(told[2]!.url) }, 'approve');
		assert.equal(decided(execution, 1)[0]!.reviewer, 'Eva');

		const tell = chain(
			'Tell',
			node(
				'Start',
				'n8n-nodes-base.executeWorkflowTrigger',
				{ inputSource: 'passthrough' },
				{ typeVersion: 1.1 },
			),
			node(
				'Post',
				'n8n-nodes-base.httpRequest',
				{
					method: 'POST',
					url: `${receiver.url}/sub`,
					sendBody: true,
					specifyBody: 'json',
					jsonBody: '={{ $json }}',
					options: {},
				},
				{ typeVersion: 4.2 },
			),
		);
		const { id } = await n8n.client.publish(await n8n.client.createWorkflow(tell));
		receiver.received.length = 0;
		const notifyWorkflow = { __rl: true, mode: 'id', value: id };
		await reviews.open({ notify: 'workflow', notifyWorkflow, reviewers, settings });
		const messages = await receiver.messages(3);
		assert.deepEqual(
			messages.map(({ type, reviewer }) => [type, reviewer]),
			told.map(({ type, reviewer }) => [type, reviewer]),
		);
		const ids = new Set(messages.map(({ messageId }) => messageId));
		assert.equal(ids.size, 3, 'each message has an id of its own');
	});

	it('lets a vote be passed on, and taken back', async () => {
		const reviewers = { values: [{ name: 'Ann', pin: '4711' }, { name: 'Ben' }] };
		const settings = { delegation: 'anyone', votesToApprove: 2, requester: 'Dana' };
		const review = await reviews.open({ reviewers, settings });
		const ann = review.links.Ann!;
		const pin = { pin: '4711', 'delegate-pin': '8282' };
		const refused = await reviews.vote(ann, 'delegate', { ...pin, delegate: 'dana' });
		assert.equal(refused.status, 422);
		const passed = await reviews.vote(ann, 'delegate', { ...pin, delegate: 'Kim' });
		assert.equal(passed.status, 200);
		const kim = /<pre[^>]*>([^<]+)<\/pre>/.exec(passed.html)![1]!.replaceAll('&amp;', '&');
		assert.equal((await reviews.vote(ann, 'approve', pin)).status, 409);
		assert.equal((await reviews.vote(kim, 'approve', { pin: '4711' })).status, 422);
		assert.equal((await reviews.vote(kim, 'approve', { pin: '8282' })).status, 200);
		await reviews.vote(review.links.Ben!, 'approve');
		const execution = await n8n.client.waitForExecution(review.id);
		const [item] = decided(execution, 1);
		assert.deepEqual(
			(item!.votes as Array<Record<string, unknown>>).map(({ by, reviewer, onBehalfOf }) => [
				by,
				reviewer,
				onBehalfOf,
			]),
			[
				['Ann', 'Kim', 'Ann'],
				['Ben', 'Ben', null],
			],
		);
	});

	it('goes on after its workflow was unpublished, and can be taken back there', async () => {
		const [answered, withdrawn] = [await reviews.open(), await reviews.open()];
		await n8n.client.unpublish(await workflowOf(answered.id));
		const execution = await reviews.decide(answered, 'approve');
		assert.equal(decided(execution, 1).length, 1);
		const taken = await reviews.decide({ ...withdrawn, url: withdrawn.withdrawUrl }, 'withdraw');
		assert.equal(decided(taken, 0)[0]!.reason, 'withdrawn');
		assert.equal(outputOf(taken, 'Effect').length, 0);
		await n8n.client.publish(await n8n.client.workflow(execution.workflowId));
	});

	it('goes on after its workflow was archived, and stopping the execution revokes it', async () => {
		const parameters = { message: 'Of a workflow that is archived.' };
		const [answered, stopped] = [await reviews.open(parameters), await reviews.open(parameters)];
		const id = await workflowOf(answered.id);
		await n8n.client.request('POST', `/workflows/${id}/archive`, {});
		const execution = await reviews.decide(answered, 'reject');
		assert.equal(decided(execution, 2).length, 1);
		await n8n.client.stop(stopped.id);
		const answer = await reviews.post(stopped.url, { decision: 'approve' });
		assert.ok(answer.status >= 400 && answer.status < 500, String(answer.status));
		assert.equal((await n8n.client.execution(stopped.id)).status, 'canceled');
	});

	it('answers with a page or a message below 500 when the execution has ended or is gone', async () => {
		const review = await reviews.open();
		await reviews.decide(review, 'approve');
		const ended = await fetch(review.url);
		assert.equal(ended.status, 200);
		assert.match(await ended.text(), /No action required/i);
		await n8n.client.request('POST', '/executions/delete', { ids: [review.id] });
		const gone = await fetch(review.url);
		assert.equal(gone.status, 404);
		assert.match(await gone.text(), /does not exist/);
	});

	it('gives a parent workflow what was decided in its sub-workflow', async () => {
		const start = node(
			'Start',
			'n8n-nodes-base.executeWorkflowTrigger',
			{ inputSource: 'passthrough' },
			{ typeVersion: 1.1 },
		);
		const review = node('Review', 'humanReview', { operation: 'sendAndWait', message: 'OK?' });
		const child = chain('Asks', start, review);
		// Whatever is decided leaves the sub-workflow by its last node.
		const end = node('End', 'n8n-nodes-base.noOp');
		child.nodes.push(end);
		const toEnd = [{ node: 'End', type: 'main', index: 0 }];
		child.connections.Review = { main: [toEnd, toEnd, toEnd] };
		const { id } = await n8n.client.publish(await n8n.client.createWorkflow(child));
		const call = node(
			'Call',
			'n8n-nodes-base.executeWorkflow',
			{ workflowId: { __rl: true, mode: 'id', value: id }, workflowInputs: {}, options: {} },
			{ typeVersion: 1.2 },
		);
		const parent = chain('Calls', webhook('calls', { responseMode: 'onReceived' }), call);
		const { id: parentId } = await n8n.client.publish(await n8n.client.createWorkflow(parent));
		await n8n.client.callWebhook('calls', { order: 7 });
		const waiting = await started(n8n.client, id, ['waiting']);
		await reviews.vote(
			String(waiting.data.resultData.runData.Review![0]!.metadata!.resumeUrl),
			'reject',
		);
		const finished = await started(n8n.client, parentId, ['success', 'error']);
		assert.equal(outputOf(finished, 'Call')[0]!.decision, 'rejected');
	});

	it('works in a run by hand, also of a workflow that was never published', async () => {
		const trigger = node('By Hand', 'n8n-nodes-base.manualTrigger');
		const review = node('Review', 'humanReview', { operation: 'sendAndWait', message: 'OK?' });
		const created: Workflow = await n8n.client.createWorkflow(chain('By hand', trigger, review));
		const id = await n8n.client.runManually(created, 'By Hand');
		const waiting = await n8n.client.waitForExecution(id, ['waiting', 'error', 'success']);
		assert.equal(waiting.status, 'waiting');
		const { resumeUrl } = waiting.data.resultData.runData.Review![0]!.metadata!;
		await reviews.vote(String(resumeUrl), 'approve');
		const finished = await n8n.client.waitForExecution(id);
		assert.equal(decided(finished, 1)[0]!.decision, 'approved');
	});

	it('after kill -9 reminds once, and keeps the votes when its deadline passes', async () => {
		const told = await kept.receiver.messages(5, 180_000);
		const finished = await n8n.client.waitForExecution(kept.review.id, ['success'], {
			timeoutMs: 180_000,
		});
		assert.deepEqual(
			kept.receiver.received.map(({ body }) => [body.type, body.reviewer, body.reminder]),
			[
				['reviewRequested', 'Ann', 0],
				['reviewRequested', 'Ben', 0],
				['reviewReminder', 'Ann', 1],
				['reviewReminder', 'Ben', 1],
				['reviewReminder', 'Ben', 2],
			],
		);
		assert.equal(new Set(told.map(({ messageId }) => messageId)).size, 5);
		const [item] = decided(finished, 0);
		assert.equal(item!.reason, 'expired');
		assert.deepEqual(
			(item!.votes as Array<{ reviewer: string }>).map(({ reviewer }) => reviewer),
			['Ann'],
		);
		const late = Date.parse(finished.stoppedAt!) - kept.review.deadlineAt;
		assert.ok(late >= 0 && late < 5000, `${late} ms after the deadline`);
	});
});
