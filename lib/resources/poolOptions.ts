import { z } from 'zod';

import { parse } from '../core';
import type { RateLimit } from '../resilience';
import type { Quota } from './quotas';

/** What a pool has and how it shares it out. */
export interface ResourcePoolOptions {
	/** For messages and metrics. Default `default`. */
	name?: string;
	/** What there is, by type; types of your own are welcome. Default: cpu 4, memoryMb 1024, io 100, network 100, gpu 0. */
	totals?: Readonly<Record<string, number>>;
	/** How many may run at the same time, whatever they need. Default: no limit. */
	maxConcurrent?: number;
	/** Whether work of a higher class may stop preemptible work of a lower one. Default false. */
	preemption?: boolean;
	/** Limits for groups of steps. The first that covers a key counts. */
	quotas?: readonly Quota[];
	/** How many may start in a time; all limits hold. */
	rate?: readonly RateLimit[];
	/** Waiting this long raises the priority by one class, in milliseconds. Default 30000. */
	ageingStepMs?: number;
	/** How many starts may pass a step that does not fit yet, before room is kept for it. Default 10. */
	maxBypass?: number;
	/** How many waiting steps that do not fit are looked past in search of one that does. Default 16. */
	lookAhead?: number;
	/** How long a cancelled or timed-out body keeps its place, in milliseconds. Default 30000. */
	abandonMs?: number;
}

/** {@link ResourcePoolOptions} with every default filled in. */
export type PoolSettings = Required<ResourcePoolOptions>;

const amount = z.number().min(0);

const quota = z
	.object({
		key: z.string().min(1),
		limits: z.record(amount).optional(),
		maxConcurrent: amount.optional(),
	})
	.strict();

const schema = z
	.object({
		name: z.string().default('default'),
		totals: z.record(amount).default({}),
		maxConcurrent: z.number().min(1).default(Infinity),
		preemption: z.boolean().default(false),
		quotas: z.array(quota).default([]),
		rate: z.array(z.custom<RateLimit>()).default([]),
		ageingStepMs: z.number().positive().default(30_000),
		maxBypass: z.number().int().min(0).default(10),
		lookAhead: z.number().int().min(1).default(16),
		abandonMs: z.number().min(0).default(30_000),
	})
	.strict();

const DEFAULT_TOTALS = { cpu: 4, memoryMb: 1024, io: 100, network: 100, gpu: 0 };

/** @throws {ValidationError} naming each wrong option */
export function poolSettings(options: ResourcePoolOptions): PoolSettings {
	const settings = parse(schema, options, 'Resource pool options');
	return { ...settings, totals: { ...DEFAULT_TOTALS, ...settings.totals } };
}
