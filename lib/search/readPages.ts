import { EngineError, isEngineError, messageOf } from '../core';
import { timeOfText } from './engines/dates';
import { DOCUMENTS_ENGINE } from './engines/documents';
import type { Article } from './extract/article';
import type { FusedHit } from './fusion';
import { readPage } from './readPage';
import type { ReadPageOptions } from './readPage';
import type { Robots } from './robots';

/** How pages are read, and what their sites allow. */
export interface ReadPagesOptions extends ReadPageOptions {
	/** Pages that it closes are left unread. Default: none are. */
	robots?: Robots;
}

/** Longest part of a page that is quoted from, in characters. */
const MAX_TEXT = 100_000;

/**
 * Opens the pages of the best hits, all at the same time, and lets the hits be quoted from them. A
 * page that cannot be read leaves its hit with what the engine said, and the reason.
 *
 * @param hits - best first; changed in place
 * @param max - how many pages at most
 */
export async function readPages(
	hits: readonly FusedHit[],
	max: number,
	options: ReadPagesOptions,
): Promise<void> {
	// Documents of the input are here in full already.
	const pages = hits.filter(
		({ url, engines }) => url !== null && !engines.includes(DOCUMENTS_ENGINE),
	);
	await Promise.all(pages.slice(0, max).map(async (hit) => await readInto(hit, options)));
}

/** @throws {EngineError} `PAGE_FAILED` when the site does not want programs to read it */
async function readAllowed(url: string, options: ReadPagesOptions): Promise<Article> {
	if (options.robots !== undefined && !(await options.robots.allows(url))) {
		throw new EngineError('PAGE_FAILED', 'The robots.txt of the site closes this page.', {
			errorClass: 'guardrail',
		});
	}
	return await readPage(url, options);
}

async function readInto(hit: FusedHit, options: ReadPagesOptions): Promise<void> {
	await readAllowed(hit.url!, options).then(
		({ text, publishedAt }) => {
			// Too late: the search goes on with what it had.
			if (options.signal.aborted) return;
			hit.publishedAt ??= timeOfText(publishedAt);
			if (text.length <= hit.text.length) return;
			hit.text = text.slice(0, MAX_TEXT);
			hit.evidence = 'page';
		},
		(error: unknown) => {
			if (!isEngineError(error)) throw error;
			hit.pageError = messageOf(error);
		},
	);
}
