import type { Journal } from '../../lib';
import { FOUND } from './found';
import { makePlan } from './plan';
import { SOMETIMES } from './sometimes';
import { runSuite } from './suite';
import { simulate } from './world';

jest.setTimeout(60_000);

/** A journal that finds what was begun, but has forgotten what was completed. */
const forgetful = (journal: Journal): Journal => ({
	...journal,
	find: async (path, inputHash) => {
		const entry = await journal.find(path, inputHash);
		return entry?.status === 'completed' && !path.startsWith('$') ? undefined : entry;
	},
});

/** A journal that is sure of a record before it is there. */
const hasty = (journal: Journal): Journal => ({
	...journal,
	completed: (path, inputHash, result) => {
		void journal.completed(path, inputHash, result);
	},
});

describe('simulated runs', () => {
	it('break no invariant in a thousand schedules, and meet most of the rare states', async () => {
		const result = await runSuite({ schedules: 1000, firstSeed: 1 });
		expect(result.findings).toEqual([]);
		expect(result.violations).toBe(0);
		expect(result.events).toBeGreaterThan(20_000);
		expect(result.crashes).toBeGreaterThan(300);
		const reached = SOMETIMES.filter((what) => (result.reached[what] ?? 0) > 0);
		expect(reached.length).toBeGreaterThan(SOMETIMES.length * 0.75);
	});

	it.each(FOUND)('stay clean where they once were not: $title', async ({ plan, seed }) => {
		expect((await simulate(plan, seed)).violations).toEqual([]);
	});

	it('leave the same trace for the same seed, and mostly another one for another', async () => {
		let others = 0;
		for (let seed = 1; seed <= 20; seed++) {
			const first = await simulate(makePlan(seed), seed);
			expect((await simulate(makePlan(seed), seed)).trace).toBe(first.trace);
			if ((await simulate(makePlan(seed), seed + 1)).trace !== first.trace) others++;
		}
		expect(others).toBeGreaterThan(10);
	});

	it('notice a step that starts although it is done, and show the smallest plan for it', async () => {
		const result = await runSuite({ schedules: 60, firstSeed: 1, plant: forgetful });
		expect(result.violations).toBeGreaterThan(0);
		const rules = result.findings.flatMap(({ violations }) => violations);
		expect(rules.some((rule) => rule.startsWith('I1 '))).toBe(true);
		for (const { plan, seed } of result.findings) {
			const original = makePlan(seed);
			expect(plan.steps.length).toBeLessThanOrEqual(original.steps.length);
			expect((await simulate(plan, seed, { plant: forgetful })).violations).not.toEqual([]);
			expect((await simulate(plan, seed)).violations).toEqual([]);
		}
	});

	it('notice results that are reported before they are safe', async () => {
		const result = await runSuite({ schedules: 400, firstSeed: 1, plant: hasty });
		const rules = result.findings.flatMap(({ violations }) => violations);
		expect(rules.some((rule) => rule.startsWith('I18 '))).toBe(true);
	});
});
