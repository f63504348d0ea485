import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { outputOf } from '../n8n/client.ts';
import { openEditor } from '../n8n/editor.ts';
import { root } from '../n8n/paths.ts';
import type { Credential, WorkflowFile } from '../n8n/types.ts';
import { waitFor } from '../n8n/waitFor.ts';
import { ReviewFixture } from './humanReview/fixture.ts';
import { InternetStandIn } from './humanReview/internetStandIn.ts';
import { SmtpServer } from './humanReview/smtpServer.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';
import { takeScreenshot } from './screenshots.ts';

const SAMPLE = { invoice: '4711', supplier: 'Nordlicht GmbH', amount: 5200, currency: 'EUR' };
const LINK = /https?:\/\/[^\s|>"<]+\/webhook-waiting\/[^\s|>"<]+/;

/** The examples of Human Review, run as they are, but for the credentials. */
describe('the examples of Human Review', () => {
	let n8n: TestN8n;
	let reviews: ReviewFixture;
	let internet: InternetStandIn;
	let smtp: SmtpServer;

	before(async () => {
		[internet, smtp] = await Promise.all([new InternetStandIn().open(), new SmtpServer().open()]);
		n8n = await n8nForTests('humanReviewExamples', internet.environment);
		reviews = new ReviewFixture(n8n.client);
	});
	after(async () => {
		await n8n.close();
		await internet.close();
		await smtp.close();
	});

	/** Imports an example and gives its sending node a credential. */
	async function published(name: string, sender: string, credential: Credential) {
		const text = readFileSync(path.join(root, `examples/${name}.json`), 'utf8');
		const file = JSON.parse(text) as WorkflowFile;
		const node = file.nodes.find((each) => each.name === sender)!;
		assert.deepEqual(Object.keys(node.credentials!), [credential.type]);
		const { id, name: title } = credential;
		node.credentials = { [credential.type]: { id, name: title } };
		return await n8n.client.publish(await n8n.client.createWorkflow(file));
	}

	/** Starts the example, lets both reviewers approve by the links they got, and sees it paid. */
	async function approvedBy(workflowId: string, hook: string, links: () => string[]) {
		await n8n.client.callWebhook(hook, SAMPLE);
		const urls = await waitFor('two links', () => {
			const found = links();
			return found.length >= 2 ? found : undefined;
		});
		assert.equal(new Set(urls).size, 2, 'each reviewer has a link of their own');
		for (const url of urls) {
			// The message may be faster than n8n, which then says that the execution still runs.
			await waitFor('the review to wait', async () => {
				const { ok } = await fetch(url);
				return ok ? true : undefined;
			});
			const { status } = await reviews.vote(url, 'approve');
			assert.equal(status, 200);
		}
		const execution = await waitFor('the end', async () => {
			const summaries = await n8n.client.executions(workflowId);
			for (const { id } of summaries) {
				const each = await n8n.client.execution(id);
				if (each.data.resultData.runData.Pay !== undefined) return each;
			}
			return undefined;
		});
		assert.deepEqual(outputOf(execution, 'Pay'), [
			{ invoice: '4711', paid: true, by: ['Accounting', 'Purchasing'] },
		]);
	}

	it('by Slack: a direct message to each reviewer', async () => {
		const credential = await n8n.client.saveCredential('Slack', 'slackApi', {
			accessToken: 'xoxb-only-for-tests',
		});
		const { id } = await published('review-slack', 'Send to Slack', credential);
		const sent = () =>
			internet.requests.filter(({ what }) => what === 'POST slack.com/api/chat.postMessage');
		await approvedBy(id, 'review-slack', () =>
			sent().map(({ body }) => LINK.exec(String(body.text))![0]),
		);
		assert.deepEqual(
			sent().map(({ body }) => [body.channel, body.unfurl_links]),
			[
				['U0000000001', false],
				['U0000000002', false],
			],
		);
		assert.match(String(sent()[0]!.body.text), /Please review: <http[^|]+\|Invoice 4711>/);
	});

	it('by e-mail: a plain text to each reviewer', async () => {
		const credential = await n8n.client.saveCredential('SMTP', 'smtp', {
			host: '127.0.0.1',
			port: smtp.port,
			secure: false,
			disableStartTls: true,
			user: '',
			password: '',
			hostName: '',
		});
		const { id } = await published('review-email', 'Send E-Mail', credential);
		await approvedBy(id, 'review-email', () => smtp.mails.map(({ text }) => LINK.exec(text)![0]));
		assert.deepEqual(
			smtp.mails.map(({ to, subject }) => [to, subject]),
			[
				[['accounting@example.com'], 'Please review: Invoice 4711'],
				[['purchasing@example.com'], 'Please review: Invoice 4711'],
			],
		);
	});

	it('by Microsoft Teams: a message in the chat with each reviewer', async () => {
		const credential = await n8n.client.saveCredential('Teams', 'microsoftTeamsOAuth2Api', {
			clientId: 'only-for-tests',
			clientSecret: 'only-for-tests',
			oauthTokenData: { access_token: 'only-for-tests', token_type: 'Bearer' },
		});
		const { id } = await published('review-teams', 'Send to Teams', credential);
		const sent = () =>
			internet.requests.filter(({ what }) => what.startsWith('POST graph.microsoft.com'));
		const textOf = ({ body }: { body: Record<string, unknown> }) =>
			String((body.body as { content: string }).content);
		await approvedBy(id, 'review-teams', () => sent().map((each) => LINK.exec(textOf(each))![0]));
		assert.match(sent()[0]!.what, /\/v1\.0\/chats\/19(:|%3A)accounting/);
		assert.match(textOf(sent()[0]!), /Please review: Invoice 4711/);
	});

	it('run by hand in the editor, with the sample, before they are published', async () => {
		const file = JSON.parse(
			readFileSync(path.join(root, 'examples/review-email.json'), 'utf8'),
		) as WorkflowFile;
		const all = await n8n.client.request<Credential[]>('GET', '/credentials');
		const { id, name } = all.find(({ type }) => type === 'smtp')!;
		file.nodes.find((node) => node.name === 'Send E-Mail')!.credentials = { smtp: { id, name } };
		smtp.mails.length = 0;
		const workflow = await n8n.client.createWorkflow(file);
		const editor = await openEditor(n8n.server.url, n8n.client);
		const { page } = editor;
		await editor.openWorkflow(workflow.id);
		await editor.execute('Run by Hand');
		await editor.waitForStatus('Approve the Invoice', 'waiting');
		assert.equal(smtp.mails.length, 2);
		await editor.fit();
		await editor.tidy();
		await takeScreenshot(page, 'human-review-canvas', {
			clip: await editor.drawnArea(),
			isSharp: true,
		});
		await editor.openNode('Approve the Invoice');
		const panel = page.locator('[data-test-id="ndv"]').first();
		for (const field of ['Message', 'Reviewers', 'Tell Reviewers By']) {
			await panel.getByText(field, { exact: true }).first().waitFor();
		}
		await takeScreenshot(page, 'human-review-panel');
		await panel.getByText('Reviewers', { exact: true }).first().scrollIntoViewIfNeeded();
		await takeScreenshot(page, 'human-review-panel-reviewers');
		await editor.close();
	});
});
