import {
	changeReview,
	loadReview,
	nextLookAt,
	openRequest,
	openState,
	removeInvitations,
	saveInvitations,
} from '../../../lib';
import type { ReviewDraft, ReviewRequest } from '../../../lib';
import { keepLooking, stopTimers } from '../../../nodes/HumanReview/clock';
import { closeStores, openStore } from '../../../nodes/shared/store';
import '../../harness';

const MINUTE = 60_000;
const TELL = 'https://hooks.example/tell';
const CLOCK_URL = 'http://localhost:5678/webhook-waiting/1/Review?reviewer=%40clock';

/** A request as n8n's helper gets it. */
interface Sent {
	url: string;
	body?: string;
}

function contextThatKeeps(sent: Sent[]) {
	const body = Object.assign((async function* () {})(), { destroy: () => undefined });
	return {
		getNode: () => ({ name: 'Review', parameters: {} }),
		getInstanceId: () => 'test',
		getExecutionDataById: async () => await Promise.resolve({ resultData: {} }),
		helpers: {
			httpRequest: async (options: Sent) => {
				sent.push(options);
				return await Promise.resolve({ statusCode: 200, headers: {}, body });
			},
		},
	} as never;
}

const store = async () =>
	await openStore({ getNode: () => ({ parameters: {} }) as never } as never);

let requests = 0;

/** Opens a review with two reviewers, as the node does, and starts its timers. */
async function arm(sent: Sent[], changes: Partial<ReviewDraft>): Promise<ReviewRequest> {
	const request = openRequest({
		requestId: `clock-${process.pid}-${++requests}`,
		kind: 'approval',
		title: 'Brief',
		items: [{ payload: 1 }],
		reviewers: ['Ann', 'Ben'].map((name) => ({ id: name, name })),
		openedAt: Date.now(),
		...changes,
	});
	const { requestId } = request;
	await changeReview(await store(), request, 'run', (state) => ({ state, result: undefined }));
	await saveInvitations(await store(), requestId, 'run', {
		version: 1,
		links: { Ann: 'https://n8n.example/a', Ben: 'https://n8n.example/b' },
		clockUrl: CLOCK_URL,
		channel: { by: 'webhook', url: TELL },
	});
	keepLooking(contextThatKeeps(sent), requestId, nextLookAt(openState(request)));
	return request;
}

/** Lets time pass, and what is due then come to its end. */
async function pass(ms: number): Promise<void> {
	await jest.advanceTimersByTimeAsync(ms);
	for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const inMinutes = (...minutes: number[]) => minutes.map((each) => Date.now() + each * MINUTE);

describe('the timers of a review', () => {
	beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] }));
	afterEach(() => {
		stopTimers();
		jest.useRealTimers();
	});
	afterAll(async () => await closeStores());

	it('remind every reviewer at the times that are set, but not after the deadline', async () => {
		const sent: Sent[] = [];
		const [deadlineAt] = inMinutes(90);
		await arm(sent, { deadlineAt, remindersAt: inMinutes(30, 60, 120) });
		await pass(30 * MINUTE - 1);
		expect(sent).toEqual([]);
		await pass(1);
		expect(sent.map(({ url }) => url)).toEqual([TELL, TELL]);
		expect(JSON.parse(sent[1]!.body!)).toMatchObject({
			type: 'reviewReminder',
			reminder: 1,
			reviewer: 'Ben',
			url: 'https://n8n.example/b',
		});
		await pass(200 * MINUTE);
		expect(sent.filter(({ url }) => url === TELL)).toHaveLength(4);
	});

	it('remind nobody of what is decided', async () => {
		const sent: Sent[] = [];
		const request = await arm(sent, { remindersAt: inMinutes(30) });
		await changeReview(await store(), request, 'run', (state) => ({
			state: { ...state, status: 'decided' },
			result: undefined,
		}));
		await removeInvitations(await store(), request.requestId);
		await pass(60 * MINUTE);
		expect(sent).toEqual([]);
		expect((await loadReview(await store(), request)).status).toBe('decided');
	});

	it('call the review at its deadline, to the millisecond, and once', async () => {
		const sent: Sent[] = [];
		const [deadlineAt] = inMinutes(3);
		const request = await arm(sent, { deadlineAt });
		await pass(3 * MINUTE - 1);
		expect(sent).toEqual([]);
		await pass(1);
		expect(sent).toMatchObject([{ url: CLOCK_URL, method: 'POST' }]);
		await changeReview(await store(), request, 'run', (state) => ({
			state: { ...state, status: 'expired' },
			result: undefined,
		}));
		await removeInvitations(await store(), request.requestId);
		await pass(60 * MINUTE);
		expect(sent).toHaveLength(1);
	});

	it('call the review once more when its workflow was not told of its end', async () => {
		const sent: Sent[] = [];
		const request = await arm(sent, { remindersAt: inMinutes(30) });
		await pass(30 * MINUTE - 1000);
		const closedAt = Date.now();
		await changeReview(await store(), request, 'run', (state) => ({
			state: { ...state, status: 'decided', closedAt },
			result: undefined,
		}));
		await pass(30_000);
		expect(sent).toEqual([]);
		await pass(1);
		expect(sent).toMatchObject([{ url: CLOCK_URL, method: 'POST' }]);
		await pass(60 * MINUTE);
		expect(sent).toHaveLength(1);
	});

	it('are none for a review without an end and without reminders', async () => {
		const request = await arm([], {});
		expect(openState(request).about?.remindersAt).toEqual([]);
		expect(jest.getTimerCount()).toBe(0);
	});

	it('can all be stopped', async () => {
		const sent: Sent[] = [];
		const [deadlineAt] = inMinutes(2);
		await arm(sent, { deadlineAt, remindersAt: inMinutes(1) });
		stopTimers();
		await pass(5 * MINUTE);
		expect(sent).toEqual([]);
	});
});
