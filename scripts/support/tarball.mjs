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
export const unpackedPackage = cache('package/n8n-nodes-agent-swarm');

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
	rmSync(into, { recursive: true, force: true });
	mkdirSync(into, { recursive: true });
	await run('npm', ['pack', '--quiet', '--ignore-scripts', '--pack-destination', into]);
	const [name] = readdirSync(into).filter((file) => file.endsWith('.tgz'));
	return path.join(into, name);
}

/**
 * Packs what is in `dist/` and unpacks it as n8n does.
 *
 * @returns `{ folder, bytes }`: the unpacked package and the size of its tarball
 */
export async function packAndUnpack() {
	const tarball = await pack(cache(`pack-${process.pid}`));
	const unpacked = path.join(path.dirname(tarball), 'unpacked');
	mkdirSync(unpacked);
	await run('tar', ['-xzf', tarball, '-C', unpacked, '--strip-components=1']);
	stripDependencies(unpacked);
	const bytes = statSync(tarball).size;
	rmSync(unpackedPackage, { recursive: true, force: true });
	mkdirSync(path.dirname(unpackedPackage), { recursive: true });
	renameSync(unpacked, unpackedPackage);
	rmSync(path.dirname(tarball), { recursive: true });
	return { folder: unpackedPackage, bytes };
}

/** Is the unpacked package at least as new as the build? */
export const isUnpacked = () =>
	existsSync(path.join(unpackedPackage, 'package.json')) &&
	statSync(path.join(unpackedPackage, 'package.json')).mtimeMs >=
		statSync(at('dist/package.json')).mtimeMs;
