/** A fan-out whose tasks run, wait and are answered while processes of n8n are killed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import axios from 'axios';
import { chain, webhook } from '../n8n/build.ts';
import type { N8nClient } from '../n8n/client.ts';
import type { Execution, ExecutionStatus, Workflow, WorkflowNode } from '../n8n/types.ts';
import { waitFor } from '../n8n/waitFor.ts';
import {
	asker,
	called,
	fan,
	FanWorkflows,
	numbersOf,
	pause,
	result,
	split,
} from './fanOutForTests.ts';

const TASKS = 20;
const numbers = Array.from({ length: TASKS }, (_, n) => n);

/** From the restart to the last result. */
const LIMIT_MS = 75_000;

/** Hears of tasks that wait, and answers them again and again: an answer may meet a dead n8n. */
export async function answeringService() {
	const open = new Map<string, unknown>();
	const server = createServer((request, response) => {
		let body = '';
		request.on('data', (chunk: Buffer) => (body += chunk.toString()));
		request.on('end', () => {
			const { n, resume } = JSON.parse(body) as { n: number; resume: string };
			open.set(resume, n);
			response.setHeader('content-type', 'application/json');
			response.end(JSON.stringify({ n }));
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	let answering = true;
	const answerAll = async (): Promise<void> => {
		while (answering) {
			for (const [resume, n] of open) {
				const answer = await axios
					.post(resume, { answer: n }, { validateStatus: () => true, timeout: 5000 })
					.catch(() => undefined);
				if (answer?.status === 200) open.delete(resume);
			}
			await sleep(250);
		}
	};
	void answerAll();
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		close: () => {
			answering = false;
			server.close();
			server.closeAllConnections();
		},
	};
}

/** Publishes a fan-out of which every fourth task waits for an answer; the others work a moment. */
export async function killedFan(
	client: N8nClient,
	url: string,
	more: { parameters?: Record<string, unknown>; node?: Partial<WorkflowNode> } = {},
): Promise<Workflow> {
	const workflows = new FanWorkflows(client);
	const ended = () => result('={{ { n: $("Called").first().json.n } }}');
	const half = pause({ amount: 0.5, unit: 'seconds' });
	const quick = await workflows.published(chain('Works', called(), half, ended()));
	const asks = await workflows.published(asker('Asks', url, ended()));
	const parameters = {
		work: 'subWorkflow',
		workflowId: `={{ $json.n % 4 === 3 ? '${asks.id}' : '${quick.id}' }}`,
		atOnce: 5,
		options: { surviveCrashes: true, maxStarts: 10 },
		...more.parameters,
	};
	const trigger = webhook('killed-fan', { responseMode: 'onReceived' });
	return await workflows.published(
		chain('killed-fan', trigger, split(), { ...fan(parameters), ...more.node }),
	);
}

/** A series of kills while a fan-out is at work. */
export interface KillSeries {
	client: N8nClient;
	workflow: Workflow;
	/** How many kills have to count. */
	kills: number;
	/** Whom the n-th kill hits. */
	victim(kill: number): { kill(): Promise<void>; start(): Promise<void> };
	/** Tells what has happened. */
	tell(text: string): void;
}

/**
 * Kills a process at moments that are spread over the whole time that the tasks take, starts it
 * again, and checks that all results are there, once each, and in time.
 *
 * A kill that comes after the join does not count: either all was over, or n8n was at what comes
 * after the node, which it then shows as crashed, as it does with every execution.
 */
export async function killAndCheck(series: KillSeries): Promise<void> {
	const { client, workflow, kills, victim, tell } = series;
	const seen = new Set<string>();
	const undisturbed = await startedFan(client, workflow, seen);
	const began = performance.now();
	await client.waitForExecution(undisturbed, undefined, { timeoutMs: LIMIT_MS });
	const spanMs = performance.now() - began;
	let counted = 0;
	let afterJoin = 0;
	for (let kill = 0; counted < kills; kill++) {
		const id = await startedFan(client, workflow, seen);
		const moment = ((kill * 0.618 + Math.random() * 0.1) % 1) * spanMs;
		await sleep(moment);
		const killedAt = Date.now();
		const process = victim(counted);
		await process.kill();
		await process.start();
		const restarted = performance.now();
		const { status, stoppedAt, data } = await over(series, id);
		const tookMs = Math.round(performance.now() - restarted);
		const wasOver = status === 'success' && Date.parse(String(stoppedAt)) <= killedAt;
		if (status === 'crashed') afterJoin++;
		if (wasOver || status === 'crashed') continue;
		counted++;
		tell(`killed after ${Math.round(moment)} ms, over ${tookMs} ms after the restart`);
		assert.equal(status, 'success', data.resultData.error?.message);
		assert.deepEqual(numbersOf(await client.execution(id)), numbers);
		assert.ok(tookMs < LIMIT_MS, `took ${tookMs} ms`);
	}
	tell(`${afterJoin} more kills hit n8n just after the join`);
	// An execution that waits is never shown as crashed: it has been continued. This stays rare.
	assert.ok(afterJoin <= Math.max(1, kills / 5), `${afterJoin} crashed`);
}

async function over({ client, workflow, tell }: KillSeries, id: string): Promise<Execution> {
	const ends: ExecutionStatus[] = ['success', 'error', 'crashed', 'canceled'];
	const timeoutMs = 2 * LIMIT_MS;
	return await client.waitForExecution(id, ends, { timeoutMs }).catch(async (error: unknown) => {
		const all = await client.executions(workflow.id, 100);
		tell(all.map(({ id: one, mode, status }) => `${one} ${mode} ${status}`).join(', '));
		return await Promise.reject(error as Error);
	});
}

/** Starts the fan-out. @returns the execution, once n8n has saved that it waits */
async function startedFan(
	client: N8nClient,
	workflow: Workflow,
	seen: Set<string>,
): Promise<string> {
	await client.callWebhook('killed-fan', { numbers });
	const id = await waitFor('the fan-out to wait', async () => {
		const executions = await client.executions(workflow.id, 50);
		return executions.find((one) => one.mode === 'webhook' && !seen.has(one.id))?.id;
	});
	seen.add(id);
	// The list shows an execution as waiting before it is saved as such.
	await client.waitForExecution(id, ['waiting']);
	return id;
}
