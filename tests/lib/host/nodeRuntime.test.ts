import { consoleLogger, nodeRuntime } from '../../../lib/host';

describe('nodeRuntime', () => {
	const runtime = nodeRuntime();

	it('tells the time', () => {
		const before = Date.now();
		expect(runtime.now()).toBeGreaterThanOrEqual(before);
		expect(runtime.now()).toBeLessThanOrEqual(Date.now());
		const first = runtime.monotonic();
		expect(runtime.monotonic()).toBeGreaterThanOrEqual(first);
	});

	it('has chance and ids', () => {
		const numbers = Array.from({ length: 100 }, () => runtime.random());
		expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
		expect(new Set(Array.from({ length: 100 }, () => runtime.newId())).size).toBe(100);
		expect(runtime.newId()).toMatch(/^[0-9a-f-]{36}$/);
	});

	it('calls back once after the time, never at once', async () => {
		const calls: string[] = [];
		await new Promise<void>((resolve) => {
			runtime.setTimer(10, () => (calls.push('ten'), resolve()));
			runtime.setTimer(0, () => calls.push('zero'));
			runtime.setTimer(-5, () => calls.push('past'));
			calls.push('now');
		});
		expect(calls).toEqual(['now', 'zero', 'past', 'ten']);
	});

	it('does not call back after cancel', async () => {
		const calls: string[] = [];
		const timers = [0, 1].map((ms) => runtime.setTimer(ms, () => calls.push(String(ms))));
		for (const timer of [...timers, ...timers]) timer.cancel();
		await runtime.sleep(15);
		expect(calls).toEqual([]);
	});

	it('waits, and stops waiting when told to', async () => {
		const before = runtime.monotonic();
		await runtime.sleep(20);
		expect(runtime.monotonic() - before).toBeGreaterThanOrEqual(18);
		await runtime.sleep(0);
		const controller = new AbortController();
		await runtime.sleep(1, controller.signal);
		setTimeout(() => controller.abort(new Error('stop')), 5);
		await expect(runtime.sleep(60_000, controller.signal)).rejects.toThrow('stop');
		await expect(runtime.sleep(0, controller.signal)).rejects.toThrow('stop');
	});

	describe('over more than Node’s longest timer', () => {
		beforeEach(() => void jest.useFakeTimers());
		afterEach(() => void jest.useRealTimers());

		it('waits all the same', () => {
			const day = 86_400_000;
			const calls: string[] = [];
			nodeRuntime().setTimer(60 * day, () => calls.push('rang'));
			jest.advanceTimersByTime(60 * day - 1);
			expect(calls).toEqual([]);
			jest.advanceTimersByTime(1);
			expect(calls).toEqual(['rang']);
		});

		it('can be cancelled on the way', () => {
			const day = 86_400_000;
			const calls: string[] = [];
			const timer = nodeRuntime().setTimer(60 * day, () => calls.push('rang'));
			jest.advanceTimersByTime(40 * day);
			timer.cancel();
			jest.advanceTimersByTime(40 * day);
			expect(calls).toEqual([]);
		});
	});
});

describe('consoleLogger', () => {
	it('writes level, message and fields, from its least level upwards', () => {
		const lines: string[] = [];
		const stream = { write: (line: string) => lines.push(line) };
		const logger = consoleLogger('warn', stream);
		logger.log('info', 'quiet');
		logger.log('warn', 'careful');
		logger.log('error', 'broken', { step: 'a' });
		expect(lines).toEqual(['warn  careful\n', 'error broken {"step":"a"}\n']);
	});
});
