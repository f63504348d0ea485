import { EngineError } from '../../../lib/core';
import { VirtualRuntime } from '../../../lib/core/virtualRuntime';
import { ResiliencePolicy } from '../../../lib/resilience';
import { AdaptiveConcurrency } from '../../../lib/resources/adaptiveConcurrency';
import { AdaptiveGate } from '../../../lib/resources/adaptiveGate';
import { poolGate } from '../../../lib/resources/poolGate';
import { ResourcePool } from '../../../lib/resources/resourcePool';

const never = new AbortController().signal;
const fine = { started: true, value: 1 };
const refused = {
	started: true,
	error: new EngineError('HTTP_STATUS', 'slow down', { errorClass: 'rate_limit' }),
};

function gateFrom(initial: number, options: object = {}) {
	const runtime = new VirtualRuntime();
	const adaptive = new AdaptiveConcurrency({ initial, ...options });
	return { runtime, adaptive, gate: new AdaptiveGate(adaptive, runtime) };
}

describe('AdaptiveGate', () => {
	it('lets in as many as the limit allows, and the next when one leaves', async () => {
		const { gate } = gateFrom(2);
		const passes = [gate.tryEnter()!, gate.tryEnter()!];
		expect(gate.tryEnter()).toBeUndefined();
		const order: string[] = [];
		const first = gate.enter(1, never).then((pass) => (order.push('first'), pass));
		const second = gate.enter(1, never).then((pass) => (order.push('second'), pass));
		await Promise.resolve();
		// Nobody jumps the queue.
		expect(gate.tryEnter()).toBeUndefined();
		passes[0]!.leave({ started: true, error: new Error('its own fault') });
		await first;
		expect(order).toEqual(['first']);
		passes[1]!.leave({ started: false });
		await second;
		expect(order).toEqual(['first', 'second']);
	});

	it('grows with successes, and shrinks when the other side refuses', async () => {
		const { gate, adaptive } = gateFrom(4);
		for (let call = 0; call < 4; call++) (await gate.enter(1, never)).leave(fine);
		expect(adaptive.limit).toBe(4);
		(await gate.enter(1, never)).leave(fine);
		expect(adaptive.limit).toBe(5);
		gate.tryEnter()!.leave(refused);
		expect(adaptive.limit).toBe(2);
	});

	it('lets several in at once when the limit has grown', async () => {
		const { gate, adaptive } = gateFrom(1, { increase: 5 });
		const pass = gate.tryEnter()!;
		const others = [1, 2, 3].map(async () => await gate.enter(1, never));
		await Promise.resolve();
		pass.leave(fine);
		expect(adaptive.limit).toBe(6);
		expect(await Promise.all(others)).toHaveLength(3);
	});

	it('takes an attempt that is given up for a refusal, and keeps its place until its end', async () => {
		const { gate, adaptive, runtime } = gateFrom(2);
		const policy = new ResiliencePolicy({ pool: gate, timeouts: { startToCloseMs: 10 } }, runtime);
		const result = policy.execute(() => runtime.sleep(100));
		await expect(runtime.until(result)).rejects.toMatchObject({ code: 'TIMEOUT' });
		expect(adaptive.limit).toBe(1);
		expect(gate.tryEnter()).toBeUndefined();
		await runtime.advance(90);
		expect(gate.tryEnter()).toBeDefined();
	});

	it('asks the gate inside as well, and gives its place back when nobody waits any more', async () => {
		const runtime = new VirtualRuntime();
		const pool = new ResourcePool({ maxConcurrent: 2 }, runtime);
		const inner = poolGate(pool, () => ({ path: 'call' }));
		const gate = new AdaptiveGate(new AdaptiveConcurrency({ initial: 1 }), runtime).with(inner);
		const pass = gate.tryEnter(1)!;
		expect(gate.tryEnter(1)).toBeUndefined();
		expect(pool.running).toBe(1);
		const controller = new AbortController();
		const waiting = gate.enter(1, controller.signal);
		await Promise.resolve();
		expect(pool.running).toBe(2);
		controller.abort();
		await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
		expect(pool.running).toBe(1);
		pass.abandon(Promise.resolve());
		await runtime.advance(0);
		expect(pool.running).toBe(0);
		const holder = pool.tryAcquire({ path: 'a' })!;
		const other = pool.tryAcquire({ path: 'b' })!;
		expect(gate.tryEnter(1)).toBeUndefined();
		holder.release();
		other.release();
		const again = await gate.enter(1, never);
		again.leave(refused);
		expect(pool.running).toBe(0);
	});

	it('leaves the queue of a gate without another inside when it is cancelled', async () => {
		const { gate } = gateFrom(1);
		const pass = gate.tryEnter()!;
		const controller = new AbortController();
		const waiting = gate.enter(1, controller.signal);
		await Promise.resolve();
		controller.abort();
		await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
		pass.leave(fine);
		expect(gate.tryEnter()).toBeDefined();
	});
});
