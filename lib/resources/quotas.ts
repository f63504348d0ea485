import { EngineError } from '../core';
import { fromUnits, toUnits, type Dimensions } from './requirements';
import type { Lane } from './waitingQueue';

/** What all steps with one quota key may hold together. */
export interface Quota {
	/**
	 * The key, e.g. `kind:agent` or `credential:42`. One that ends in `*` stands for every key that
	 * begins so, each counted on its own, e.g. `host:*`.
	 */
	key: string;
	/** Limits by resource type; a type that is not named is not limited. */
	limits?: Readonly<Record<string, number>>;
	/** How many may run at the same time. */
	maxConcurrent?: number;
}

/** What the holders of one quota key have and may have, by position. */
export interface QuotaCounter<T> {
	readonly key: string;
	readonly limits: readonly number[];
	readonly used: number[];
	/** Steps that wait or run under it; the counter is forgotten with the last one. */
	users: number;
	/** Lanes that wait for this quota alone. */
	readonly parked: Set<Lane<T>>;
}

/** The quotas of a pool, with a counter for each key in use. */
export class QuotaBook<T> {
	private readonly counters = new Map<string, QuotaCounter<T>>();

	constructor(
		private readonly quotas: readonly Quota[],
		private readonly dimensions: Dimensions,
	) {}

	/** Keys that somebody waits or runs under. */
	get size(): number {
		return this.counters.size;
	}

	/**
	 * The counters a step with these keys is held to; keys without a quota are free.
	 *
	 * @throws {EngineError} `QUOTA_EXCEEDED` when it could not start even alone
	 */
	join(keys: readonly string[], needs: readonly number[]): Array<QuotaCounter<T>> {
		const counters = keys.flatMap((key) => this.counterFor(key) ?? []);
		for (const counter of counters) counter.users++;
		const tooSmall = counters.find(({ limits }) => needs.some((need, at) => need > limits[at]!));
		if (tooSmall === undefined) return counters;
		this.leave(counters);
		throw this.exceeded(tooSmall, needs);
	}

	/** The step neither waits nor runs any more. */
	leave(counters: ReadonlyArray<QuotaCounter<T>>): void {
		for (const counter of counters) if (--counter.users === 0) this.counters.delete(counter.key);
	}

	private exceeded({ key, limits }: QuotaCounter<T>, needs: readonly number[]): EngineError {
		const index = needs.findIndex((need, at) => need > limits[at]!);
		const type = this.dimensions.names[index]!;
		const needed = fromUnits(needs[index]!);
		const limit = fromUnits(limits[index]!);
		return new EngineError(
			'QUOTA_EXCEEDED',
			`The step needs ${needed} of "${type}", but the quota "${key}" allows ${limit} in all.`,
			{
				errorClass: 'validation',
				hint: 'Ask for less or raise the quota.',
				details: { key, type, needed, limit },
			},
		);
	}

	private counterFor(key: string): QuotaCounter<T> | undefined {
		const known = this.counters.get(key);
		if (known !== undefined) return known;
		const quota = this.quotas.find((candidate) => covers(candidate.key, key));
		if (quota === undefined) return undefined;
		const limits = this.dimensions.names.map((name, index) => {
			const limit = index === 0 ? quota.maxConcurrent : quota.limits?.[name];
			return limit === undefined ? Infinity : toUnits(limit);
		});
		const counter = {
			key,
			limits,
			used: limits.map(() => 0),
			users: 0,
			parked: new Set<Lane<T>>(),
		};
		this.counters.set(key, counter);
		return counter;
	}
}

/** The first quota without room for these needs. */
export function exhaustedQuota<T>(
	counters: ReadonlyArray<QuotaCounter<T>>,
	needs: readonly number[],
): QuotaCounter<T> | undefined {
	if (counters.length === 0) return undefined;
	return counters.find(({ limits, used }) =>
		needs.some((need, index) => used[index]! + need > limits[index]!),
	);
}

/** Books needs to quotas, or gives them back with a sign of -1. */
export function bookQuotas<T>(
	counters: ReadonlyArray<QuotaCounter<T>>,
	needs: readonly number[],
	sign: 1 | -1,
): void {
	for (const { used } of counters) {
		needs.forEach((need, index) => (used[index] = used[index]! + sign * need));
	}
}

function covers(pattern: string, key: string): boolean {
	return pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : pattern === key;
}
