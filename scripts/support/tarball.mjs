/** The package as npm would publish it, and as n8n's own installer unpacks it. */
import {
	existsSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { at, cache } from './paths.mjs';
import { run } from './process.mjs';

/** Where the unpacked package lies: n8n gets a copy of it, in tests and in `npm start`. */
export const installedPackage = cache('package/n8n-nodes-agent-swarm');

/** n8n's installer removes these, so that nothing of them is installed beside the package. */
function stripDependencies(folder) {
	const file = path.join(folder, 'package.json');
	const manifest = JSON.parse(readFileSync(file, 'utf8'));
	for (const kind of ['devDependencies', 'peerDependencies', 'optionalDependencies']) {
		delete manifest[kind];
	}
	writeFileSync(file, JSON.stringify(manifest, null, 2));
}

async function pack(into) {
	mkdirSync(into, { recursive: true });
	await run('npm', ['pack', '--quiet', '--ignore-scripts', '--pack-destination', into]);
	const name = readdirSync(into).find((file) => file.endsWith('.tgz'));
	return path.join(into, name);
}

/**
 * Packs what is in `dist/` and unpacks it.
 *
 * @param folder - replaced by the unpacked package, exactly as published
 * @returns the size of the tarball in bytes
 */
export async function packInto(folder) {
	const staging = cache(`pack-${process.pid}`);
	try {
		const tarball = await pack(staging);
		const unpacked = path.join(staging, 'unpacked');
		mkdirSync(unpacked);
		await run('tar', ['-xzf', tarball, '-C', unpacked, '--strip-components=1']);
		rmSync(folder, { recursive: true, force: true });
		mkdirSync(path.dirname(folder), { recursive: true });
		renameSync(unpacked, folder);
		return statSync(tarball).size;
	} finally {
		rmSync(staging, { recursive: true, force: true });
	}
}

/** The same, as n8n's installer leaves it; this is what n8n gets here. */
export async function packForN8n() {
	const bytes = await packInto(installedPackage);
	stripDependencies(installedPackage);
	return bytes;
}

/** Is it at least as new as the build? */
export const isPacked = () =>
	existsSync(path.join(installedPackage, 'package.json')) &&
	statSync(path.join(installedPackage, 'package.json')).mtimeMs >=
		statSync(at('dist/package.json')).mtimeMs;
