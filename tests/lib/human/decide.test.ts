import fc from 'fast-check';

import { hashOf, openRequest, openState, verifyAudit } from '../../../lib';
import { castVote, closeUndecided } from '../../../lib/human/decide';
import type { ReviewState, Vote } from '../../../lib/human/state';
import { NOON, draft } from './desk';

const PEOPLE = ['Ann', 'Ben', 'Cem', 'Dan', 'Eva'];

const reviewers = PEOPLE.map((name, index) => ({
	id: name,
	name,
	group: index < 2 ? 'legal' : 'finance',
}));

let nonces = 0;
const vote = (by: string, decision: string, value?: number): Vote => ({
	by,
	voter: '',
	onBehalfOf: null,
	name: by,
	at: NOON + 1000,
	comment: '',
	channel: 'page',
	nonce: `n${++nonces}`,
	answers: [{ item: 0, decision, ...(value === undefined ? {} : { value }) }],
	payloadHashes: [],
});

const requestWith = (quorum: object, changes = {}) =>
	openRequest(draft({ reviewers, quorum: quorum as never, ...changes }));

function cast(request: ReturnType<typeof openRequest>, votes: readonly Vote[]): ReviewState {
	return votes.reduce((state, each) => castVote(request, state, each).state, openState(request));
}

describe('castVote', () => {
	it('decides at the quorum and not before', () => {
		const request = requestWith({ approve: 3 });
		const votes = ['Ann', 'Ben', 'Cem'].map((by) => vote(by, 'approved'));
		expect(cast(request, votes.slice(0, 2)).status).toBe('open');
		expect(cast(request, votes)).toMatchObject({
			status: 'decided',
			items: [{ decision: 'approved' }],
		});
	});

	it('counts a person once, by the last vote', () => {
		const request = requestWith({ approve: 2, reject: 2 });
		const votes = [vote('Ann', 'approved'), vote('Ann', 'approved'), vote('Ann', 'rejected')];
		expect(cast(request, votes).status).toBe('open');
		expect(cast(request, [...votes, vote('Ben', 'rejected')]).items[0]!.decision).toBe('rejected');
	});

	it('waits for every group that must agree', () => {
		const request = requestWith({ approve: 2, perGroup: { legal: 1, finance: 1 } });
		const legal = [vote('Ann', 'approved'), vote('Ben', 'approved')];
		expect(cast(request, legal).status).toBe('open');
		expect(cast(request, [...legal, vote('Cem', 'approved')]).status).toBe('decided');
	});

	it('ends without a decision when all have voted and no side has enough', () => {
		const request = requestWith({ approve: 3, reject: 3 });
		const votes = PEOPLE.map((by, index) => vote(by, index < 2 ? 'approved' : 'rejected'));
		expect(cast(request, votes.slice(0, 4)).status).toBe('open');
		const tie = requestWith({ approve: 4, reject: 4 });
		expect(cast(tie, votes).items[0]!.decision).toBe('noDecision');
	});

	it('starts the vote anew when a reviewer edits what others have approved', () => {
		const request = requestWith({ approve: 2 }, { kind: 'edit' });
		const edited = cast(request, [vote('Ann', 'approved'), vote('Ben', 'approved', 42)]);
		expect(edited).toMatchObject({ status: 'open', items: [{ edited: 42, decision: null }] });
		const done = castVote(request, edited, vote('Cem', 'approved', 42)).state;
		expect(done).toMatchObject({
			status: 'decided',
			items: [{ edited: 42, decision: 'approved' }],
		});
	});

	it('answers a repeated page from the record and refuses another answer on it', () => {
		const request = openRequest(draft());
		const first = vote('', 'approved');
		const state = cast(request, [first]);
		expect(castVote(request, state, first).outcome).toBe('repeated');
		const changed = { ...first, answers: [{ item: 0, decision: 'rejected' }] };
		expect(castVote(request, state, changed)).toEqual({ outcome: 'late', state });
	});

	it('closing by the clock or by withdrawal does not touch what is decided', () => {
		const request = openRequest(draft());
		const state = cast(request, [vote('', 'approved')]);
		expect(closeUndecided(state, 'expired', NOON, 'system')).toBe(state);
		const open = openState(request);
		expect(closeUndecided(open, 'withdrawn', NOON, 'Ann').status).toBe('withdrawn');
	});

	it('keeps its promises for any votes in any order', () => {
		const anyVote = fc.record({
			by: fc.constantFrom(...PEOPLE),
			decision: fc.constantFrom('approved', 'rejected'),
		});
		fc.assert(
			fc.property(
				fc.array(anyVote, { maxLength: 20 }),
				fc.integer({ min: 1, max: 5 }),
				fc.integer({ min: 1, max: 5 }),
				(votes, approve, reject) => {
					const request = requestWith({ approve, reject });
					let state = openState(request);
					const last = new Map<string, string>();
					for (const { by, decision } of votes) {
						const before = state;
						state = castVote(request, state, vote(by, decision)).state;
						if (before.status !== 'open') {
							// A decision is final.
							expect(state).toBe(before);
							continue;
						}
						last.set(by, decision);
						const count = (wanted: string) =>
							[...last.values()].filter((each) => each === wanted).length;
						const expected =
							count('rejected') >= reject
								? 'rejected'
								: count('approved') >= approve
									? 'approved'
									: last.size === PEOPLE.length
										? 'noDecision'
										: null;
						expect(state.items[0]!.decision).toBe(expected);
						expect(state.status).toBe(expected === null ? 'open' : 'decided');
					}
					expect(verifyAudit(state.audit)).toBe(true);
				},
			),
			{ numRuns: 1000 },
		);
	});
});

describe('verifyAudit', () => {
	const request = requestWith({ approve: 3 });
	const { audit } = cast(
		request,
		['Ann', 'Ben', 'Cem'].map((by) => vote(by, 'approved')),
	);

	it('accepts the record of a review', () => {
		expect(verifyAudit(audit)).toBe(true);
	});

	it('notices any entry changed, removed, doubled or moved', () => {
		const change = (index: number, fields: object) =>
			audit.map((entry, at) => (at === index ? { ...entry, ...fields } : entry));
		audit.forEach((entry, index) => {
			expect(verifyAudit(change(index, { by: 'Eve' }))).toBe(false);
			expect(verifyAudit(change(index, { at: entry.at + 1 }))).toBe(false);
			expect(verifyAudit(change(index, { data: {} }))).toBe(false);
			expect(verifyAudit(change(index, { hash: entry.hash.replace(/./, 'x') }))).toBe(false);
			expect(verifyAudit([...audit.slice(0, index), entry, ...audit.slice(index)])).toBe(false);
			if (index < audit.length - 1) {
				expect(verifyAudit(audit.filter((_, at) => at !== index))).toBe(false);
			}
		});
		expect(verifyAudit([...audit].reverse())).toBe(false);
	});

	it('notices an entry that was changed together with its hash', () => {
		const { seq, at, type, data, previous } = audit[1]!;
		const entry = { seq, at, type, by: 'Eve', data, previous };
		const forged = audit.map((each, index) =>
			index === 1 ? { ...entry, hash: hashOf(entry) } : each,
		);
		expect(verifyAudit(forged)).toBe(false);
	});
});

describe('openRequest', () => {
	it.each([
		[
			'more votes than reviewers',
			{ reviewers, quorum: { approve: 6 } },
			'the quorum is 6, but only 5',
		],
		['a quorum without reviewers', { quorum: { approve: 2 } }, 'no reviewers are named'],
		[
			'a group that is too small',
			{ reviewers, quorum: { perGroup: { legal: 3 } } },
			'which has 2 reviewers',
		],
		['two reviewers of one name', { reviewers: [reviewers[0]!, reviewers[0]!] }, 'two reviewers'],
		['a choice without options', { kind: 'choice' as const }, 'at least one option'],
		['a form without fields', { kind: 'form' as const }, 'at least one field'],
		[
			'no one but the one who asks',
			{ reviewers: [reviewers[0]!], requester: 'Ann' },
			'may not decide',
		],
	])('refuses %s', (_, changes, message) => {
		expect(() => openRequest(draft(changes))).toThrow(message);
	});

	it('leaves the one who asks out: four eyes', () => {
		const request = openRequest(draft({ reviewers, requester: 'Ann' }));
		expect(request.reviewers.map(({ id }) => id)).toEqual(['Ben', 'Cem', 'Dan', 'Eva']);
	});
});
