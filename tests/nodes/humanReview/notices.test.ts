import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { INodeParameters } from 'n8n-workflow';

import { changeKnownReview, listPendingReviews, readInvitations } from '../../../lib';
import type { ReviewRequest } from '../../../lib';
import { castVote } from '../../../lib/human/decide';
import { HumanReview } from '../../../nodes/HumanReview/HumanReview.node';
import { ReviewWatch } from '../../../nodes/ReviewWatch/ReviewWatch.node';
import { stopTimers } from '../../../nodes/HumanReview/clock';
import { waitingReviews } from '../../../nodes/shared/reviews';
import { closeStores, openStore } from '../../../nodes/shared/store';
import { TestInstance, chain, node, set, start } from '../../harness';
import { ITEM, nonceOf } from './review';

const MINUTE = 60_000;
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

type Message = Record<string, unknown>;

/** What a waiting execution remembers. */
type Waiting = { humanReview: { request: ReviewRequest } };

/** Only the date stands still; everything else goes on. */
const TIMERS = [
	'hrtime',
	'nextTick',
	'performance',
	'queueMicrotask',
	'setImmediate',
	'clearImmediate',
	'setInterval',
	'clearInterval',
	'setTimeout',
	'clearTimeout',
] as const;

let server: Server;
let received: Message[];
let status: number;

beforeAll(async () => {
	server = createServer((request, response) => {
		let text = '';
		request.on('data', (chunk: Buffer) => (text += chunk.toString()));
		request.on('end', () => {
			received.push(JSON.parse(text) as Message);
			response.writeHead(status).end();
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => {
	received = [];
	status = 200;
	jest.useFakeTimers({ doNotFake: [...TIMERS] });
});
afterEach(() => {
	stopTimers();
	jest.useRealTimers();
});
afterAll(async () => {
	server.close();
	await closeStores();
});

const people = [
	{ name: 'Ann' },
	{ name: 'Ben', joins: 'later', joinsAfter: 120 },
	{ name: 'Kim', joins: 'standIn' },
];

async function open(parameters: INodeParameters = {}, webhookWaitingBaseUrl?: string) {
	const instance = new TestInstance({
		nodeTypes: [new ReviewWatch()],
		workflows: {
			tell: { nodes: [start(), set('Send', { ok: true })], connections: chain('Start', 'Send') },
		},
	});
	if (webhookWaitingBaseUrl !== undefined) instance.urls = { webhookWaitingBaseUrl };
	const { port } = server.address() as AddressInfo;
	const execution = await instance.run(
		{
			nodes: [
				start(),
				node('Review', new HumanReview(), {
					message: 'Please check.',
					notify: 'webhook',
					notifyUrl: `http://127.0.0.1:${port}/`,
					reviewers: { values: people } as never,
					settings: { reminders: '90, 180' },
					...parameters,
				}),
			],
			connections: chain('Start', 'Review'),
		},
		{ input: [{ json: ITEM }] },
	);
	expect(execution.status).toBe('waiting');
	// From here on this process is as good as gone: only the watcher is left.
	stopTimers();
	const watchers = instance.executions.filter(({ workflow }) =>
		workflow.nodes.some(({ node: { name } }) => name === 'Look'),
	);
	await Promise.all(watchers.map(async (watcher) => await watcher.settled()));
	return { instance, execution, watcher: watchers[0]!, watchers };
}

/** Lets the watcher wake up some minutes after the review was opened. */
async function wake(
	{ instance, watcher }: Awaited<ReturnType<typeof open>>,
	openedAt: number,
	minutes: number,
) {
	jest.setSystemTime(openedAt + minutes * MINUTE);
	await instance.expire(watcher);
}

const told = () => received.map(({ type, reviewer }) => `${String(type)} ${String(reviewer)}`);

function linkOf(name: string): string {
	return String(received.find(({ reviewer }) => reviewer === name)!.url);
}

async function submit(instance: TestInstance, url: string, fields: Record<string, string>) {
	const nonce = nonceOf(await instance.request(url));
	return await instance.request(url, {
		method: 'POST',
		body: { nonce, ...fields },
		headers: FORM_TYPE,
	});
}

describe('a review that waits, after n8n was started again', () => {
	it('reminds those who have not answered, and asks those who join later, each once', async () => {
		const openedAt = Date.now();
		const review = await open();
		expect(told()).toEqual(['reviewRequested Ann']);
		expect(received[0]).toMatchObject({
			reminders: [90, 180].map((minutes) => new Date(openedAt + minutes * MINUTE).toISOString()),
			escalations: [new Date(openedAt + 120 * MINUTE).toISOString()],
		});
		await wake(review, openedAt, 90);
		await wake(review, openedAt, 90);
		await wake(review, openedAt, 120);
		await wake(review, openedAt, 180);
		expect(told()).toEqual([
			'reviewRequested Ann',
			'reviewReminder Ann',
			'reviewEscalated Ben',
			'reviewReminder Ann',
			'reviewReminder Ben',
		]);
		const ids = received.map(({ messageId }) => String(messageId).split('/').slice(1).join('/'));
		expect(ids).toEqual([
			'request/Ann',
			'reminder-1/Ann',
			'escalation-1/Ben',
			'reminder-2/Ann',
			'reminder-2/Ben',
		]);
		await submit(review.instance, linkOf('Ben'), { decision: 'approve' });
		await review.execution.settled();
		expect(review.execution.json('Review', 1)).toMatchObject([{ reviewer: 'Ben' }]);
		await wake(review, openedAt, 300);
		expect(review.watcher.status).toBe('success');
		expect(received).toHaveLength(5);
	});

	it('sends again what could not be sent', async () => {
		const openedAt = Date.now();
		const review = await open();
		status = 503;
		await wake(review, openedAt, 90);
		expect(review.watcher.status).toBe('waiting');
		status = 200;
		await wake(review, openedAt, 92);
		await wake(review, openedAt, 95);
		const reminders = received.filter(({ type }) => type === 'reviewReminder');
		expect(reminders).toHaveLength(2);
		expect(reminders[0]!.messageId).toBe(reminders[1]!.messageId);
	});

	it('tells by a sub-workflow as well', async () => {
		const openedAt = Date.now();
		const notifyWorkflow = { __rl: true, mode: 'id', value: 'tell' };
		const review = await open({ notify: 'workflow', notifyWorkflow });
		await wake(review, openedAt, 90);
		const runs = review.instance.executions.filter(({ workflow }) => workflow.id === 'tell');
		expect(runs.map((run) => run.json('Start'))).toMatchObject([
			[{ type: 'reviewRequested', reviewer: 'Ann' }],
			[{ type: 'reviewReminder', reviewer: 'Ann', reminder: 1 }],
		]);
	});

	/** Opens a review of an n8n that really listens, until the test has closed the entrance. */
	async function openListening(parameters: INodeParameters) {
		let baseUrl = '';
		const instances: TestInstance[] = [];
		const entrance = createServer((request, response) => {
			const address = `${baseUrl}${request.url ?? ''}`;
			void instances[0]!.request(address, { method: 'POST' }).then(({ status: code }) => {
				response.writeHead(code).end();
			});
		});
		await new Promise<void>((resolve) => entrance.listen(0, '127.0.0.1', resolve));
		baseUrl = `http://127.0.0.1:${(entrance.address() as AddressInfo).port}`;
		const target = await open(parameters, `${baseUrl}/webhook-waiting`);
		instances.push(target.instance);
		return { target, entrance };
	}

	it('keeps the votes when its deadline passes', async () => {
		const openedAt = Date.now();
		const settings = { votesToApprove: 2, timeLimit: 5, timeLimitUnit: 'hours' };
		const reviewers = { values: [{ name: 'Ann' }, { name: 'Ben' }] } as never;
		const { target, entrance } = await openListening({ settings, reviewers });
		await submit(target.instance, linkOf('Ann'), { decision: 'approve' });
		await wake(target, openedAt, 300);
		await target.execution.settled();
		entrance.close();
		const [item] = target.execution.json('Review', 0);
		expect(item).toMatchObject({ reason: 'expired', votes: [{ reviewer: 'Ann' }] });
	});

	it('brings a decision to its workflow that n8n was killed at', async () => {
		const openedAt = Date.now();
		const { target, entrance } = await openListening({});
		const { requestId } = received[0]!;
		const store = await openStore({ getNode: () => ({ parameters: {} }) as never } as never);
		const { request } = (target.execution.task('Review').metadata as never as Waiting).humanReview;
		const vote = { by: 'Ann', voter: '', onBehalfOf: null, name: 'Ann', at: openedAt, comment: '' };
		await changeKnownReview(store, String(requestId), (state) => ({
			state: castVote(request, state, {
				...vote,
				channel: 'page',
				nonce: 'n',
				answers: [{ item: 0, decision: 'approved' }],
				payloadHashes: [],
			}).state,
			result: undefined,
		}));
		expect(target.execution.status).toBe('waiting');
		await wake(target, openedAt, 90);
		await target.execution.settled();
		entrance.close();
		expect(target.execution.json('Review', 1)).toMatchObject([{ reviewer: 'Ann' }]);
		expect(await readInvitations(store, String(requestId))).toBeUndefined();
	});

	it('forgets a review whose execution was stopped', async () => {
		const openedAt = Date.now();
		const review = await open();
		review.instance.executions.splice(review.instance.executions.indexOf(review.execution), 1);
		await wake(review, openedAt, 90);
		expect(told()).toEqual(['reviewRequested Ann']);
		expect(review.watcher.status).toBe('success');
		const store = await openStore({ getNode: () => ({ parameters: {} }) as never } as never);
		const id = String(received[0]!.requestId);
		const state = await changeKnownReview(store, id, (each) => ({ state: each, result: each }));
		expect(state?.result.status).toBe('withdrawn');
		expect(await readInvitations(store, id)).toBeUndefined();
	});

	it('has no watcher when nothing is to be done that n8n does not do by itself', async () => {
		const plain = { settings: { timeLimit: 5 }, reviewers: {} };
		expect((await open(plain)).watchers).toEqual([]);
		expect((await open({ settings: {}, reviewers: {} })).watchers).toEqual([]);
	});
});

describe('an inbox', () => {
	it('lists reviews while they wait, and ends those whose execution is gone', async () => {
		const runKey = `inbox-${process.pid}`;
		const review = await open({ runKey });
		const other = await open({ runKey });
		const { instance, execution } = review;
		const gone: string[] = [];
		const store = await openStore({ getNode: () => ({ parameters: {} }) as never } as never);
		const [first] = await listPendingReviews(store, { now: Date.now(), runId: runKey });
		const context = {
			getInstanceId: () => first!.origin!.instanceId,
			getExecutionDataById: async (id: string) =>
				await Promise.resolve(gone.includes(id) ? undefined : execution.data),
		};
		const listed = async (waitingFor?: string) =>
			(await waitingReviews(context, store, { runId: runKey, waitingFor })).map(
				({ origin }) => origin?.executionId,
			);
		expect((await listed()).sort()).toEqual([execution.id, other.execution.id].sort());
		expect(await listed('Ben')).toEqual([]);
		gone.push(other.execution.id);
		expect(await listed('Ann')).toEqual([execution.id]);
		gone.length = 0;
		expect(await listed()).toEqual([execution.id]);
		expect(instance.execution(execution.id).status).toBe('waiting');
		const elsewhere = { ...context, getInstanceId: () => 'another n8n' };
		gone.push(execution.id);
		expect(await waitingReviews(elsewhere, store, { runId: runKey })).toHaveLength(1);
	});
});

describe('links', () => {
	it('are in no data of the executions, and forgotten when the review is over', async () => {
		const review = await open();
		const url = new URL(linkOf('Ann'));
		const code = url.searchParams.get('code')!;
		for (const execution of review.instance.executions) {
			expect(JSON.stringify(execution.data)).not.toContain(code);
		}
		const { requestId } = received[0]!;
		const store = await openStore({ getNode: () => ({ parameters: {} }) as never } as never);
		expect(Object.keys((await readInvitations(store, String(requestId)))!.links)).toEqual([
			'Ann',
			'Ben',
			'Kim',
		]);
		await submit(review.instance, url.href, { decision: 'approve' });
		await review.execution.settled();
		expect(await readInvitations(store, String(requestId))).toBeUndefined();
	});
});

describe('a vote that is passed on', () => {
	it('is told to the stand-in by the webhook, and reminders go to them', async () => {
		const openedAt = Date.now();
		const review = await open();
		const ann = linkOf('Ann');
		const page = await submit(review.instance, ann, { decision: 'delegate', delegate: 'Kim' });
		expect(String(page.body)).toContain('Kim has been sent a link.');
		expect(received.at(-1)).toMatchObject({
			type: 'reviewDelegated',
			reviewer: 'Kim',
			onBehalfOf: 'Ann',
		});
		await wake(review, openedAt, 90);
		expect(told().at(-1)).toBe('reviewReminder Kim');
		await submit(review.instance, linkOf('Kim'), { decision: 'approve' });
		await review.execution.settled();
		expect(review.execution.json('Review', 1)).toMatchObject([
			{ reviewer: 'Kim', onBehalfOf: 'Ann', votes: [{ by: 'Ann', reviewer: 'Kim' }] },
		]);
	});

	it('is handed over by the reviewer when nobody else can send the link', async () => {
		const review = await open({
			settings: { delegation: 'anyone' },
			reviewers: { values: [{ name: 'Ann' }] } as never,
		});
		const page = await submit(review.instance, linkOf('Ann'), {
			decision: 'delegate',
			delegate: 'Lee',
		});
		const link = /<pre[^>]*>([^<]+)<\/pre>/.exec(String(page.body))![1]!.replaceAll('&amp;', '&');
		expect(String((await review.instance.request(link)).body)).toContain('Lee, in place of Ann');
	});

	it('is handed over to a stand-in who could not be told', async () => {
		const review = await open();
		status = 500;
		const page = await submit(review.instance, linkOf('Ann'), {
			decision: 'delegate',
			delegate: 'Kim',
		});
		expect(String(page.body)).toContain('Give this link to Kim');
	});
});
