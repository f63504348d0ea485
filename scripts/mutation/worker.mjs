/**
 * Runs the tests of a bundle, first as they are, then against one mutant after the other, each with
 * the tests that reach it. Started by `runMutants.mjs`: `node worker.mjs <bundle>`.
 *
 * Says `{ failed }` when a test fails without any mutant, else `{ ready }`. For each batch
 * `{ ids }` it gets: `{ id }` before and `{ id, status }` after each mutant, and in the end
 * `{ clean }`, whether all tests still pass.
 */
import { createRequire } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { installGlobals } from './jestGlobals.mjs';
import { EndlessError, switches } from './switches.mjs';

/** What a test may take on top of 20 times what it takes without a mutant. */
const SPARE = { turns: 2000, steps: 100_000 };
const TIMES = 20;

const NO_LIMITS = { turns: Infinity, steps: Number.MAX_SAFE_INTEGER };

// The same examples every time: a mutant is not to survive, or die, by chance.
fc.configureGlobal({ seed: 20_260_101 });

const tests = installGlobals();
createRequire(import.meta.url)(process.argv[2]);
/** Mutants in code that runs when it is loaded: too early for a switch. */
const reachedAtLoad = switches.reached;

/**
 * Runs a test once.
 *
 * @param limits - turns of the event loop and steps of the code that it may take
 * @returns `{ error, turns, steps }`: its error, also for taking too much, and what it took
 */
async function attempt(test, limits) {
	let turns = 0;
	let over = false;
	switches.stepsLeft = limits.steps;
	const outcome = test.run().then(
		() => undefined,
		(error) => error ?? new Error('A test threw nothing.'),
	);
	const stuck = (async () => {
		for (; !over && turns < limits.turns; turns++) await turn();
		return over ? outcome : new EndlessError();
	})();
	let error = await Promise.race([outcome, stuck]);
	over = true;
	// The code may have caught what was thrown into it.
	if (switches.stepsLeft < 0) error = new EndlessError();
	return { error, turns, steps: limits.steps - switches.stepsLeft };
}

/** Runs a test as it is, and notes what it takes. @returns why it fails, if it does */
async function measure(test) {
	switches.reached = new Set();
	const startedAt = performance.now();
	const { error, turns, steps } = await attempt(test, NO_LIMITS);
	test.ms = performance.now() - startedAt;
	test.reached = switches.reached;
	test.limits = { turns: SPARE.turns + TIMES * turns, steps: SPARE.steps + TIMES * steps };
	return error && `${test.name}: ${error.message}`;
}

/** @returns for each mutant the tests that reach it, quick ones first */
function testsByMutant() {
	const byMutant = new Map();
	for (const test of [...tests].sort((a, b) => a.ms - b.ms)) {
		for (const id of test.reached) {
			if (!byMutant.has(id)) byMutant.set(id, []);
			byMutant.get(id).push(test);
		}
	}
	return byMutant;
}

async function statusOf(id, reaching) {
	if (reaching === undefined) return reachedAtLoad.has(id) ? 'Static' : 'NoCoverage';
	switches.active = id;
	for (const test of reaching) {
		const { error } = await attempt(test, test.limits);
		if (error !== undefined) return error instanceof EndlessError ? 'Timeout' : 'Killed';
	}
	return 'Survived';
}

/** Whether what the mutants did is over: without any, every test passes. */
async function isClean() {
	switches.active = undefined;
	for (const test of tests) {
		process.send({ checking: test.name });
		const { error } = await attempt(test, test.limits);
		if (error !== undefined) return false;
	}
	return true;
}

// A mutant may throw where nobody can catch it, in a listener of a signal.
process.on('uncaughtException', () => {});
process.on('unhandledRejection', () => {});

const failed = [];
for (const test of tests) {
	const failure = await measure(test);
	if (failure !== undefined) failed.push(failure);
}
switches.reached = undefined;
const reaching = testsByMutant();

process.on('message', async ({ ids }) => {
	for (const id of ids) {
		process.send({ id });
		process.send({ id, status: await statusOf(id, reaching.get(id)) });
	}
	process.send({ clean: await isClean() });
});
process.on('disconnect', () => process.exit());
process.send(failed.length > 0 ? { failed } : { ready: tests.length });
