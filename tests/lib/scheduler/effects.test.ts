import {
	EngineError,
	MemoryJournal,
	ResourcePool,
	type BodyContext,
	type EffectOptions,
	type GraphRunOptions,
} from '../../../lib';
import { current, freshRuntime, start, type Steps } from './play';

beforeEach(() => void freshRuntime());

const begin = (steps: Steps, options: Partial<GraphRunOptions> = {}) =>
	start(steps, { runtime: current, ...options });

/** A step with one effect, which does what it is told. */
function setup(work: () => unknown, options?: EffectOptions, journal = new MemoryJournal()) {
	const keys: string[] = [];
	const a = async (context: BodyContext) =>
		await context.effect(
			'pay',
			({ idempotencyKey }) => {
				keys.push(idempotencyKey);
				return work();
			},
			options,
		);
	return { journal, keys, a };
}

const failing = (errorClass: 'network' | 'validation') => () => {
	throw new EngineError('E', 'no', { errorClass, retryable: true });
};

describe('a side effect', () => {
	it('is recorded before it begins and with its result, which is given back from then on', async () => {
		const { journal, keys, a } = setup(() => ({ paid: journal.find('a/effect/pay', '')?.status }));
		const first = await begin({ a }, { journal }).end();
		expect(first.outputs).toEqual({ a: { paid: 'started' } });
		const again = setup(() => 'again', undefined, journal);
		const steps: Steps = { a: { run: again.a, input: () => 'another' } };
		expect((await begin(steps, { journal }).end()).outputs).toEqual({ a: { paid: 'started' } });
		expect([keys.length, again.keys.length]).toEqual([1, 0]);
	});

	it('is another one with another input, and has a key of its own', async () => {
		const journal = new MemoryJournal();
		const keys: string[] = [];
		const a = async (context: BodyContext) => {
			const pay = async (input: unknown) =>
				await context.effect('pay', (effect) => keys.push(effect.idempotencyKey), { input });
			return [await pay(1), await pay(2), await context.effect('post', () => 'posted')];
		};
		expect((await begin({ a }, { journal }).end()).outputs).toEqual({ a: [1, 2, 'posted'] });
		expect(new Set(keys).size).toBe(2);
	});

	it('may be done again by the next attempt when it has failed without a doubt', async () => {
		let calls = 0;
		const { journal, keys, a } = setup(() => (++calls === 1 ? failing('validation')() : 'paid'));
		const retry = { maxAttempts: 2, initialDelayMs: 0 };
		const { outputs } = await begin({ a: { run: a, retry } }, { journal }).end();
		expect([outputs.a, calls, new Set(keys).size]).toEqual(['paid', 2, 1]);
	});

	it.each([
		[{ done: true, result: 'receipt 7' }, 'receipt 7', 1],
		[{ done: true }, null, 1],
		[{ retry: true }, 'paid', 2],
	])('is asked about when nobody knows how it went: %j', async (answer, output, times) => {
		let calls = 0;
		const { journal, a } = setup(() => (++calls === 1 ? failing('network')() : 'paid'));
		const retry = { maxAttempts: 2, initialDelayMs: 0 };
		const { run, end } = begin({ a: { run: a, retry } }, { journal });
		await current.until(run.untilIdle());
		expect(run.requests).toMatchObject([
			{ name: 'effect pay', payload: { effect: 'pay', hint: expect.any(String) as string } },
		]);
		await run.answer(run.requests[0]!.requestId, answer);
		expect((await end()).outputs).toEqual({ a: output });
		expect(calls).toBe(times);
		expect(journal.find('a/effect/pay', '')).toMatchObject({ result: { output } });
	});

	it('fails the step when nobody can tell, or when nobody is to be asked', async () => {
		const journal = new MemoryJournal();
		journal.started('a/effect/pay', '', 1);
		const asked = begin({ a: setup(() => 'paid').a }, { journal });
		await current.until(asked.run.untilIdle());
		await asked.run.answer(asked.run.requests[0]!.requestId, 'who knows');
		const unknown = { error: { code: 'EFFECT_UNKNOWN', details: { effect: 'pay' } } };
		expect(await asked.end()).toMatchObject(unknown);
		const failed = begin({ a: setup(() => 'paid', { whenUnknown: 'fail' }).a }, { journal });
		expect(await failed.end()).toMatchObject(unknown);
		const retried = begin({ a: setup(() => 'paid', { whenUnknown: 'retry' }).a }, { journal });
		expect((await retried.end()).outputs).toEqual({ a: 'paid' });
	});

	it('says exactly what is unknown and how to answer', async () => {
		const journal = new MemoryJournal();
		journal.started('a/effect/pay', '', 1);
		const hint = 'Look whether it was done; answer {"done": true, "result": …} or {"retry": true}.';
		const message =
			'It is not known whether "pay" of step "a" was done: it was begun and never told how it went.';
		const { run, end } = begin({ a: setup(() => 'paid').a }, { journal });
		await current.until(run.untilIdle());
		expect(run.requests).toMatchObject([{ payload: { effect: 'pay', message, hint } }]);
		await run.answer(run.requests[0]!.requestId, { done: false, retry: 'perhaps' });
		expect((await end()).error).toMatchObject({
			...{ code: 'EFFECT_UNKNOWN', message: `Step "a" failed: ${message}`, retryable: false, hint },
			details: { path: 'a', effect: 'pay' },
		});
	});

	it('asks nobody when the step is to fail, and leaves no question behind', async () => {
		const journal = new MemoryJournal();
		journal.started('a/effect/pay', '', 1);
		const { log, end } = begin({ a: setup(() => 1, { whenUnknown: 'fail' }).a }, { journal });
		expect((await end()).error?.code).toBe('EFFECT_UNKNOWN');
		expect(log).not.toContain('human.asked:a');
	});

	it('needs no journal, whether it is done or fails', async () => {
		const done = await begin({ a: setup(() => 'paid').a }).end();
		expect(done.outputs).toEqual({ a: 'paid' });
		const failed = await begin({ a: setup(failing('validation')).a }).end();
		expect(failed.error?.code).toBe('E');
	});

	it('makes room for others again once all that is under way is done', async () => {
		const pool = new ResourcePool({ name: 'p', totals: { cpu: 1 }, preemption: true }, current);
		const cpu = (priority: 'low' | 'critical') => ({ resources: { cpu: 1, priority } });
		const a = async (context: BodyContext) => {
			const short = context.effect('short', async () => await current.sleep(20));
			const long = context.effect('long', async () => await current.sleep(60));
			await Promise.all([short, long]);
			await current.sleep(100, context.signal);
		};
		const { log, events, end } = begin(
			{
				a: { run: a, preemptible: true, ...cpu('low') },
				b: { run: async () => await current.sleep(40) },
				c: { run: () => 1, dependsOn: 'b', ...cpu('critical') },
				d: { run: async () => await current.sleep(80) },
				e: { run: () => 1, dependsOn: 'd', ...cpu('critical') },
			},
			{ pool },
		);
		await end();
		expect(log).toContain('pool.preempted:a');
		const first = events.find(({ type }) => type === 'pool.preempted')!;
		expect(first.at - events[0]!.at).toBeGreaterThanOrEqual(60);
	});

	it('is not broken off by a pause, and what it gave is kept', async () => {
		const slow = async () => {
			await current.sleep(100);
			return 'paid';
		};
		const { journal, a } = setup(slow);
		const body = async (context: BodyContext) => {
			const paid = await a(context);
			await current.sleep(1000, context.signal);
			return paid;
		};
		const { run } = begin({ a: { run: body, preemptible: true } }, { journal });
		await current.advance(50);
		const paused = run.pause('immediate');
		await current.advance(60);
		expect(journal.find('a/effect/pay', '')).toMatchObject({ result: { output: 'paid' } });
		await current.until(paused);
		expect(run.status).toBe('paused');
	});

	it('does not make room for others while it is under way', async () => {
		const pool = new ResourcePool({ name: 'p', totals: { cpu: 1 }, preemption: true }, current);
		const cpu = (priority: 'low' | 'critical') => ({ resources: { cpu: 1, priority } });
		const { a } = setup(async () => await current.sleep(100));
		const { run, log, end } = begin(
			{
				a: { run: a, preemptible: true, ...cpu('low') },
				b: { run: async () => await current.sleep(10) },
				c: { run: () => 1, dependsOn: 'b', ...cpu('critical') },
			},
			{ pool },
		);
		await end();
		expect(log).not.toContain('pool.preempted:a');
		expect(run.step('a').attempt).toBe(1);
		expect(current.monotonic()).toBe(100);
	});

	it('does not begin once the step is cancelled', async () => {
		const { keys, a } = setup(() => 'paid');
		const body = async (context: BodyContext) => {
			await current.sleep(10);
			return await a(context);
		};
		const { run } = begin({ a: body });
		await current.advance(1);
		await current.until(run.cancel());
		expect(keys).toEqual([]);
	});
});
