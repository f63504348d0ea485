import { prometheusText, type Sample } from '../manager';
import type { PoolSnapshot } from '../resources';

/**
 * What steps take from a pool of this process and how many stand in line for it, in Prometheus' text
 * format. A resource without a limit has no total.
 */
export function poolMetrics({
	name: pool,
	usage,
	allocations,
	waiting,
	zombies,
}: PoolSnapshot): string {
	const used = Object.entries(usage);
	const of = (resource: string, value: number): Sample => ({ labels: { pool, resource }, value });
	const counted = (state: string, value: number): Sample => ({ labels: { pool, state }, value });
	return prometheusText([
		{
			name: 'agent_swarm_pool_used',
			help: 'What running steps hold of each resource.',
			type: 'gauge',
			samples: used.map(([resource, { current }]) => of(resource, current)),
		},
		{
			name: 'agent_swarm_pool_total',
			help: 'What there is of each resource.',
			type: 'gauge',
			samples: used.flatMap(([resource, { total }]) =>
				total === null ? [] : [of(resource, total)],
			),
		},
		{
			name: 'agent_swarm_pool_steps',
			help: 'Steps that hold something, stand in line, or run on although their place is gone.',
			type: 'gauge',
			samples: [
				counted('running', Object.keys(allocations).length),
				counted('waiting', waiting.length),
				counted('zombie', zombies.length),
			],
		},
	]);
}
