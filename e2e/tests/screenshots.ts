/**
 * Pictures of what the tests see, in `.cache/e2e/screenshots`. With `UPDATE_SCREENSHOTS=1` they
 * replace the committed ones of the README, which therefore can always be made again.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { root } from '../n8n/paths.ts';

const folder = path.join(
	root,
	process.env.UPDATE_SCREENSHOTS ? '.github/screenshots' : '.cache/e2e/screenshots',
);

export interface Area {
	x: number;
	y: number;
	width: number;
	height: number;
}

/**
 * @param name - file name without its end
 * @param clip - part of the page; default: what the window shows
 */
export async function takeScreenshot(page: Page, name: string, clip?: Area): Promise<void> {
	mkdirSync(folder, { recursive: true });
	// Away from everything that changes under the pointer, and after the last animation.
	await page.mouse.move(0, 0);
	await page.waitForTimeout(600);
	await page.screenshot({ path: path.join(folder, `${name}.png`), clip, animations: 'disabled' });
}
