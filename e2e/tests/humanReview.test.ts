import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { outputOf } from '../n8n/client.ts';
import { launchBrowser } from '../n8n/editor.ts';
import { altered, forge, scan, sendMalformed } from './humanReview/attacks.ts';
import { FULL, report, tally, times } from './humanReview/counts.ts';
import { everyPage } from './humanReview/everyPage.ts';
import { dataPages, shortPages } from './humanReview/injectedPages.ts';
import type { InjectedPage } from './humanReview/injectedPages.ts';
import { injections } from './humanReview/injections.ts';
import { ReviewFixture, decided } from './humanReview/fixture.ts';
import { devices, keepPicture, loadAxe, violationsOn, waysToLook } from './humanReview/looking.ts';
import { rush } from './humanReview/rush.ts';
import { agents } from './humanReview/userAgents.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';

describe('Human Review in a real n8n', () => {
	let n8n: TestN8n;
	let reviews: ReviewFixture;
	let browser: Browser;

	before(async () => {
		// Under this load n8n's own look at its database is late, and it would call itself not ready.
		n8n = await n8nForTests('humanReview', {
			N8N_LOG_LEVEL: 'warn',
			DB_PING_INTERVAL_SECONDS: '3600',
			// Eight times as many requests a second as with an isolate for each; pages need none.
			N8N_EXPRESSION_ENGINE: 'legacy',
		});
		reviews = new ReviewFixture(n8n.client);
		browser = await launchBrowser();
	});
	after(async () => {
		await browser.close();
		await n8n.close();
	});

	const stillWaiting = async (id: string): Promise<void> => {
		assert.equal((await n8n.client.execution(id)).status, 'waiting');
	};

	it('opening the page by people, scanners and previews decides nothing', async (context) => {
		const review = await reviews.open();
		const statuses = await scan(review.url, times(4, 200));
		await fetch(review.url, { method: 'OPTIONS', headers: { origin: 'https://other.example' } });
		await stillWaiting(review.id);
		await n8n.client.stop(review.id);
		const requests = statuses.length;
		report(context, 'scanners', { requests, agents: agents.length, statuses: tally(statuses) });
		assert.deepEqual(tally(statuses), { 200: requests });
	});

	it('changed and made-up links and page numbers decide nothing', async (context) => {
		const review = await reviews.open();
		const parts = ['signature', 'code', 'reviewer'];
		const links = await forge(reviews, review.url, parts, times(100, 1000));
		assert.ok(links.every((status) => status >= 400 && status < 500));
		const numbers: number[] = [];
		const { nonce } = await reviews.page(review.url);
		for (let i = 0; i < times(20, 200); i++) {
			const changed = altered(nonce, i % nonce.length);
			const answer = await reviews.post(review.url, { nonce: changed, decision: 'approve' });
			numbers.push(answer.status);
		}
		assert.deepEqual(tally(numbers), { 409: numbers.length });
		await stillWaiting(review.id);
		await n8n.client.stop(review.id);
		report(context, 'forged', { links: tally(links), numbers: tally(numbers) });
	});

	it('malformed submits get an answer below 500 and the review waits on', async (context) => {
		const review = await reviews.open();
		const sent = await sendMalformed(review.url, times(1, 10));
		const wrong = sent.filter(({ status }) => status < 400 || status >= 500);
		assert.deepEqual(wrong, []);
		await stillWaiting(review.id);
		const execution = await reviews.decide(review, 'approve');
		assert.equal(decided(execution, 1).length, 1);
		const statuses = tally(sent.map(({ status }) => status));
		report(context, 'malformed', { submits: sent.length, statuses });
	});

	it('of many submits at the same moment one is accepted and none fails', async (context) => {
		const statuses: number[] = [];
		const rounds = times(2, 100);
		for (let left = rounds; left > 0; left -= 5) {
			const opened = Array.from({ length: Math.min(left, 5) }, async () => await reviews.open());
			for (const review of await Promise.all(opened)) {
				const { answers } = await rush(n8n.client, reviews, review);
				statuses.push(...answers.map(({ status }) => status));
			}
		}
		const failed = statuses.filter((status) => status >= 500).length;
		const counts = { rounds, submits: statuses.length, failed, statuses: tally(statuses) };
		report(context, 'submits', counts);
		assert.equal(failed, 0);
	});

	it('a deadline of seconds is kept to the second, with the votes there are', async () => {
		const settings = { timeLimit: 4, timeLimitUnit: 'seconds', votesToApprove: 2 };
		const people = { values: [{ name: 'Ann' }, { name: 'Ben' }] };
		const review = await reviews.open({ settings, reviewers: people });
		const page = await reviews.page(review.links.Ann!);
		await reviews.post(review.links.Ann!, { nonce: page.nonce, decision: 'approve' });
		const execution = await n8n.client.waitForExecution(review.id);
		const [item] = decided(execution, 0);
		assert.equal(item!.decision, 'noDecision');
		assert.equal((item!.votes as unknown[]).length, 1);
		const late = Date.parse(execution.stoppedAt!) - review.deadlineAt;
		assert.ok(late >= 0 && late < 1500, `${late} ms after the deadline`);
	});

	it('a submit at the deadline ends in one branch, and the receipt is true', async (context) => {
		const settings = { timeLimit: 8, timeLimitUnit: 'seconds' };
		const races = async (count: number) =>
			await Promise.all(
				Array.from({ length: count }, async (_, index) => {
					const review = await reviews.open({ settings });
					const page = await reviews.page(review.url);
					// Milliseconds before the deadline: on a busy machine answers take their time.
					const early = [800, 400, 200, 100, 50, 20, 10, 4, 0, -4][index % 10]!;
					const wait = review.deadlineAt - Date.now() - early;
					await new Promise((resolve) => setTimeout(resolve, wait));
					const answer = await reviews.post(review.url, { nonce: page.nonce, decision: 'approve' });
					const execution = await n8n.client.waitForExecution(review.id);
					return {
						answer,
						approved: decided(execution, 1).length,
						none: decided(execution, 0).length,
					};
				}),
			);
		const statuses: number[] = [];
		let inTime = 0;
		const count = times(8, 200);
		for (let left = count; left > 0; left -= 25) {
			for (const { answer, approved, none } of await races(Math.min(left, 25))) {
				assert.equal(approved + none, 1);
				inTime += approved;
				assert.equal(answer.html.includes('Your decision is recorded'), approved === 1);
				statuses.push(answer.status);
			}
		}
		const failed = statuses.filter((status) => status >= 500).length;
		report(context, 'races', { races: count, inTime, failed, statuses: tally(statuses) });
		assert.equal(failed, 0);
		if (FULL) assert.ok(inTime > 0 && inTime < count, 'both have won at least once');
	});

	it('survives kill -9: the link still decides, and a deadline that passed meanwhile counts', async () => {
		const settings = { timeLimit: 3, timeLimitUnit: 'seconds' };
		const [answered, expired] = [await reviews.open(), await reviews.open({ settings })];
		await n8n.server.kill();
		await new Promise((resolve) => setTimeout(resolve, 4000));
		await n8n.server.start();
		const execution = await reviews.decide(answered, 'approve');
		assert.equal(decided(execution, 1).length, 1);
		const timedOut = await n8n.client.waitForExecution(expired.id, ['success'], {
			timeoutMs: 90_000,
		});
		assert.equal(decided(timedOut, 0)[0]!.reason, 'expired');
		assert.equal(outputOf(timedOut, 'Effect').length, 0);
	});

	describe('in Chromium', () => {
		const visit = async (url: string, options = {}): Promise<Page> => {
			const context = await browser.newContext({ colorScheme: 'light', ...options });
			const page = await context.newPage();
			await page.goto(url);
			return page;
		};

		it('no injected script runs and nothing is requested from elsewhere', async (context) => {
			const payloads = injections();
			assert.ok(payloads.length >= 200);
			const pages = dataPages(reviews, payloads);
			await lookAt(pages, true);
			if (FULL) await lookAt(pages, false);
			report(context, 'injections', { payloads: payloads.length, ...counted(pages) });
		});

		it('nor in names and in what people type', async (context) => {
			const payloads = injections();
			const pages = shortPages(reviews, payloads, times(2, Infinity));
			await lookAt(pages, true);
			report(context, 'short injections', { payloads: payloads.length, ...counted(pages) });
		});

		const counted = (pages: InjectedPage[]) => ({
			places: new Set(pages.map(({ place }) => place)).size,
			pages: pages.length,
			ran: 0,
		});

		/**
		 * Looks at pages, three at a time.
		 *
		 * @param bypassCSP - without our policy: only the escaping is between a script and the page
		 */
		async function lookAt(pages: InjectedPage[], bypassCSP: boolean): Promise<void> {
			const left = [...pages];
			const look = async () => {
				for (let page = left.shift(); page !== undefined; page = left.shift()) {
					await nothingRuns(page, bypassCSP);
				}
			};
			await Promise.all([look(), look(), look()]);
		}

		/** Shows a page, and fails when anything of what it shows runs. */
		async function nothingRuns({ place, open, fill }: InjectedPage, bypassCSP: boolean) {
			const review = await open();
			const page = await visit('about:blank', { bypassCSP });
			const elsewhere: string[] = [];
			let dialogs = 0;
			page.on('request', (request) => {
				if (!request.url().startsWith(n8n.server.url)) elsewhere.push(request.url());
			});
			page.on('dialog', async (dialog) => {
				dialogs++;
				await dialog.dismiss();
			});
			await page.goto(review.url);
			await fill?.(page);
			await page.waitForLoadState();
			await page.mouse.move(200, 200);
			await page.waitForTimeout(100);
			const found = await page.evaluate(() => ({
				scripts: document.querySelectorAll('script').length,
				ran: 'pwned' in window,
			}));
			assert.deepEqual(found, { scripts: 0, ran: false }, place);
			assert.ok((await page.content()).includes('pwned'), `${place}: they are there, as text`);
			assert.deepEqual({ dialogs, elsewhere }, { dialogs: 0, elsewhere: [] }, place);
			await page.context().close();
			await n8n.client.stop(review.id).catch(() => undefined);
		}

		it('works without script, by keyboard, from page to receipt', async () => {
			const review = await reviews.open();
			const page = await visit(review.url, { javaScriptEnabled: false });
			assert.equal(await page.locator('button:focus').count(), 0, 'no button is chosen at first');
			await page.locator('textarea').fill('Good.');
			await page.keyboard.press('Tab');
			await page.keyboard.type('Kim');
			await page.keyboard.press('Tab');
			assert.equal(await page.locator('button:focus').innerText(), 'Approve');
			await page.keyboard.press('Enter');
			await page.getByText('Your decision is recorded').first().waitFor();
			const execution = await n8n.client.waitForExecution(review.id);
			assert.equal(decided(execution, 1)[0]!.comment, 'Good.');
			assert.equal(decided(execution, 1)[0]!.reviewer, 'Kim');
			await page.context().close();
		});

		it('Enter in the name field does not approve', async () => {
			const review = await reviews.open();
			const page = await visit(review.url);
			await page.locator('#reviewer-name').fill('Kim');
			await page.keyboard.press('Enter');
			await page.getByText('Nothing has been decided yet').waitFor();
			assert.equal(await page.locator('#reviewer-name').inputValue(), 'Kim');
			await stillWaiting(review.id);
			await page.context().close();
			await n8n.client.stop(review.id);
		});

		it('every kind of page has no accessibility violation, on phone and desktop, light and dark', async (context) => {
			let looks = 0;
			const ways = FULL ? waysToLook : [waysToLook[0]!, waysToLook[3]!];
			for (const { name, url, meanwhile, press } of await everyPage(reviews, n8n.server.url)) {
				const page = await visit(await url(), { bypassCSP: true });
				await meanwhile?.();
				if (press === 'details') await page.locator('details.pass-on summary').click();
				else if (press !== undefined) await page.locator(`button[value=${press}]`).click();
				await page.waitForLoadState();
				await loadAxe(page);
				for (const { colorScheme, device } of ways) {
					await page.emulateMedia({ colorScheme });
					await page.setViewportSize(devices[device]);
					const found = await violationsOn(page);
					assert.deepEqual(found, [], `${name} ${colorScheme} ${device}`);
					await keepPicture(page, `${name}-${device}-${colorScheme}`);
					looks++;
				}
				await page.context().close();
			}
			report(context, 'accessibility', { looks, violations: 0 });
		});

		it('the page is in the language of the browser', async () => {
			const review = await reviews.open();
			for (const [locale, word] of [
				['de-DE', 'Freigeben'],
				['fr-FR', 'Approuver'],
				['es-ES', 'Aprobar'],
				['ja-JP', 'Approve'],
			] as const) {
				const page = await visit(review.url, { locale });
				await page.getByRole('button', { name: word }).waitFor();
				await page.context().close();
			}
			await n8n.client.stop(review.id);
		});
	});
});
