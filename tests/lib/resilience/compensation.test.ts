import { VirtualRuntime } from '../../../lib/core/virtualRuntime';
import { compensate, type Compensation } from '../../../lib/resilience/compensation';
import { retryPolicy } from '../../../lib/resilience/retryPolicy';
import { runShielded } from '../../../lib/resilience/shielded';

const once = retryPolicy({ maxAttempts: 1 });

describe('compensate', () => {
	/** Compensations that note when they begin and end, and take 10 ms. */
	function noting(runtime: VirtualRuntime, log: string[]) {
		return (stepPath: string, more: Partial<Compensation> = {}): Compensation => ({
			stepPath,
			run: async () => {
				log.push(`begin ${stepPath}@${runtime.monotonic()}`);
				await runtime.sleep(10);
				log.push(`end ${stepPath}@${runtime.monotonic()}`);
			},
			...more,
		});
	}

	it('undoes the last completed first, one after the other', async () => {
		const runtime = new VirtualRuntime();
		const log: string[] = [];
		const undo = noting(runtime, log);
		const report = compensate([undo('a'), undo('b', { wave: 1 }), undo('c', { wave: 1 })], runtime);
		await expect(runtime.until(report)).resolves.toEqual({ done: ['c', 'b', 'a'], failed: [] });
		expect(log).toEqual([
			'begin c@0',
			'end c@10',
			'begin b@10',
			'end b@20',
			'begin a@20',
			'end a@30',
		]);
		expect(runtime.pendingTimers).toBe(0);
	});

	it('undoes a wave at the same time when asked to', async () => {
		const runtime = new VirtualRuntime();
		const log: string[] = [];
		const undo = noting(runtime, log);
		const steps = [
			undo('a'),
			undo('b', { wave: 1 }),
			undo('c', { wave: 1 }),
			undo('d', { wave: 2 }),
			undo('e'),
			undo('f'),
		];
		await runtime.until(compensate(steps, runtime, { parallelWaves: true }));
		expect(log.filter((line) => line.startsWith('begin'))).toEqual([
			'begin f@0',
			'begin e@10',
			'begin d@20',
			'begin c@30',
			'begin b@30',
			'begin a@40',
		]);
	});

	it('goes on after one has failed for good, and reports it', async () => {
		const runtime = new VirtualRuntime();
		const error = new Error('cannot undo');
		const statuses: unknown[] = [];
		const onStatus = (...change: unknown[]): void => void statuses.push(change);
		const ok = (stepPath: string): Compensation => ({ stepPath, run: () => Promise.resolve() });
		const broken: Compensation = { stepPath: 'b', run: () => Promise.reject(error), retry: once };
		const report = compensate([ok('a'), broken, ok('c')], runtime, { onStatus });
		await expect(runtime.until(report)).resolves.toEqual({
			done: ['c', 'a'],
			failed: [{ stepPath: 'b', error }],
		});
		expect(statuses).toEqual([
			['c', 'running'],
			['c', 'done', undefined],
			['b', 'running'],
			['b', 'failed', error],
			['a', 'running'],
			['a', 'done', undefined],
		]);
	});

	it('tries each again as its own policy says', async () => {
		const runtime = new VirtualRuntime();
		const attempts: number[] = [];
		const run = ({ attempt }: { attempt: number }): Promise<void> => {
			attempts.push(attempt);
			return attempt < 4 ? Promise.reject(new Error('busy')) : Promise.resolve();
		};
		const retry = retryPolicy({ maxAttempts: 4, jitter: 'none' });
		const report = compensate([{ stepPath: 'a', run, retry }], runtime);
		await expect(runtime.until(report)).resolves.toMatchObject({ done: ['a'] });
		expect(attempts).toEqual([1, 2, 3, 4]);
		attempts.length = 0;
		const plain = compensate([{ stepPath: 'a', run }], runtime);
		await expect(runtime.until(plain)).resolves.toMatchObject({ failed: [{ stepPath: 'a' }] });
		expect(attempts).toEqual([1, 2, 3]);
	});

	it('does not do again what was done before a restart', async () => {
		const runtime = new VirtualRuntime();
		const steps = (['done', 'pending', 'running', 'failed'] as const).map((status) => ({
			stepPath: status,
			status,
			run: () => Promise.resolve(),
		}));
		await expect(runtime.until(compensate(steps, runtime))).resolves.toEqual({
			done: ['failed', 'running', 'pending'],
			failed: [],
		});
	});

	it('waits for its changes to be recorded before it goes on', async () => {
		const runtime = new VirtualRuntime();
		const log: string[] = [];
		const onStatus = async (path: string, status: string): Promise<void> => {
			await runtime.sleep(5);
			log.push(`${status} ${path}`);
		};
		const run = (): Promise<void> => {
			log.push('run');
			return Promise.resolve();
		};
		await runtime.until(compensate([{ stepPath: 'a', run }], runtime, { onStatus }));
		expect(log).toEqual(['running a', 'run', 'done a']);
	});

	it('bounds each attempt in time', async () => {
		const runtime = new VirtualRuntime();
		const stuck = { stepPath: 'a', run: () => new Promise(() => undefined), retry: once };
		const report = await runtime.until(compensate([stuck], runtime, { cleanupTimeoutMs: 50 }));
		expect(report.failed).toMatchObject([
			{ stepPath: 'a', error: { details: { kind: 'cleanup', limitMs: 50 } } },
		]);
		expect(runtime.monotonic()).toBe(50);
	});
});

describe('runShielded', () => {
	it('gives the result, with the number of the attempt', async () => {
		const runtime = new VirtualRuntime();
		await expect(runShielded(({ attempt }) => Promise.resolve(attempt), runtime)).resolves.toBe(1);
		expect(runtime.pendingTimers).toBe(0);
	});

	it('ends after ten seconds by itself, and aborts the signal of the work', async () => {
		const runtime = new VirtualRuntime();
		let signal: AbortSignal | undefined;
		const stuck = runShielded((context) => {
			({ signal } = context);
			return new Promise(() => undefined);
		}, runtime);
		await expect(runtime.until(stuck)).rejects.toMatchObject({
			message: 'Cleaning up took longer than 10000 ms and was left alone.',
			retryable: false,
		});
		expect(runtime.monotonic()).toBe(10_000);
		expect(signal!.aborted).toBe(true);
	});
});
