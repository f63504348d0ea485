/**
 * Builds the package with n8n's own tool into `dist/`: `npm run build`.
 *
 * The build happens in a copy of the sources, and `dist/` is replaced only when it passed, so a
 * running n8n never sees half a package and a failed build leaves the last good one in place.
 */
import {
	cpSync,
	existsSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	renameSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleClients } from './support/bundle.mjs';
import { at, cache } from './support/paths.mjs';
import { CommandError, run } from './support/process.mjs';
import { fail, say, step } from './support/progress.mjs';
import { buildInputs, sourcesHash } from './support/sources.mjs';
import { ensureToolchain, node24Environment } from './toolchain.mjs';

/** What a package may hold; n8n's tool also copies pictures it finds elsewhere. */
const published = ['credentials', 'icons', 'lib', 'nodes', 'package.json'];

const stamp = cache('build.hash');

const isFresh = (hash) =>
	existsSync(at('dist/package.json')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;

function copySources(staging) {
	mkdirSync(staging, { recursive: true });
	for (const input of buildInputs.filter((name) => existsSync(at(name)))) {
		cpSync(at(input), path.join(staging, input), { recursive: true });
	}
	symlinkSync(at('node_modules'), path.join(staging, 'node_modules'));
}

function keepOnlyPublished(built) {
	for (const name of readdirSync(built)) {
		if (!published.includes(name)) rmSync(path.join(built, name), { recursive: true });
	}
}

function replaceDist(built, staging) {
	const previous = path.join(staging, 'previous');
	if (existsSync(at('dist'))) renameSync(at('dist'), previous);
	renameSync(built, at('dist'));
}

/** Builds into `dist/` whatever the state of it. */
export async function build() {
	const hash = sourcesHash();
	const staging = cache(`build-${process.pid}`);
	try {
		copySources(staging);
		await run(at('node_modules/.bin/n8n-node'), ['build'], {
			cwd: staging,
			env: { ...node24Environment(), CI: 'true' },
		});
		const built = path.join(staging, 'dist');
		keepOnlyPublished(built);
		await bundleClients(path.join(built, 'lib/store/drivers'));
		replaceDist(built, staging);
		writeFileSync(stamp, hash);
	} finally {
		rmSync(staging, { recursive: true, force: true });
	}
}

/** Builds when a source has changed since the last build. */
export async function ensureBuild() {
	if (isFresh(sourcesHash())) return;
	await step('Building the package', '10 to 30 seconds', build);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
	await ensureToolchain()
		.then(() => step('Building the package', '10 to 30 seconds', build))
		.then(() => say('Built into dist/.'))
		.catch((error) => fail(error instanceof CommandError ? error : (error.stack ?? error)));
}
