/** Does a `node_modules` folder hold what its lock file asks for? */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const packagesIn = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/**
 * Compares the lock with what npm noted down after its last install.
 * Optional packages may be missing: most of them are for other platforms.
 *
 * @param folder - holds `package-lock.json` and perhaps `node_modules`
 */
export function isInstalled(folder) {
	let installed;
	try {
		installed = packagesIn(path.join(folder, 'node_modules', '.package-lock.json'));
	} catch {
		return false;
	}
	return Object.entries(packagesIn(path.join(folder, 'package-lock.json'))).every(
		([place, { version, optional }]) =>
			place === '' || optional || installed[place]?.version === version,
	);
}
