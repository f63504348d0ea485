import { openRequest } from '../../../lib';
import { armTimers, stopTimers } from '../../../nodes/HumanReview/clock';
import { parametersSchema } from '../../../nodes/HumanReview/parameters';

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
		getNode: () => ({ name: 'Review' }),
		helpers: {
			httpRequest: async (options: Sent) => {
				sent.push(options);
				return await Promise.resolve({ statusCode: 200, headers: {}, body });
			},
		},
	} as never;
}

function arm(sent: Sent[], settings: object, minutes: number | null, isOpen = true): void {
	const openedAt = Date.now();
	const request = openRequest({
		requestId: 'r',
		kind: 'approval',
		title: 'Brief',
		items: [{ payload: 1 }],
		openedAt,
		deadlineAt: minutes === null ? null : openedAt + minutes * MINUTE,
	});
	const parameters = parametersSchema.parse({
		responseType: 'approval',
		notify: 'webhook',
		notifyUrl: TELL,
		settings,
	});
	const invitations = [
		{ reviewer: 'Ann', group: null, url: 'https://n8n.example/a' },
		{ reviewer: 'Ben', group: null, url: 'https://n8n.example/b' },
	];
	armTimers(contextThatKeeps(sent), {
		request,
		parameters,
		invitations,
		isOpen: async () => await Promise.resolve(isOpen),
		clockUrl: CLOCK_URL,
	});
}

describe('the timers of a review', () => {
	beforeEach(() => jest.useFakeTimers());
	afterEach(() => {
		stopTimers();
		jest.useRealTimers();
	});

	it('remind every reviewer at the times that are set, but not after the deadline', async () => {
		const sent: Sent[] = [];
		arm(sent, { reminders: '30, 60, 120' }, 90);
		await jest.advanceTimersByTimeAsync(30 * MINUTE - 1);
		expect(sent).toEqual([]);
		await jest.advanceTimersByTimeAsync(1);
		expect(sent.map(({ url }) => url)).toEqual([TELL, TELL]);
		expect(JSON.parse(sent[1]!.body!)).toMatchObject({
			type: 'reviewReminder',
			reminder: 1,
			reviewer: 'Ben',
			url: 'https://n8n.example/b',
		});
		await jest.advanceTimersByTimeAsync(200 * MINUTE);
		expect(sent.filter(({ url }) => url === TELL)).toHaveLength(4);
	});

	it('remind nobody of what is decided', async () => {
		const sent: Sent[] = [];
		arm(sent, { reminders: '30' }, null, false);
		await jest.advanceTimersByTimeAsync(60 * MINUTE);
		expect(sent).toEqual([]);
	});

	it('call the review at its deadline, to the millisecond, and once', async () => {
		const sent: Sent[] = [];
		arm(sent, {}, 3);
		await jest.advanceTimersByTimeAsync(3 * MINUTE - 1);
		expect(sent).toEqual([]);
		await jest.advanceTimersByTimeAsync(1);
		expect(sent).toMatchObject([{ url: CLOCK_URL, method: 'POST' }]);
		await jest.advanceTimersByTimeAsync(60 * MINUTE);
		expect(sent).toHaveLength(1);
	});

	it('are none for a review without an end and without reminders', async () => {
		const sent: Sent[] = [];
		arm(sent, {}, null);
		expect(jest.getTimerCount()).toBe(0);
	});

	it('can all be stopped', async () => {
		const sent: Sent[] = [];
		arm(sent, { reminders: '1' }, 2);
		stopTimers();
		await jest.advanceTimersByTimeAsync(5 * MINUTE);
		expect(sent).toEqual([]);
	});
});
