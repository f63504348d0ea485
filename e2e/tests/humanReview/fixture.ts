/** Workflows with one Human Review, opened through their webhook, and what people do with it. */
import { randomUUID } from 'node:crypto';
import { outputOf } from '../../n8n/client.ts';
import type { N8nClient } from '../../n8n/client.ts';
import type { Execution, ExecutionStatus, WorkflowFile } from '../../n8n/types.ts';
import { waitFor } from '../../n8n/waitFor.ts';

/** A review that waits. */
export interface OpenReview {
	/** Id of the execution. */
	id: string;
	/** Link for whoever has it, or for the first named reviewer; empty when it is sent elsewhere. */
	url: string;
	/** Links by reviewer. */
	links: Record<string, string>;
	/** Link for whoever asked. */
	withdrawUrl: string;
	/** Milliseconds since the epoch; 0 without a limit. */
	deadlineAt: number;
}

export interface ReviewPage {
	nonce: string;
	html: string;
}

export interface Answer {
	status: number;
	html: string;
}

export type Parameters = Record<string, unknown>;

export const ITEM = { title: 'Invoice 4711', amount: 500, url: 'https://example.org/4711' };

/** The items that left the review by an output. */
export const decided = (execution: Execution, output: number) =>
	outputOf(execution, 'Review', output);

/** The newest execution of a workflow, once it has one of the statuses. */
export async function started(
	client: N8nClient,
	workflowId: string,
	statuses: ExecutionStatus[],
): Promise<Execution> {
	return await waitFor(
		`workflow ${workflowId} to be ${statuses.join(' or ')}`,
		async () => {
			const [newest] = await client.executions(workflowId, 1);
			if (newest === undefined || !statuses.includes(newest.status)) return undefined;
			return await client.execution(newest.id);
		},
		{ timeoutMs: 60_000 },
	);
}

const PACKAGE = 'n8n-nodes-agent-swarm';

const node = (name: string, type: string, typeVersion: number, parameters: Parameters) => ({
	id: randomUUID(),
	name,
	type,
	typeVersion,
	position: [0, 0] as [number, number],
	parameters,
});

const to = (name: string) => [{ node: name, type: 'main', index: 0 }];

/** A credential for the node's store, as workflows refer to it. */
export type StoreCredential = { id: string; name: string };

function workflowWith(
	path: string,
	review: Parameters,
	credential: StoreCredential | undefined,
): WorkflowFile {
	const credentials = credential && { agentSwarmStoreApi: credential };
	const respond = { respondWith: 'json', responseBody: '={{ { executionId: $execution.id } }}' };
	return {
		name: `Review ${path}`,
		nodes: [
			{
				...node('Webhook', 'n8n-nodes-base.webhook', 2.1, {
					httpMethod: 'POST',
					path,
					responseMode: 'responseNode',
				}),
				webhookId: path,
			},
			node('Answer', 'n8n-nodes-base.respondToWebhook', 1.4, respond),
			node('Items', 'n8n-nodes-base.splitOut', 1, { fieldToSplitOut: 'body.items' }),
			{ ...node('Review', `${PACKAGE}.humanReview`, 1, review), credentials },
			node('Effect', 'n8n-nodes-base.noOp', 1, {}),
			node('Nothing', 'n8n-nodes-base.noOp', 1, {}),
		],
		connections: {
			Webhook: { main: [to('Answer')] },
			Answer: { main: [to('Items')] },
			Items: { main: [to('Review')] },
			Review: { main: [to('Nothing'), to('Effect'), to('Effect')] },
		},
	};
}

export class ReviewFixture {
	readonly #client: N8nClient;
	/** Webhook paths by the parameters of their review. */
	readonly #paths = new Map<string, Promise<string>>();

	readonly #credential: StoreCredential | undefined;

	/** @param credential - for reviews whose `store` is `credential` */
	constructor(client: N8nClient, credential?: StoreCredential) {
		this.#client = client;
		this.#credential = credential;
	}

	/** Publishes a page for reviews. @returns its address */
	async publishPage(n8nUrl: string): Promise<string> {
		const path = 'reviews';
		const store = this.#credential === undefined ? 'builtIn' : 'credential';
		const trigger = {
			...node('Page', `${PACKAGE}.reviewPageTrigger`, 1, { path, store }),
			webhookId: path,
			credentials: this.#credential && { agentSwarmStoreApi: this.#credential },
		};
		const file = { name: 'Reviews', nodes: [trigger], connections: {} };
		await this.#client.publish(await this.#client.createWorkflow(file));
		const url = new URL(`/webhook/${path}`, n8nUrl).href;
		// Published a moment later: the page answers an address of no review with its own 403.
		await waitFor('the page', async () => ((await fetch(url)).status === 403 ? true : undefined), {
			timeoutMs: 10_000,
		});
		return url;
	}

	/** Starts a workflow and waits until its review is open. */
	async open(parameters: Parameters = {}, items: unknown[] = [ITEM]): Promise<OpenReview> {
		const path = await this.#path({ message: 'Please check **this**.', ...parameters });
		const { data } = await this.#client.callWebhook(path, { items });
		const id = String(data.executionId);
		const execution = await this.#client.waitForExecution(id, ['waiting', 'error', 'success']);
		if (execution.status !== 'waiting') {
			throw new Error(`No review: ${execution.data.resultData.error?.message}`);
		}
		const {
			reviewLinks = [],
			withdrawUrl,
			humanReview,
		} = execution.data.resultData.runData.Review!.at(-1)!.metadata as {
			reviewLinks?: Array<{ reviewer: string; url: string }>;
			withdrawUrl: string;
			humanReview: { request: { deadlineAt: number | null } };
		};
		const links = Object.fromEntries(reviewLinks.map(({ reviewer, url }) => [reviewer, url]));
		const deadlineAt = humanReview.request.deadlineAt ?? 0;
		const url = reviewLinks[0]?.url ?? '';
		return { id, url, links, withdrawUrl, deadlineAt };
	}

	/** One workflow for each set of parameters. */
	async #path(parameters: Parameters): Promise<string> {
		const key = JSON.stringify(parameters);
		const known = this.#paths.get(key);
		if (known) return await known;
		const path = `review-${this.#paths.size + 1}`;
		const created = this.#client
			.createWorkflow(
				workflowWith(path, { operation: 'sendAndWait', ...parameters }, this.#credential),
			)
			.then(async (workflow) => await this.#client.publish(workflow))
			.then(() => path);
		this.#paths.set(key, created);
		return await created;
	}

	async page(url: string): Promise<ReviewPage> {
		const html = await (await fetch(url)).text();
		return { html, nonce: /name="nonce" value="([^"]+)"/.exec(html)?.[1] ?? '' };
	}

	async post(url: string, fields: Record<string, string>): Promise<Answer> {
		const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) });
		return { status: answer.status, html: await answer.text() };
	}

	/** Opens the page and presses a button. */
	async vote(url: string, decision: string, fields: Record<string, string> = {}): Promise<Answer> {
		const { nonce } = await this.page(url);
		return await this.post(url, { nonce, decision, ...fields });
	}

	/** Opens the page, presses a button, and waits for the end of the workflow. */
	async decide({ id, url }: Pick<OpenReview, 'id' | 'url'>, decision: string): Promise<Execution> {
		await this.vote(url, decision);
		return await this.#client.waitForExecution(id);
	}
}
