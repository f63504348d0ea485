import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { root } from '../n8n/paths.ts';
import { waitFor } from '../n8n/waitFor.ts';
import { submitReview } from '../start/reviewForm.ts';

const SECOND_START_MS = 30_000;

/** `npm start` with a data folder of its own, and without a model from the environment. */
function start(folder: string, ...options: string[]) {
	const environment = { ...process.env, OPENAI_BASE_URL: '', OPENAI_API_KEY: '' };
	const child = spawn(
		process.execPath,
		[path.join(root, 'scripts/start.mjs'), `--data=${folder}`, ...options],
		{ cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] },
	);
	const output = { stdout: '', stderr: '' };
	child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
	child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
	return { child, output, closed: once(child, 'close') };
}

const editorIn = (text: string): string | undefined =>
	/Editor:\s+(http:\/\/localhost:\d+)/.exec(text)?.[1];

const reviewIn = (text: string): string | undefined => /Review it here: (\S+)/.exec(text)?.[1];

const answers = (url: string): Promise<boolean> =>
	fetch(url).then(
		() => true,
		() => false,
	);

describe('npm start', () => {
	const folder = path.join(root, `.cache/e2e/start-${process.pid}`);

	before(() => rm(folder, { recursive: true, force: true }));
	after(() => rm(folder, { recursive: true, force: true }));

	it('with --once prints the cited, approved result alone, ends with 0 and leaves nothing running', async () => {
		const { output, closed } = start(folder, '--once');
		const [code] = (await closed) as [number];
		assert.equal(code, 0, output.stderr);
		assert.match(output.stdout, /^Question: .+\n/);
		assert.match(output.stdout, /\[1\]/);
		assert.match(output.stdout, /Sources:\n\[1\] /);
		assert.match(output.stdout, /Decision: approved/);
		assert.match(output.stdout, /Stand-in answer/);
		assert.match(output.stderr, /STAND-IN/);
		assert.match(output.stderr, /password: \S+/);
		assert.match(output.stderr, /answered from the record/);
		assert.equal(await answers(editorIn(output.stderr) ?? ''), false);
	});

	it('starts again within 30 s, waits for the person, and ends on Ctrl-C', async () => {
		const startedAt = Date.now();
		const { child, output, closed } = start(folder);
		const editor = await waitFor('the editor', () => editorIn(output.stderr), {
			timeoutMs: SECOND_START_MS,
		});
		assert.ok(Date.now() - startedAt < SECOND_START_MS);
		const review = await waitFor('the review link', () => reviewIn(output.stderr));
		await submitReview(review, 'reject');
		await waitFor('the result', () =>
			output.stdout.includes('Decision: rejected') ? true : undefined,
		);
		assert.equal(await answers(editor), true);
		child.kill('SIGINT');
		await closed;
		assert.equal(await answers(editor), false);
	});
});
