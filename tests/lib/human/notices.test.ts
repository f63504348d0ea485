import fc from 'fast-check';

import {
	addInvitation,
	awaitedIn,
	changeKnownReview,
	changeReview,
	claimNotices,
	listPendingReviews,
	loadReview,
	memoryStore,
	nextLookAt,
	openRequest,
	openState,
	plannedNotices,
	readInvitations,
	removeInvitations,
	saveInvitations,
	withNoticeSent,
} from '../../../lib';
import type { Invitations, ReviewState } from '../../../lib';
import { castVote } from '../../../lib/human/decide';
import { CLAIM_MS } from '../../../lib/human/notices';
import { NOON, TestDesk, draft } from './desk';
import type { DraftChanges } from './desk';

const HOUR = 3_600_000;
const at = (hours: number) => NOON + hours * HOUR;

const reviewers = [
	{ id: 'Ann', name: 'Ann' },
	{ id: 'Ben', name: 'Ben' },
	{ id: 'Eva', name: 'Eva', joinsAt: at(3), group: 'board' },
	{ id: 'Kim', name: 'Kim', standIn: true },
];

const CHANGES: DraftChanges = {
	reviewers,
	delegation: 'listed',
	quorum: { approve: 2 },
	remindersAt: [at(4), at(1)],
	deadlineAt: at(10),
};

const stateWith = (changes: DraftChanges = {}): ReviewState =>
	openState(openRequest(draft({ ...CHANGES, ...changes })));

/** Claims at a time what is due, and says that it was sent. */
function sendDue(state: ReviewState, now: number): { state: ReviewState; told: string[] } {
	const { state: claimed, result } = claimNotices(state, now);
	const told = result.flatMap(({ id, to }) => to.map(({ name }) => `${id}: ${name}`));
	const sent = result.reduce((before, each) => withNoticeSent(before, each, now), claimed);
	return { state: sent, told };
}

describe('the notices of a review', () => {
	it('are its reminders, and one for each time at which others join, before the deadline', () => {
		expect(plannedNotices(stateWith()).map(({ id, at: time }) => [id, time])).toEqual([
			['reminder-1', at(1)],
			['escalation-1', at(3)],
			['reminder-2', at(4)],
		]);
		const short = stateWith({ deadlineAt: at(4) });
		expect(plannedNotices(short).map(({ id }) => id)).toEqual(['reminder-1', 'escalation-1']);
	});

	it('are due at their time, once, and reminders go to those who have not answered', () => {
		const first = sendDue(stateWith(), at(1) - 1);
		expect(first.told).toEqual([]);
		const second = sendDue(first.state, at(1));
		expect(second.told).toEqual(['reminder-1: Ann', 'reminder-1: Ben']);
		const third = sendDue(second.state, at(3));
		expect(third.told).toEqual(['escalation-1: Eva']);
		expect(sendDue(third.state, at(4) - 1).told).toEqual([]);
		expect(sendDue(third.state, at(4)).told).toEqual([
			'reminder-2: Ann',
			'reminder-2: Ben',
			'reminder-2: Eva',
		]);
		expect(third.state.audit.map(({ type, data }) => [type, data])).toMatchObject([
			['opened', {}],
			['reminded', { number: 1, to: ['Ann', 'Ben'] }],
			['escalated', { number: 1, to: ['Eva'] }],
		]);
	});

	it('of several missed reminders only the last is sent, and every escalation', () => {
		expect(sendDue(stateWith(), at(9)).told).toEqual([
			'escalation-1: Eva',
			'reminder-2: Ann',
			'reminder-2: Ben',
			'reminder-2: Eva',
		]);
	});

	it('go to who answers in the place of a reviewer', async () => {
		const desk = new TestDesk(CHANGES);
		await desk.submit({ decision: 'delegate', delegate: 'Kim' }, 'Ann');
		await desk.submit({ decision: 'approve' }, 'Ben');
		const state = await loadReview(desk.desk.store, desk.request);
		expect(awaitedIn(state, NOON)).toEqual([
			{ id: 'Kim', name: 'Kim', group: null, onBehalfOf: 'Ann' },
		]);
		expect(sendDue(state, at(1)).told).toEqual(['reminder-1: Kim']);
	});

	it('are claimed by one at a time, and again when who claimed them is gone', () => {
		const { state } = claimNotices(stateWith(), at(1));
		expect(claimNotices(state, at(1) + CLAIM_MS - 1).result).toEqual([]);
		expect(nextLookAt(state)).toBe(at(1) + CLAIM_MS);
		expect(claimNotices(state, at(1) + CLAIM_MS).result).toMatchObject([{ id: 'reminder-1' }]);
	});

	it('are none once the review is over, or for nobody', () => {
		const over: ReviewState = { ...stateWith(), status: 'decided' };
		expect(claimNotices(over, at(4)).result).toEqual([]);
		expect(nextLookAt(over)).toBeUndefined();
		const old: ReviewState = { ...stateWith(), about: null };
		expect(plannedNotices(old)).toEqual([]);
		expect(awaitedIn(old, at(4))).toEqual([]);
		const request = openRequest(
			draft({
				...CHANGES,
				reviewers: reviewers.slice(0, 2),
				delegation: 'none',
				quorum: { approve: 2, reject: 2 },
			}),
		);
		const voted = ['Ann', 'Ben'].reduce((state, by, index) => {
			const answers = [{ item: 0, decision: index === 0 ? 'approved' : 'rejected' }];
			const given = { by, voter: '', onBehalfOf: null, name: by, at: NOON, comment: '' };
			return castVote(request, state, {
				...given,
				channel: 'page',
				nonce: by,
				answers,
				payloadHashes: [],
			}).state;
		}, openState(request));
		expect(voted.items[0]!.decision).toBe('noDecision');
		expect(sendDue({ ...voted, status: 'open' }, at(1)).told).toEqual([]);
	});

	it('the next look is at the next notice, then at the deadline', () => {
		const state = stateWith();
		expect(nextLookAt(state)).toBe(at(1));
		const all = [1, 3, 4].reduce((before, hour) => sendDue(before, at(hour)).state, state);
		expect(nextLookAt(all)).toBe(at(10));
		expect(
			nextLookAt(
				stateWith({
					deadlineAt: null,
					remindersAt: [],
					reviewers: [],
					delegation: 'none',
					quorum: {},
				}),
			),
		).toBeUndefined();
	});

	it('however often and whenever it is looked, each is sent once, in order', () => {
		const looks = fc.array(fc.integer({ min: 0, max: 12 * 60 }), { maxLength: 30 });
		fc.assert(
			fc.property(looks, (minutes) => {
				let state = stateWith();
				const told: string[] = [];
				for (const minute of [...minutes].sort((a, b) => a - b)) {
					const sent = sendDue(state, NOON + minute * 60_000);
					told.push(...sent.told);
					state = sent.state;
				}
				expect(new Set(told).size).toBe(told.length);
			}),
		);
	});

	it('of many who look at the same moment, one sends', async () => {
		const store = memoryStore({ now: () => NOON });
		const request = openRequest(draft(CHANGES));
		await changeReview(store, request, 'run', (state) => ({ state, result: undefined }));
		const claims = await Promise.all(
			Array.from(
				{ length: 20 },
				async () =>
					await changeKnownReview(store, request.requestId, (state) => claimNotices(state, at(1))),
			),
		);
		expect(claims.filter((claim) => claim!.result.length > 0)).toHaveLength(1);
		expect(
			await changeKnownReview(store, 'unknown', (state) => ({ state, result: 1 })),
		).toBeUndefined();
	});
});

describe('pending reviews', () => {
	const origin = {
		instanceId: 'i',
		executionId: '7',
		workflowId: 'w',
		workflow: 'Invoices',
		node: 'Review',
	};

	async function opened() {
		const store = memoryStore({ now: () => NOON });
		const request = openRequest(
			draft({ ...CHANGES, origin, askedBy: 'Invoices', message: 'Please **check**.' }),
		);
		await changeReview(store, request, 'run-1', (state) => ({ state, result: undefined }));
		return store;
	}

	it('are listed with all that an inbox needs, and without a link', async () => {
		const store = await opened();
		const [pending] = await listPendingReviews(store, { now: NOON });
		expect(pending).toEqual({
			requestId: 'review-1',
			title: 'Brief',
			message: 'Please **check**.',
			kind: 'approval',
			askedBy: 'Invoices',
			runId: 'run-1',
			origin,
			openedAt: NOON,
			deadlineAt: at(10),
			open: 1,
			items: 1,
			votes: 0,
			quorum: { approve: 2, reject: 1, perGroup: {} },
			waitingFor: [
				{ id: 'Ann', name: 'Ann', group: null, onBehalfOf: null },
				{ id: 'Ben', name: 'Ben', group: null, onBehalfOf: null },
			],
		});
		expect(await listPendingReviews(store, { now: at(10) })).toEqual([]);
	});

	it('can be asked for by who they wait for', async () => {
		const store = await opened();
		const countFor = async (waitingFor: string, now: number) =>
			(await listPendingReviews(store, { now, waitingFor })).length;
		expect(await countFor('Ann', NOON)).toBe(1);
		expect(await countFor('Eva', NOON)).toBe(0);
		expect(await countFor('Eva', at(3))).toBe(1);
		expect(await countFor('Kim', at(3))).toBe(0);
	});
});

describe('the links of a review', () => {
	const invitations: Invitations = {
		version: 1,
		links: { Ann: 'https://n8n.example/a' },
		clockUrl: 'https://n8n.example/clock',
		channel: { by: 'none' },
	};

	it('are kept while it waits, also those added at the same moment', async () => {
		const store = memoryStore({ now: () => NOON });
		await saveInvitations(store, 'r', 'run', invitations);
		await Promise.all(['b', 'c', 'd'].map(async (id) => await addInvitation(store, 'r', id, id)));
		const links = { ...invitations.links, b: 'b', c: 'c', d: 'd' };
		expect(await readInvitations(store, 'r')).toEqual({ ...invitations, links });
		await removeInvitations(store, 'r');
		expect(await readInvitations(store, 'r')).toBeUndefined();
		expect(await addInvitation(store, 'r', 'b', 'b')).toBeUndefined();
	});
});
