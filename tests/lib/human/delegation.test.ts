import fc from 'fast-check';

import { decisionsOf, loadReview, pinCode, reviewLink, verifyAudit } from '../../../lib';
import type { PassedOn, ReviewReply } from '../../../lib';
import { NOON, TestDesk } from './desk';
import type { DraftChanges } from './desk';
import { nonceIn, unescaped } from './pages';

const SECRET = 'key of this n8n';
const PEOPLE = [
	{ id: 'Ann', name: 'Ann' },
	{ id: 'Ben', name: 'Ben' },
];
const STAND_IN = { id: 'Kim', name: 'Kim', standIn: true };

/** A desk at which votes may be passed on. */
class DelegationDesk extends TestDesk {
	readonly sent: PassedOn[] = [];

	constructor(changes: DraftChanges = {}, canSend = false) {
		super({ reviewers: PEOPLE, delegation: 'anyone', ...changes });
		Object.assign(this.desk, {
			urlOf: (id: string) => `https://n8n.example/?r=${encodeURIComponent(id)}`,
			sendLink: async (passedOn: PassedOn) => {
				this.sent.push(passedOn);
				return await Promise.resolve(canSend);
			},
		});
	}

	async passOn(from: string, fields: Record<string, string>): Promise<ReviewReply> {
		return await this.submit({ decision: 'delegate', ...fields }, from);
	}

	/** The id in the link that the reviewer is to hand over. */
	delegateIn({ html }: ReviewReply): string {
		return decodeURIComponent(/\?r=([^<\s]+)/.exec(unescaped(html))![1]!);
	}

	async state() {
		return await loadReview(this.desk.store, this.request);
	}
}

describe('passing a vote on', () => {
	it('lets somebody else answer by a link of their own, and says for whom', async () => {
		const desk = new DelegationDesk({ quorum: { approve: 2 } });
		const kim = desk.delegateIn(await desk.passOn('Ann', { delegate: 'Kim' }));
		expect((await desk.get(kim)).html).toContain('Kim, in place of Ann');
		await desk.submit({ decision: 'approve' }, kim);
		const { closed } = await desk.submit({ decision: 'approve' }, 'Ben');
		const [decision] = decisionsOf(desk.request, closed!);
		expect(decision).toMatchObject({ decision: 'approved', reviewer: 'Ben', onBehalfOf: null });
		expect(decision!.votes).toMatchObject([
			{ by: 'Ann', reviewer: 'Kim', onBehalfOf: 'Ann' },
			{ by: 'Ben', reviewer: 'Ben', onBehalfOf: null },
		]);
		expect(decision!.audit.map(({ type }) => type)).toEqual([
			'opened',
			'delegated',
			'voted',
			'voted',
			'decided',
		]);
		expect(verifyAudit(decision!.audit)).toBe(true);
	});

	it('leaves the reviewer without a vote, also from a page that was open before', async () => {
		const desk = new DelegationDesk();
		const before = nonceIn((await desk.get('Ann')).html);
		await desk.passOn('Ann', { delegate: 'Kim' });
		const page = await desk.get('Ann');
		expect(page.html).toContain('You passed this review on');
		expect(page.html).not.toContain('value="approve"');
		const late = await desk.post({ nonce: before, decision: 'approve' }, 'Ann');
		expect(late.status).toBe(409);
		expect((await desk.state()).votes).toEqual([]);
	});

	it('does not count a vote that meets the passing on on its way', async () => {
		const desk = new DelegationDesk();
		const [first, second] = [
			nonceIn((await desk.get('Ann')).html),
			nonceIn((await desk.get('Ann')).html),
		];
		await Promise.all([
			desk.post({ nonce: first, decision: 'delegate', delegate: 'Kim' }, 'Ann'),
			desk.post({ nonce: second, decision: 'approve' }, 'Ann'),
		]);
		const { votes, delegations } = await desk.state();
		expect(votes.length + delegations.length).toBe(1);
	});

	it.each([
		['nobody', '', 'This is required.'],
		['another reviewer', ' ben ', 'already has a vote'],
		['themselves', 'ANN', 'already has a vote'],
		['whoever asked', 'dana  Doe', 'may not decide'],
		['a name that is far too long', 'x'.repeat(201), 'at most 200'],
	])('refuses %s', async (_, delegate, words) => {
		const desk = new DelegationDesk({ requester: 'Dana Doe' });
		const reply = await desk.passOn('Ann', { delegate });
		expect(reply.status).toBe(422);
		expect(reply.html).toContain(words);
		expect((await desk.state()).delegations).toEqual([]);
	});

	it('does not give one person two votes', async () => {
		const desk = new DelegationDesk();
		await desk.passOn('Ann', { delegate: 'Kim' });
		const reply = await desk.passOn('Ben', { delegate: 'KIM' });
		expect(reply.status).toBe(422);
		expect(reply.html).toContain('already has a vote');
	});

	it('goes no further than to one person', async () => {
		const desk = new DelegationDesk();
		const kim = desk.delegateIn(await desk.passOn('Ann', { delegate: 'Kim' }));
		expect((await desk.get(kim)).html).not.toContain('value="delegate"');
		expect((await desk.passOn(kim, { delegate: 'Lee' })).status).toBe(422);
	});

	it('is not offered, and refused, where it is not allowed', async () => {
		const desk = new DelegationDesk({ delegation: 'none' });
		expect((await desk.get('Ann')).html).not.toContain('value="delegate"');
		expect((await desk.passOn('Ann', { delegate: 'Kim' })).status).toBe(422);
		expect((await desk.state()).delegations).toEqual([]);
	});

	it('asks for a PIN for the other one where the reviewer needs one', async () => {
		const reviewers = [{ ...PEOPLE[0]!, pinCode: pinCode(SECRET, 'Ann', '4711') }, PEOPLE[1]!];
		const desk = new DelegationDesk({ reviewers });
		const fields = { delegate: 'Kim', pin: '4711' };
		expect((await desk.passOn('Ann', { delegate: 'Kim', pin: '1' })).status).toBe(422);
		expect((await desk.passOn('Ann', fields)).html).toContain('at least 4');
		expect((await desk.passOn('Ann', { ...fields, 'delegate-pin': '12' })).status).toBe(422);
		const kim = desk.delegateIn(await desk.passOn('Ann', { ...fields, 'delegate-pin': '8282' }));
		expect((await desk.submit({ decision: 'approve', pin: '4711' }, kim)).status).toBe(422);
		const decided = await desk.submit({ decision: 'approve', pin: '8282' }, kim);
		expect(decided.closed?.items[0]!.decision).toBe('approved');
	});

	it('can be taken back until the other one has answered, and their link is dead then', async () => {
		const desk = new DelegationDesk({ quorum: { approve: 2 } });
		const kim = desk.delegateIn(await desk.passOn('Ann', { delegate: 'Kim' }));
		const open = nonceIn((await desk.get(kim)).html);
		const back = await desk.submit({ decision: 'takeBack' }, 'Ann');
		expect(back.html).toContain('value="approve"');
		expect((await desk.get(kim)).status).toBe(403);
		expect((await desk.post({ nonce: open, decision: 'approve' }, kim)).status).toBe(403);
		const other = desk.delegateIn(await desk.passOn('Ann', { delegate: 'Kim' }));
		expect(other).not.toBe(kim);
		await desk.submit({ decision: 'approve' }, other);
		expect((await desk.get('Ann')).html).not.toContain('takeBack');
		const late = await desk.submit({ decision: 'takeBack' }, 'Ann');
		expect(late.status).toBe(409);
		expect((await desk.state()).delegations.at(-1)!.endedAt).toBeNull();
		expect((await desk.state()).audit.map(({ type }) => type)).toEqual([
			'opened',
			'delegated',
			'delegationEnded',
			'delegated',
			'voted',
		]);
	});

	it('does nothing for a page that is sent a second time', async () => {
		const desk = new DelegationDesk();
		const nonce = nonceIn((await desk.get('Ann')).html);
		const fields = { nonce, decision: 'delegate', delegate: 'Kim' };
		await desk.post(fields, 'Ann');
		await desk.submit({ decision: 'takeBack' }, 'Ann');
		expect((await desk.post(fields, 'Ann')).status).toBe(409);
		expect((await desk.state()).delegations).toHaveLength(1);
	});

	it('shows how the review ended to all of them', async () => {
		const desk = new DelegationDesk();
		const open = nonceIn((await desk.get('Ann')).html);
		const kim = desk.delegateIn(await desk.passOn('Ann', { delegate: 'Kim' }));
		const before = nonceIn((await desk.get('Ann')).html);
		await desk.submit({ decision: 'reject' }, 'Ben');
		for (const who of ['Ann', 'Ben', kim]) expect((await desk.get(who)).html).toContain('Rejected');
		const back = await desk.post({ nonce: before, decision: 'takeBack' }, 'Ann');
		expect(back).toMatchObject({ status: 409 });
		expect(back.html).toContain('Rejected');
		expect((await desk.post({ nonce: open, decision: 'delegate' }, 'Ann')).status).toBe(409);
	});
});

describe('stand-ins', () => {
	const changes = { reviewers: [...PEOPLE, STAND_IN], delegation: 'listed' as const };

	it('have no vote until one is passed on to them', async () => {
		const desk = new DelegationDesk(changes);
		expect(await desk.get('Kim')).toMatchObject({ status: 403 });
		expect((await desk.get('Kim')).html).toContain('Nobody has passed this review on to you');
		expect((await desk.post({ decision: 'approve' }, 'Kim')).status).toBe(403);
		const reply = await desk.passOn('Ann', { delegate: 'Kim' });
		expect(reply.html).toContain('?r=Kim');
		expect((await desk.submit({ decision: 'approve' }, 'Kim')).closed?.status).toBe('decided');
	});

	it('are sent their link when they can be, and then it is shown to nobody else', async () => {
		const desk = new DelegationDesk(changes, true);
		const reply = await desk.passOn('Ann', { delegate: 'Kim' });
		expect(desk.sent).toEqual([
			{ to: { id: 'Kim', name: 'Kim' }, onBehalfOf: 'Ann', url: 'https://n8n.example/?r=Kim' },
		]);
		for (const { html } of [reply, await desk.get('Ann')]) {
			expect(html).toContain('Kim has been sent a link.');
			expect(html).not.toContain('?r=Kim');
		}
	});

	it('are the only ones that a vote can be passed on to', async () => {
		const desk = new DelegationDesk(changes);
		expect((await desk.passOn('Ann', { delegate: 'Lee' })).status).toBe(422);
		expect((await desk.passOn('Ann', { delegate: 'Ben' })).status).toBe(422);
	});

	it('do not count for the quorum by themselves', () => {
		const open = (more: DraftChanges) => () => new DelegationDesk({ ...changes, ...more });
		expect(open({ quorum: { approve: 3 } })).toThrow('only 2 may decide');
		expect(open({ delegation: 'none' })).toThrow('"Kim" is a stand-in, but votes cannot');
		expect(open({ reviewers: PEOPLE })).toThrow('none is named');
		expect(open({ reviewers: [], delegation: 'anyone' })).toThrow('only be passed on by a named');
		const reviewers = [{ ...PEOPLE[0]!, pinCode: 'x' }, STAND_IN];
		expect(open({ reviewers })).toThrow('the stand-in "Kim" needs one as well');
		expect(open({ reviewers: [{ id: '@owner', name: 'x' }] })).toThrow('may not begin with "@"');
	});
});

describe('reviewers who join later', () => {
	const HOUR = 3_600_000;
	const reviewers = [PEOPLE[0]!, { ...PEOPLE[1]!, joinsAt: NOON + HOUR }];

	it('cannot decide before, and can from the millisecond on', async () => {
		const desk = new DelegationDesk({ reviewers, delegation: 'none' });
		desk.now = NOON + HOUR - 1;
		const early = await desk.get('Ben');
		expect(early.status).toBe(403);
		expect(early.html).toContain('It is not your turn yet');
		expect((await desk.post({ decision: 'approve' }, 'Ben')).status).toBe(403);
		desk.now = NOON + HOUR;
		expect((await desk.submit({ decision: 'approve' }, 'Ben')).closed?.status).toBe('decided');
	});

	it('keep the review open while the others cannot agree', async () => {
		const desk = new DelegationDesk({ reviewers, delegation: 'none', quorum: { approve: 2 } });
		await desk.submit({ decision: 'approve' }, 'Ann');
		expect((await desk.state()).status).toBe('open');
		desk.now = NOON + HOUR;
		const { closed } = await desk.submit({ decision: 'approve' }, 'Ben');
		expect(closed?.items[0]!.decision).toBe('approved');
	});

	it('must join before the deadline, and not all of them', () => {
		const open = (more: DraftChanges) => () => new DelegationDesk({ delegation: 'none', ...more });
		expect(open({ reviewers, deadlineAt: NOON + HOUR })).toThrow('"Ben" would join after');
		expect(open({ reviewers: [reviewers[1]!] })).toThrow('nobody may decide from the start');
	});
});

it('whatever reviewers do, nobody votes twice and the record is whole', async () => {
	const who = fc.constantFrom('Ann', 'Ben', 'Kim', 'last');
	const what = fc.constantFrom('approve', 'reject', 'delegate', 'takeBack');
	const whom = fc.constantFrom('Kim', 'Lee', 'Ben', 'Dana');
	const steps = fc.array(fc.tuple(who, what, whom), { maxLength: 12 });
	await fc.assert(
		fc.asyncProperty(steps, async (actions) => {
			const desk = new DelegationDesk({ requester: 'Dana', quorum: { approve: 2, reject: 2 } });
			for (const [person, decision, delegate] of actions) {
				const last = (await desk.state()).delegations.at(-1)?.to.id;
				const id = person === 'last' ? (last ?? 'Ann') : person;
				await desk.submit({ decision, delegate }, id);
			}
			const { votes, delegations, audit, items } = await desk.state();
			expect(verifyAudit(audit)).toBe(true);
			expect(votes.every(({ by }) => ['Ann', 'Ben'].includes(by))).toBe(true);
			expect(delegations.map(({ to }) => to.name)).not.toContain('Dana');
			const holding = delegations.filter(({ endedAt }) => endedAt === null);
			expect(new Set(holding.map(({ from }) => from)).size).toBe(holding.length);
			expect(new Set(holding.map(({ to }) => to.name)).size).toBe(holding.length);
			const lastVotes = new Map(votes.map((vote) => [vote.by, vote.answers[0]!.decision]));
			const approvals = [...lastVotes.values()].filter((each) => each === 'approved').length;
			if (items[0]!.decision === 'approved') expect(approvals).toBe(2);
		}),
		{ numRuns: 200 },
	);
});

it('a link made for one delegation fits no other request', () => {
	const first = reviewLink(SECRET, 'review-1', '@for-x');
	expect(first.code).not.toBe(reviewLink(SECRET, 'review-2', '@for-x').code);
	expect(first.code).not.toBe(reviewLink(SECRET, 'review-1', '@for-y').code);
});
