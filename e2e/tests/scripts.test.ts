import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isInstalled } from '../../scripts/support/packages.mjs';
import { judged } from '../../scripts/support/results.mjs';
import { root } from '../n8n/paths.ts';

describe('the summary of the tests', () => {
	it('takes over what a runner counted', () => {
		assert.deepEqual(judged({ passed: 3, failed: 0 }, 0), { passed: 3, failed: 0 });
		assert.deepEqual(judged({ passed: 3, failed: 2 }, 1), { passed: 3, failed: 2 });
	});

	it('counts a suite that ran no test as failed', () => {
		assert.deepEqual(judged({ passed: 0, failed: 0 }, 0), { passed: 0, failed: 1 });
	});

	it('counts a runner that failed without a failed test as failed', () => {
		assert.deepEqual(judged({ passed: 3, failed: 0 }, 1), { passed: 3, failed: 1 });
	});
});

describe('counting end-to-end tests', () => {
	let folder: string;
	const count = (source: string) => {
		const file = path.join(folder, 'sample.test.mjs');
		writeFileSync(file, `import { describe, it } from 'node:test';\n${source}`);
		const reporter = path.join(root, 'e2e/countingReporter.mjs');
		const environment = { ...process.env, NODE_TEST_CONTEXT: undefined };
		const { stdout } = spawnSync(
			process.execPath,
			['--test', `--test-reporter=${reporter}`, file],
			{
				encoding: 'utf8',
				env: environment,
			},
		);
		return JSON.parse(stdout) as unknown;
	};

	before(() => {
		folder = mkdtempSync(path.join(tmpdir(), 'agent-swarm-scripts-'));
	});
	after(() => rmSync(folder, { recursive: true }));

	it('counts tests, not groups', () => {
		const source = `describe('group', () => { it('a', () => {}); it('b', () => { throw new Error('no'); }); });`;
		assert.deepEqual(count(source), { passed: 1, failed: 1 });
	});

	it('counts skipped and postponed tests as failed', () => {
		assert.deepEqual(count(`it('a', () => {}); it.skip('b', () => {}); it.todo('c');`), {
			passed: 1,
			failed: 2,
		});
	});

	it('counts a group whose preparation failed, and a file that does not load', () => {
		const source = `import { before } from 'node:test'; describe('g', () => { before(() => { throw new Error('no'); }); it('a', () => {}); });`;
		assert.equal((count(source) as { passed: number }).passed, 0);
		assert.notEqual((count(source) as { failed: number }).failed, 0);
		assert.deepEqual(count('throw new Error("broken")'), { passed: 0, failed: 1 });
	});
});

describe('knowing what is installed', () => {
	let folder: string;
	const write = (name: string, packages: Record<string, unknown>) =>
		writeFileSync(path.join(folder, name), JSON.stringify({ packages }));

	before(() => {
		folder = mkdtempSync(path.join(tmpdir(), 'agent-swarm-packages-'));
		mkdirSync(path.join(folder, 'node_modules'));
		write('package-lock.json', {
			'': {},
			'node_modules/a': { version: '1.0.0' },
			'node_modules/other-platform': { version: '1.0.0', optional: true },
		});
	});
	after(() => rmSync(folder, { recursive: true }));

	it('asks for an install when nothing or another version is there', () => {
		assert.equal(isInstalled(folder), false);
		write('node_modules/.package-lock.json', { 'node_modules/a': { version: '0.9.0' } });
		assert.equal(isInstalled(folder), false);
	});

	it('is content with the locked versions, whatever is missing for other platforms', () => {
		write('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.0.0' } });
		assert.equal(isInstalled(folder), true);
	});
});
