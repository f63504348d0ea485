/**
 * Pictures of what the tests see, in `.cache/e2e/screenshots`. With `UPDATE_SCREENSHOTS=1` they
 * replace the committed ones of the README, which therefore can always be made again.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import type { Area } from '../n8n/editor.ts';
import { root } from '../n8n/paths.ts';

const folder = path.join(
	root,
	process.env.UPDATE_SCREENSHOTS ? '.github/screenshots' : '.cache/e2e/screenshots',
);

/**
 * @param name - file name without its end
 * @param options - `clip`: part of the page (default: the window); `isSharp`: two dots a pixel
 */
export async function takeScreenshot(
	page: Page,
	name: string,
	{ clip, isSharp = false }: { clip?: Area; isSharp?: boolean } = {},
): Promise<void> {
	mkdirSync(folder, { recursive: true });
	// Away from everything that changes under the pointer, and after the last animation.
	await page.mouse.move(0, 0);
	await page.waitForTimeout(600);
	await page.screenshot({
		path: path.join(folder, `${name}.png`),
		clip,
		animations: 'disabled',
		scale: isSharp ? 'device' : 'css',
	});
}
