/**
 * n8n's official scanner on the source and on the packed package, offline: `npm run scan`.
 *
 * Two folders need more than n8n's cloud allows (`lib/host`, `lib/store/drivers`; see
 * docs/architecture.md); their findings are counted, any other finding fails.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { ensureBuild } from './build.mjs';
import { at, cache } from './support/paths.mjs';
import { fail, say, step } from './support/progress.mjs';
import { packInto } from './support/tarball.mjs';
import { ensureToolchain } from './toolchain.mjs';

const SELF_HOSTED_ONLY = /^dist\/lib\/(host|store\/drivers)\//;

/** The scanner's own patterns for a published package. */
const PACKED = ['**/*.js', 'package.json'];

/** The scanner reports in ESLint's "stylish" format: a path, then indented lines of findings. */
function findingsOf({ details = '', passed, message }, folder) {
	if (!passed && !details) return [{ file: '(scanner)', text: message }];
	let file = '';
	return details.split('\n').flatMap((line) => {
		if (path.isAbsolute(line)) file = path.relative(folder, line);
		return /^\s+\d+:\d+\s+error/.test(line) ? [{ file, text: line.trim() }] : [];
	});
}

async function scan() {
	const { analyzePackage, SOURCE_FILE_PATTERNS } = await import(
		'@n8n/scan-community-package/scanner/scanner.mjs'
	);
	const folder = cache('scan');
	await packInto(folder);
	const source = findingsOf(await analyzePackage(at(), SOURCE_FILE_PATTERNS), at());
	const packed = findingsOf(await analyzePackage(folder, PACKED), folder);
	const expected = packed.filter(({ file }) => SELF_HOSTED_ONLY.test(file));
	const unexpected = [...source, ...packed.filter(({ file }) => !SELF_HOSTED_ONLY.test(file))];

	say(
		`Source: ${source.length} findings. Packed package: ${packed.length - expected.length} findings,`,
	);
	say(
		`and ${expected.length} in the folders for self-hosted n8n only (lib/host, lib/store/drivers).`,
	);
	if (unexpected.length > 0) {
		throw new Error(unexpected.map(({ file, text }) => `${file}: ${text}`).join('\n  '));
	}
	if (!readdirSync(path.join(folder, 'dist')).includes('nodes'))
		throw new Error('There are no nodes to scan.');
}

await ensureToolchain()
	.then(ensureBuild)
	.then(() => step("Scanning with n8n's official scanner", '20 seconds', scan))
	.catch(fail);
