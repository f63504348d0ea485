import {
	AbortError,
	BudgetLedger,
	chunk,
	EngineError,
	fanOut,
	VirtualRuntime,
	type FanOutContext,
	type FanOutOptions,
	type FanOutResult,
} from '../../../lib';

/** A task of so many virtual milliseconds; negative ones fail after that time. */
async function run(
	times: readonly number[],
	options: FanOutOptions<number> = {},
	body?: (ms: number, context: FanOutContext, runtime: VirtualRuntime) => unknown,
): Promise<{ result: FanOutResult<unknown>; runtime: VirtualRuntime }> {
	const runtime = new VirtualRuntime({ startAt: 0 });
	const work =
		body ??
		(async (ms: number, { signal }: FanOutContext) => {
			await runtime.sleep(Math.abs(ms), signal);
			if (ms < 0) throw new EngineError('BAD', `failed after ${-ms}`, { errorClass: 'server' });
			return `took ${ms}`;
		});
	const result = await runtime.until(
		fanOut(times, (ms, context) => work(ms, context, runtime), options, runtime),
	);
	return { result, runtime };
}

const statusesOf = ({ tasks }: FanOutResult<unknown>): string =>
	tasks.map(({ key, status }) => `${key}:${status}`).join(' ');

describe('fan-out', () => {
	it('gives the results in input order, with key, attempts and duration', async () => {
		const { result } = await run([30, 10, -20]);
		expect(result).toEqual({
			outcome: 'partial',
			completed: 2,
			failed: 1,
			cancelled: 0,
			values: ['took 30', 'took 10'],
			tasks: [
				{ key: '0', index: 0, status: 'completed', attempts: 1, durationMs: 30, result: 'took 30' },
				{ key: '1', index: 1, status: 'completed', attempts: 1, durationMs: 10, result: 'took 10' },
				{
					key: '2',
					index: 2,
					status: 'failed',
					attempts: 1,
					durationMs: 20,
					error: {
						code: 'BAD',
						errorClass: 'server',
						message: 'failed after 20',
						retryable: true,
					},
				},
			],
		});
	});

	it('gives the results in completion order on request, what never ended last', async () => {
		const { result } = await run([30, 10, 20, 99], {
			order: 'completion',
			join: { n: 3 },
		});
		expect(result.tasks.map(({ index }) => index)).toEqual([1, 2, 0, 3]);
	});

	it('completes at once with nothing to do', async () => {
		for (const join of ['all', 'any', { n: 3 }, { deadlineMs: 10 }] as const) {
			const { result, runtime } = await run([], { join });
			expect(result).toEqual({
				outcome: 'success',
				tasks: [],
				values: [],
				completed: 0,
				failed: 0,
				cancelled: 0,
			});
			expect(runtime.pendingTimers).toBe(0);
		}
	});

	it('keeps to its limit and starts the next task as soon as one ends', async () => {
		const spans: string[] = [];
		const { runtime } = await run([10, 30, 10, 10], { maxConcurrent: 2 }, async (ms, task, rt) => {
			const from = rt.monotonic();
			await rt.sleep(ms);
			spans[task.index] = `${from}-${rt.monotonic()}`;
		});
		expect(spans).toEqual(['0-10', '0-30', '10-20', '20-30']);
		expect(runtime.monotonic()).toBe(30);
	});

	it('starts everything at once without a limit', async () => {
		const { runtime, result } = await run([20, 20, 20]);
		expect([runtime.monotonic(), result.outcome]).toEqual([20, 'success']);
	});

	it('takes results of functions that are not asynchronous, and their errors', async () => {
		const { result } = await run([1, 2], { maxConcurrent: 1 }, (ms) => {
			if (ms === 2) throw new Error('even');
			return ms;
		});
		expect(statusesOf(result)).toBe('0:completed 1:failed');
		expect(result.tasks[1]!.error).toMatchObject({ code: 'UNKNOWN', message: 'even' });
	});

	it.each([0, 1.5, -1, NaN, '2' as unknown as number])(
		'refuses %p as the limit',
		async (maxConcurrent) => {
			await expect(run([1], { maxConcurrent })).rejects.toThrow(
				/Fan-out: maxConcurrent must be a whole number from 1, received/,
			);
		},
	);

	describe('keys', () => {
		it('names the tasks', async () => {
			const { result } = await run([1, 2], { key: (ms, index) => `t${ms}-${index}` });
			expect(statusesOf(result)).toBe('t1-0:completed t2-1:completed');
		});

		it('refuses two tasks of the same key before anything starts', async () => {
			let starts = 0;
			const attempt = run([1, 2, 1], { key: (ms) => `k${ms}` }, () => starts++);
			await expect(attempt).rejects.toMatchObject({
				message: 'Fan-out: tasks 0 and 2 have the same key "k1". Give each task a key of its own.',
				details: { key: 'k1', indexes: [0, 2] },
			});
			expect(starts).toBe(0);
		});
	});

	describe('errors', () => {
		it('settles by default: everything runs, failures are results', async () => {
			const { result } = await run([-1, 5, -3]);
			expect([statusesOf(result), result.outcome]).toEqual([
				'0:failed 1:completed 2:failed',
				'partial',
			]);
		});

		it('is a failure when everything failed', async () => {
			const { result } = await run([-1, -2]);
			expect([result.outcome, result.cause]).toEqual(['failure', undefined]);
		});

		it('drops failed tasks from the values, or has null for them', async () => {
			const dropped = await run([1, -1, 2], { errorMode: 'drop' });
			expect(dropped.result.values).toEqual(['took 1', 'took 2']);
			const nulls = await run([1, -1, 2], { errorMode: 'null' });
			expect(nulls.result.values).toEqual(['took 1', null, 'took 2']);
			expect(nulls.result.tasks).toHaveLength(3);
		});

		it('fail_fast starts nothing more and lets running tasks finish', async () => {
			const { result, runtime } = await run([-5, 20, 1, 1], {
				errorMode: 'fail_fast',
				maxConcurrent: 2,
			});
			expect(statusesOf(result)).toBe('0:failed 1:completed 2:cancelled 3:cancelled');
			expect([result.outcome, result.cancelled, runtime.monotonic()]).toEqual(['failure', 2, 20]);
			expect(result.cause).toEqual({ kind: 'sibling', message: 'Task "0" failed.', at: 5 });
			expect(result.tasks[2]).toEqual({
				key: '2',
				index: 2,
				status: 'cancelled',
				attempts: 0,
				durationMs: 0,
				cause: result.cause,
			});
		});

		it('fail_fast cancels running tasks on request and answers at once', async () => {
			const { result, runtime } = await run([-5, 20, 1], {
				errorMode: 'fail_fast',
				onSiblingFailure: 'cancel',
				maxConcurrent: 2,
			});
			expect(statusesOf(result)).toBe('0:failed 1:cancelled 2:cancelled');
			expect(result.tasks[1]).toMatchObject({ attempts: 1, durationMs: 5 });
			expect([runtime.monotonic(), runtime.pendingTimers]).toEqual([5, 0]);
		});

		it('keeps the first cause when several fail', async () => {
			const { result } = await run([-5, -6], { errorMode: 'fail_fast' });
			expect(result.cause?.message).toBe('Task "0" failed.');
		});

		it('threshold accepts so many failures and no more', async () => {
			const accepted = await run([-1, -2, 3], { errorMode: 'threshold', maxFailures: 2 });
			expect(accepted.result.outcome).toBe('partial');
			const refused = await run([-1, -2, 3], {
				errorMode: 'threshold',
				maxFailures: 1,
				maxConcurrent: 1,
			});
			expect(statusesOf(refused.result)).toBe('0:failed 1:failed 2:cancelled');
			expect(refused.result.cause?.message).toBe('2 tasks failed, accepted are 1.');
			expect(refused.result.outcome).toBe('failure');
			const none = await run([-1, 2], { errorMode: 'threshold' });
			expect(none.result.cause?.message).toBe('1 tasks failed, accepted are 0.');
		});

		it('refuses a negative threshold', async () => {
			await expect(run([1], { maxFailures: -1 })).rejects.toThrow(
				'Fan-out: maxFailures must be 0 or more, received -1.',
			);
		});
	});

	describe('joins', () => {
		it('any is content with the first completed one; the rest is superseded', async () => {
			const { result, runtime } = await run([-1, 10, 30], { join: 'any' });
			expect(statusesOf(result)).toBe('0:failed 1:completed 2:cancelled');
			expect(result.outcome).toBe('success');
			expect(result.cause).toEqual({
				kind: 'superseded',
				message: 'The join had the 1 results it needs.',
				at: 10,
			});
			expect(runtime.pendingTimers).toBe(0);
		});

		it('n is content with so many', async () => {
			const { result } = await run([10, 20, 30], { join: { n: 2 } });
			expect(statusesOf(result)).toBe('0:completed 1:completed 2:cancelled');
			expect(result.outcome).toBe('success');
			const all = await run([10, 20], { join: { n: 2 } });
			expect([all.result.outcome, all.result.cause]).toEqual(['success', undefined]);
		});

		it('gives up as soon as it cannot be met any more', async () => {
			const { result } = await run([-1, -2, 5, 5], { join: { n: 3 }, maxConcurrent: 1 });
			expect(statusesOf(result)).toBe('0:failed 1:failed 2:cancelled 3:cancelled');
			expect(result.outcome).toBe('failure');
			expect(result.cause?.message).toBe('The join needs 3 results and can no longer have them.');
			const none = await run([-1, -2], { join: 'any' });
			expect(none.result.outcome).toBe('failure');
		});

		it('is a failure of the join when some completed, but too few', async () => {
			const { result } = await run([1, -2, -3], { join: { n: 2 } });
			expect([result.completed, result.outcome]).toEqual([1, 'failure']);
		});

		it.each([0, 4, 1.5])('refuses n of %p for three tasks', async (n) => {
			await expect(run([1, 2, 3], { join: { n } })).rejects.toThrow(
				`Fan-out: join.n must be a whole number between 1 and the number of tasks (3), received ${n}.`,
			);
		});

		it('deadline takes what is there in time', async () => {
			const { result, runtime } = await run([10, 50, 10], {
				join: { deadlineMs: 25 },
				maxConcurrent: 1,
			});
			expect(statusesOf(result)).toBe('0:completed 1:timed_out 2:cancelled');
			expect(result.tasks[1]).toMatchObject({ durationMs: 15, attempts: 1 });
			expect(result.outcome).toBe('partial');
			expect(result.cause).toEqual({
				kind: 'timeout',
				message: 'The deadline of the join passed.',
				at: 25,
			});
			expect(runtime.pendingTimers).toBe(0);
		});

		it('deadline lets the others finish where that is wanted, also those that had not begun', async () => {
			const done: number[] = [];
			const { result, runtime } = await run(
				[10, 50, 10],
				{ join: { deadlineMs: 25 }, maxConcurrent: 1, afterDeadline: 'finish' },
				async (ms, { signal, index }, clock) => {
					await clock.sleep(ms, signal);
					done.push(index);
				},
			);
			expect(statusesOf(result)).toBe('0:completed 1:timed_out 2:cancelled');
			expect([result.outcome, result.cause?.kind]).toEqual(['partial', 'timeout']);
			expect(done).toEqual([0]);
			await runtime.advance(45);
			expect(done).toEqual([0, 1, 2]);
			expect(result.completed).toBe(1);
		});

		it('what goes on after the deadline can still be cancelled', async () => {
			const ended: string[] = [];
			const cancel = new AbortController();
			const { result, runtime } = await run(
				[50, 10],
				{
					join: { deadlineMs: 25 },
					maxConcurrent: 1,
					afterDeadline: 'finish',
					signal: cancel.signal,
				},
				async (ms, context, clock) =>
					await clock.sleep(ms, context.signal).catch((error: Error) => {
						ended.push(error.name);
						throw error;
					}),
			);
			expect(statusesOf(result)).toBe('0:timed_out 1:cancelled');
			cancel.abort();
			await runtime.advance(100);
			expect(ended).toEqual(['AbortError']);
		});

		it('deadline changes nothing when everything is done before', async () => {
			const { result, runtime } = await run([10, 20], { join: { deadlineMs: 25 } });
			expect([result.outcome, result.cause, runtime.pendingTimers]).toEqual([
				'success',
				undefined,
				0,
			]);
		});

		it('deadline is a failure when nothing is there in time', async () => {
			const { result } = await run([50], { join: { deadlineMs: 5 } });
			expect(result.outcome).toBe('failure');
		});
	});

	describe('cancel', () => {
		it('stops running tasks and starts nothing more', async () => {
			const controller = new AbortController();
			const runtime = new VirtualRuntime();
			const reasons: unknown[] = [];
			const promise = fanOut(
				[1, 2, 3],
				async (_, { signal }) => {
					await runtime.sleep(100, signal).catch((reason: unknown) => {
						reasons.push(reason);
						throw reason;
					});
				},
				{ maxConcurrent: 2, signal: controller.signal },
				runtime,
			);
			await runtime.advance(10);
			controller.abort();
			const result = await promise;
			await runtime.drain();
			expect(statusesOf(result)).toBe('0:cancelled 1:cancelled 2:cancelled');
			expect(result.cause).toMatchObject({ kind: 'user', message: 'The fan-out was cancelled.' });
			expect(reasons).toHaveLength(2);
			expect(reasons[0]).toBeInstanceOf(AbortError);
			expect(reasons[0]).toMatchObject({
				message: 'The fan-out was cancelled.',
				details: { cause: result.cause },
			});
		});

		it('starts nothing when it was cancelled before', async () => {
			const { result } = await run([1], { signal: AbortSignal.abort() });
			expect([statusesOf(result), result.outcome]).toEqual(['0:cancelled', 'failure']);
		});

		it('leaves no listener behind', async () => {
			const controller = new AbortController();
			const remove = jest.spyOn(controller.signal, 'removeEventListener');
			await run([1], { signal: controller.signal });
			expect(remove).toHaveBeenCalledTimes(1);
			controller.abort();
		});

		it('drops what an aborted task still returns or throws', async () => {
			const { result, runtime } = await run([5, 50, -50], { join: 'any' }, async (ms, _, rt) => {
				await rt.sleep(Math.abs(ms));
				if (ms < 0) throw new Error('late');
				return ms;
			});
			await runtime.advance(100);
			expect([result.completed, result.failed, statusesOf(result)]).toEqual([
				1,
				0,
				'0:completed 1:cancelled 2:cancelled',
			]);
		});

		it('gives a signal that is aborted already to a task that asks too late', async () => {
			const seen: boolean[] = [];
			const { runtime } = await run([5, 50], { join: 'any' }, async (ms, task, rt) => {
				await rt.sleep(ms);
				seen[task.index] = task.signal.aborted;
			});
			await runtime.advance(100);
			expect(seen).toEqual([false, true]);
		});
	});

	describe('around', () => {
		it('wraps each task, counts its attempts and knows its key', async () => {
			const { result } = await run(
				[1, 2],
				{
					key: (ms) => `k${ms}`,
					around: async (attempt, { key }) => {
						const first = await attempt().catch(() => undefined);
						return (
							first ??
							(await attempt().catch((error: unknown) => {
								throw new Error(`${key}: ${String(error)}`);
							}))
						);
					},
				},
				(ms, { attempt }) => {
					if (attempt === 1 || ms === 2) throw new Error(`attempt ${attempt}`);
					return `attempt ${attempt}`;
				},
			);
			expect(result.tasks.map(({ attempts }) => attempts)).toEqual([2, 2]);
			expect(result.tasks[0]!.result).toBe('attempt 2');
			expect(result.tasks[1]!.error?.message).toBe('k2: Error: attempt 2');
		});

		it('may give the task a signal of its own', async () => {
			const own = AbortSignal.abort('own');
			const { result } = await run(
				[1],
				{ around: (attempt) => attempt(own) },
				(_, { signal }) => signal.reason as string,
			);
			expect(result.values).toEqual(['own']);
		});
	});

	it('tells of each task as it ends', async () => {
		const heard: string[] = [];
		await run([20, -10], {
			onTaskEnd: ({ key, status, durationMs }, ended, total) =>
				void heard.push(`${key} ${status} ${durationMs} ${ended}/${total}`),
		});
		expect(heard).toEqual(['1 failed 10 1/2', '0 completed 20 2/2']);
	});

	it('makes a signal only for tasks that ask, and one for each', async () => {
		const signals = new Set<AbortSignal>();
		await run([1, 2], {}, (_, task) => {
			signals.add(task.signal);
			expect(task.signal).toBe(task.signal);
		});
		expect(signals.size).toBe(2);
	});
});

describe('chunk', () => {
	it('splits in order, the last chunk may be smaller', () => {
		expect(chunk([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
		expect(chunk([], 2)).toEqual([]);
	});

	it.each([0, 1.5])('refuses a size of %p', (size) => {
		expect(() => chunk([1], size)).toThrow(
			`Chunk size must be a whole number from 1, received ${size}.`,
		);
	});
});

describe('a fan-out with a budget', () => {
	const spendEach =
		(ledger: BudgetLedger) =>
		async (tokens: number, { index }: FanOutContext) => {
			const path = `step/${index}`;
			const reservation = await ledger.reserve({ path, amounts: { tokens } });
			reservation.settle(undefined, { tokens });
			return tokens;
		};

	async function spending(options: FanOutOptions<number>) {
		const ledger = new BudgetLedger({ tokens: { soft: 20 } });
		const budget = { ledger, path: 'step' };
		const all = { maxConcurrent: 1, budget, ...options };
		return await fanOut([10, 10, 10, 10], spendEach(ledger), all, new VirtualRuntime());
	}

	it('starts nothing more once a soft limit is reached, and keeps what is done', async () => {
		const result = await spending({});
		expect(result).toMatchObject({
			outcome: 'partial',
			values: [10, 10],
			completed: 2,
			cancelled: 2,
			cause: { kind: 'budget', message: 'The budget is nearly used up: nothing more starts.' },
		});
		expect(result.tasks.map(({ status }) => status)).toEqual([
			...['completed', 'completed', 'cancelled', 'cancelled'],
		]);
	});

	it('gives null for what has not begun, where failures give null', async () => {
		expect((await spending({ errorMode: 'null' })).values).toEqual([10, 10, null, null]);
		expect((await spending({ errorMode: 'null', join: { n: 1 } })).values).toEqual([10]);
	});
});
