import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import axios from 'axios';
import type { Browser, Page } from 'playwright-core';
import { chain, node, webhook } from '../n8n/build.ts';
import { outputOf } from '../n8n/client.ts';
import { launchBrowser } from '../n8n/editor.ts';
import { root } from '../n8n/paths.ts';
import type { Workflow } from '../n8n/types.ts';
import { waitFor } from '../n8n/waitFor.ts';
import { readExample } from '../start/examples.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';
import { takeScreenshot } from './screenshots.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const USER = { user: 'watcher', password: 'of-the-runs' };
const http = axios.create({ validateStatus: () => true, proxy: false });

/** Two steps at once that take a while, a third that needs both, and a person at the end. */
const definition = {
	name: 'Watched workflow',
	steps: [
		{ step_id: 'read', step_type: 'wait', parameters: { seconds: 4 } },
		{ step_id: 'think', step_type: 'wait', parameters: { seconds: 1 }, depends_on: [] },
		{
			step_id: 'write',
			step_type: 'transform',
			depends_on: ['read', 'think'],
			parameters: { value: 'done' },
		},
		{
			step_id: 'approve',
			step_type: 'human_review',
			depends_on: ['write'],
			parameters: { prompt: 'Is it good?' },
		},
	],
};

/** A service is asked twice at once; what it says is put together. */
const recordedDefinition = {
	name: 'Recorded workflow',
	steps: [
		{ id: 'one', kind: 'http', dependencies: [], parameters: { url: 'SERVICE/one' } },
		{ id: 'two', kind: 'http', dependencies: [], parameters: { url: 'SERVICE/two' } },
		{
			id: 'both',
			kind: 'transform',
			dependencies: ['one', 'two'],
			parameters: { value: '{{ steps.one.output.body }} and {{ steps.two.output.body }}' },
		},
	],
};

/** A thousand steps: fifty chains of twenty, each step a fraction of a second long. */
const largeDefinition = {
	name: 'Large workflow',
	steps: Array.from({ length: 1000 }, (_, at) => ({
		id: `step-${at % 50}-${Math.floor(at / 50)}`,
		kind: at < 50 || at % 7 === 0 ? 'wait' : 'transform',
		parameters: at < 50 || at % 7 === 0 ? { seconds: 1 + (at % 5) } : { value: at },
		dependencies: at < 50 ? [] : [`step-${at % 50}-${Math.floor(at / 50) - 1}`],
	})),
};

/** The page over a Webhook node: n8n gives its answer no origin, and it cannot be kept open. */
const askingPage = chain(
	'Asking page',
	webhook('asking-runs', { httpMethod: 'GET', responseMode: 'responseNode' }),
	node('Render the Page', 'agentWorkflow', {
		resource: 'monitor',
		operation: 'renderPage',
		query: '={{ $json.query }}',
		store: 'builtIn',
		options: {},
	}),
	node('Send the Page', 'n8n-nodes-base.respondToWebhook', {
		respondWith: 'text',
		responseBody: '={{ $json.html }}',
		options: {
			responseCode: '={{ $json.statusCode }}',
			responseHeaders: {
				entries: [{ name: 'Content-Type', value: "={{ $json.headers['Content-Type'] }}" }],
			},
		},
	}),
);

describe('runs as people see them', () => {
	let n8n: TestN8n;
	let browser: Browser;
	let address: string;
	let listener: Workflow;

	before(async () => {
		n8n = await n8nForTests('monitor');
		browser = await launchBrowser();
		const { id } = await n8n.client.saveCredential('Run page', 'httpBasicAuth', USER);
		const file = readExample('run-page').content;
		for (const one of file.nodes) {
			if (one.credentials) one.credentials.httpBasicAuth!.id = id;
		}
		await n8n.client.publish(await n8n.client.createWorkflow(file));
		const open = structuredClone(file);
		for (const one of open.nodes) {
			if (!/\.(webhook|agentRunPage)$/.test(one.type)) continue;
			one.parameters = {
				...one.parameters,
				path: `open-${String(one.parameters.path)}`,
				authentication: 'none',
			};
			one.webhookId = undefined;
		}
		await n8n.client.publish(await n8n.client.createWorkflow({ ...open, name: 'Open run page' }));
		await n8n.client.publish(await n8n.client.createWorkflow(askingPage));
		const starter = chain(
			'Starter',
			webhook('start-watched', { responseMode: 'lastNode' }),
			node('Start', 'agentWorkflow', {
				resource: 'execution',
				operation: 'start',
				workflowFrom: 'definition',
				definition: '={{ $json.body.definition }}',
				input: '{}',
				waitForEnd: false,
				store: 'builtIn',
				options: { newExecutionId: '={{ $json.body.id }}' },
			}),
		);
		await n8n.client.publish(await n8n.client.createWorkflow(starter));
		const answerer = chain(
			'Answerer',
			webhook('answer-watched'),
			node('Ask', 'agentWorkflow', {
				resource: 'execution',
				operation: 'getStatus',
				executionId: '={{ $json.body.id }}',
				store: 'builtIn',
			}),
			node('Answer', 'agentWorkflow', {
				resource: 'execution',
				operation: 'answerReview',
				executionId: '={{ $json.executionId }}',
				requestId: '={{ $json.pendingReviews[0].requestId }}',
				answer: 'yes',
				waitForEnd: true,
				store: 'builtIn',
			}),
		);
		await n8n.client.publish(await n8n.client.createWorkflow(answerer));
		const events = ['run.started', 'step.completed', 'person.asked', 'run.completed'];
		listener = await n8n.client.createWorkflow(
			chain(
				'Listener',
				node('On Event', 'agentEventTrigger', {
					events,
					store: 'builtIn',
					options: { everySeconds: 1 },
				}),
				node('Got It', 'n8n-nodes-base.noOp'),
			),
		);
		await n8n.client.publish(listener);
		address = `${n8n.server.url}/webhook/open-agent-runs`;
	});
	after(async () => {
		await browser?.close();
		await n8n.close();
	});

	const start = async (id: string, what: object = definition) => {
		await n8n.client.callWebhook('start-watched', { id, definition: JSON.stringify(what) });
	};

	/** Opens a page and gives back what its console complained about. */
	const open = async (query: string, options: Parameters<Browser['newContext']>[0] = {}) => {
		const context = await browser.newContext({
			viewport: { width: 1280, height: 900 },
			...options,
		});
		const page = await context.newPage();
		const complaints: string[] = [];
		page.on('console', (message) => {
			if (message.type() === 'error') complaints.push(message.text());
		});
		const requests: string[] = [];
		page.on('request', (request) => requests.push(request.url()));
		await page.goto(`${address}${query}`);
		return { page, complaints, requests, context };
	};

	const stateOf = async (page: Page, step: string) =>
		await page.locator(`tr[data-key="${step}"] .badge`).first().textContent();

	const partsOf = (requests: readonly string[]) => [
		...new Set(requests.map((url) => new URL(url).searchParams.get('part') ?? 'page')),
	];

	it('follows a run from step to step without being loaded again', async () => {
		await start('watched-1');
		const { page, complaints, requests, context } = await open('?run=watched-1');
		await page.evaluate('window.stillHere = true');
		assert.notEqual(await stateOf(page, 'write'), 'Completed');
		await page.locator('tr[data-key="approve"] .badge.wait').waitFor({ timeout: 30_000 });
		assert.equal(await stateOf(page, 'write'), 'Completed');
		assert.equal(await page.evaluate('window.stillHere'), true, 'the page was loaded again');
		await page.getByText('Waiting for people').waitFor();
		await takeScreenshot(page, 'run-page');
		assert.deepEqual(complaints, []);
		assert.deepEqual([...new Set(requests.map((url) => new URL(url).origin))], [n8n.server.url]);
		assert.deepEqual(partsOf(requests), ['page', 'stream']);
		await context.close();
	});

	it('is listened to with server-sent events until the run has ended', async () => {
		await start('streamed', { ...definition, steps: definition.steps.slice(0, 3) });
		const response = await fetch(`${address}?run=streamed&part=stream&seen=none`);
		assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
		const text = await response.text();
		const pages = text.split('\n').filter((line) => line === 'event: page').length;
		assert.ok(pages >= 3, `${pages} pages came`);
		assert.match(text, /event: end\ndata:\n\n$/);
	});

	it('asks where it cannot listen, and is not loaded again either', async () => {
		await start('watched-asking');
		const context = await browser.newContext();
		const page = await context.newPage();
		const requests: string[] = [];
		page.on('request', (request) => requests.push(request.url()));
		await page.goto(`${n8n.server.url}/webhook/asking-runs?run=watched-asking`);
		await page.evaluate('window.stillHere = true');
		await page.locator('tr[data-key="approve"] .badge.wait').waitFor({ timeout: 30_000 });
		assert.equal(await page.evaluate('window.stillHere'), true, 'the page was loaded again');
		assert.deepEqual(partsOf(requests), ['page', 'live']);
		await context.close();
	});

	it('takes the answer of a person, and the run goes on', async () => {
		await start('watched-answered');
		const { page, complaints, context } = await open('?run=watched-answered');
		await page.getByRole('link', { name: 'Answer' }).click({ timeout: 30_000 });
		const question = page.url();
		await page.getByLabel('Is it good?').fill('Very good.');
		await takeScreenshot(page, 'run-answer');
		await page.getByRole('button', { name: 'Send answer' }).click();
		await page.getByText('Your answer was handed on').waitFor();
		await page.getByRole('link', { name: 'Back to the run' }).click();
		await page.locator('tr[data-key="approve"] .badge.done').waitFor({ timeout: 30_000 });
		await page.goto(question);
		await page.getByText('This question is not open').waitFor();
		assert.deepEqual(
			complaints.filter((text) => !text.includes('404')),
			[],
		);
		await context.close();
	});

	it('stays smooth with a thousand steps', async (test) => {
		await start('large', largeDefinition);
		const { page, complaints, context } = await open('?run=large', { bypassCSP: true });
		await page.evaluate(`
			window.stillHere = true;
			window.longest = 0;
			window.tasks = [];
			new PerformanceObserver((list) => {
				for (const one of list.getEntries()) window.tasks.push(Math.round(one.duration));
			}).observe({ entryTypes: ['longtask'] });
			let last = performance.now();
			const frame = (now) => {
				window.longest = Math.max(window.longest, now - last);
				last = now;
				requestAnimationFrame(frame);
			};
			requestAnimationFrame(frame);
		`);
		assert.equal(await page.locator('table.steps tbody tr').count(), 1000);
		await page.locator('tr[data-key="step-49-19"] .badge.done').waitFor({ timeout: 90_000 });
		await page.getByText('1000 of 1000').waitFor({ timeout: 60_000 });
		const { longest, tasks, stillHere } = await page.evaluate<{
			longest: number;
			tasks: number[];
			stillHere: boolean;
		}>('({ longest, tasks, stillHere })');
		test.diagnostic(`longest frame ${longest.toFixed(0)} ms, long tasks ${tasks.join(', ')} ms`);
		assert.equal(stillHere, true, 'the page was loaded again');
		assert.deepEqual(complaints, []);
		await takeScreenshot(page, 'run-large');
		await page.addScriptTag({ content: axe });
		const { violations } = await page.evaluate<{ violations: unknown[] }>('axe.run()');
		assert.deepEqual(violations, []);
		await context.close();
	});

	it('lists it and leads to it', async () => {
		const { page, context } = await open('');
		await takeScreenshot(page, 'run-list');
		await page.getByRole('link', { name: 'Watched workflow' }).first().click();
		await page.getByRole('heading', { name: 'Watched workflow' }).waitFor();
		await page.getByRole('link', { name: 'All runs' }).click();
		await page.getByRole('heading', { name: 'Runs' }).waitFor();
		await context.close();
	});

	it('loads itself anew where scripts are off', async () => {
		await start('watched-2');
		const { page, context } = await open('?run=watched-2', { javaScriptEnabled: false });
		assert.notEqual(await stateOf(page, 'write'), 'Completed');
		await page.locator('tr[data-key="approve"] .badge.wait').waitFor({ timeout: 40_000 });
		await context.close();
	});

	it('asks for the password, and listens behind it', async () => {
		const closed = `${n8n.server.url}/webhook/agent-runs`;
		assert.equal((await http.get(closed)).status, 401);
		await start('watched-3');
		const context = await browser.newContext({
			httpCredentials: { username: USER.user, password: USER.password },
		});
		const page = await context.newPage();
		await page.goto(`${closed}?run=watched-3`);
		await page.evaluate('window.stillHere = true');
		assert.notEqual(await stateOf(page, 'write'), 'Completed');
		await page.locator('tr[data-key="approve"] .badge.wait').waitFor({ timeout: 40_000 });
		assert.equal(await page.evaluate('window.stillHere'), true, 'the page was loaded again');
		await context.close();
	});

	it('is read by everybody: phone and desktop, light and dark', async () => {
		const { page: asking, context: first } = await open('?run=watched-1');
		const question = (await asking.getByRole('link', { name: 'Answer' }).getAttribute('href'))!;
		await first.close();
		for (const path of ['', '?run=watched-1', '?run=none', question]) {
			for (const colorScheme of ['light', 'dark'] as const) {
				for (const width of [390, 1280]) {
					const { page, context } = await open(path, {
						colorScheme,
						viewport: { width, height: 844 },
						bypassCSP: true,
					});
					await page.addScriptTag({ content: axe });
					const { violations } = await page.evaluate<{ violations: unknown[] }>('axe.run()');
					assert.deepEqual(violations, [], `${path} ${colorScheme} ${width}`);
					const wide = await page.evaluate<boolean>(
						'document.documentElement.scrollWidth > innerWidth',
					);
					assert.equal(wide, false, `${path} is wider than the window of ${width} pixels`);
					await context.close();
				}
			}
		}
	});

	it('gives metrics that Prometheus reads', async () => {
		const metrics = `${n8n.server.url}/webhook/agent-metrics`;
		const auth = { username: USER.user, password: USER.password };
		const { status, data, headers } = await http.get<string>(metrics, { auth });
		assert.equal(status, 200);
		assert.match(String(headers['content-type']), /^text\/plain;.*version=0\.0\.4/);
		assert.match(data, /^agent_swarm_stored_runs\{of="workflows",status="waiting"\} [1-9]/m);
		assert.match(data, /^agent_swarm_steps_total\{.*step="write".*status="completed".*\} [1-9]/m);
	});

	it('are recorded, and replayed offline without n8n', async () => {
		const service = createServer((_request, response) => response.end('pages are fine'));
		await once(service.listen(0, '127.0.0.1'), 'listening');
		const { port } = service.address() as AddressInfo;
		const definition = JSON.stringify(recordedDefinition).replaceAll(
			'SERVICE',
			`http://127.0.0.1:${port}`,
		);
		const recorder = chain(
			'Recorder',
			webhook('record'),
			node('Start', 'agentWorkflow', {
				resource: 'execution',
				operation: 'start',
				workflowFrom: 'definition',
				definition,
				input: '{ "who": "n8n" }',
				store: 'builtIn',
				options: { record: true },
			}),
			node('Export', 'agentWorkflow', {
				resource: 'monitor',
				operation: 'exportRecording',
				executionId: '={{ $json.executionId }}',
				store: 'builtIn',
				options: {},
			}),
		);
		await n8n.client.publish(await n8n.client.createWorkflow(recorder));
		const { data } = await n8n.client.callWebhook('record', {});
		service.close();
		const [recording] = data as unknown as object[];
		const file = path.join(n8n.server.userFolder, 'recording.json');
		writeFileSync(file, JSON.stringify(recording));
		const replay = path.join(root, 'scripts/replay.mjs');
		const { status, stderr } = spawnSync(process.execPath, [replay, file], { encoding: 'utf8' });
		assert.equal(status, 0, stderr);
		assert.match(JSON.stringify(recording), /pages are fine/);
	});

	/** What the listening workflow was started with so far, of one run. */
	const heard = async (runId: string) => {
		const executions = await n8n.client.executions(listener.id, 100);
		const all = await Promise.all(executions.map(({ id }) => n8n.client.execution(id)));
		return all.flatMap((one) => outputOf(one, 'Got It')).filter((item) => item.runId === runId);
	};

	it('start a workflow with what happens in them, also after n8n was killed', async () => {
		await start('heard-1');
		const asked = await waitFor(
			'the question to be heard',
			async () => {
				const items = await heard('heard-1');
				return items.some(({ type }) => type === 'person.asked') ? items : undefined;
			},
			{ timeoutMs: 60_000 },
		);
		assert.deepEqual(asked.map(({ type, step }) => [type, step].filter(Boolean).join(' ')).sort(), [
			'person.asked',
			'run.started',
			'step.completed read',
			'step.completed think',
			'step.completed write',
		]);
		assert.equal(new Set(asked.map(({ id }) => id)).size, asked.length);
		await n8n.server.kill();
		await n8n.server.start();
		await n8n.client.signIn(n8n.owner);
		await n8n.client.callWebhook('answer-watched', { id: 'heard-1' });
		await waitFor(
			'the end to be heard',
			async () =>
				(await heard('heard-1')).some(({ type }) => type === 'run.completed') || undefined,
			{ timeoutMs: 60_000 },
		);
	});
});
