/** What the end-to-end tests of Parallel Fan-out share: a service that tasks call, and workflows. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import axios from 'axios';
import { chain, node, webhook } from '../n8n/build.ts';
import { outputOf } from '../n8n/client.ts';
import type { N8nClient } from '../n8n/client.ts';
import type { Execution, Workflow, WorkflowFile, WorkflowNode } from '../n8n/types.ts';
import { waitFor } from '../n8n/waitFor.ts';

/**
 * A service that tasks call: notes who calls, and how many calls are open at the same time.
 *
 * @param ready - no call is answered before this is fulfilled
 */
export async function taskService(
	ready: (open: number) => Promise<unknown> = async () => undefined,
) {
	const seen = { open: 0, most: 0, bodies: [] as Array<Record<string, unknown>>, aborted: 0 };
	const answer = async (response: ServerResponse, body: string) => {
		seen.bodies.push(JSON.parse(body || '{}') as Record<string, unknown>);
		await ready(seen.open);
		seen.open--;
		response.setHeader('content-type', 'application/json');
		response.end(body || '{}');
	};
	const server = createServer((request, response) => {
		seen.most = Math.max(seen.most, ++seen.open);
		response.on('close', () => (seen.aborted += response.writableEnded ? 0 : 1));
		let body = '';
		request.on('data', (chunk: Buffer) => (body += chunk.toString()));
		request.on('end', () => void answer(response, body));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		seen,
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		close: () => {
			server.close();
			server.closeAllConnections();
		},
	};
}

/** The trigger of a sub-workflow. */
export const called = (): WorkflowNode =>
	node(
		'Called',
		'n8n-nodes-base.executeWorkflowTrigger',
		{ inputSource: 'passthrough' },
		{ typeVersion: 1.1 },
	);

/** Posts JSON, given as an expression. */
export const post = (url: string, body: string): WorkflowNode =>
	node(
		'Post',
		'n8n-nodes-base.httpRequest',
		{ method: 'POST', url, sendBody: true, specifyBody: 'json', jsonBody: body, options: {} },
		{ typeVersion: 4.2 },
	);

/** Items of a webhook's `numbers`, each as `n`. */
export const split = (): WorkflowNode =>
	node('Split', 'n8n-nodes-base.splitOut', {
		fieldToSplitOut: 'body.numbers',
		options: { destinationFieldName: 'n' },
	});

/** One item with these fields, given as an expression. */
export const result = (json: string, name = 'Result'): WorkflowNode =>
	node(
		name,
		'n8n-nodes-base.set',
		{ mode: 'raw', jsonOutput: json, options: {} },
		{ typeVersion: 3.4 },
	);

export const pause = (parameters: Record<string, unknown>): WorkflowNode =>
	node('Wait', 'n8n-nodes-base.wait', parameters, {
		typeVersion: 1.1,
		webhookId: 'f1d7c7a4-9d2c-4e9e-8a54-2f3b8b4a6c11',
	});

export const fan = (parameters: Record<string, unknown>, name = 'Fan'): WorkflowNode =>
	node(name, 'parallelFanOut', { options: {}, ...parameters });

/** A sub-workflow that tells a service its address, waits until somebody calls it, and goes on. */
export const asker = (name: string, url: string, ...then: WorkflowNode[]): WorkflowFile =>
	chain(
		name,
		called(),
		post(url, '={{ { n: $json.n, resume: $execution.resumeUrl } }}'),
		pause({ resume: 'webhook', httpMethod: 'POST', options: {} }),
		...then,
	);

/** The numbers that the results of the tasks hold, in their order. */
export const numbersOf = (execution: Execution, output = 0): unknown[] =>
	outputOf(execution, 'Fan', output).map(({ result: got }) => (got as { n?: number } | null)?.n);

/** Workflows with a fan-out in one n8n. */
export class FanWorkflows {
	readonly #client: N8nClient;

	constructor(client: N8nClient) {
		this.#client = client;
	}

	async published(file: WorkflowFile): Promise<Workflow> {
		const workflow = await this.#client.createWorkflow(file);
		await this.#client.publish(workflow);
		return workflow;
	}

	/** A webhook of this name, whose numbers go to a fan-out. */
	async fan(name: string, parameters: Record<string, unknown>): Promise<Workflow> {
		const trigger = webhook(name, { responseMode: 'onReceived' });
		return await this.published(chain(name, trigger, split(), fan(parameters)));
	}

	/** Calls the webhook; gives the id of the execution that it has started. */
	async call(workflow: Workflow, numbers: readonly unknown[]): Promise<string> {
		const known = new Set((await this.#client.executions(workflow.id, 100)).map(({ id }) => id));
		await this.#client.callWebhook(workflow.name, { numbers });
		return await waitFor('an execution', async () => {
			const executions = await this.#client.executions(workflow.id, 100);
			// Watchers of joins are listed too.
			return executions.find(({ id, mode }) => mode === 'webhook' && !known.has(id))?.id;
		});
	}

	/** Calls the webhook, and waits until all is over. */
	async run(workflow: Workflow, numbers: readonly unknown[], timeoutMs = 60_000) {
		const id = await this.call(workflow, numbers);
		return await this.#client.waitForExecution(id, undefined, { timeoutMs });
	}

	/** The execution of a sub-workflow that was started with a number, when it waits. */
	async waitingChild(child: Workflow, n: number): Promise<string> {
		return await waitFor(`the execution for ${n} to wait`, async () => {
			for (const { id, status } of await this.#client.executions(child.id, 100)) {
				if (status !== 'waiting') continue;
				const execution = await this.#client.execution(id);
				if (execution.status === 'waiting' && outputOf(execution, 'Called')[0]?.n === n) return id;
			}
			return undefined;
		});
	}
}

/** Answers the child that was asked about a number, as soon as it waits. */
export async function answer(bodies: Array<Record<string, unknown>>, n: number): Promise<void> {
	const { resume } = await waitFor(`the question about ${n}`, () =>
		bodies.find((body) => body.n === n),
	);
	await waitFor('the child to wait', async () => {
		const anyStatus = { validateStatus: () => true };
		const { status } = await axios.post(String(resume), { answer: n }, anyStatus);
		return status === 200 ? true : undefined;
	});
}
