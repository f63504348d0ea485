import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { NodeConnectionTypes } from 'n8n-workflow';

import { listPendingReviews, memoryStore, readRun } from '../../../lib';
import { HumanReview } from '../../../nodes/HumanReview/HumanReview.node';
import { stopTimers } from '../../../nodes/HumanReview/clock';
import { closeStores, openStore } from '../../../nodes/shared/store';
import { TestInstance, chain, node, set, start } from '../../harness';
import { ITEM, nonceOf, openReview } from './review';

afterAll(async () => {
	stopTimers();
	await closeStores();
});

const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

/** The node as n8n offers it for tools of AI agents: another name, one output. */
class HumanReviewHitlTool extends HumanReview {
	constructor() {
		super();
		this.description.name = 'humanReviewHitlTool';
		this.description.outputs = [NodeConnectionTypes.Main];
	}
}

describe('Human Review as a gate for tools of AI agents', () => {
	async function openGate() {
		const instance = new TestInstance();
		const parameters = { operation: 'sendAndWait', message: 'The agent wants to pay 500 EUR.' };
		const execution = await instance.run(
			{
				nodes: [start(), node('Gate', new HumanReviewHitlTool(), parameters)],
				connections: chain('Start', 'Gate'),
			},
			{ input: [{ json: { toolCallId: 'call_1', amount: 500 } }] },
		);
		const { resumeUrl } = execution.task('Gate').metadata as unknown as { resumeUrl: string };
		return { instance, execution, url: resumeUrl };
	}

	it.each([
		['approve', true],
		['reject', false],
	])('gives the agent its answer after %s', async (decision, approved) => {
		const { instance, execution, url } = await openGate();
		const nonce = nonceOf(await instance.request(url));
		const body = { nonce, decision, comment: 'Ask me first.' };
		await instance.request(url, { method: 'POST', body, headers: FORM_TYPE });
		await execution.settled();
		expect(execution.json('Gate')).toMatchObject([
			{ toolCallId: 'call_1', data: { approved, chatInput: 'Ask me first.' } },
		]);
	});

	it('denies when nobody decides', async () => {
		const { instance, execution } = await openGate();
		await instance.expire(execution);
		expect(execution.json('Gate')).toMatchObject([{ data: { approved: false } }]);
	});
});

describe('how reviewers are told', () => {
	let server: Server;
	const received: Array<Record<string, unknown>> = [];
	let status = 200;

	beforeAll(async () => {
		server = createServer((request, response) => {
			let text = '';
			request.on('data', (chunk: Buffer) => (text += chunk.toString()));
			request.on('end', () => {
				received.push(JSON.parse(text) as Record<string, unknown>);
				response.writeHead(status).end();
			});
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	});
	afterAll(async () => await new Promise((resolve) => server.close(resolve)));

	const webhook = () => ({
		notify: 'webhook',
		notifyUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tell`,
		reviewers: { values: [{ name: 'Ann', group: 'legal' }, { name: 'Ben' }] } as never,
	});

	it('posts one message per reviewer, with a link that works, and keeps links out of the run', async () => {
		received.length = 0;
		const review = await openReview(webhook());
		expect(received).toMatchObject([
			{ type: 'reviewRequested', reviewer: 'Ann', group: 'legal', title: 'Review', items: 1 },
			{ type: 'reviewRequested', reviewer: 'Ben', group: null },
		]);
		const url = String(received[1]!.url);
		expect((await review.open(url)).status).toBe(200);
		expect(JSON.stringify(review.execution.data)).not.toContain(new URL(url).search);
		expect(JSON.stringify(received)).not.toContain(ITEM.text);
	});

	it('does not wait for people who were not told', async () => {
		status = 500;
		const review = await openReview(webhook());
		status = 200;
		expect(review.execution.status).toBe('error');
		expect(review.execution.error?.message).toContain('The reviewers did not get their links');
	});

	it('runs a sub-workflow with one item per reviewer', async () => {
		const tell = {
			nodes: [start(), set('Tell', {})],
			connections: chain('Start', 'Tell'),
		};
		const instance = new TestInstance({ workflows: { tell } });
		const parameters = {
			message: 'Check',
			notify: 'workflow',
			notifyWorkflow: { __rl: true, mode: 'id', value: 'tell' },
			reviewers: { values: [{ name: 'Ann' }, { name: 'Ben' }] },
		};
		const execution = await instance.run({
			nodes: [start(), node('Review', new HumanReview(), parameters as never)],
			connections: chain('Start', 'Review'),
		});
		expect(execution.status).toBe('waiting');
		const [told] = instance.executions.filter((each) => each.workflow.id === 'tell');
		expect(told!.json('Start')).toMatchObject([{ reviewer: 'Ann' }, { reviewer: 'Ben' }]);
	});
});

describe('Human Review in a loop', () => {
	it('asks again when it comes back with the same data', async () => {
		const instance = new TestInstance();
		const again = [{ node: 'Review', type: NodeConnectionTypes.Main, index: 0 }];
		const execution = await instance.run(
			{
				nodes: [
					start(),
					node('Review', new HumanReview(), { message: 'Good?', payload: '={{ $json.title }}' }),
				],
				connections: { ...chain('Start', 'Review'), Review: { main: [[], [], again] } },
			},
			{ input: [{ json: ITEM }] },
		);
		const decide = async (run: number, decision: string) => {
			const { resumeUrl } = execution.task('Review', run).metadata as unknown as {
				resumeUrl: string;
			};
			const nonce = nonceOf(await instance.request(resumeUrl));
			const body = { nonce, decision };
			await instance.request(resumeUrl, { method: 'POST', body, headers: FORM_TYPE });
			await execution.settled();
		};
		await decide(0, 'reject');
		expect(execution.status).toBe('waiting');
		await decide(1, 'approve');
		expect(execution.json('Review', 1, 1)).toMatchObject([{ decision: 'approved', reused: false }]);
	});
});

describe('what others see of a review', () => {
	it('is listed while it is open, and told to its run when it is over', async () => {
		const runKey = `run-${Date.now()}`;
		const review = await openReview({ runKey });
		const store = await openStore({
			getNode: () => ({ parameters: {} }) as never,
		} as never);
		const now = Date.now();
		const pending = await listPendingReviews(store, { now, runId: runKey });
		expect(pending).toMatchObject([{ title: 'Review', open: 1, items: 1, votes: 0 }]);
		expect((await readRun(store, runKey))?.status).toBe('waiting');
		await review.submit({ decision: 'approve' });
		await review.execution.settled();
		expect(await listPendingReviews(store, { now, runId: runKey })).toEqual([]);
		expect((await readRun(store, runKey))?.parts.Review).toMatchObject({
			status: 'completed',
			message: 'Review: approved',
		});
	});

	it('can be taken back by whoever asked, but not decided', async () => {
		const review = await openReview();
		const { withdrawUrl } = review.execution.task('Review').metadata as unknown as {
			withdrawUrl: string;
		};
		const page = await review.open(withdrawUrl);
		expect(String(page.body)).not.toContain('value="approve"');
		expect((await review.submit({ decision: 'approve' }, withdrawUrl)).status).toBe(422);
		expect(review.execution.status).toBe('waiting');
		await review.submit({ decision: 'withdraw' }, withdrawUrl);
		await review.execution.settled();
		expect(review.execution.json('Review', 0)).toMatchObject([
			{ decision: 'noDecision', reason: 'withdrawn', decidedBy: 'policy' },
		]);
	});
});

it('a memory store lists nothing for a review that nobody opened', async () => {
	expect(await listPendingReviews(memoryStore({ now: () => 0 }), { now: 0 })).toEqual([]);
});
