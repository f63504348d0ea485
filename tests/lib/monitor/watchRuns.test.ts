import * as fc from 'fast-check';

import {
	memoryStore,
	RunWatcher,
	VirtualRuntime,
	type RunPicture,
	type RunSource,
} from '../../../lib';
import { noticesOf } from '../../../lib/monitor/notices';
import { NOON, run, sourceOf, step } from './pictures';

const HOUR = 3_600_000;

/** Runs that change, and watchers of them. */
function world() {
	const runtime = new VirtualRuntime({ startAt: NOON });
	const store = memoryStore(runtime);
	const runs = new Map<string, RunPicture>();
	let read = 0;
	const source: RunSource = {
		list: async (query) => {
			const latest = [...runs.values()].sort((one, other) => other.updatedAt - one.updatedAt);
			return await sourceOf(...latest).list(query);
		},
		picture: async (runId) => {
			read++;
			return await Promise.resolve(runs.get(runId));
		},
	};
	return {
		runtime,
		watcher: () => new RunWatcher({ store, runtime, source, name: 'w', stalledAfterMs: HOUR }),
		change: (runId: string, changes: Partial<RunPicture>) => {
			const now = runtime.now();
			const before = runs.get(runId) ?? run({ runId, createdAt: now });
			runs.set(runId, { ...before, ...changes, updatedAt: now });
		},
		remove: (runId: string) => runs.delete(runId),
		runs,
		get read() {
			return read;
		},
	};
}

async function told(watcher: RunWatcher) {
	const news = await watcher.news();
	await watcher.confirm();
	return news.map(({ type }) => type);
}

describe('a watcher of runs', () => {
	it('tells each thing once, from the moment it begins', async () => {
		const { runtime, watcher, change } = world();
		change('old', { status: 'completed', endedAt: NOON });
		await runtime.advance(30_000);
		const one = watcher();
		expect(await told(one)).toEqual([]);
		await runtime.advance(1000);
		change('r1', {});
		expect(await told(one)).toEqual(['run.started']);
		expect(await told(one)).toEqual([]);
		await runtime.advance(1000);
		change('r1', { status: 'completed', endedAt: runtime.now() });
		change('r2', { reviews: [{ requestId: 'q', title: 'Approve', openedAt: runtime.now() }] });
		expect((await told(one)).sort()).toEqual(['person.asked', 'run.completed', 'run.started']);
		await runtime.advance(5 * HOUR);
		expect(await told(watcher())).toEqual(['run.stalled']);
	});

	it('tells again after a crash what was not confirmed, with the same ids', async () => {
		const { runtime, watcher, change } = world();
		await told(watcher());
		await runtime.advance(1000);
		change('r1', {});
		const first = await watcher().news();
		const second = await watcher().news();
		expect(first).toHaveLength(1);
		expect(second).toEqual(first);
	});

	it('tells a silence once, and the next one again', async () => {
		const { runtime, watcher, change } = world();
		const one = watcher();
		await told(one);
		await runtime.advance(1000);
		change('r1', {});
		await told(one);
		await runtime.advance(HOUR);
		expect(await told(one)).toEqual(['run.stalled']);
		await runtime.advance(HOUR);
		expect(await told(one)).toEqual([]);
		change('r1', { progress: 50 });
		expect(await told(one)).toEqual([]);
		await runtime.advance(HOUR);
		expect(await told(one)).toEqual(['run.stalled']);
	});

	it('tells only what is new when a run that had ended long ago goes on', async () => {
		const { runtime, watcher, change } = world();
		const one = watcher();
		await told(one);
		await runtime.advance(1000);
		change('r1', { status: 'failed', endedAt: runtime.now() });
		expect(await told(one)).toEqual(['run.started', 'run.failed']);
		await runtime.advance(HOUR);
		expect(await told(one)).toEqual([]);
		await runtime.advance(HOUR);
		change('r1', { status: 'completed', endedAt: runtime.now() });
		expect(await told(one)).toEqual(['run.completed']);
	});

	it('forgets a run that was removed', async () => {
		const { runtime, watcher, change, remove } = world();
		const one = watcher();
		await told(one);
		await runtime.advance(1000);
		change('r1', {});
		await told(one);
		remove('r1');
		await runtime.advance(2 * HOUR);
		expect(await told(one)).toEqual([]);
	});

	it('reads only runs that have changed', async () => {
		const { runtime, watcher, change, ...rest } = world();
		const one = watcher();
		await told(one);
		await runtime.advance(1000);
		for (let index = 0; index < 120; index++) change(`r${index}`, { status: 'waiting' });
		await told(one);
		const before = rest.read;
		change('r7', { status: 'running' });
		await told(one);
		await runtime.advance(HOUR / 2);
		await told(one);
		expect(rest.read - before).toBeLessThanOrEqual(1);
	});

	it('loses nothing, whatever happens in whatever order and however often it crashes', async () => {
		const action = fc.oneof(
			fc.record({ run: fc.nat(3), do: fc.constantFrom('step', 'end', 'ask', 'touch') }),
			fc.record({ advanceMs: fc.integer({ min: 1, max: 3 * HOUR }) }),
			fc.constant('check' as const),
			fc.constant('check and crash' as const),
		);
		await fc.assert(
			fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
				const { runtime, watcher, change, runs } = world();
				let one = watcher();
				await told(one);
				await runtime.advance(1);
				const confirmed: string[] = [];
				const all = new Set<string>();
				const check = async () => {
					const ids = (await one.news()).map(({ id }) => id);
					await one.confirm();
					confirmed.push(...ids);
				};
				for (const act of actions) {
					if (act === 'check') await check();
					else if (act === 'check and crash') {
						await one.news();
						one = watcher();
					} else if ('advanceMs' in act) await runtime.advance(act.advanceMs);
					else {
						await runtime.advance(1);
						const runId = `r${act.run}`;
						change(runId, changeOf(act.do, runs.get(runId), runtime.now()));
						const rule = { now: runtime.now(), stalledAfterMs: Infinity };
						for (const { id } of noticesOf(runs.get(runId)!, rule)) all.add(id);
					}
				}
				await check();
				const last = new Set(
					[...runs.values()].flatMap((picture) =>
						noticesOf(picture, { now: runtime.now(), stalledAfterMs: Infinity }).map(
							({ id }) => id,
						),
					),
				);
				expect([...last].filter((id) => !confirmed.includes(id))).toEqual([]);
				expect(new Set(confirmed).size).toBe(confirmed.length);
				expect(all.size).toBeGreaterThanOrEqual(last.size);
			}),
			{ numRuns: 200 },
		);
	});
});

/** Something that happens in a run now. */
function changeOf(
	what: 'step' | 'end' | 'ask' | 'touch',
	before: RunPicture | undefined,
	now: number,
): Partial<RunPicture> {
	const { steps = [], reviews = [] } = before ?? {};
	switch (what) {
		case 'step':
			return {
				status: 'running',
				endedAt: undefined,
				steps: [...steps, step(`s${steps.length}`, { startedAt: now, endedAt: now })],
			};
		case 'ask':
			return { reviews: [...reviews, { requestId: `q${now}`, title: 'Well?', openedAt: now }] };
		case 'end':
			return { status: 'completed', endedAt: now };
		case 'touch':
			return { status: 'running', endedAt: undefined };
	}
}
