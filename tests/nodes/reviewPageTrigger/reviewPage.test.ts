import type { IWebhookFunctions } from 'n8n-workflow';

import { PAGE_HEADERS } from '../../../lib';
import { stopTimers } from '../../../nodes/HumanReview/clock';
import { ReviewPageTrigger } from '../../../nodes/ReviewPageTrigger/ReviewPageTrigger.node';
import { closeStores } from '../../../nodes/shared/store';
import type { TestInstance, TestResponse } from '../../harness';
import { fakeRequest, recordingResponse } from '../../harness/webhook';
import type { TestRequest } from '../../harness/webhook';
import { linksOf, nonceOf, openReview } from '../humanReview/review';
import type { OpenReview } from '../humanReview/review';

const PAGE = 'https://n8n.example/webhook/reviews';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** How n8n's own addresses answer the page: as they are, or not at all. */
type Reach = 'reachable' | 'unreachable';

/** A published page, in an n8n whose waiting executions are those of an instance. */
class PublishedPage {
	reach: Reach = 'reachable';
	/** Methods of the requests that it has sent to n8n. */
	readonly sent: string[] = [];

	constructor(private readonly instance: TestInstance) {}

	async call(address: string, request: TestRequest = {}): Promise<TestResponse> {
		const url = new URL(address);
		const { response, answer } = recordingResponse();
		const asked = fakeRequest(url, { ...request, headers: { ...FORM, ...request.headers } });
		const result = await new ReviewPageTrigger().webhook.call({
			getNode: () => ({ name: 'Page', parameters: { store: 'builtIn' } }),
			getRequestObject: () => asked,
			getResponseObject: () => response,
			getQueryData: () => asked.query,
			getHeaderData: () => asked.headers,
			helpers: {
				httpRequest: async (options: { url: string; method: 'GET' | 'POST' }) =>
					await this.forward(options),
			},
		} as unknown as IWebhookFunctions);
		expect(result).toEqual({ noWebhookResponse: true });
		return answer;
	}

	/** Opens a page and sends its form. */
	async submit(address: string, fields: Record<string, string>): Promise<TestResponse> {
		const nonce = nonceOf(await this.call(address));
		return await this.call(address, { method: 'POST', body: { nonce, ...fields } });
	}

	private async forward({ url, method }: { url: string; method: 'GET' | 'POST' }) {
		this.sent.push(method);
		if (this.reach === 'unreachable') throw new Error('connect ECONNREFUSED');
		const { status, headers, body } = await this.instance.request(url, { method });
		const bytes = new TextEncoder().encode(String(body));
		const chunks = (async function* () {
			yield await Promise.resolve(bytes);
		})();
		return {
			statusCode: status,
			headers,
			body: Object.assign(chunks, { destroy: () => undefined }),
		};
	}
}

async function openOnPage(parameters: Record<string, unknown> = {}) {
	const { settings = {}, ...others } = parameters;
	const review = await openReview({
		...others,
		settings: { pageUrl: PAGE, ...(settings as object) },
	});
	return { review, page: new PublishedPage(review.instance) };
}

const textOf = ({ body }: TestResponse) => String(body);

const outputs = async (review: OpenReview) => {
	await review.execution.settled();
	return [0, 1, 2].map((output) => review.execution.json('Review', output).length);
};

describe('Review Page Trigger', () => {
	afterEach(() => stopTimers());
	afterAll(async () => await closeStores());

	it('is where links lead, shows the page, and asks n8n nothing for that', async () => {
		const { review, page } = await openOnPage({ reviewers: { values: [{ name: 'Ann' }] } });
		const { Ann = '' } = linksOf(review);
		expect(Ann.startsWith(`${PAGE}?review=`)).toBe(true);
		const shown = await page.call(Ann);
		expect(shown.status).toBe(200);
		expect(textOf(shown)).toContain('The tram opens in 2031.');
		expect(shown.headers['content-security-policy']).toBe(PAGE_HEADERS['Content-Security-Policy']);
		expect((await page.call(Ann, { method: 'HEAD' })).body).toBeUndefined();
		expect(page.sent).toEqual([]);
		expect(review.execution.status).toBe('waiting');
	});

	it('lets the workflow go on, and then still shows the receipt to who sends the same again', async () => {
		const { review, page } = await openOnPage();
		const nonce = nonceOf(await page.call(review.url));
		const body = { nonce, decision: 'approve', comment: 'Fine.' };
		const receipt = await page.call(review.url, { method: 'POST', body });
		expect(receipt.status).toBe(200);
		expect(textOf(receipt)).toContain('Your decision is recorded');
		expect(await outputs(review)).toEqual([0, 1, 0]);
		expect(review.execution.json('Review', 1)).toMatchObject([
			{ decision: 'approved', comment: 'Fine.' },
		]);
		const again = await page.call(review.url, { method: 'POST', body });
		expect(again.status).toBe(200);
		expect(again.body).toBe(receipt.body);
		const other = await page.call(review.url, {
			method: 'POST',
			body: { ...body, decision: 'reject' },
		});
		expect(other.status).toBe(409);
		expect(textOf(other)).toContain('>Approved<');
		const later = await page.call(review.url);
		expect(later.status).toBe(200);
		expect(textOf(later)).toContain('>Approved<');
		expect(textOf(later)).not.toContain('<form');
	});

	it('accepts one of 50 submits at the same moment, and tells all others the outcome', async () => {
		const { review, page } = await openOnPage();
		const pages = await Promise.all(
			Array.from({ length: 50 }, async () => nonceOf(await page.call(review.url))),
		);
		const answers = await Promise.all(
			pages.map(async (nonce, index) => {
				const decision = index % 2 === 0 ? 'approve' : 'reject';
				return await page.call(review.url, { method: 'POST', body: { nonce, decision } });
			}),
		);
		const ways = await outputs(review);
		expect(ways[0]).toBe(0);
		const word = ways[1] === 1 ? '>Approved<' : '>Rejected<';
		expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
		expect(answers.filter(({ status }) => status === 409)).toHaveLength(49);
		for (const answer of answers) expect(textOf(answer)).toContain(word);
		expect(page.sent.filter((method) => method === 'POST')).toHaveLength(1);
	});

	it('collects votes, passes them on by links of its own, and ends at the quorum', async () => {
		const { review, page } = await openOnPage({
			reviewers: { values: [{ name: 'Ann' }, { name: 'Ben' }] },
			settings: { votesToApprove: 2, delegation: 'anyone' },
		});
		const { Ann = '', Ben = '' } = linksOf(review);
		const passed = await page.submit(Ann, { decision: 'delegate', delegate: 'Kim' });
		const kim = /<pre[^>]*>([^<]+)<\/pre>/.exec(textOf(passed))![1]!.replaceAll('&amp;', '&');
		expect(kim.startsWith(`${PAGE}?review=`)).toBe(true);
		expect((await page.submit(kim, { decision: 'approve' })).status).toBe(200);
		expect(review.execution.status).toBe('waiting');
		expect((await page.submit(Ben, { decision: 'approve' })).status).toBe(200);
		expect(await outputs(review)).toEqual([0, 1, 0]);
	});

	it('sends the browser to where the workflow waits when n8n cannot reach itself', async () => {
		const { review, page } = await openOnPage();
		page.reach = 'unreachable';
		const answer = await page.submit(review.url, { decision: 'reject' });
		expect(answer.status).toBe(307);
		const receipt = await review.instance.request(answer.headers.location!, { method: 'POST' });
		expect(textOf(receipt)).toContain('>Rejected<');
		expect(await outputs(review)).toEqual([0, 0, 1]);
	});

	it('says that a request is over whose execution is gone, instead of taking a vote', async () => {
		const { review, page } = await openOnPage();
		const nonce = nonceOf(await page.call(review.url));
		review.instance.executions.length = 0;
		const body = { nonce, decision: 'approve' };
		const answer = await page.call(review.url, { method: 'POST', body });
		expect(answer.status).toBe(409);
		expect(textOf(answer)).toContain('withdrawn');
		expect(textOf(await page.call(review.url))).toContain('withdrawn');
	});

	it('takes a request back by the link of who asked', async () => {
		const { review, page } = await openOnPage();
		const { withdrawUrl } = review.execution.task('Review').metadata as unknown as {
			withdrawUrl: string;
		};
		expect((await page.submit(withdrawUrl, { decision: 'withdraw' })).status).toBe(200);
		expect(await outputs(review)).toEqual([1, 0, 0]);
		expect(review.execution.json('Review', 0)).toMatchObject([{ reason: 'withdrawn' }]);
	});

	it('tells nothing about reviews by links that are not genuine', async () => {
		const { review, page } = await openOnPage();
		const pages: unknown[] = [];
		for (const [name, value] of [
			['review', 'unknown'],
			['code', 'x'],
			['reviewer', 'Ann'],
		] as const) {
			const url = new URL(review.url);
			url.searchParams.set(name, value);
			for (const method of ['GET', 'POST'] as const) {
				const { status, body } = await page.call(url.href, { method });
				expect(status).toBe(403);
				pages.push(body);
			}
		}
		expect((await page.call(PAGE)).status).toBe(403);
		expect(new Set(pages).size).toBe(1);
		expect(page.sent).toEqual([]);
	});

	it('answers 503 when its store cannot be used', async () => {
		const { response, answer } = recordingResponse();
		const broken = {
			getNode: () => ({ name: 'Page', parameters: { store: 'credential' } }),
			getCredentials: async () => await Promise.reject(new Error('No such credential.')),
			getRequestObject: () => ({ method: 'GET', headers: {} }),
			getResponseObject: () => response,
			getHeaderData: () => ({}),
		} as unknown as IWebhookFunctions;
		await new ReviewPageTrigger().webhook.call(broken);
		expect(answer.status).toBe(503);
	});

	it('refuses an address of the page that is none', async () => {
		const review = await openReview({ settings: { pageUrl: 'reviews' } });
		expect(review.execution.error?.message).toContain('production URL of a Review Page Trigger');
	});
});
