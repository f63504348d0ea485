import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { outputOf } from '../n8n/client.ts';
import { launchBrowser } from '../n8n/editor.ts';
import { forge, scan, sendMalformed } from './humanReview/attacks.ts';
import { report, tally, times } from './humanReview/counts.ts';
import { ReviewFixture, decided } from './humanReview/fixture.ts';
import { rush } from './humanReview/rush.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';

describe('Human Review on a published page', () => {
	let n8n: TestN8n;
	let reviews: ReviewFixture;
	let settings: { pageUrl: string };

	before(async () => {
		n8n = await n8nForTests('humanReviewPage', {
			N8N_LOG_LEVEL: 'warn',
			DB_PING_INTERVAL_SECONDS: '3600',
			N8N_EXPRESSION_ENGINE: 'legacy',
		});
		reviews = new ReviewFixture(n8n.client);
		settings = { pageUrl: await reviews.publishPage(n8n.server.url) };
	});
	after(async () => await n8n.close());

	it('shows the receipt to who sends the same again, and the outcome to all others, for good', async () => {
		const review = await reviews.open({ settings });
		const { nonce } = await reviews.page(review.url);
		const receipt = await reviews.post(review.url, { nonce, decision: 'approve' });
		assert.equal(receipt.status, 200);
		assert.match(receipt.html, /Your decision is recorded/);
		const execution = await n8n.client.waitForExecution(review.id);
		assert.equal(decided(execution, 1).length, 1);
		const check = async () => {
			assert.deepEqual(await reviews.post(review.url, { nonce, decision: 'approve' }), receipt);
			const other = await reviews.post(review.url, { nonce, decision: 'reject' });
			assert.equal(other.status, 409);
			assert.match(other.html, />Approved</);
			const shown = await fetch(review.url);
			assert.equal(shown.status, 200);
			assert.match(shown.headers.get('content-security-policy') ?? '', /default-src 'none'/);
			assert.match(await shown.text(), />Approved</);
		};
		await check();
		await n8n.client.request('POST', '/executions/delete', { ids: [review.id] });
		await check();
	});

	it('of many submits at the same moment accepts one and tells all others the outcome', async (context) => {
		const statuses: number[] = [];
		const rounds = times(2, 100);
		for (let round = 0; round < rounds; round++) {
			const review = await reviews.open({ settings });
			const { answers, outcome } = await rush(n8n.client, reviews, review);
			for (const { status, html } of answers) {
				assert.ok(status === 200 || status === 409, String(status));
				assert.ok(html.toLowerCase().includes(`>${outcome}<`), 'every answer names the outcome');
				assert.equal(html.includes('Your decision is recorded'), status === 200);
			}
			statuses.push(...answers.map(({ status }) => status));
		}
		report(context, 'page submits', {
			rounds,
			submits: statuses.length,
			statuses: tally(statuses),
		});
	});

	it('scanners, forged links and malformed submits decide nothing', async (context) => {
		const review = await reviews.open({ settings });
		const opened = await scan(review.url, times(2, 200));
		assert.deepEqual(tally(opened), { 200: opened.length });
		const parts = ['review', 'code', 'reviewer'];
		const forged = await forge(reviews, review.url, parts, times(100, 1000));
		assert.deepEqual(tally(forged), { 403: forged.length });
		const sent = await sendMalformed(review.url, times(1, 10));
		const wrong = sent.filter(({ status }) => status < 400 || status >= 500);
		assert.deepEqual(wrong, []);
		assert.equal((await n8n.client.execution(review.id)).status, 'waiting');
		const execution = await reviews.decide(review, 'reject');
		assert.equal(decided(execution, 2).length, 1);
		const malformed = tally(sent.map(({ status }) => status));
		report(context, 'page', { opened: tally(opened), forged: tally(forged), malformed });
	});

	it('takes no vote for an execution that was stopped', async () => {
		const review = await reviews.open({ settings });
		const { nonce } = await reviews.page(review.url);
		await n8n.client.stop(review.id);
		const answer = await reviews.post(review.url, { nonce, decision: 'approve' });
		assert.equal(answer.status, 409);
		assert.match(answer.html, /taken back|withdrawn/i);
	});

	it('survives kill -9, and tells of a deadline that passed meanwhile', async () => {
		const limit = { timeLimit: 3, timeLimitUnit: 'seconds' };
		const answered = await reviews.open({ settings });
		const expired = await reviews.open({ settings: { ...settings, ...limit } });
		await n8n.server.kill();
		await n8n.server.start();
		const execution = await reviews.decide(answered, 'approve');
		assert.equal(outputOf(execution, 'Effect').length, 1);
		const late = await fetch(expired.url);
		assert.equal(late.status, 410);
		const timedOut = await n8n.client.waitForExecution(expired.id, ['success'], {
			timeoutMs: 90_000,
		});
		assert.equal(decided(timedOut, 0)[0]!.reason, 'expired');
	});
});

describe('Human Review on a published page of an n8n that cannot reach itself', () => {
	let n8n: TestN8n;

	before(async () => {
		n8n = await n8nForTests('humanReviewUnreachable', { N8N_SSRF_PROTECTION_ENABLED: 'true' });
	});
	after(async () => await n8n.close());

	it('lets the browser bring the decision to the workflow, and shows the outcome later', async () => {
		const reviews = new ReviewFixture(n8n.client);
		const review = await reviews.open({
			settings: { pageUrl: await reviews.publishPage(n8n.server.url) },
		});
		const browser = await launchBrowser();
		const page = await browser.newPage();
		const answers: number[] = [];
		page.on('response', (response) => answers.push(response.status()));
		await page.goto(review.url);
		await page.locator('button[value=approve]').click();
		await page.getByText('Your decision is recorded').first().waitFor();
		assert.deepEqual(answers, [200, 307, 200]);
		const execution = await n8n.client.waitForExecution(review.id);
		assert.equal(outputOf(execution, 'Effect').length, 1);
		await page.goto(review.url);
		await page.getByText('Approved').first().waitFor();
		await browser.close();
	});
});
