/** n8n's editor in a real browser. */
import { chromium } from 'playwright-core';
import type { Browser, Locator, Page } from 'playwright-core';
import type { N8nClient } from './client.ts';
import { waitFor } from './waitFor.ts';

const CHROMIUM = '/usr/bin/chromium';

const ARGUMENTS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-dev-shm-usage',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

/** Fixed, so that screenshots of two runs can be compared. */
export const VIEWPORT = { width: 1600, height: 900 };

const CANVAS_TIMEOUT_MS = 60_000;

export type NodeStatus = 'success' | 'error' | 'waiting' | 'running' | 'none';

export interface Editor {
	readonly page: Page;
	/** Opens a workflow and waits until its nodes are drawn. */
	openWorkflow(id: string): Promise<void>;
	/** Clicks "Execute workflow", from the given trigger when there are several. */
	execute(trigger?: string): Promise<void>;
	node(name: string): Locator;
	statusOf(name: string): Promise<NodeStatus>;
	/** Waits until the canvas shows the status at the node. */
	waitForStatus(name: string, status: NodeStatus, timeoutMs?: number): Promise<void>;
	/** Opens a node's panel: parameters, input and output. */
	openNode(name: string): Promise<void>;
	closeNode(): Promise<void>;
	/** Fits the whole workflow into the window. */
	fit(): Promise<void>;
	/** A page of its own in the same browser, e.g. for a reviewer. */
	newPage(): Promise<Page>;
	close(): Promise<void>;
}

export const launchBrowser = (): Promise<Browser> =>
	chromium.launch({ executablePath: CHROMIUM, headless: true, args: ARGUMENTS });

const byTestId = (page: Page | Locator, id: string): Locator =>
	page.locator(`[data-test-id="${id}"]`);

async function statusIn(node: Locator): Promise<NodeStatus> {
	for (const status of ['running', 'waiting', 'error', 'success'] as const) {
		if ((await byTestId(node, `canvas-node-status-${status}`).count()) > 0) return status;
	}
	return 'none';
}

/**
 * Opens n8n's editor, signed in as the client's owner, in the light theme.
 *
 * @param url - `http://localhost:<port>`, the same host as in n8n's links
 */
export async function openEditor(url: string, client: N8nClient): Promise<Editor> {
	const browser = await launchBrowser();
	const context = await browser.newContext({ viewport: VIEWPORT, colorScheme: 'light' });
	const cookie = { name: 'n8n-auth', value: client.session, httpOnly: true };
	await context.addCookies([{ ...cookie, domain: 'localhost', path: '/' }]);
	// n8n binds a session to the browser's id: this browser continues the client's session.
	await context.addInitScript((browserId) => {
		localStorage.setItem('n8n-browserId', browserId);
		localStorage.setItem('N8N_THEME', 'light');
	}, client.browserId);
	const page = await context.newPage();
	const node = (name: string) =>
		page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`);

	return {
		page,
		node,
		openWorkflow: async (id) => {
			await page.goto(`${url}/workflow/${id}`);
			await byTestId(page, 'canvas-node').first().waitFor({ timeout: CANVAS_TIMEOUT_MS });
		},
		execute: async (trigger) => {
			const suffix = trigger ? `-${trigger}` : '';
			await byTestId(page, `execute-workflow-button${suffix}`).first().click();
		},
		statusOf: (name) => statusIn(node(name)),
		waitForStatus: async (name, status, timeoutMs = 30_000) => {
			await waitFor(
				`node "${name}" to show ${status}`,
				async () => ((await statusIn(node(name))) === status ? true : undefined),
				{ timeoutMs },
			);
		},
		openNode: async (name) => {
			await node(name).dblclick();
			await byTestId(page, 'ndv').first().waitFor();
		},
		closeNode: () => page.keyboard.press('Escape'),
		fit: () => page.keyboard.press('1'),
		newPage: () => context.newPage(),
		close: () => browser.close(),
	};
}
