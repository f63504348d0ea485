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

/** Fixed, so that screenshots of two runs can be compared; two dots a pixel keep them readable. */
const LOOK = {
	viewport: { width: 1600, height: 900 },
	deviceScaleFactor: 2,
	colorScheme: 'light',
	locale: 'en-US',
	timezoneId: 'UTC',
} as const;

const CANVAS_TIMEOUT_MS = 60_000;

export interface Area {
	x: number;
	y: number;
	width: number;
	height: number;
}

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
	/** Closes messages and selects nothing. */
	tidy(): Promise<void>;
	/** The part of the window that the workflow fills, with a margin. */
	drawnArea(): Promise<Area>;
	/** A page of its own in the same browser, e.g. for a reviewer. */
	newPage(): Promise<Page>;
	close(): Promise<void>;
}

export const launchBrowser = (): Promise<Browser> =>
	chromium.launch({ executablePath: CHROMIUM, headless: true, args: ARGUMENTS });

const byTestId = (page: Page | Locator, id: string): Locator =>
	page.locator(`[data-test-id="${id}"]`);

const MARGIN = 16;

/** A place of the canvas where no node lies after the workflow was fitted into the window. */
const EMPTY_SPOT = { x: 500, y: 120 };

/** The smallest area that holds all the others. */
function around(areas: Area[]): Area {
	const x = Math.min(...areas.map((area) => area.x)) - MARGIN;
	const y = Math.min(...areas.map((area) => area.y)) - MARGIN;
	const right = Math.max(...areas.map((area) => area.x + area.width)) + MARGIN;
	const bottom = Math.max(...areas.map((area) => area.y + area.height)) + MARGIN;
	return { x, y, width: right - x, height: bottom - y };
}

/** n8n marks ended nodes with an element, working and waiting ones with a class. */
const STATUS_MARKS: Array<[NodeStatus, string]> = [
	['waiting', '.waiting'],
	['running', '.running'],
	['error', '[data-test-id="canvas-node-status-error"]'],
	['success', '[data-test-id="canvas-node-status-success"]'],
];

async function statusIn(node: Locator): Promise<NodeStatus> {
	for (const [status, mark] of STATUS_MARKS) {
		if ((await node.locator(mark).count()) > 0) return status;
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
	const context = await browser.newContext({ ...LOOK });
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
			// A trigger's own button appears beside it when the pointer is there.
			if (trigger) await node(trigger).hover();
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
		tidy: async () => {
			for (const close of await page.locator('.el-notification__closeBtn').all()) {
				await close.click();
			}
			await page.mouse.click(EMPTY_SPOT.x, EMPTY_SPOT.y);
		},
		drawnArea: async () => {
			const boxes = await Promise.all(
				(await page.locator('.vue-flow__node').all()).map((element) => element.boundingBox()),
			);
			return around(boxes.filter((box) => box !== null));
		},
		newPage: () => context.newPage(),
		close: () => browser.close(),
	};
}
