/** As much of jest as the engine's tests use, in a process that runs them thousands of times. */
import { createRequire } from 'node:module';

const jest = createRequire(createRequire(import.meta.url).resolve('jest'));
const { expect } = jest('expect');
const { ModuleMocker } = jest('jest-mock');

/** Calls once for each row, as `it.each` and `describe.each` do. */
const each = (define) => (table) => (title, body) => {
	for (const row of table) define(title, () => body(...(Array.isArray(row) ? row : [row])));
};

/**
 * Puts `describe`, `it`, `beforeEach`, `afterEach`, `expect` and `jest` in place.
 *
 * @returns the tests that are defined from then on: `{ name, run }`
 */
export function installGlobals() {
	const tests = [];
	let scope = { titles: [], before: [], after: [] };

	const describe = (title, body) => {
		const outer = scope;
		const { titles, before, after } = outer;
		scope = { titles: [...titles, title], before: [...before], after: [...after] };
		body();
		scope = outer;
	};
	const it = (title, body) => {
		const { titles, before, after } = scope;
		const run = async () => {
			for (const hook of before) await hook();
			try {
				await body();
			} finally {
				for (const hook of after) await hook();
			}
		};
		tests.push({ name: [...titles, title].join(' › '), run });
	};
	describe.each = each(describe);
	it.each = each(it);

	const mocker = new ModuleMocker(globalThis);
	Object.assign(globalThis, {
		describe,
		it,
		expect,
		beforeEach: (hook) => scope.before.push(hook),
		afterEach: (hook) => scope.after.unshift(hook),
		jest: { fn: mocker.fn.bind(mocker), spyOn: mocker.spyOn.bind(mocker), setTimeout: () => {} },
	});
	return tests;
}
