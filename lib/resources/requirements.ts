import { EngineError, ValidationError, show, type Priority } from '../core';

/** The kinds of resources every pool knows. A pool may have more, under names of its own. */
export const RESOURCE_TYPES = ['cpu', 'memoryMb', 'io', 'network', 'gpu'] as const;

/** One of {@link RESOURCE_TYPES} or a name of the pool's own, e.g. `openai tokens`. */
export type ResourceType = (typeof RESOURCE_TYPES)[number] | (string & {});

/**
 * What a step takes from the pool while it runs. These are weights for admission, not measured
 * consumption: a step that asks for `cpu: 1` may still use every core.
 */
export interface ResourceRequirements {
	/** Default 1. */
	cpu?: number;
	/** Default 100. */
	memoryMb?: number;
	/** Default 1. */
	io?: number;
	/** Default 1. */
	network?: number;
	/** Default 0. */
	gpu?: number;
	/** Resources of the pool's own. */
	custom?: Readonly<Record<string, number>>;
	/** Default `normal`. */
	priority?: Priority;
	/** Only these types are asked for, as a mask over the above. Default `all`. */
	resourceTypes?: readonly ResourceType[] | 'all';
	/** Longest wait in the queue, in milliseconds. Default: none. */
	scheduleToStartMs?: number;
}

/** What a step needs that does not say. */
export const DEFAULT_REQUIREMENTS: Readonly<Record<(typeof RESOURCE_TYPES)[number], number>> = {
	cpu: 1,
	memoryMb: 100,
	io: 1,
	network: 1,
	gpu: 0,
};

const PRIORITY_CLASS: Readonly<Record<Priority, number>> = {
	low: 0,
	normal: 1,
	high: 2,
	critical: 3,
};

/** 0 for low to 3 for critical. */
export function priorityClass(priority: Priority = 'normal'): number {
	return PRIORITY_CLASS[priority];
}

/**
 * Amounts are counted in ten-thousandths, as whole numbers: what was taken and given back is zero
 * again, which sums of fractions such as 0.1 are not.
 */
const UNIT = 10_000;

/** An amount as the pool counts it; the smallest part of a unit is not nothing. */
export function toUnits(amount: number): number {
	return amount > 0 ? Math.max(1, Math.round(amount * UNIT)) : 0;
}

/** An amount as people write it. */
export function fromUnits(units: number): number {
	return units / UNIT;
}

/** The dimensions of one pool, by position: first the places to run, then the resources. */
export class Dimensions {
	/** `slots`, then the names of the resources. */
	readonly names: readonly string[];

	private readonly positions: ReadonlyMap<string, number>;
	private readonly zeros: readonly number[];

	constructor(types: readonly string[]) {
		this.names = ['slots', ...types];
		this.positions = new Map(types.map((type, index) => [type, index + 1]));
		this.zeros = this.names.map(() => 0);
	}

	/**
	 * What a step needs, by position, in units.
	 *
	 * @throws {ValidationError} when an amount is not a number from 0 up
	 * @throws {EngineError} `RESOURCE_OVERFLOW` when it asks for something this pool does not have
	 */
	needs(requirements: ResourceRequirements): number[] {
		const needs = this.zeros.slice();
		needs[0] = UNIT;
		for (const type of RESOURCE_TYPES) {
			const amount = requirements[type] ?? DEFAULT_REQUIREMENTS[type];
			if (amount !== 0) this.set(needs, type, amount, requirements.resourceTypes);
		}
		if (requirements.custom !== undefined) {
			for (const [type, amount] of Object.entries(requirements.custom)) {
				if (amount !== 0) this.set(needs, type, amount, requirements.resourceTypes);
			}
		}
		return needs;
	}

	private set(
		needs: number[],
		type: string,
		amount: number,
		mask: ResourceRequirements['resourceTypes'] = 'all',
	): void {
		if (!(amount > 0 && amount < Infinity)) {
			throw new ValidationError(
				`Resource "${type}" must be a number from 0 up, received ${show(amount)}.`,
			);
		}
		if (mask !== 'all' && !mask.includes(type)) return;
		const index = this.positions.get(type);
		if (index === undefined) throw overflow(type, amount, 0);
		needs[index] = toUnits(amount);
	}
}

/** The error for a step that asks for more than there is, so that waiting would never end. */
export function overflow(type: string, needed: number, total: number): EngineError {
	return new EngineError(
		'RESOURCE_OVERFLOW',
		`The step needs ${needed} of "${type}", but the pool has ${total} in all.`,
		{
			errorClass: 'validation',
			hint: 'Ask for less, give the pool more, or leave this type out with resourceTypes.',
			details: { type, needed, total },
		},
	);
}
