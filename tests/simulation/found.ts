import type { Plan, PlanStep } from './plan';

/** A schedule that once broke an invariant, and must never again. */
export interface Found {
	title: string;
	seed: number;
	plan: Plan;
}

const step = (id: string, facts: Partial<PlanStep> = {}): PlanStep => ({
	id,
	dependsOn: [],
	onDemand: false,
	names: [],
	rounds: 0,
	maxDelayMs: 30,
	sync: false,
	failures: 0,
	fatal: false,
	stubborn: false,
	maxAttempts: 1,
	cpu: 0,
	compensate: 'works',
	optional: false,
	...facts,
});

/** Minimised plans, each with the seed that drives its chance. */
export const FOUND: readonly Found[] = [
	{
		title: 'I15: a step was cancelled before the journal could tell that it was done',
		seed: 77226232,
		plan: {
			steps: [
				step('s0', { maxDelayMs: 0, sync: true, startToCloseMs: 27, compensate: 'fails' }),
				step('s1', { dependsOn: [{ on: 's0', type: 'required' }] }),
				step('s2', { startToCloseMs: 37 }),
				step('s3', { dependsOn: [{ on: 's0', type: 'required' }] }),
			],
			faults: [
				{ kind: 'crash', atEvent: 21, torn: true },
				{ kind: 'crash', atEvent: 37, torn: false },
				{ kind: 'cancelStep', stepId: 's1', atMs: 70, mode: 'try' },
				{ kind: 'pause', atMs: 64, forMs: 25, restore: false },
			],
			maxConcurrent: 1,
			poolCpu: 1,
			journal: 'slow',
			failureMode: 'continue',
			compensateOn: 'failure_or_cancel',
		},
	},
	{
		title:
			'I25: a step followed a renewal that nobody had been told of, and did not see what it wrote',
		seed: 20351614,
		plan: {
			steps: [
				step('s0', { rounds: 1, maxDelayMs: 0, sync: true, fatal: true, optional: true }),
				step('s1', { rounds: 1, failures: 1, startToCloseMs: 31 }),
				step('s2', {
					rounds: 1,
					maxDelayMs: 0,
					dependsOn: [
						{ on: 's0', type: 'required' },
						{ on: 's1', type: 'optional' },
					],
				}),
				step('s3', {
					maxDelayMs: 0,
					dependsOn: [{ on: 's0', type: 'required', lifecycle: 'temporary', expiryMs: 16 }],
				}),
			],
			faults: [{ kind: 'pause', atMs: 8, forMs: 7, restore: true }],
			maxConcurrent: 1,
			poolCpu: 1,
			journal: 'at once',
			failureMode: 'continue',
			compensateOn: 'failure',
		},
	},
	{
		title:
			'I9: the time of a question was up in the moment of a checkpoint, and nobody waited for it',
		seed: 20372653,
		plan: {
			steps: [
				step('s0', {
					maxDelayMs: 0,
					fatal: true,
					asks: { timeoutMs: 38 },
					parts: ['fails'],
					optional: true,
				}),
				step('s1', { maxDelayMs: 0, maxAttempts: 2, asks: { timeoutMs: 53 }, parts: ['fails'] }),
				step('s2', {
					maxDelayMs: 0,
					fatal: true,
					asks: { timeoutMs: 32 },
					parts: ['works', 'asks'],
				}),
			].map((one) => ({ ...one, compensate: undefined })),
			faults: [{ kind: 'pause', atMs: 40, forMs: 18, restore: true }],
			maxConcurrent: 2,
			poolCpu: 1,
			journal: 'slow',
			failureMode: 'continue',
			compensateOn: 'failure_or_cancel',
		},
	},
];
