import { hashOf, verifyAudit } from '../../../lib';
import type { AuditEntry } from '../../../lib';
import { stopTimers } from '../../../nodes/HumanReview/clock';
import { closeStores } from '../../../nodes/shared/store';
import { ITEM, linksOf, nonceOf, openReview } from './review';

afterAll(async () => {
	stopTimers();
	await closeStores();
});

describe('Human Review', () => {
	it('shows the page for GET and HEAD and waits on', async () => {
		const review = await openReview();
		const page = await review.open();
		expect(page.status).toBe(200);
		expect(String(page.body)).toContain('The tram opens in 2031.');
		expect(String(page.body)).toContain(hashOf(ITEM));
		await review.instance.request(review.url, { method: 'HEAD' });
		expect(review.execution.status).toBe('waiting');
	});

	it('lets the approved item leave by output 1, with who, when and what hash', async () => {
		const review = await openReview();
		const receipt = await review.submit({
			decision: 'approve',
			comment: 'Fine.',
			'reviewer-name': 'Kim',
		});
		await review.execution.settled();
		expect(receipt.status).toBe(200);
		expect(String(receipt.body)).toContain('Your decision is recorded');
		expect(review.execution.json('Review', 0)).toEqual([]);
		expect(review.execution.json('Review', 2)).toEqual([]);
		const [item] = review.execution.json('Review', 1);
		expect(item).toMatchObject({
			...ITEM,
			decision: 'approved',
			decidedBy: 'human',
			reviewer: 'Kim',
			comment: 'Fine.',
			payload: ITEM,
			payloadHash: hashOf(ITEM),
			edited: false,
			difference: [],
			votes: [{ decision: 'approved', reviewer: 'Kim' }],
			reused: false,
		});
		expect(verifyAudit(item!.audit as unknown as AuditEntry[])).toBe(true);
	});

	it('lets the rejected item leave by output 2', async () => {
		const review = await openReview();
		await review.submit({ decision: 'reject' });
		await review.execution.settled();
		expect(review.execution.json('Review', 2)).toMatchObject([{ decision: 'rejected' }]);
		expect(review.execution.json('Review', 1)).toEqual([]);
	});

	it('lets items leave by output 0, marked, when n8n ends the wait', async () => {
		const review = await openReview({ settings: { timeLimit: 1, timeLimitUnit: 'days' } });
		await review.instance.expire(review.execution);
		expect(review.execution.json('Review', 0)).toMatchObject([
			{ ...ITEM, decision: 'noDecision', reason: 'expired', decidedBy: 'timeout' },
		]);
		expect(review.execution.json('Review', 1)).toEqual([]);
		expect(review.execution.json('Review', 2)).toEqual([]);
	});

	it('lets items leave as rejected when the time is over, if so set', async () => {
		const settings = { timeLimit: 1, timeLimitUnit: 'days', onTimeout: 'reject' };
		const review = await openReview({ settings });
		await review.instance.expire(review.execution);
		expect(review.execution.json('Review', 2)).toMatchObject([{ decidedBy: 'timeout' }]);
	});

	it.each([
		['without a number of the page', {}],
		['with a number that was made up', { nonce: 'mabcdefg.abc.0123456789abcdef0123456789abcdef' }],
	])('asks again %s', async (_, fields) => {
		const review = await openReview();
		const answer = await review.post({ decision: 'approve', ...fields });
		expect(answer.status).toBe(409);
		expect(review.execution.status).toBe('waiting');
		expect(nonceOf(answer)).not.toBe('');
	});

	it('refuses a form that another site sends', async () => {
		const review = await openReview();
		const nonce = nonceOf(await review.open());
		const fields = { decision: 'approve', nonce };
		const answer = await review.post(fields, review.url, { 'sec-fetch-site': 'cross-site' });
		expect(answer.status).toBe(403);
		const other = await review.post(fields, review.url, { origin: 'https://evil.example' });
		expect(other.status).toBe(403);
		expect(review.execution.status).toBe('waiting');
	});

	it('accepts exactly one of many at the same moment and never fails for the others', async () => {
		const review = await openReview();
		const nonces = await Promise.all(
			Array.from({ length: 20 }, async () => nonceOf(await review.open())),
		);
		const answers = await Promise.all(
			nonces.map(
				async (nonce, index) =>
					await review.post({ nonce, decision: index % 2 === 0 ? 'approve' : 'reject' }),
			),
		);
		await review.execution.settled();
		expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
		const receipts = answers.filter(({ body }) =>
			String(body).includes('Your decision is recorded'),
		);
		expect(receipts).toHaveLength(1);
		const decided = [1, 2].flatMap((output) => review.execution.json('Review', output));
		expect(decided).toHaveLength(1);
	});

	it('sets its own security headers', async () => {
		const { headers } = await (await openReview()).open();
		expect(headers['content-security-policy']).toContain("default-src 'none'");
		expect(headers['content-security-policy']).toContain('sandbox allow-forms');
		expect(headers['content-security-policy']).not.toContain('script');
		expect(headers['x-frame-options']).toBe('DENY');
		expect(headers['cache-control']).toBe('no-store');
	});

	it('sends each choice to its own output', async () => {
		const choices = { values: [{ label: 'Today', value: 'now' }, { label: 'Later' }] };
		const review = await openReview({ responseType: 'choice', choices: choices as never });
		await review.submit({ decision: 'choice', choice: 'Later' });
		await review.execution.settled();
		expect(review.execution.json('Review', 2)).toMatchObject([{ decision: 'Later' }]);
	});

	it('passes an edited item on and keeps the difference', async () => {
		const review = await openReview({ responseType: 'edit' });
		const edited = { ...ITEM, cost: 450 };
		await review.submit({ decision: 'approve', 'value-0': JSON.stringify(edited) });
		await review.execution.settled();
		expect(review.execution.json('Review', 1)).toMatchObject([
			{
				...edited,
				payload: edited,
				payloadHash: hashOf(edited),
				edited: true,
				difference: [{ path: 'cost', from: 500, to: 450 }],
			},
		]);
	});

	it('asks for a text by the first line of the message, without the marks of Markdown', async () => {
		const message = '## What should we **answer**?\nBe kind.';
		const review = await openReview({ responseType: 'text', message });
		expect(String((await review.open()).body)).toContain('>What should we answer? ');
		await review.submit({ decision: 'answer', 'field-text': 'Yes.' });
		await review.execution.settled();
		expect(review.execution.json('Review', 1)).toMatchObject([{ answer: 'Yes.' }]);
	});

	it('asks again, with what was typed, when an answer is not valid', async () => {
		const values = [{ label: 'Amount', type: 'number', max: '10', required: true }];
		const review = await openReview({ responseType: 'form', formFields: { values } as never });
		const answer = await review.submit({ decision: 'answer', 'field-Amount': '11' });
		expect(answer.status).toBe(422);
		expect(String(answer.body)).toContain('This must be at most 10.');
		expect(String(answer.body)).toContain('value="11"');
		await review.submit({ decision: 'answer', 'field-Amount': '9,5' });
		await review.execution.settled();
		expect(review.execution.json('Review', 1)).toMatchObject([
			{ decision: 'answered', answer: { Amount: 9.5 } },
		]);
	});

	it('waits for enough named reviewers, each by a link of their own', async () => {
		const reviewers = { values: [{ name: 'Ann' }, { name: 'Ben' }, { name: 'Cem' }] };
		const settings = { votesToApprove: 2 };
		const review = await openReview({ reviewers: reviewers as never, settings });
		const links = linksOf(review);
		await review.submit({ decision: 'approve' }, links.Ann);
		await review.submit({ decision: 'approve' }, links.Ann);
		expect(review.execution.status).toBe('waiting');
		await review.submit({ decision: 'approve' }, links.Cem);
		await review.execution.settled();
		const [item] = review.execution.json('Review', 1);
		expect(item).toMatchObject({ decision: 'approved', reviewer: 'Cem' });
		expect(item!.votes).toHaveLength(3);
	});

	it('decides items one by one, over several visits', async () => {
		const input = [{ json: { id: 1 } }, { json: { id: 2 } }, { json: { id: 3 } }];
		const review = await openReview({}, input);
		const first = await review.submit({ decision: 'each', 'decision-1': 'reject' });
		expect(String(first.body)).toContain('2 of 3');
		expect(review.execution.status).toBe('waiting');
		await review.submit({ decision: 'approve' });
		await review.execution.settled();
		expect(review.execution.json('Review', 1)).toMatchObject([{ id: 1 }, { id: 3 }]);
		expect(review.execution.json('Review', 2)).toMatchObject([{ id: 2 }]);
	});

	it('refuses a PIN that is wrong and locks the link after five', async () => {
		const reviewers = { values: [{ name: 'Ann', pin: '4711' }] };
		const review = await openReview({ reviewers: reviewers as never });
		const { Ann } = linksOf(review);
		for (let i = 0; i < 4; i++) {
			const answer = await review.submit({ decision: 'approve', pin: '1' }, Ann);
			expect(answer.status).toBe(422);
		}
		expect((await review.submit({ decision: 'approve', pin: '1' }, Ann)).status).toBe(403);
		expect((await review.submit({ decision: 'approve', pin: '4711' }, Ann)).status).toBe(403);
		expect(review.execution.status).toBe('waiting');
	});

	it('keeps PINs out of the data of the run', async () => {
		const reviewers = { values: [{ name: 'Ann', pin: 'secret-4711' }] };
		const review = await openReview({ reviewers: reviewers as never });
		expect(JSON.stringify(review.execution.data.resultData)).not.toContain('secret-4711');
	});

	it('uses the decision again for the same data in the same run', async () => {
		const runKey = `order-${Date.now()}`;
		const review = await openReview({ runKey });
		await review.submit({ decision: 'approve' });
		await review.execution.settled();
		const again = await openReview({ runKey });
		expect(again.execution.status).toBe('success');
		expect(again.execution.json('Review', 1)).toMatchObject([
			{ decision: 'approved', reused: true },
		]);
		const other = await openReview({ runKey }, [{ json: { ...ITEM, cost: 501 } }]);
		expect(other.execution.status).toBe('waiting');
		const reviewers = { values: [{ name: 'Ann' }, { name: 'Ben' }] } as never;
		const stricter = await openReview({ runKey, reviewers, settings: { votesToApprove: 2 } });
		expect(stricter.execution.status).toBe('waiting');
	});

	it('names what is wrong with the configuration and does not wait', async () => {
		const review = await openReview({ settings: { votesToApprove: 2 } });
		expect(review.execution.error?.message).toContain(
			'the quorum is 2, but no reviewers are named',
		);
	});
});
