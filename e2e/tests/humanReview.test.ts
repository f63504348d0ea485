import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { outputOf } from '../n8n/client.ts';
import { launchBrowser } from '../n8n/editor.ts';
import { everyPage } from './humanReview/everyPage.ts';
import { injectedPages } from './humanReview/injectedPages.ts';
import { injections } from './humanReview/injections.ts';
import { ReviewFixture, decided } from './humanReview/fixture.ts';
import { malformed } from './humanReview/malformed.ts';
import { agents } from './humanReview/userAgents.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';
import { root } from '../n8n/paths.ts';

/** How often the heavy cases are repeated; `REVIEW_SCALE=50` gives the figures of the docs. */
const SCALE = Number(process.env.REVIEW_SCALE ?? 1);

const devices = { desktop: { width: 1100, height: 800 }, phone: { width: 375, height: 740 } };

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe('Human Review in a real n8n', () => {
	let n8n: TestN8n;
	let reviews: ReviewFixture;
	let browser: Browser;

	before(async () => {
		// Under this load n8n's own look at its database is late, and it would call itself not ready.
		n8n = await n8nForTests('humanReview', {
			N8N_LOG_LEVEL: 'warn',
			DB_PING_INTERVAL_SECONDS: '3600',
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

	it('opening the page by people, scanners and previews decides nothing', async () => {
		const review = await reviews.open();
		const statuses = new Set<number>();
		for (let round = 0; round < 4 * SCALE; round++) {
			await Promise.all(
				agents.flatMap((agent) =>
					['GET', 'HEAD'].map(async (method) => {
						const answer = await fetch(review.url, { method, headers: { 'user-agent': agent } });
						await answer.arrayBuffer();
						statuses.add(answer.status);
					}),
				),
			);
		}
		assert.deepEqual([...statuses], [200]);
		await fetch(review.url, { method: 'OPTIONS', headers: { origin: 'https://other.example' } });
		await stillWaiting(review.id);
		await n8n.client.stop(review.id);
	});

	it('changed and made-up links and page numbers decide nothing', async () => {
		const review = await reviews.open();
		const page = await reviews.page(review.url);
		for (let i = 0; i < 100 * SCALE; i++) {
			const forged = new URL(review.url);
			const name = ['signature', 'code', 'reviewer'][i % 3]!;
			const value = forged.searchParams.get(name) ?? 'x';
			const at = i % value.length;
			const other = value[at] === 'a' ? 'b' : 'a';
			forged.searchParams.set(name, value.slice(0, at) + other + value.slice(at + 1));
			const answer = await reviews.post(forged.href, { nonce: page.nonce, decision: 'approve' });
			assert.ok(answer.status >= 400 && answer.status < 500, `${name}: ${answer.status}`);
		}
		for (let i = 0; i < 20 * SCALE; i++) {
			const at = i % page.nonce.length;
			const other = page.nonce[at] === 'a' ? 'b' : 'a';
			const nonce = page.nonce.slice(0, at) + other + page.nonce.slice(at + 1);
			const answer = await reviews.post(review.url, { nonce, decision: 'approve' });
			assert.equal(answer.status, 409);
		}
		await stillWaiting(review.id);
		await n8n.client.stop(review.id);
	});

	it('malformed submits get an answer below 500 and the review waits on', async () => {
		const review = await reviews.open();
		for (let round = 0; round < SCALE; round++) {
			for (const { name, init } of malformed()) {
				const answer = await fetch(review.url, { method: 'POST', ...init });
				await answer.arrayBuffer();
				assert.ok(answer.status >= 400 && answer.status < 500, `${name}: ${answer.status}`);
			}
		}
		await stillWaiting(review.id);
		const execution = await reviews.decide(review, 'approve');
		assert.equal(decided(execution, 1).length, 1);
	});

	it('of many submits at the same moment one is accepted and none fails', async () => {
		for (let round = 0; round < 2 * SCALE; round++) {
			const review = await reviews.open();
			const pages = await Promise.all(
				Array.from({ length: 20 }, async () => await reviews.page(review.url)),
			);
			const answers = await Promise.all(
				Array.from({ length: 200 }, async (_, index) => {
					const decision = index % 2 === 0 ? 'approve' : 'reject';
					return await reviews.post(review.url, { nonce: pages[index % 20]!.nonce, decision });
				}),
			);
			const execution = await n8n.client.waitForExecution(review.id);
			assert.deepEqual(
				answers.filter(({ status }) => status >= 500),
				[],
			);
			const ways = [0, 1, 2].map((output) => decided(execution, output).length);
			assert.deepEqual(ways[0], 0);
			assert.equal(ways[1]! + ways[2]!, 1);
			assert.equal(outputOf(execution, 'Effect').length, 1, 'what follows ran once');
			assert.equal(execution.data.resultData.runData.Review!.length, 1);
			assert.equal(execution.data.resultData.runData.Effect!.length, 1);
			const accepted = answers.filter(({ html }) => html.includes('Your decision is recorded'));
			assert.ok(accepted.length >= 1);
			const outcome = String(decided(execution, ways[1] === 1 ? 1 : 2)[0]!.decision);
			for (const { html } of accepted) {
				assert.ok(html.toLowerCase().includes(outcome), 'the receipt tells the truth');
			}
		}
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
		let decidedInTime = 0;
		for (let left = 8 * SCALE; left > 0; left -= 20) {
			for (const { answer, approved, none } of await races(Math.min(left, 20))) {
				assert.equal(approved + none, 1);
				decidedInTime += approved;
				assert.equal(answer.html.includes('Your decision is recorded'), approved === 1);
				assert.ok(answer.status < 500, String(answer.status));
			}
		}
		context.diagnostic(`${8 * SCALE} races, ${decidedInTime} answers in time`);
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

		it('no injected script runs and nothing is requested from elsewhere', async () => {
			const payloads = injections();
			assert.ok(payloads.length >= 200);
			for (const { place, open, fill } of injectedPages(reviews, payloads, 2 * SCALE)) {
				const review = await open();
				const page = await visit(review.url);
				const requests: string[] = [];
				let dialogs = 0;
				page.on('request', (request) => requests.push(request.url()));
				page.on('dialog', async (dialog) => {
					dialogs++;
					await dialog.dismiss();
				});
				if (fill === undefined) await page.reload();
				else await fill(page);
				await page.waitForLoadState();
				await page.mouse.move(200, 200);
				await page.waitForTimeout(200);
				const shown = await page.content();
				assert.ok(shown.includes('pwned'), `${place}: the payloads are there, as text`);
				assert.equal(dialogs, 0, place);
				assert.deepEqual(
					requests.filter((url) => !url.startsWith(n8n.server.url)),
					[],
					place,
				);
				assert.equal(await page.evaluate(() => document.querySelectorAll('script').length), 0);
				assert.equal(await page.evaluate(() => 'pwned' in window), false, place);
				await page.context().close();
				await n8n.client.stop(review.id).catch(() => undefined);
			}
		});

		it('works without script, by keyboard, from page to receipt', async () => {
			const review = await reviews.open();
			const page = await visit(review.url, { javaScriptEnabled: false });
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

		it('every kind of page has no accessibility violation, on phone and desktop, light and dark', async () => {
			for (const { name, url, press } of await everyPage(reviews)) {
				for (const colorScheme of ['light', 'dark'] as const) {
					for (const [device, viewport] of Object.entries(devices)) {
						const page = await visit(await url(), { colorScheme, viewport, bypassCSP: true });
						if (press === 'details') await page.locator('details.pass-on summary').click();
						else if (press !== undefined) await page.locator(`button[value=${press}]`).click();
						const found = await violationsOn(page);
						assert.deepEqual(found, [], `${name} ${colorScheme} ${device}`);
						await keepPicture(page, `${name}-${device}-${colorScheme}`);
						await page.context().close();
					}
				}
			}
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

	/** A picture to look at, in `.cache/e2e/screenshots/review`. */
	async function keepPicture(page: Page, name: string): Promise<void> {
		const folder = path.join(root, '.cache/e2e/screenshots/review');
		mkdirSync(folder, { recursive: true });
		await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
	}

	/** What axe finds; runs in the page, whose policy the test has lifted for it. */
	async function violationsOn(page: Page): Promise<string[]> {
		await page.evaluate(axe);
		const result = await page.evaluate(async () => {
			const { violations, passes } = await (
				globalThis as unknown as {
					axe: {
						run(): Promise<{
							passes: unknown[];
							violations: Array<{ id: string; nodes: Array<{ html: string }> }>;
						}>;
					};
				}
			).axe.run();
			return {
				passes: passes.length,
				violations: violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
			};
		});
		assert.ok(result.passes > 5, 'axe has checked something');
		const wide = await page.evaluate(
			() => document.documentElement.scrollWidth > window.innerWidth,
		);
		return wide ? [...result.violations, 'wider than the window'] : result.violations;
	}
});
