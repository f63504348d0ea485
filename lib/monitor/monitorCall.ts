import { z } from 'zod';

import type { RunStatus } from '../run';
import { MAX_PAGE } from '../store';
import { listPage, SHOWN, type PageLinks, type Shown } from './listPage';
import { MONITOR_HEADERS, pageFrame, pageMain, type PageContent } from './pageFrame';
import type { RunLine, RunPicture } from './runPicture';
import { runPage } from './runPage';
import { html } from '../page';

/** Where the pages get their runs. */
export interface RunSource {
	/** Last changed first. */
	list(query: {
		limit: number;
		offset: number;
		status?: readonly RunStatus[];
	}): Promise<{ runs: RunLine[]; total: number }>;
	picture(runId: string): Promise<RunPicture | undefined>;
}

/** The answer to a call of the run page. */
export interface MonitorReply {
	statusCode: number;
	headers: Readonly<Record<string, string>>;
	body: string;
}

/** Runs on one page of the list. */
const PAGE = 50;

// Pages of several sources are merged from their beginnings; a store gives so many at once.
const MAX_OFFSET = MAX_PAGE - PAGE;

const querySchema = z.object({
	/** Id of the run to show; none for the list. */
	run: z.string().min(1).optional().catch(undefined),
	show: z.enum(SHOWN).catch('all'),
	offset: z.coerce.number().int().min(0).max(MAX_OFFSET).catch(0),
	/** `live` when an open page asks for what has changed, `stream` when it listens for that. */
	part: z.enum(['live', 'stream']).optional().catch(undefined),
	/** The version that an open page shows. */
	seen: z.string().optional().catch(undefined),
});

const STATES: Readonly<Record<Shown, readonly RunStatus[] | undefined>> = {
	all: undefined,
	active: ['pending', 'running', 'waiting', 'pausing', 'paused', 'cancelling'],
	waiting: ['waiting', 'paused'],
	failed: ['failed', 'timed_out'],
	completed: ['completed'],
};

/** How a host serves the pages. */
export interface MonitorHost {
	/** Whether open pages can listen for what changes; see `LivePages`. Default: they ask for it. */
	streams?: boolean;
}

/** What a call of the run page asks for. */
type MonitorQuery = z.infer<typeof querySchema>;

/** Reads the query of an address; whatever it says, it asks for something. */
export function readMonitorQuery(query: unknown): MonitorQuery {
	return querySchema.parse(query !== null && typeof query === 'object' ? query : {});
}

/**
 * Answers a call of the run page: the list of runs, or with `run` in the query one run. Whatever the
 * query says, there is an answer; nothing is ever changed by it.
 *
 * @param query - of the address: `run`, `show`, `offset`, and what an open page adds
 */
export async function answerMonitorCall(
	source: RunSource,
	query: unknown,
	now: number,
	host: MonitorHost = {},
): Promise<MonitorReply> {
	const asked = readMonitorQuery(query);
	const { run: runId, part, seen } = asked;
	const content = await contentOf(source, asked, now);
	if (content === undefined) return reply(404, pageFrame(unknownRun(runId!, now)));
	if (part !== 'live') return reply(200, pageFrame(content, host));
	return seen === content.version ? reply(204, '') : reply(200, pageMain(content, host).text);
}

/** What a page shows now; `undefined` when there is no such run. */
export async function contentOf(
	source: RunSource,
	query: MonitorQuery,
	now: number,
): Promise<PageContent | undefined> {
	const { run: runId } = query;
	return runId === undefined
		? await listContent(source, query, now)
		: await runContent(source, runId, now);
}

function reply(statusCode: number, body: string): MonitorReply {
	return { statusCode, headers: MONITOR_HEADERS, body };
}

async function listContent(
	source: RunSource,
	{ show, offset }: { show: Shown; offset: number },
	now: number,
): Promise<PageContent> {
	const status = STATES[show];
	const page = await source.list({ limit: PAGE, offset, ...(status && { status }) });
	return listPage({ ...page, offset, limit: PAGE, shown: show }, now, LINKS);
}

async function runContent(
	source: RunSource,
	runId: string,
	now: number,
): Promise<PageContent | undefined> {
	const picture = await source.picture(runId);
	return picture === undefined ? undefined : runPage(picture, now, HOME);
}

// Addresses that begin with a question mark stay on the page's own path, whatever that is.
const HOME = '?show=all';

const LINKS: PageLinks = {
	run: (runId) => `?run=${encodeURIComponent(runId)}`,
	list: (shown, offset) => `?show=${shown}&offset=${offset}`,
};

function unknownRun(runId: string, now: number): PageContent {
	const section = html`<section class="card" data-key="unknown">
		<h1>There is no run “${runId}”</h1>
		<p>
			It may have been cleaned up, or it is kept in another store. <a href="${HOME}">All runs</a>
		</p>
	</section>`;
	return { title: 'Unknown run', sections: [section], version: 'unknown', live: false, now };
}
