/** Which sources a build was made from. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { at } from './paths.mjs';

/** What ends up in the package, and what decides how it is built. */
export const buildInputs = [
	'credentials',
	'icons',
	'lib',
	'nodes',
	'package.json',
	'scripts/build.mjs',
	'tsconfig.json',
];

/** Every file below a file or folder, sorted, as absolute paths. */
export function filesBelow(place) {
	const found = statSync(place, { throwIfNoEntry: false });
	if (!found) return [];
	if (!found.isDirectory()) return [place];
	return readdirSync(place)
		.sort()
		.flatMap((name) => filesBelow(path.join(place, name)));
}

/** Changes when any source of the package changes. */
export function sourcesHash() {
	const hash = createHash('sha256');
	for (const file of buildInputs.flatMap((input) => filesBelow(at(input)))) {
		hash.update(path.relative(at(), file)).update('\0').update(readFileSync(file));
	}
	return hash.digest('hex');
}
