/**
 * The switches that instrumented code asks at every place a mutant could act. They also count: code
 * that asks far too often is in an endless loop, however much time that takes.
 */

/** Thrown into code that is in an endless loop. */
export class EndlessError extends Error {
	constructor() {
		super('The test takes far more steps than it should.');
	}
}

export const switches = {
	/** Id of the mutant that acts. */
	active: undefined,
	/** Questions left until code counts as endless. */
	stepsLeft: Infinity,
	/** Gathers the ids of the mutants that are reached; only while tests run as they are. */
	reached: new Set(),
};

/** What the instrumenter calls its two functions, in front of a bundle of instrumented code. */
export const BANNER =
	'const { isActive: stryMutAct_9fa48, cover: stryCov_9fa48 } = globalThis.mutantSwitches;';

globalThis.mutantSwitches = {
	isActive: (id) => {
		if (--switches.stepsLeft < 0) throw new EndlessError();
		return id === switches.active;
	},
	cover: (...ids) => {
		if (switches.reached !== undefined) for (const id of ids) switches.reached.add(id);
	},
};
