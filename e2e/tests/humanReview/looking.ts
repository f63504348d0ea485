/** What a browser shows of a page, and what is wrong with it. */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { root } from '../../n8n/paths.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
	passes: unknown[];
	violations: Array<{ id: string; nodes: Array<{ html: string }> }>;
}

/** Sizes of windows. */
export const devices = {
	desktop: { width: 1100, height: 800 },
	phone: { width: 375, height: 740 },
};

/** Both devices in both colour schemes; the first and the last have each of them once. */
export const waysToLook = (['light', 'dark'] as const).flatMap((colorScheme) =>
	(['desktop', 'phone'] as const).map((device) => ({ colorScheme, device })),
);

/** Lets {@link violationsOn} look at a page, whose policy must be lifted for it. */
export async function loadAxe(page: Page): Promise<void> {
	await page.evaluate(axe);
}

/** What axe finds on a page as it is shown now, and whether it is wider than its window. */
export async function violationsOn(page: Page): Promise<string[]> {
	const { passes, violations, wide } = await page.evaluate(async () => {
		const result = await (
			globalThis as unknown as { axe: { run(): Promise<AxeResult> } }
		).axe.run();
		return {
			passes: result.passes.length,
			violations: result.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
			wide: document.documentElement.scrollWidth > window.innerWidth,
		};
	});
	if (passes <= 5) throw new Error(`axe has checked only ${passes} rules.`);
	return wide ? [...violations, 'wider than the window'] : violations;
}

/** A picture to look at, in `.cache/e2e/screenshots/review`. */
export async function keepPicture(page: Page, name: string): Promise<void> {
	const folder = path.join(root, '.cache/e2e/screenshots/review');
	mkdirSync(folder, { recursive: true });
	await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
}
