import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startModel } from '../model/server.ts';
import { root } from '../n8n/paths.ts';
import { waitFor } from '../n8n/waitFor.ts';
import { submitReview } from '../start/reviewForm.ts';

/** What a machine may take that has nothing else to do; in proportion more when it has. */
const SECOND_START_MS = 30_000 * Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());

/** For machines that do other things, too. */
const SLOW = { timeoutMs: 90_000 };

const NO_MODEL = { OPENAI_BASE_URL: '', OPENAI_API_KEY: '', OPENAI_MODEL: '' };

/** `npm start` with a data folder of its own; by default without a model in the environment. */
function start(folder: string, options: string[] = [], model: Record<string, string> = NO_MODEL) {
	const environment = { ...process.env, ...model };
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
		const { output, closed } = start(folder, ['--once']);
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

	it('uses the service that the environment names, and keeps its key to itself', async () => {
		const apiKey = 'key-of-the-environment';
		const service = await startModel({ apiKey, models: ['my-model'] });
		const { output, closed } = start(folder, ['--once'], {
			OPENAI_BASE_URL: service.url,
			OPENAI_API_KEY: apiKey,
			OPENAI_MODEL: 'my-model',
		});
		const [code] = (await closed) as [number];
		const models = service.calls.map(({ model, status }) => `${model} ${status}`);
		await service.close();
		assert.equal(code, 0, output.stderr);
		assert.deepEqual(
			models,
			Array.from({ length: 4 }, () => 'my-model 200'),
		);
		assert.doesNotMatch(output.stderr, /STAND-IN/);
		assert.ok(!output.stderr.includes(apiKey));
	});

	it('starts again within 30 s, waits for the person, and ends on Ctrl-C', async () => {
		const startedAt = Date.now();
		const { child, output, closed } = start(folder);
		const editor = await waitFor('the editor', () => editorIn(output.stderr), {
			timeoutMs: SECOND_START_MS,
		});
		assert.ok(Date.now() - startedAt < SECOND_START_MS);
		const review = await waitFor('the review link', () => reviewIn(output.stderr), SLOW);
		await submitReview(review, 'reject');
		const isRejected = () => output.stdout.includes('Decision: rejected') || undefined;
		await waitFor('the result', isRejected, SLOW);
		assert.equal(await answers(editor), true);
		child.kill('SIGINT');
		await closed;
		assert.equal(await answers(editor), false);
	});
});
