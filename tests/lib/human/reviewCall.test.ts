import fc from 'fast-check';

import { CLOCK, loadReview, openRequest, openState, pinCode, timeoutDecisions } from '../../../lib';
import type { FormBody } from '../../../lib';
import { LANGUAGES, languageFor } from '../../../lib/human/phrases/phrases';
import { isSameOrigin } from '../../../lib/human/sameOrigin';
import { NOON, PAYLOAD, TestDesk, draft } from './desk';
import type { DraftChanges } from './desk';
import { nonceIn } from './pages';

const DAY = 86_400_000;
const PEOPLE = [
	{ id: 'Ann', name: 'Ann' },
	{ id: 'Ben', name: 'Ben' },
];

describe('a review call', () => {
	it('only shows the page for GET and HEAD, and refuses other methods', async () => {
		const desk = new TestDesk();
		for (const method of ['GET', 'HEAD']) expect((await desk.call(method)).status).toBe(200);
		for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
			expect((await desk.call(method)).status).toBe(405);
		}
		expect((await loadReview(desk.desk.store, desk.request)).votes).toEqual([]);
	});

	it('refuses links that are not genuine, and links of people who are not asked', async () => {
		const desk = new TestDesk({ reviewers: PEOPLE });
		expect((await desk.call('GET', { reviewer: 'Ann', code: 'x' })).status).toBe(403);
		expect((await desk.call('GET', { reviewer: '' })).status).toBe(403);
		expect((await desk.call('GET', { reviewer: 'Eve' })).status).toBe(403);
		expect((await desk.call('GET', { reviewer: CLOCK })).status).toBe(403);
		expect((await desk.call('GET', { reviewer: 'Ann' })).status).toBe(200);
	});

	it('gives the decision to one caller only', async () => {
		const desk = new TestDesk();
		const nonce = nonceIn((await desk.get()).html);
		const replies = await Promise.all(
			Array.from({ length: 50 }, async () => await desk.post({ nonce, decision: 'approve' })),
		);
		expect(replies.filter(({ closed }) => closed !== undefined)).toHaveLength(1);
		expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
	});

	it('shows the receipt again for the same page, and names the outcome to another answer', async () => {
		const desk = new TestDesk();
		const first = nonceIn((await desk.get()).html);
		const second = nonceIn((await desk.get()).html);
		await desk.post({ nonce: first, decision: 'approve', 'reviewer-name': 'Kim' });
		const again = await desk.post({ nonce: first, decision: 'approve' });
		expect(again).toMatchObject({ status: 200 });
		expect(again.html).toContain('Your decision is recorded');
		const other = await desk.post({ nonce: second, decision: 'reject' });
		expect(other.status).toBe(409);
		expect(other.html).toContain('Approved');
		expect(other.html).toContain('Kim');
		expect((await desk.post({ nonce: first, decision: 'reject' })).status).toBe(409);
	});

	it('gives a decision on again when the workflow has not gone on after half a minute', async () => {
		const desk = new TestDesk();
		const nonce = nonceIn((await desk.get()).html);
		await desk.post({ nonce, decision: 'approve' });
		desk.now = NOON + 30_000;
		expect((await desk.post({ decision: 'resume' })).closed).toBeUndefined();
		desk.now = NOON + 30_001;
		expect((await desk.get()).html).toContain('value="resume"');
		expect((await desk.post({ decision: 'resume' })).closed?.status).toBe('decided');
	});

	it('does not take "resume" for an answer while the review is open', async () => {
		const desk = new TestDesk();
		expect(await desk.post({ decision: 'resume' })).toMatchObject({
			status: 409,
		});
	});

	it('accepts answers until the deadline, to the millisecond', async () => {
		const open = new TestDesk({ deadlineAt: NOON + DAY });
		open.now = NOON + DAY - 1;
		expect((await open.submit({ decision: 'approve' })).closed?.items[0]!.decision).toBe(
			'approved',
		);
		const late = new TestDesk({ deadlineAt: NOON + DAY });
		late.now = NOON + DAY - 1;
		const nonce = nonceIn((await late.get()).html);
		late.now = NOON + DAY;
		expect(await late.post({ nonce, decision: 'approve' })).toMatchObject({
			status: 410,
		});
	});

	it('lets only the clock end a review, and only when its time is over', async () => {
		const desk = new TestDesk({ deadlineAt: NOON + DAY });
		desk.now = NOON + DAY - 1;
		expect((await desk.call('POST', { reviewer: CLOCK })).closed).toBeUndefined();
		desk.now = NOON + DAY;
		expect((await desk.call('POST', { reviewer: CLOCK })).closed?.status).toBe('expired');
		expect((await desk.call('POST', { reviewer: CLOCK })).closed).toBeUndefined();
		expect((await desk.call('POST', { reviewer: CLOCK, code: 'x' })).status).toBe(403);
	});

	it('does not let the clock undo a decision', async () => {
		const desk = new TestDesk({ deadlineAt: NOON + DAY });
		await desk.submit({ decision: 'approve' });
		desk.now = NOON + DAY;
		expect((await desk.call('POST', { reviewer: CLOCK })).closed?.status).toBe('decided');
	});

	it('lets the clock bring a decision to a workflow that has not gone on for half a minute', async () => {
		const desk = new TestDesk({ deadlineAt: NOON + DAY });
		await desk.submit({ decision: 'approve' });
		desk.now = NOON + 30_000;
		expect((await desk.call('POST', { reviewer: CLOCK })).closed).toBeUndefined();
		desk.now = NOON + 30_001;
		expect((await desk.call('POST', { reviewer: CLOCK })).closed?.status).toBe('decided');
	});

	it('gives a submit and the clock that meet at the deadline one end, in any order', async () => {
		const moments = [-2, -1, 0, 1, 2];
		for (let race = 0; race < 200; race++) {
			const desk = new TestDesk({ deadlineAt: NOON + DAY });
			desk.now = NOON + DAY - 10;
			const nonce = nonceIn((await desk.get()).html);
			const submit = async () => await desk.post({ nonce, decision: 'approve' });
			const clock = async () => await desk.call('POST', { reviewer: CLOCK });
			desk.now = NOON + DAY + moments[race % 5]!;
			const order = race % 2 === 0 ? [submit, clock] : [clock, submit];
			const replies = await Promise.all(order.map(async (call) => await call()));
			const again = await clock();
			const ends = [...replies, again].flatMap(({ closed }) => closed ?? []);
			expect(ends.length).toBeLessThanOrEqual(1);
			const inTime = desk.now < NOON + DAY;
			expect(ends[0]?.status).toBe(inTime ? 'decided' : 'expired');
		}
	});

	it('asks again when the page was open for more than 15 minutes, and keeps what was typed', async () => {
		const desk = new TestDesk();
		const nonce = nonceIn((await desk.get()).html);
		desk.now += 15 * 60_000 + 1;
		const reply = await desk.post({ nonce, decision: 'approve', comment: 'I am <slow>' });
		expect(reply).toMatchObject({ status: 409 });
		expect(reply.html).toContain('I am &lt;slow&gt;');
		const fresh = await desk.post({ nonce: nonceIn(reply.html), decision: 'approve' });
		expect(fresh.closed?.status).toBe('decided');
	});

	it('does not count a vote for data that somebody has changed since', async () => {
		const desk = new TestDesk({ kind: 'edit', reviewers: PEOPLE, quorum: { approve: 2 } });
		const before = nonceIn((await desk.get('Ben')).html);
		await desk.submit({ decision: 'approve', 'value-0': '{"cost":1}' }, 'Ann');
		const { html } = await desk.get('Ben');
		expect(html).toContain('− 500');
		expect(html).toContain('+ 1<');
		const reply = await desk.post({ nonce: before, decision: 'approve' }, 'Ben');
		expect(reply).toMatchObject({ status: 409 });
		expect(reply.html).toContain('A reviewer has changed the data');
		const done = await desk.submit({ decision: 'approve' }, 'Ben');
		expect(done.closed?.items).toMatchObject([{ decision: 'approved', edited: { cost: 1 } }]);
	});

	it('does not offer the data as it was before to a reviewer who has not edited it', async () => {
		const editing = { kind: 'edit', reviewers: PEOPLE, quorum: { approve: 2 } } as const;
		const json = (value: unknown) => JSON.stringify(value, undefined, 2);
		const editorIn = (html: string) => /id="value-0"[^>]*>([^<]*)/.exec(html)![1]!;
		const shown = async (desk: TestDesk, typed: string) => {
			const nonce = nonceIn((await desk.get('Ben')).html);
			const change = { decision: 'approve', 'value-0': json({ ...PAYLOAD, cost: 1 }) };
			await desk.submit(change, 'Ann');
			const { html } = await desk.post({ nonce, decision: 'approve', 'value-0': typed }, 'Ben');
			return editorIn(html);
		};
		expect(await shown(new TestDesk(editing), json(PAYLOAD))).toContain('1');
		expect(await shown(new TestDesk(editing), json(PAYLOAD))).not.toContain('500');
		expect(await shown(new TestDesk(editing), json({ ...PAYLOAD, cost: 300 }))).toContain('300');
		expect(await shown(new TestDesk(editing), '{ broken')).toContain('{ broken');
		const before = 'First line.\nSecond line.';
		const desk = new TestDesk({ ...editing, items: [{ payload: before }] });
		const nonce = nonceIn((await desk.get('Ben')).html);
		await desk.submit({ decision: 'approve', 'value-0': 'Another text.' }, 'Ann');
		const typed = before.replaceAll('\n', '\r\n');
		const { html } = await desk.post({ nonce, decision: 'approve', 'value-0': typed }, 'Ben');
		expect(editorIn(html).trim()).toBe('Another text.');
	});

	it('says how many have voted about what is open, each once, in its present version', async () => {
		const desk = new TestDesk({ kind: 'edit', reviewers: PEOPLE, quorum: { approve: 2 } });
		const count = async () => /reject; (\d) so far/.exec((await desk.get('Ben')).html)?.[1];
		expect(await count()).toBe('0');
		for (const cost of [1, 2]) {
			await desk.submit({ decision: 'approve', 'value-0': JSON.stringify({ cost }) }, 'Ann');
			expect(await count()).toBe('1');
		}
	});

	it('does not count a vote that meets a change of the data on its way', async () => {
		const desk = new TestDesk({ kind: 'edit', reviewers: PEOPLE, quorum: { approve: 2 } });
		const [ann, ben] = [
			nonceIn((await desk.get('Ann')).html),
			nonceIn((await desk.get('Ben')).html),
		];
		const [, late] = await Promise.all([
			desk.post({ nonce: ann, decision: 'approve', 'value-0': '{"cost":1}' }, 'Ann'),
			desk.post({ nonce: ben, decision: 'approve' }, 'Ben'),
		]);
		expect(late.status).toBe(409);
		const state = await loadReview(desk.desk.store, desk.request);
		expect(state.votes.map(({ by }) => by)).toEqual(['Ann']);
	});

	it('refuses a form that another site sends', async () => {
		const desk = new TestDesk();
		const nonce = nonceIn((await desk.get()).html);
		const headers = { 'sec-fetch-site': 'cross-site' };
		expect((await desk.post({ nonce, decision: 'approve' }, '', headers)).status).toBe(403);
	});

	it('asks for the comment that is always needed', async () => {
		const desk = new TestDesk({ comment: 'always' });
		expect((await desk.submit({ decision: 'approve' })).status).toBe(422);
	});

	it('lets five wrong PINs through, also when many come at the same moment', async () => {
		const code = pinCode('key of this n8n', 'Ann', '4711');
		const reviewers = [{ id: 'Ann', name: 'Ann', pinCode: code }];
		const desk = new TestDesk({ reviewers });
		const nonce = nonceIn((await desk.get('Ann')).html);
		const replies = await Promise.all(
			Array.from(
				{ length: 30 },
				async (_, pin) => await desk.post({ nonce, decision: 'approve', pin: `${pin}` }, 'Ann'),
			),
		);
		expect(replies.filter(({ status }) => status === 422)).toHaveLength(4);
		const right = await desk.submit({ decision: 'approve', pin: '4711' }, 'Ann');
		expect(right.status).toBe(403);
		const other = new TestDesk({ reviewers });
		for (let tries = 0; tries < 4; tries++) {
			await other.submit({ decision: 'approve', pin: 'x' }, 'Ann');
		}
		const decided = await other.submit({ decision: 'approve', pin: '4711' }, 'Ann');
		expect(decided.closed?.status).toBe('decided');
	});

	it('asks for the comment that a rejection needs', async () => {
		const desk = new TestDesk({ comment: 'onReject' });
		expect((await desk.submit({ decision: 'reject' })).status).toBe(422);
		expect((await desk.submit({ decision: 'reject', comment: ' ' })).status).toBe(422);
		const reply = await desk.submit({ decision: 'reject', comment: 'Too dear.' });
		expect(reply.closed?.items[0]!.decision).toBe('rejected');
	});

	it('refuses edited data that does not fit its schema', async () => {
		const schema = { type: 'object', required: ['cost'], properties: { cost: { type: 'number' } } };
		const desk = new TestDesk({ kind: 'edit', schema });
		const wrong = await desk.submit({ decision: 'approve', 'value-0': '{"cost":"much"}' });
		expect(wrong.status).toBe(422);
		expect(wrong.html).toContain('This does not fit');
		expect((await desk.submit({ decision: 'approve', 'value-0': '{' })).status).toBe(422);
	});

	it.each<[FormBody, number]>([
		[{ refused: 'tooLarge' }, 413],
		[{ refused: 'wrongType' }, 415],
		[{ refused: 'unreadable' }, 400],
	])('answers a body that is %j with %i', async (body, status) => {
		const desk = new TestDesk();
		expect(await desk.post(body)).toMatchObject({ status });
	});

	it('never throws, never decides and never answers 500 for any fields without the page', async () => {
		const name = fc.constantFrom(
			'decision',
			'nonce',
			'comment',
			'value-0',
			'field-x',
			'pin',
			'choice',
		);
		const value = fc.oneof(
			fc.string({ unit: 'binary' }),
			fc.constantFrom('approve', 'reject', 'each', 'answer', 'choice', 'resume', '__proto__'),
		);
		const fields = fc.array(fc.tuple(fc.oneof(name, fc.string()), value), { maxLength: 12 });
		const kinds = ['approval', 'choice', 'edit', 'form', 'text'] as const;
		await fc.assert(
			fc.asyncProperty(fc.constantFrom(...kinds), fields, async (kind, pairs) => {
				const desk = new TestDesk({
					kind,
					choices: [{ id: 'a', label: 'A' }],
					fields: [{ name: 'x', label: 'X' }],
				});
				const reply = await desk.post({ fields: new URLSearchParams(pairs) });
				expect(reply.closed).toBeUndefined();
				expect(reply.status).toBeGreaterThanOrEqual(400);
				expect(reply.status).toBeLessThan(500);
			}),
			{ numRuns: 500 },
		);
	});

	it('with a genuine page, decides only what its kind allows, for any fields', async () => {
		const value = fc.constantFrom(
			'approve',
			'reject',
			'each',
			'answer',
			'choice',
			'b',
			'a',
			'',
			'{}',
		);
		const names = ['decision', 'choice', 'decision-0', 'value-0', 'field-x', 'comment'];
		const fields = fc.dictionary(fc.constantFrom(...names), value);
		const allowed = {
			approval: ['approved', 'rejected'],
			choice: ['a'],
			edit: ['approved', 'rejected'],
			form: ['answered', 'rejected'],
			text: ['answered', 'rejected'],
		};
		await fc.assert(
			fc.asyncProperty(
				fc.constantFrom(...(Object.keys(allowed) as Array<keyof typeof allowed>)),
				fields,
				async (kind, typed) => {
					const desk = new TestDesk({
						kind,
						choices: [{ id: 'a', label: 'A' }],
						fields: [{ name: 'x', label: 'X' }],
					});
					const { closed, status } = await desk.submit(typed);
					expect(status).toBe(closed === undefined ? 422 : 200);
					if (closed !== undefined) expect(allowed[kind]).toContain(closed.items[0]!.decision);
				},
			),
			{ numRuns: 500 },
		);
	});
});

describe('a default answer', () => {
	const fields = [{ name: 'amount', label: 'Amount', type: 'number' as const, max: 10 }];
	const choices = [{ id: 'now', label: 'Now' }];

	it.each<[DraftChanges, string]>([
		[{ kind: 'choice', choices, defaultAnswer: 'never' }, '"never" is none of the choices'],
		[{ kind: 'choice', choices }, 'is missing'],
		[{ kind: 'form', fields, defaultAnswer: { amount: 11 } }, 'for "Amount" is not valid (max 10)'],
		[{ kind: 'form', fields, defaultAnswer: 'x' }, "must hold the form's values"],
		[{ kind: 'approval', defaultAnswer: 'x' }, 'is for a choice, a form or a text'],
	])('is refused for %j', (changes, message) => {
		expect(() => openRequest(draft({ onTimeout: 'default', ...changes }))).toThrow(message);
	});

	it.each<[DraftChanges, string]>([
		[{ kind: 'choice', choices, defaultAnswer: 'now' }, 'now'],
		[{ kind: 'form', fields, defaultAnswer: { amount: 9 } }, 'answered'],
	])('is what the clock answers for %j', (changes, decision) => {
		const request = openRequest(draft({ onTimeout: 'default', ...changes }));
		expect(timeoutDecisions(request, openState(request))).toMatchObject([
			{ decision, decidedBy: 'timeout', reason: null },
		]);
	});

	it('never is an approval, unless silence was said to be one', () => {
		for (const onTimeout of ['noDecision', 'reject'] as const) {
			const request = openRequest(draft({ onTimeout }));
			const [decision] = timeoutDecisions(request, openState(request));
			expect(decision!.decision).not.toBe('approved');
		}
		const silence = openRequest(draft({ onTimeout: 'approve' }));
		expect(timeoutDecisions(silence, openState(silence))).toMatchObject([
			{ decision: 'approved', decidedBy: 'timeout', reviewer: null },
		]);
		expect(() => openRequest(draft({ kind: 'choice', choices, onTimeout: 'approve' }))).toThrow(
			'only an approval or an edit',
		);
	});
});

describe('isSameOrigin', () => {
	const own = ['https://n8n.example.com/webhook-waiting'];

	it.each([
		[{ 'sec-fetch-site': 'same-origin' }, true],
		[{ 'sec-fetch-site': 'none' }, true],
		[{ 'sec-fetch-site': 'cross-site' }, false],
		[{ 'sec-fetch-site': 'same-site' }, false],
		[{ origin: 'https://n8n.example.com' }, true],
		[{ origin: 'https://proxy.example', host: 'proxy.example' }, true],
		[{ origin: 'https://evil.example', host: 'n8n.example.com' }, false],
		[{ origin: 'https://n8n.example.com.evil.example' }, false],
		[{ origin: 'null' }, true],
		[{}, true],
	])('for %j: %s', (headers, expected) => {
		expect(isSameOrigin(headers, own)).toBe(expected);
	});
});

describe('the languages', () => {
	it('have every phrase, with the same places for values', () => {
		const places = (phrase: string) => (phrase.match(/\{\w+\}/g) ?? []).sort();
		for (const phrases of Object.values(LANGUAGES)) {
			expect(Object.keys(phrases).sort()).toEqual(Object.keys(LANGUAGES.en!).sort());
			for (const [key, phrase] of Object.entries(phrases)) {
				expect(phrase).not.toBe('');
				expect(places(phrase)).toEqual(places(LANGUAGES.en![key as 'review']));
			}
		}
	});

	it.each([
		['de-CH,de;q=0.9,en;q=0.8', 'de'],
		['ja,fr;q=0.5,en;q=0.9', 'en'],
		['es;q=0', 'en'],
		['xx', 'en'],
		['', 'en'],
		['constructor', 'en'],
	])('are chosen by the browser: %j is %s', (header, language) => {
		expect(languageFor(null, header)).toBe(language);
	});

	it('are chosen by the workflow when it says so', () => {
		expect(languageFor('fr', 'de')).toBe('fr');
	});

	it('reach the page', async () => {
		const desk = new TestDesk();
		const { html } = await desk.get('', { 'accept-language': 'de' });
		expect(html).toContain('<html lang="de">');
		expect(html).toContain('Freigeben');
	});
});
