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

/** A test that needs so many turns of the event loop more than it should is stuck. */
const SPARE_TURNS = 2000;
/** A mutant that runs so many times as often as it should is in an endless loop. */
const MORE_HITS = 100;

// A mutant may throw where nobody can catch it, in a listener of a signal.
process.on('uncaughtException', () => {});
process.on('unhandledRejection', () => {});

/** The switches of the mutants, as the instrumented code looks for them. */
const switches = { mutantCoverage: { static: {}, perTest: {} } };
globalThis.__stryker__ = switches;
// The same examples every time: a mutant is not to survive, or die, by chance.
fc.configureGlobal({ seed: 20_260_101 });

const tests = installGlobals();
createRequire(import.meta.url)(process.argv[2]);

/** @returns the error of a test that fails; a test that is stuck fails, too */
async function errorOf(test, turns) {
	let over = false;
	const outcome = test.run().then(
		() => undefined,
		(error) => error ?? new Error('A test threw nothing.'),
	);
	const stuck = (async () => {
		for (test.turns = 0; !over && test.turns < turns; test.turns++) await turn();
		return over ? outcome : new Error('The test is stuck.');
	})();
	const error = await Promise.race([outcome, stuck]);
	over = true;
	return error;
}

async function measure(test, id) {
	switches.currentTestId = `test ${id}`;
	const startedAt = performance.now();
	const error = await errorOf(test, Infinity);
	test.ms = performance.now() - startedAt;
	test.limit = SPARE_TURNS + 20 * test.turns;
	test.hits = switches.mutantCoverage.perTest[switches.currentTestId] ?? {};
	switches.currentTestId = undefined;
	return error && `${test.name}: ${error.message}`;
}

/** @returns for each mutant the tests that reach it, quick ones first, and how often they do */
function reachable() {
	const reached = new Map();
	for (const test of [...tests].sort((a, b) => a.ms - b.ms)) {
		for (const [id, hits] of Object.entries(test.hits)) {
			const by = reached.get(id) ?? { tests: [], hits: 0 };
			by.tests.push(test);
			by.hits += hits;
			reached.set(id, by);
		}
	}
	return reached;
}

async function statusOf(id, by) {
	if (by === undefined) return switches.mutantCoverage.static[id] ? 'Static' : 'NoCoverage';
	switches.activeMutant = id;
	for (const test of by.tests) {
		switches.hitCount = 0;
		switches.hitLimit = MORE_HITS * by.hits;
		const error = await errorOf(test, test.limit);
		if (error !== undefined) {
			const endless = switches.hitCount > switches.hitLimit || /is stuck/.test(error.message);
			return endless ? 'Timeout' : 'Killed';
		}
	}
	return 'Survived';
}

async function allPass() {
	switches.activeMutant = undefined;
	switches.hitCount = undefined;
	for (const test of tests) if ((await errorOf(test, test.limit)) !== undefined) return false;
	return true;
}

const failed = [];
for (const [id, test] of tests.entries()) {
	const failure = await measure(test, id);
	if (failure !== undefined) failed.push(failure);
}
const reached = reachable();

process.on('message', async ({ ids }) => {
	for (const id of ids) {
		process.send({ id });
		process.send({ id, status: await statusOf(id, reached.get(id)) });
	}
	process.send({ clean: await allPass() });
});
process.on('disconnect', () => process.exit());
process.send(failed.length > 0 ? { failed } : { ready: tests.length });
