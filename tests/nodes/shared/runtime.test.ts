import { n8nRuntime } from '../../../nodes/shared/runtime';

describe('time in n8n', () => {
	beforeEach(() => jest.useFakeTimers());
	afterEach(() => jest.useRealTimers());

	it('calls back after the given time, once', async () => {
		const calls: number[] = [];
		n8nRuntime.setTimer(1000, () => calls.push(Date.now()));
		const start = Date.now();

		await jest.advanceTimersByTimeAsync(999);
		expect(calls).toEqual([]);
		await jest.advanceTimersByTimeAsync(5000);
		expect(calls).toEqual([start + 1000]);
	});

	it('does not call back after a cancel', async () => {
		const callback = jest.fn();
		n8nRuntime.setTimer(10, callback).cancel();
		await jest.advanceTimersByTimeAsync(100);

		expect(callback).not.toHaveBeenCalled();
	});

	it('ends a sleep with the reason of the signal', async () => {
		const controller = new AbortController();
		const sleeping = n8nRuntime.sleep(1000, controller.signal);
		controller.abort('enough');

		await expect(sleeping).rejects.toBe('enough');
	});

	it('sleeps longer than one timer of the platform can', async () => {
		const fortyDays = 40 * 24 * 3600 * 1000;
		let awake = false;
		void n8nRuntime.sleep(fortyDays).then(() => (awake = true));

		await jest.advanceTimersByTimeAsync(fortyDays - 1);
		expect(awake).toBe(false);
		await jest.advanceTimersByTimeAsync(1);
		expect(awake).toBe(true);
	});

	it('does not wait for no time', async () => {
		await expect(n8nRuntime.sleep(0)).resolves.toBeUndefined();
	});
});
