import { minimise } from './minimise';
import { makePlan, type Plan } from './plan';
import { simulate, type Outcome, type SimulateOptions } from './world';

export interface SuiteOptions extends SimulateOptions {
	schedules: number;
	/** Seed of the first schedule; the others follow it. */
	firstSeed: number;
	/** Called now and then. */
	onProgress?: (done: number) => void;
}

/** A schedule that broke an invariant. */
export interface Finding {
	seed: number;
	violations: string[];
	/** The smallest plan found that still does. */
	plan: Plan;
}

export interface SuiteResult {
	schedules: number;
	events: number;
	crashes: number;
	/** Schedules with at least one violation. */
	violations: number;
	virtualMs: number;
	/** How often each rare state was reached. */
	reached: Record<string, number>;
	findings: Finding[];
}

/** One in so many schedules runs twice, and must leave the same trace. */
const REPEAT_EVERY = 100;
/** One in so many schedules computes the keys of effects. */
const KEYS_EVERY = 20;
const MAX_FINDINGS = 3;
const PROGRESS_EVERY = 10_000;

/** Plays many schedules, each from its own seed. */
export async function runSuite(options: SuiteOptions): Promise<SuiteResult> {
	const { schedules, firstSeed, onProgress } = options;
	const result: SuiteResult = {
		schedules,
		events: 0,
		crashes: 0,
		violations: 0,
		virtualMs: 0,
		reached: {},
		findings: [],
	};
	for (let i = 0; i < schedules; i++) {
		const seed = firstSeed + i;
		const outcome = await play(seed, makePlan(seed), options);
		result.events += outcome.events;
		result.crashes += outcome.crashes;
		result.virtualMs += outcome.elapsedMs;
		for (const what of outcome.seen) result.reached[what] = (result.reached[what] ?? 0) + 1;
		if (outcome.violations.length > 0) {
			result.violations++;
			if (result.findings.length < MAX_FINDINGS) {
				result.findings.push(await describe(seed, outcome, options));
			}
		}
		if ((i + 1) % PROGRESS_EVERY === 0) onProgress?.(i + 1);
	}
	return result;
}

async function play(seed: number, plan: Plan, options: SimulateOptions): Promise<Outcome> {
	const hashKeys = seed % KEYS_EVERY === 0;
	const outcome = await simulate(plan, seed, { ...options, hashKeys });
	if (seed % REPEAT_EVERY === 0) {
		const again = await simulate(plan, seed, { ...options, hashKeys });
		if (again.trace !== outcome.trace) {
			outcome.violations.push('I30 the same seed gave another trace');
		}
	}
	return outcome;
}

async function describe(
	seed: number,
	outcome: Outcome,
	options: SimulateOptions,
): Promise<Finding> {
	const rule = ruleOf(outcome.violations[0]!);
	const plan = await minimise(makePlan(seed), async (candidate) => {
		const { violations } = await play(seed, candidate, options);
		return violations.some((violation) => ruleOf(violation) === rule);
	});
	return { seed, violations: outcome.violations, plan };
}

function ruleOf(violation: string): string {
	return violation.split(' ')[0]!;
}
