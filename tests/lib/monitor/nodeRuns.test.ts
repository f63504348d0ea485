import {
	changeReview,
	Checkpoints,
	mergedRuns,
	memoryStore,
	nodeRuns,
	openLedger,
	openRequest,
	reportPart,
	saveInvitations,
	Steps,
	VirtualRuntime,
} from '../../../lib';
import { NOON, run, sourceOf } from './pictures';

const USAGE = { inputTokens: 80, outputTokens: 20, totalTokens: 100, costUsd: 0.01, calls: 1 };

async function world() {
	const runtime = new VirtualRuntime({ startAt: NOON });
	const store = memoryStore(runtime);
	const source = nodeRuns({ store, runtime });
	const report = async (part: string, change: Parameters<typeof reportPart>[3]) =>
		await reportPart(store, 'order-7', part, change, runtime.now());
	return await Promise.resolve({ runtime, store, source, report });
}

describe('runs of nodes', () => {
	it('are listed with the progress of all their nodes', async () => {
		const { source, report } = await world();
		await report('Plan', { status: 'completed', usage: USAGE });
		await report('Write', { status: 'running', progress: 50, message: 'Item 5 of 10' });
		const { runs, total } = await source.list({ limit: 10, offset: 0 });
		expect(total).toBe(1);
		expect(runs[0]).toMatchObject({
			runId: 'order-7',
			status: 'running',
			progress: 75,
			message: 'Item 5 of 10',
			usage: USAGE,
		});
		expect(runs[0]).not.toHaveProperty('endedAt');
	});

	it('show each node and below it what it has recorded', async () => {
		const { store, runtime, source, report } = await world();
		const ledger = await openLedger({ store, runtime, runId: 'order-7' });
		const steps = new Steps({ ledger, store, runtime });
		await report('A/B test', { status: 'failed', error: failure('Two of three failed.') });
		await steps.run('A/B test/1', 1, async () => await Promise.resolve('done'), {
			usageOf: () => USAGE,
		});
		await steps.run('A/B test/2', 2, broken).catch(() => undefined);
		await ledger.started('Other/1', 'h', 1);
		await ledger.flush();
		const picture = (await source.picture('order-7'))!;
		expect(picture.error).toEqual({
			code: 'BROKEN',
			errorClass: 'server',
			message: 'Two of three failed.',
		});
		expect(picture.steps.map(({ path, status, after }) => [path, status, after])).toEqual([
			['A/B test', 'failed', []],
			['A/B test/1', 'completed', ['A/B test']],
			['A/B test/2', 'failed', ['A/B test']],
			['Other/1', 'running', []],
		]);
		expect(picture.steps[1]).toMatchObject({ usage: USAGE, startedAt: NOON, endedAt: NOON });
		expect(picture.steps[2]!.error).toMatchObject({ message: 'No.' });
	});

	it('show what a node is at, what that waits for, and what took longest', async () => {
		const { store, runtime, source, report } = await world();
		const ledger = await openLedger({ store, runtime, runId: 'order-7' });
		const steps = new Steps({ ledger, store, runtime });
		await steps.run('Fan/a', 1, broken).catch(() => undefined);
		const detail = {
			open: [
				{ step: 'a', since: NOON },
				{ step: 'b', since: NOON, waitsFor: '57' },
			],
			slowest: { step: 'c', durationMs: 4200 },
		};
		await report('Fan', { status: 'waiting', message: '1 done', detail });
		const { steps: shown } = (await source.picture('order-7'))!;
		expect(shown.map(({ path, status, blockedBy }) => [path, status, blockedBy])).toEqual([
			['Fan', 'waiting', undefined],
			['Fan/a', 'running', undefined],
			['Fan/b', 'waiting', 'Waits for execution 57'],
		]);
		expect(shown[0]?.message).toBe('1 done; slowest: c (4.2 s)');
		await report('Fan', { status: 'completed', message: '3 done', detail: { else: 1, open: 2 } });
		const over = (await source.picture('order-7'))!.steps;
		expect(over.map(({ path, message }) => [path, message])).toEqual([
			['Fan', '3 done'],
			['Fan/a', undefined],
		]);
	});

	it('show their checkpoints and what recorded results saved', async () => {
		const { store, runtime, source, report } = await world();
		await report('Plan', {
			status: 'paused',
			saved: { steps: 2, durationMs: 5, usage: USAGE },
		});
		await new Checkpoints({ store, runtime }).save('order-7', 'draft', { text: 'x' });
		const picture = (await source.picture('order-7'))!;
		expect(picture.saved).toEqual({ steps: 2, usage: USAGE });
		expect(picture.checkpoints).toEqual([{ name: 'draft', at: NOON }]);
		expect(picture.steps[0]!.status).toBe('waiting');
	});

	it('show whose answers are missing, and their links only to readers who may have them', async () => {
		const { store, runtime, report } = await world();
		await report('Review', { status: 'waiting' });
		const request = openRequest({
			requestId: 'q1',
			kind: 'approval',
			title: 'Pay?',
			reviewers: [{ id: 'ann', name: 'Ann' }],
			items: [{ payload: { sum: 5 } }],
			openedAt: NOON,
		});
		await changeReview(store, request, 'order-7', (state) => ({ state, result: undefined }));
		await saveInvitations(store, 'q1', 'order-7', {
			version: 1,
			links: { ann: 'https://host/ann' },
			clockUrl: 'https://host/clock',
			channel: { by: 'none' },
		});
		const shown = async (reviewLinks: boolean) => {
			const picture = await nodeRuns({ store, runtime, reviewLinks }).picture('order-7');
			return picture!.reviews;
		};
		expect(await shown(false)).toEqual([
			{ requestId: 'q1', title: 'Pay?', openedAt: NOON, votes: 0, waitingFor: ['Ann'] },
		]);
		const [review] = await shown(true);
		expect(review!.links).toEqual([{ who: 'Ann', url: 'https://host/ann' }]);
	});

	it('are unknown when nothing was reported', async () => {
		const { source } = await world();
		expect(await source.picture('order-8')).toBeUndefined();
		expect(await source.list({ limit: 10, offset: 0 })).toEqual({ runs: [], total: 0 });
	});
});

describe('several sources as one', () => {
	const older = run({ runId: 'old', updatedAt: NOON });
	const newer = run({ runId: 'new', updatedAt: NOON + 9 });
	const merged = mergedRuns([sourceOf(older), sourceOf(newer)]);

	it('lists what changed last first, over pages', async () => {
		const ids = async (offset: number) =>
			(await merged.list({ limit: 1, offset })).runs.map(({ runId }) => runId);
		expect([await ids(0), await ids(1), await ids(2)]).toEqual([['new'], ['old'], []]);
		expect((await merged.list({ limit: 1, offset: 0, status: ['failed'] })).total).toBe(0);
	});

	it('finds a run in whichever source has it', async () => {
		expect((await merged.picture('new'))?.runId).toBe('new');
		expect(await merged.picture('gone')).toBeUndefined();
	});
});

function failure(message: string) {
	return { code: 'BROKEN', errorClass: 'server' as const, message, retryable: false };
}

async function broken(): Promise<never> {
	return await Promise.reject(new Error('No.'));
}
