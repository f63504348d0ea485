import { seededRandom, VirtualRuntime } from '../../../lib';

describe('the virtual runtime', () => {
	it('stands still until it is moved', async () => {
		const runtime = new VirtualRuntime({ startAt: 1000 });
		expect([runtime.now(), runtime.monotonic()]).toEqual([1000, 0]);
		await runtime.advance(250);
		expect([runtime.now(), runtime.monotonic()]).toEqual([1250, 250]);
	});

	it('starts in 2030 unless told otherwise', () => {
		expect(new Date(new VirtualRuntime().now()).toISOString()).toBe('2030-01-01T00:00:00.000Z');
	});

	it('fires timers in order of time, and in the order in which they were set', async () => {
		const runtime = new VirtualRuntime();
		const fired: string[] = [];
		const set = (ms: number, name: string) =>
			runtime.setTimer(ms, () => void fired.push(`${name}@${runtime.monotonic()}`));
		set(30, 'c');
		set(10, 'a');
		set(10, 'b');
		set(-5, 'now');
		set(40, 'd');
		set(20, 'e');
		set(15, 'f');
		expect(runtime.pendingTimers).toBe(7);
		await runtime.advance(30);
		expect(fired).toEqual(['now@0', 'a@10', 'b@10', 'f@15', 'e@20', 'c@30']);
		expect(runtime.pendingTimers).toBe(1);
	});

	it('does not fire a cancelled timer, and cancelling again changes nothing', async () => {
		const runtime = new VirtualRuntime();
		let fired = 0;
		const timer = runtime.setTimer(5, () => fired++);
		timer.cancel();
		timer.cancel();
		const other = runtime.setTimer(6, () => fired++);
		await runtime.advance(10);
		other.cancel();
		expect([fired, runtime.pendingTimers]).toEqual([1, 0]);
	});

	it('fires one timer at a time on request', () => {
		const runtime = new VirtualRuntime();
		const fired: number[] = [];
		for (const ms of [7, 3]) runtime.setTimer(ms, () => void fired.push(ms));
		expect(runtime.fireNext()).toBe(true);
		expect([fired, runtime.monotonic()]).toEqual([[3], 3]);
		expect(runtime.fireNext()).toBe(true);
		expect(runtime.fireNext()).toBe(false);
	});

	it('shuffles timers of the same time by its seed alone', async () => {
		const order = async (seed: number): Promise<string> => {
			const runtime = new VirtualRuntime({ seed, shuffle: true });
			let fired = '';
			for (const name of 'abcdefgh') runtime.setTimer(1, () => (fired += name));
			await runtime.advance(1);
			return fired;
		};
		expect(await order(1)).toBe(await order(1));
		expect(await order(1)).not.toBe(await order(2));
		expect([...(await order(3))].sort().join('')).toBe('abcdefgh');
	});

	it('sleeps, remembers for how long, and wakes early with the reason of an abort', async () => {
		const runtime = new VirtualRuntime();
		await runtime.sleep(0);
		await runtime.sleep(-1);
		await runtime.until(runtime.sleep(100, new AbortController().signal));
		const controller = new AbortController();
		const sleep = runtime.sleep(1000, controller.signal);
		controller.abort(new Error('enough'));
		await expect(sleep).rejects.toThrow('enough');
		await expect(runtime.sleep(5, controller.signal)).rejects.toThrow('enough');
		expect(runtime.slept).toEqual([0, -1, 100, 1000, 5]);
		expect([runtime.monotonic(), runtime.pendingTimers]).toEqual([100, 0]);
	});

	it('says when a promise can never settle', async () => {
		const runtime = new VirtualRuntime();
		await expect(runtime.until(new Promise(() => undefined))).rejects.toMatchObject({
			code: 'STUCK',
			message: 'The promise is pending and no timer is left to wake anything.',
		});
		await expect(runtime.until(Promise.reject(new Error('own')))).rejects.toThrow('own');
	});

	it('forgets everything in a crash', async () => {
		const runtime = new VirtualRuntime();
		let fired = 0;
		const timer = runtime.setTimer(5, () => fired++);
		runtime.crash();
		timer.cancel();
		expect(runtime.pendingTimers).toBe(0);
		await runtime.advance(10);
		expect(fired).toBe(0);
	});

	it('gives ids one after the other', () => {
		const runtime = new VirtualRuntime();
		expect([runtime.newId(), runtime.newId()]).toEqual(['id-1', 'id-2']);
	});

	it('draws the numbers of its seed, evenly between 0 and 1', () => {
		const first = seededRandom(7);
		const again = seededRandom(7);
		const numbers = Array.from({ length: 1000 }, () => first());
		expect(numbers.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => again()));
		expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
		const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
		expect(mean).toBeCloseTo(0.5, 1);
		expect(numbers.slice(0, 2)).toEqual([0.011704753153026104, 0.06195825757458806]);
	});
});
