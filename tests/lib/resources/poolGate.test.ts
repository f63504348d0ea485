import { VirtualRuntime } from '../../../lib/core/virtualRuntime';
import { ResiliencePolicy } from '../../../lib/resilience';
import { poolGate } from '../../../lib/resources/poolGate';
import { ResourcePool } from '../../../lib/resources/resourcePool';

describe('poolGate', () => {
	const request = (attempt: number) => ({ path: `step#${attempt}` });

	it('lets attempts run only with a place, and gives it back in the pauses', async () => {
		const runtime = new VirtualRuntime();
		const pool = new ResourcePool({ maxConcurrent: 1 }, runtime);
		const gate = poolGate(pool, request);
		const policy = new ResiliencePolicy(
			{ retry: { maxAttempts: 2, jitter: 'none' }, pool: gate },
			runtime,
		);
		const log: string[] = [];
		const work = (name: string) =>
			policy.execute(async ({ attempt }) => {
				expect(Object.keys(pool.snapshot().allocations)).toEqual([`step#${attempt}`]);
				log.push(`${name}${attempt}@${runtime.monotonic()}`);
				await runtime.sleep(10);
				if (attempt === 1) throw new Error('again');
			});
		await runtime.until(Promise.all([work('a'), work('b')]));
		expect(log).toEqual(['a1@0', 'b1@10', 'a2@1010', 'b2@1020']);
		expect(pool.running).toBe(0);
	});

	it('keeps the place of an attempt that timed out until its body settles', async () => {
		const runtime = new VirtualRuntime();
		const pool = new ResourcePool({ abandonMs: 500 }, runtime);
		const timeouts = { startToCloseMs: 20 };
		const policy = new ResiliencePolicy({ pool: poolGate(pool, request), timeouts }, runtime);
		const result = policy.execute(() => runtime.sleep(300));
		await expect(runtime.until(result)).rejects.toMatchObject({ code: 'TIMEOUT' });
		expect(pool.running).toBe(1);
		await runtime.advance(280);
		expect([pool.running, runtime.pendingTimers]).toEqual([0, 0]);
	});

	it('leaves the queue when the attempt is cancelled', async () => {
		const runtime = new VirtualRuntime();
		const pool = new ResourcePool({ maxConcurrent: 1 }, runtime);
		const gate = poolGate(pool, request);
		const pass = gate.tryEnter(1)!;
		expect(gate.tryEnter(1)).toBeUndefined();
		const controller = new AbortController();
		const waiting = gate.enter(2, controller.signal);
		expect(pool.waiting).toBe(1);
		controller.abort();
		await expect(waiting).rejects.toMatchObject({ errorClass: 'abort' });
		expect(pool.waiting).toBe(0);
		pass.leave({ started: true });
		expect(pool.running).toBe(0);
	});
});
