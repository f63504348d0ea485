import type { Priority } from '../core';
import type { Allocation, PoolTicket } from './allocation';
import type { PoolUsage, ResourceUsage } from './poolUsage';
import { fromUnits } from './requirements';

/** What one step holds or asks for: amounts by type, without zeros. */
export type Amounts = Record<string, number>;

/** A pool at one moment, as plain JSON. Times are monotonic milliseconds. */
export interface PoolSnapshot {
	name: string;
	/** By type; `slots` are places to run. */
	usage: Record<string, ResourceUsage>;
	/** What runs, by path of the step. */
	allocations: Record<string, { since: number; holds: Amounts }>;
	waiting: Array<{ path: string; since: number; needs: Amounts; priority: Priority }>;
	/** Paths of steps that were asked to make room and have not yet. */
	preempted: string[];
	/** Paths of steps whose place was given back although they still run. */
	zombies: string[];
}

/** The parts of a pool that a snapshot shows. */
export interface PoolView {
	name: string;
	names: readonly string[];
	usage: PoolUsage;
	held: Iterable<Allocation>;
	waiting: Iterable<PoolTicket>;
	zombies: Iterable<Allocation>;
}

export function poolSnapshot(view: PoolView): PoolSnapshot {
	const held = [...view.held];
	const amounts = (needs: readonly number[]): Amounts => amountsOf(view.names, needs);
	return {
		name: view.name,
		usage: view.usage.report(),
		allocations: Object.fromEntries(
			held.map(({ ticket, grantedAt }) => [
				ticket.request.path,
				{ since: grantedAt, holds: amounts(ticket.needs) },
			]),
		),
		waiting: [...view.waiting].map(({ since, request, needs }) => ({
			path: request.path,
			since,
			needs: amounts(needs),
			priority: request.requirements?.priority ?? 'normal',
		})),
		preempted: held.filter(({ isPreempted }) => isPreempted).map(pathOf),
		zombies: [...view.zombies].map(pathOf),
	};
}

function amountsOf(names: readonly string[], needs: readonly number[]): Amounts {
	const amounts: Amounts = {};
	needs.forEach((need, index) => {
		if (index > 0 && need > 0) amounts[names[index]!] = fromUnits(need);
	});
	return amounts;
}

function pathOf(allocation: Allocation): string {
	return allocation.ticket.request.path;
}
