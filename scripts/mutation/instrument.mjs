/** All mutants of a folder in one copy of its sources: switches decide at run time which one acts. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import { at } from '../support/paths.mjs';
import { filesBelow } from '../support/sources.mjs';

const silent = new Proxy({}, { get: () => () => false });

const options = {
	plugins: null,
	excludedMutations: [],
	mutationRange: [],
	ignorers: [],
	// The switches are ours, see `switches.mjs`.
	noHeader: true,
};

/** Code that only re-exports has nothing to get wrong that the compiler would not see. */
const isCode = (file) => file.endsWith('.ts') && path.basename(file) !== 'index.ts';

/**
 * @param folder - below the root, e.g. `lib/core`
 * @returns the changed sources by file, and the mutants: `{ id, fileName, location, mutatorName,
 * replacement }`, lines and columns from 0
 */
export async function instrument(folder) {
	const files = filesBelow(at(folder))
		.filter(isCode)
		.map((name) => ({ name, mutate: true, content: readFileSync(name, 'utf8') }));
	const { files: changed, mutants } = await new Instrumenter(silent).instrument(files, options);
	return { sources: new Map(changed.map(({ name, content }) => [name, content])), mutants };
}
