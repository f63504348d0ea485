import {
	memoryStore,
	openLedger,
	Steps,
	type StepsOptions,
	type Store,
	type Usage,
} from '../../../lib';
import { ManualRuntime, settle } from '../store/manualRuntime';

const usage: Usage = { inputTokens: 10, outputTokens: 5, totalTokens: 15, costUsd: 0.01, calls: 1 };

describe('steps', () => {
	let runtime: ManualRuntime;
	let store: Store;

	beforeEach(() => {
		runtime = new ManualRuntime();
		store = memoryStore(runtime);
	});

	const execution = async (more: Partial<StepsOptions> = {}): Promise<Steps> => {
		const ledger = await openLedger({ store, runtime, runId: 'order-7' });
		return new Steps({ ledger, store, runtime, ...more });
	};
	const answer = (value: unknown) => jest.fn(async () => await Promise.resolve(value));

	it('does the work once and gives the recorded result to every later execution', async () => {
		const body = answer({ text: 'hi' });
		expect(await (await execution()).run('Ask/0', 'q', body)).toEqual({
			result: { text: 'hi' },
			reused: false,
		});
		expect(await (await execution()).run('Ask/0', 'q', body)).toEqual({
			result: { text: 'hi' },
			reused: true,
			saved: { durationMs: 0 },
		});
		expect(body).toHaveBeenCalledTimes(1);
	});

	it('does other work for another input or another path', async () => {
		const body = answer(1);
		const steps = await execution();
		await steps.run('Ask/0', { q: 1 }, body);
		await steps.run('Ask/0', { q: 2 }, body);
		await steps.run('Ask/1', { q: 1 }, body);
		expect(body).toHaveBeenCalledTimes(3);
	});

	it('takes the order of keys in the input for nothing', async () => {
		const body = answer(1);
		const steps = await execution();
		await steps.run('Ask/0', { a: 1, b: 2 }, body);
		expect((await steps.run('Ask/0', { b: 2, a: 1 }, body)).reused).toBe(true);
	});

	it('runs a failed step again', async () => {
		const body = jest.fn().mockRejectedValueOnce(new Error('no answer')).mockResolvedValueOnce(7);
		await expect((await execution()).run('Ask/0', 'q', body)).rejects.toThrow('no answer');
		expect(await (await execution()).run('Ask/0', 'q', body)).toEqual({ result: 7, reused: false });
		expect(body).toHaveBeenLastCalledWith(expect.objectContaining({ attempt: 2 }));
	});

	it('does everything again when told to run again, and keeps the newer result', async () => {
		await (await execution()).run('Ask/0', 'q', answer('old'));
		const again = await execution({ reuse: false });
		expect(await again.run('Ask/0', 'q', answer('new'))).toEqual({ result: 'new', reused: false });
		expect((await (await execution()).run('Ask/0', 'q', answer('x'))).result).toBe('new');
	});

	it('lets two calls of one step at the same moment share the work', async () => {
		const body = answer(1);
		const steps = await execution();
		const both = await Promise.all([steps.run('a', 1, body), steps.run('a', 1, body)]);
		expect(body).toHaveBeenCalledTimes(1);
		expect(both.map(({ reused }) => reused)).toEqual([false, true]);
	});

	it('adds up what recorded results have saved', async () => {
		const costly = async () => {
			await runtime.sleep(2000);
			return await Promise.resolve('x');
		};
		const first = (await execution()).run('a', 1, costly, { usageOf: () => usage });
		await runtime.advance(2000);
		await first;
		const second = await execution();
		await second.run('a', 1, costly);
		expect(second.savings).toEqual({ steps: 1, usage, durationMs: 2000 });
	});

	it('gives the same idempotency key after a restart, and another one for another input', async () => {
		const keys: string[] = [];
		const body = async ({ idempotencyKey }: { idempotencyKey: string }) => {
			keys.push(idempotencyKey);
			return await Promise.reject(new Error('again'));
		};
		for (const input of [1, 1, 2]) {
			await (await execution()).run('pay', input, body).catch(() => undefined);
		}
		expect(keys[0]).toBe(keys[1]);
		expect(keys[0]).not.toBe(keys[2]);
	});

	describe('an effect that must happen once', () => {
		const once = { effect: 'once' as const };

		it('is not repeated when nobody knows whether it happened', async () => {
			void (await execution()).run('pay', 1, () => new Promise(() => undefined), once);
			await settle();
			const body = answer('paid');
			await expect((await execution()).run('pay', 1, body, once)).rejects.toMatchObject({
				code: 'OUTCOME_UNKNOWN',
			});
			expect(body).not.toHaveBeenCalled();
		});

		it('is repeated when the effect is said to be safe', async () => {
			void (await execution()).run('pay', 1, () => new Promise(() => undefined), once);
			await settle();
			const again = (await execution()).run('pay', 1, answer('paid'), {
				...once,
				whenUnknown: 'retry',
			});
			expect(await again).toEqual({ result: 'paid', reused: false });
		});

		it('is repeated after a failure, which is a known outcome', async () => {
			const failing = async () => await Promise.reject(new Error('declined'));
			await (await execution()).run('pay', 1, failing, once).catch(() => undefined);
			expect((await (await execution()).run('pay', 1, answer('paid'), once)).result).toBe('paid');
		});
	});

	describe('under a shared run key', () => {
		it('waits for the execution that is doing the step, and reuses its result', async () => {
			const slow = jest.fn(async () => {
				await runtime.sleep(5000);
				return 'done';
			});
			const first = (await execution({ shared: true, owner: 'one' })).run('a', 1, slow);
			await settle();
			const second = (await execution({ shared: true, owner: 'two' })).run('a', 1, slow);
			await runtime.advance(20_000);
			expect(await first).toEqual({ result: 'done', reused: false });
			const saved = { durationMs: 5000 };
			expect(await second).toEqual({ result: 'done', reused: true, saved });
			expect(slow).toHaveBeenCalledTimes(1);
			expect(runtime.pending).toBe(0);
		});

		it('fails at once when told not to wait', async () => {
			const first = await execution({ shared: true, owner: 'one' });
			void first.run('a', 1, () => new Promise(() => undefined));
			await settle();
			const second = await execution({ shared: true, owner: 'two', whenBusy: 'fail' });
			await expect(second.run('a', 1, answer(1))).rejects.toMatchObject({ code: 'STEP_BUSY' });
		});

		it('stops waiting when cancelled', async () => {
			const first = await execution({ shared: true, owner: 'one' });
			void first.run('a', 1, () => new Promise(() => undefined));
			await settle();
			const stop = new AbortController();
			const second = await execution({ shared: true, owner: 'two', signal: stop.signal });
			const waiting = second.run('a', 1, answer(1));
			await settle();
			stop.abort(new Error('stopped'));
			await expect(waiting).rejects.toThrow('stopped');
		});

		it('takes over from an execution that died, and refuses its late result', async () => {
			const frozen = new ManualRuntime();
			const ledger = await openLedger({ store, runtime: frozen, runId: 'order-7' });
			const dead = new Steps({ ledger, store, runtime: frozen, shared: true, owner: 'dead' });
			let wake: (value: string) => void = () => undefined;
			const late = dead.run('a', 1, () => new Promise<string>((resolve) => (wake = resolve)));
			await settle();
			await runtime.advance(30_000);
			const taken = (await execution({ shared: true })).run('a', 1, answer('mine'));
			await runtime.advance(5000);
			expect(await taken).toEqual({ result: 'mine', reused: false });
			wake('late');
			await expect(late).rejects.toMatchObject({ code: 'LEASE_LOST' });
			expect((await (await execution()).run('a', 1, answer('x'))).result).toBe('mine');
		});
	});
});
