import { poolMetrics, ResourcePool, VirtualRuntime } from '../../../lib';

describe('the metrics of a pool', () => {
	it('say what is used of what, who runs and who waits', async () => {
		const runtime = new VirtualRuntime();
		const pool = new ResourcePool({ name: 'mine', totals: { cpu: 2, gpu: Infinity } }, runtime);
		const ask = (path: string) => pool.acquire({ path, requirements: { cpu: 1.5 } });
		const first = await ask('a');
		const second = ask('b');
		const text = poolMetrics(pool.snapshot());
		expect(text).toContain('agent_swarm_pool_used{pool="mine",resource="cpu"} 1.5');
		expect(text).toContain('agent_swarm_pool_total{pool="mine",resource="cpu"} 2');
		expect(text).not.toContain('agent_swarm_pool_total{pool="mine",resource="slots"}');
		expect(text).toContain('agent_swarm_pool_steps{pool="mine",state="running"} 1');
		expect(text).toContain('agent_swarm_pool_steps{pool="mine",state="waiting"} 1');
		expect(text).toContain('agent_swarm_pool_steps{pool="mine",state="zombie"} 0');
		first.release();
		(await second).release();
	});
});
