import { goTo, MemoryJournal, type BodyContext, type CompensationContext } from '../../../lib';
import {
	current,
	fails,
	freshRuntime,
	ok,
	play,
	start,
	started,
	statuses,
	takes,
	type Steps,
} from './play';

beforeEach(() => void freshRuntime());
const at = (steps: Steps, options = {}) => play(steps, { runtime: current, ...options });
const begin = (steps: Steps, options = {}) => start(steps, { runtime: current, ...options });

describe('a step that is renewed for others', () => {
	const every = (intervalMs: number) => ({ lifecycle: 'periodic' as const, intervalMs });
	let runs: number[];
	const polled = (): Steps => {
		runs = [];
		return {
			poll: () => void runs.push(current.monotonic()),
			slow: takes(35),
			often: { run: ok, dependsOn: { poll: every(10), slow: 'required' } },
			seldom: { run: ok, dependsOn: { poll: every(25), slow: 'required' } },
			once: { run: ok, dependsOn: 'poll' },
		};
	};

	it('is so at the shortest interval, whoever else has what they need', async () => {
		await at(polled());
		expect(runs).toEqual([0, 10, 20, 30]);
	});

	it('is left alone while the run is paused, and once it is being stopped', async () => {
		const paused = begin(polled());
		await current.advance(15);
		void paused.run.pause();
		await current.advance(50);
		expect(runs).toEqual([0, 10]);
		freshRuntime();
		const stopped = begin({ ...polled(), slow: async () => await current.sleep(35) });
		await current.advance(15);
		void stopped.run.cancel();
		await stopped.end();
		expect(runs).toEqual([0, 10]);
		expect(statuses(stopped.run).poll).toBe('completed');
	});
});

describe('who a step follows', () => {
	it('is what its dependency did before, while that is to run again', async () => {
		let parents: readonly string[] = [];
		await at({
			a: ({ iteration }: BodyContext) => goTo(iteration === 1 ? 'a' : null),
			slow: takes(10),
			d: {
				run: (context: BodyContext) => void (parents = context.parents),
				dependsOn: { a: 'optional', slow: 'required' },
			},
		});
		expect(parents).toEqual(['a', 'slow']);
	});
});

describe('patience', () => {
	it('begins when nothing else is waited for, for dependencies with a time of their own', async () => {
		const { events, run } = await at({
			a: takes(10),
			b: takes(200),
			late: takes(300),
			c: {
				run: ok,
				dependsOn: [
					{ on: 'a', type: 'or' },
					{ on: 'b', type: 'or' },
					{ on: 'late', type: 'timeout', timeoutMs: 50 },
				],
			},
		});
		const given = events.filter(({ type }) => type === 'step.dependency_timed_out');
		expect(given).toMatchObject([{ stepPath: 'c', data: { on: 'late' } }]);
		expect(run.step('c').startedAt! - events[0]!.at).toBe(60);
	});
});

describe('a deadlock', () => {
	const xor = (...ids: string[]) => ids.map((on) => ({ on, type: 'xor' as const }));

	it('names only what is still waited for', async () => {
		const { run, events } = await at({
			a: ok,
			b: ok,
			c: { run: ok, dependsOn: ['done', ...xor('a', 'b')] },
			done: ok,
		});
		const error = {
			code: 'DEADLOCK',
			errorClass: 'conflict',
			message: 'Nothing can start any more: "c" waits for xor of "a" (completed), "b" (completed).',
			retryable: false,
			hint: 'Remove or weaken one of these dependencies.',
			details: { waiting: { c: ['a', 'b'] } },
		};
		expect(run.step('c')).toMatchObject({ error });
		expect(events.find(({ type }) => type === 'step.failed')?.data).toEqual({ error });
	});

	it.each([
		[20, undefined],
		[21, 'and 1 more'],
	])('of %i steps spells out twenty of them', async (count, rest) => {
		const waiting = Array.from({ length: count }, (_, index) => [
			`w${index}`,
			{ run: ok, dependsOn: xor('a', 'b') },
		]);
		const { result } = await at({ a: ok, b: ok, ...(Object.fromEntries(waiting) as Steps) });
		const parts = result.error!.message.replace(/\.$/, '').split('; ');
		expect(parts.slice(20)).toEqual(rest === undefined ? [] : [rest]);
	});
});

describe('checkpoints at an interval', () => {
	const taken = async (options: object) => {
		const { events } = await at({ a: takes(25) }, options);
		return events.filter(({ type }) => type === 'checkpoint.taken').map(({ data }) => data);
	};

	it('need an interval and somebody who takes them', async () => {
		const onCheckpoint = (): void => undefined;
		expect(await taken({ checkpointEveryMs: 10, onCheckpoint })).toEqual([
			{ reason: 'interval' },
			{ reason: 'interval' },
		]);
		expect(await taken({ checkpointEveryMs: 10 })).toEqual([]);
		expect(await taken({ onCheckpoint })).toEqual([]);
	});
});

describe('undoing tells', () => {
	it('how it went, with a key of its own for each execution', async () => {
		const keys: string[] = [];
		const { events } = await at({
			a: {
				run: ok,
				compensate: ({ idempotencyKey }: CompensationContext) => void keys.push(idempotencyKey),
			},
			b: {
				run: ok,
				dependsOn: 'a',
				compensate: async ({ idempotencyKey }: CompensationContext) => {
					keys.push(idempotencyKey);
					await fails();
				},
				compensateRetry: { maxAttempts: 1 },
			},
			c: { run: fails, dependsOn: 'b' },
		});
		const told = events.filter(({ type }) => type === 'step.compensation');
		expect(told.filter(({ stepPath }) => stepPath === 'a').at(-1)?.data).toEqual({
			status: 'done',
		});
		expect(told.filter(({ stepPath }) => stepPath === 'b').at(-1)?.data).toMatchObject({
			error: { code: 'BOOM' },
		});
		expect(new Set(keys).size).toBe(2);
	});
});

describe('a pause that breaks off what it may', () => {
	it('lets a side effect come to its end, and what is done with it', async () => {
		const journal = new MemoryJournal();
		const a = async (context: BodyContext) =>
			await context.effect('pay', async () => {
				await current.sleep(100, context.signal);
				return 'paid';
			});
		const { run, log } = begin({ a: { run: a, preemptible: true } }, { journal });
		await current.advance(50);
		await current.until(run.pause('immediate'));
		expect(journal.find('a/effect/pay', '')).toMatchObject({ result: { output: 'paid' } });
		expect(started(log)).toEqual(['a']);
		expect(statuses(run).a).toBe('completed');
	});

	it('leaves alone what waits for an answer', async () => {
		let begun = 0;
		const a = async (context: BodyContext) => {
			begun++;
			return await context.waitFor('ok?');
		};
		const { run, end } = begin({ a: { run: a, preemptible: true } });
		await current.until(run.untilIdle());
		await current.until(run.pause('immediate'));
		run.resume();
		await run.answer(run.requests[0]!.requestId, 'yes');
		expect((await end()).outputs).toEqual({ a: 'yes' });
		expect(begun).toBe(1);
	});
});
