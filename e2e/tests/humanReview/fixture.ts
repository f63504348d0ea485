/** Workflows with one Human Review, opened through their webhook, and what people do with it. */
import { randomUUID } from 'node:crypto';
import { outputOf } from '../../n8n/client.ts';
import type { Page } from 'playwright-core';
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

type Parameters = Record<string, unknown>;

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

	/** Pages that show all injections in one place each. */
	injectedPages(injections: string[], shares: number): InjectedPage[] {
		const all = injections.join('\n');
		const item = { [all.slice(0, 300)]: injections, text: all };
		const labels = injections.map((text, index) => ({ label: `${index} ${text.slice(0, 400)}` }));
		const names = injections.map((text, index) => `${index} ${text}`.slice(0, 95).trim());
		const standIns = [...new Set(names)].map((name) => ({ name, joins: 'standIn' }));
		const people = { values: [{ name: 'Ann' }, { name: 'Ben' }] };
		const opened = (place: string, parameters: Parameters): InjectedPage => ({
			place,
			open: async () => await this.open(parameters, [item]),
		});
		return [
			opened('payload', { settings: { untrusted: true } }),
			opened('payload as Markdown', {
				payload: '={{ $json.text }}',
				settings: { format: 'markdown' },
			}),
			opened('message', { message: all }),
			// Titles and names of requesters are short: some pages with a share of the payloads each.
			...sharesOf(injections, 280)
				.slice(0, shares)
				.flatMap((text) => [
					opened('title', { settings: { title: text } }),
					opened('requester', { settings: { requester: text } }),
				]),
			opened('edit', { responseType: 'edit' }),
			opened('choice', { responseType: 'choice', choices: { values: labels } }),
			opened('form', {
				responseType: 'form',
				formFields: {
					values: labels.map(({ label }) => ({ label, help: label, initial: label })),
				},
			}),
			opened('stand-ins', { reviewers: { values: [{ name: 'Ann' }, ...standIns] } }),
			{
				place: 'changes',
				open: async () => {
					const settings = { votesToApprove: 2 };
					const edit = { responseType: 'edit', reviewers: people, settings };
					const review = await this.open(edit, [{ text: 'Before.' }]);
					const value = { 'value-0': JSON.stringify(item) };
					await this.vote(review.links.Ann!, 'approve', value);
					return { ...review, url: review.links.Ben! };
				},
			},
			{
				place: 'what was typed',
				open: async () => {
					const values = [
						{ label: 'Text', type: 'longText' },
						{ label: 'Sum', required: true },
					];
					return await this.open({ responseType: 'form', formFields: { values } });
				},
				fill: async (page) => {
					await page.locator('textarea').first().fill(all);
					await page.locator('#reviewer-name').fill(all.slice(0, 150).replaceAll('\n', ' '));
					await page.locator('button[value=answer]').click();
				},
			},
			{
				place: 'passed on',
				open: async () =>
					await this.open({ reviewers: people, settings: { delegation: 'anyone' } }),
				fill: async (page) => {
					await page.locator('details.pass-on summary').click();
					await page.locator('#delegate').fill(injections.slice(0, 3).join(' ').slice(0, 190));
					await page.locator('button[value=delegate]').click();
				},
			},
			{
				place: 'receipt',
				open: async () => await this.open(),
				fill: async (page) => {
					await page.locator('#reviewer-name').fill(injections.slice(0, 3).join(' ').slice(0, 190));
					await page.locator('button[value=approve]').click();
				},
			},
		];
	}

	/** One review of every kind, with all the parts that its page may have. */
	async openEveryKind(): Promise<Array<{ name: string; review: OpenReview }>> {
		const opened = [];
		for (const [name, [parameters, items]] of Object.entries(kinds)) {
			opened.push({ name, review: await this.open(parameters, items) });
		}
		return opened;
	}

	/** Every page there is: those of the kinds, and what people see who do not decide now. */
	async everyPage(): Promise<ReviewPageToVisit[]> {
		const opened = await this.openEveryKind();
		const byKind = (name: string) => opened.find((each) => each.name === name)!.review;
		const people = await this.open({
			reviewers: {
				values: [
					{ name: 'Ann', pin: '4711' },
					{ name: 'Ben' },
					{ name: 'Eva', joins: 'later', joinsAfter: 90 },
				],
			},
			settings: { delegation: 'anyone', votesToApprove: 2 },
		});
		const { Ann = '', Ben = '', Eva = '' } = people.links;
		const pins = { pin: '4711', 'delegate-pin': '8282' };
		const handed = await this.vote(Ann, 'delegate', { ...pins, delegate: 'Kim' });
		const kim = /<pre[^>]*>([^<]+)<\/pre>/.exec(handed.html)![1]!.replaceAll('&amp;', '&');
		const standIns = await this.open({
			reviewers: { values: [{ name: 'Ann' }, { name: 'Kim', joins: 'standIn' }] },
		});
		const gone = await this.open({
			reviewers: { values: [{ name: 'Ann' }] },
			settings: { delegation: 'anyone' },
		});
		const back = await this.vote(gone.links.Ann!, 'delegate', { delegate: 'Kim' });
		const dead = /<pre[^>]*>([^<]+)<\/pre>/.exec(back.html)![1]!.replaceAll('&amp;', '&');
		await this.vote(gone.links.Ann!, 'takeBack');
		const locked = byKind('pin').links.Ann!;
		for (let tries = 0; tries < 6; tries++) await this.vote(locked, 'approve', { pin: '0' });
		const visit = (name: string, url: string, press?: string): ReviewPageToVisit => ({
			name,
			url: async () => await Promise.resolve(url),
			press,
		});
		return [
			...opened.map(({ name, review }) => visit(name, review.url)),
			visit('owner', byKind('approval').withdrawUrl),
			visit('pass-on', Ben, 'details'),
			visit('passed-on', Ann),
			visit('in-place-of', kim),
			visit('early', Eva),
			visit('stand-in', standIns.links.Kim!),
			visit('forbidden', dead),
			visit('problems', byKind('form').url, 'answer'),
			visit('saved', byKind('pin').links.Ben!, 'approve'),
			visit('locked', locked, 'approve'),
			{ name: 'receipt', url: async () => (await this.open()).url, press: 'approve' },
		];
	}
}

/** A page to look at. */
export interface ReviewPageToVisit {
	name: string;
	url(): Promise<string>;
	/** Value of the button that leads to it, or `details` for the part that is closed at first. */
	press?: string;
}

const kinds: Record<string, [Parameters, unknown[]?]> = {
	approval: [
		{ settings: { untrusted: true, timeLimit: 1, timeLimitUnit: 'days' } },
		[{ ...ITEM, note: 'to \u202eyap\u202c', list: [ITEM, ITEM] }],
	],
	batch: [{}, [ITEM, ITEM, ITEM]],
	choice: [
		{ responseType: 'choice', choices: { values: [{ label: 'Today' }, { label: 'Later' }] } },
	],
	edit: [{ responseType: 'edit' }],
	form: [
		{
			responseType: 'form',
			formFields: {
				values: [
					{ label: 'Amount', type: 'number', required: true, help: 'Without tax' },
					{ label: 'When', type: 'date' },
					{ label: 'Priority', type: 'choice', options: 'Low, High', required: true },
					{ label: 'Channels', type: 'choices', options: 'Mail, Slack' },
					{ label: 'Informed', type: 'yesNo' },
					{ label: 'Contact', type: 'email' },
					{ label: 'Reason', type: 'longText' },
				],
			},
		},
	],
	pin: [
		{
			reviewers: { values: [{ name: 'Ann', pin: '1234' }, { name: 'Ben' }] },
			settings: { votesToApprove: 2 },
		},
	],
	text: [{ responseType: 'text' }],
};

/** Texts of at most a length that together hold all the given ones, but those that are longer. */
function sharesOf(texts: string[], length: number): string[] {
	const shares: string[] = [''];
	for (const text of texts.filter((each) => each.length <= length)) {
		const joined = `${shares.at(-1)} ${text}`.trim();
		if (joined.length <= length) shares[shares.length - 1] = joined;
		else shares.push(text);
	}
	return shares;
}

/** A page that shows what must not run. */
export interface InjectedPage {
	place: string;
	open(): Promise<OpenReview>;
	/** Leads to the page that shows it, when it has to be typed first. */
	fill?(page: Page): Promise<void>;
}
