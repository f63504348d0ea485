import { memoryStore, VirtualRuntime, WorkflowManager } from '../../../lib';
import { EventFeed } from '../../../lib/manager/eventFeed';
import { until } from './manager';

const echo = {
	name: 'echo',
	steps: [
		{ id: 'a', kind: 'transform', name: 'First' },
		{ id: 'b', kind: 'transform', agent: 'nobody', depends_on: ['a'] },
	],
};
const asking = { name: 'asking', steps: [{ id: 'ask', kind: 'human', next: [] }] };

function trial() {
	const runtime = new VirtualRuntime({ drainRounds: 500 });
	const store = memoryStore(runtime);
	const make = (caller?: string) =>
		new WorkflowManager({
			...{ runtime, store, keepEvents: true, releaseWaiting: true },
			...(caller === undefined ? {} : { caller }),
		});
	const soon = async <Value>(work: Promise<Value>) => await until(runtime, work);
	return { runtime, store, make, soon, manager: make() };
}

describe('the events of executions', () => {
	it('are numbered without gaps, and read on from where one was', async () => {
		const { manager, soon } = trial();
		await soon(manager.run(echo, { runId: 'r1' }));
		await soon(manager.run(echo, { runId: 'r2' }));
		const { events, last } = await manager.events();
		expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1));
		expect(last).toBe(events.length);
		expect(events.map(({ runId, type, stepPath = '' }) => `${runId} ${type} ${stepPath}`)).toEqual(
			['r1', 'r2'].flatMap((runId) => [
				`${runId} run.running `,
				`${runId} step.started a`,
				`${runId} step.completed a`,
				`${runId} step.started b`,
				`${runId} step.completed b`,
				`${runId} run.completed `,
			]),
		);
		expect(events[0]).toMatchObject({ workflow: 'echo', workflowId: 'echo' });
		const more = await manager.events({ after: 6, limit: 2 });
		expect(more).toMatchObject({ events: [{ runId: 'r2' }, { runId: 'r2' }], last: 8 });
		expect(await manager.events({ after: 100 })).toEqual({ events: [], last: 100 });
		const all = await manager.events({ runId: 'r1' });
		expect(all.events.length).toBeGreaterThan(6);
		await expect(manager.events({ runId: 'nobody' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
	});

	it('are shown to their owner alone, and go with the execution', async () => {
		const { make, soon, store } = trial();
		const [ann, bob] = [make('ann'), make('bob')];
		await soon(ann.run(echo, { runId: 'r1' }));
		expect((await ann.events()).events).not.toEqual([]);
		const seen = await bob.events();
		expect(seen.events).toEqual([]);
		expect(seen.last).toBeGreaterThan(0);
		await ann.cleanup();
		expect(await store.read('execution-events/r1')).toEqual([]);
	});

	it('forget the oldest when there are very many', async () => {
		const { store, runtime } = trial();
		const feed = new EventFeed(store, runtime);
		const record = { runId: 'r', workflowId: 'w', name: 'w' };
		const writer = feed.writerFor(record as Parameters<EventFeed['writerFor']>[0]);
		for (let seq = 1; seq <= 20_150; seq++) {
			void writer.sink({ seq, at: 0, runId: 'r', type: 'run.running' });
			if (seq % 50 === 0) await writer.flush();
		}
		const { events } = await feed.read({ limit: 1 });
		expect(events[0]!.position).toBeGreaterThan(50);
	});

	it('are lost quietly when the store fails, and what is no event is passed over', async () => {
		const { store, runtime, manager } = trial();
		await store.append([{ runId: 'execution-feed', body: '7' }]);
		expect(await manager.events()).toEqual({ events: [], last: 1 });
		const broken = { ...store, append: async () => await Promise.reject(new Error('full')) };
		const feed = new EventFeed(broken, runtime);
		const record = { runId: 'r', workflowId: 'w', name: 'w' };
		const writer = feed.writerFor(record as Parameters<EventFeed['writerFor']>[0]);
		void writer.sink({ seq: 1, at: 0, runId: 'r', type: 'run.running' });
		await expect(writer.flush()).resolves.toBeUndefined();
	});
});

describe('the detail of an execution', () => {
	it('has its graph, input, outputs and times', async () => {
		const { manager, soon } = trial();
		await soon(manager.run(echo, { runId: 'r1', input: { n: 1 } }));
		expect(await manager.detail('r1')).toMatchObject({
			status: 'completed',
			input: { n: 1 },
			output: { n: 1 },
			graph: [
				{ id: 'a', name: 'First', kind: 'transform', dependsOn: [], next: [] },
				{ id: 'b', agent: 'nobody', dependsOn: [{ on: 'a', type: 'required' }] },
			],
			outputs: { a: { n: 1 }, b: { n: 1 } },
			steps: [
				{ startedAt: expect.any(Number) as number, endedAt: expect.any(Number) as number },
				{},
			],
		});
	});

	it('has the checkpoint of one that waits, and nothing of code', async () => {
		const { manager, soon, runtime } = trial();
		await soon(manager.start(asking, { runId: 'r1' }));
		await runtime.advance(1000);
		expect(await manager.detail('r1')).toMatchObject({
			status: 'waiting',
			output: null,
			checkpoint: { runId: 'r1' },
			graph: [{ id: 'ask', next: [] }],
		});
		manager.register({ type: 'code', execute: () => 1 });
		await soon(manager.run('code', { runId: 'r2' }));
		const detail = await manager.detail('r2');
		expect(detail).toMatchObject({ graph: [], outputs: { execute: 1 }, output: 1 });
		expect(detail).not.toHaveProperty('definition');
	});
});
