import type { IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod';

import { messageOf, parse, parseJson } from '../../../lib';
import type { HttpResponse } from '../../../lib';
import { nodeHttpClient } from '../../shared/http';
import { nodeLogger } from '../../shared/logger';
import { n8nRuntime } from '../../shared/runtime';
import { isOver } from '../../shared/executions';
import { endOf } from './child';
import type { ChildEnd } from './child';

/** Pauses between looks inside the process, in milliseconds: the first, and the longest. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
const PAUSE_GROWTH = 1.5;

const DELIVERY_TIMEOUT_MS = 30_000;

const watchSchema = z.object({
	joinId: z.string(),
	/** The signed address of the node that waits. */
	url: z.string().url(),
	/** The execution that waits. */
	parentId: z.string(),
	children: z.array(z.object({ index: z.number(), executionId: z.string() })),
});

/** What a watcher of a join knows: it needs nothing else, so that it can live on its own. */
export type Watch = z.infer<typeof watchSchema>;

/** How one child ended, as it is sent to the node that waits. */
export type Delivery = ChildEnd & { index: number };

/** A watch as it comes out of an item. */
export function watchOf(json: unknown): Watch {
	return parse(watchSchema, json, 'Fan-out watch');
}

/**
 * Looks after the sub-workflows that a node waits for, and tells the node when all have ended.
 * Any number of watchers may look at the same time: the node listens to the first.
 *
 * @returns whether there is nothing more to watch
 */
export async function look(context: IExecuteFunctions, watch: Watch): Promise<boolean> {
	return await tell(context, watch).catch((error: unknown) => {
		// Such as a service that is just starting: the next look may find it well.
		nodeLogger(context).log('warn', 'A waiting Parallel Fan-out could not be looked after', {
			waitingExecution: watch.parentId,
			message: messageOf(error),
		});
		return false;
	});
}

async function tell(context: IExecuteFunctions, watch: Watch): Promise<boolean> {
	const parent = await context.getExecutionDataById(watch.parentId);
	if (parent === undefined || parent.resultData.error !== undefined || isOver(parent)) return true;
	const results: Delivery[] = [];
	for (const { index, executionId } of watch.children) {
		const end = endOf(await context.getExecutionDataById(executionId), executionId);
		if (end === undefined) return false;
		results.push({ ...end, index });
	}
	const answer = await nodeHttpClient(context).request({
		method: 'POST',
		url: watch.url,
		body: { joinId: watch.joinId, results },
		timeoutMs: DELIVERY_TIMEOUT_MS,
	});
	return isFinal(answer);
}

/**
 * Whether the node has listened, or never will. n8n answers 409 while an execution is not waiting
 * yet, and 500 to those who come second at the same moment: both may change.
 */
function isFinal({ status, headers, text }: HttpResponse): boolean {
	if (status === 401 || status === 404) return true;
	if (status === 409) return text.includes('finished');
	if (status !== 200) return false;
	// A page instead of data: n8n tells people that the wait is over.
	if (!/json/.test(headers['content-type'] ?? '')) return true;
	const answer = parseJson(text) as { joined?: boolean; stale?: boolean } | null;
	return answer?.joined === true || answer?.stale === true;
}

/** Watches inside this process until there is nothing more to watch. Dies with the process. */
export async function watchHere(context: IExecuteFunctions, watch: Watch): Promise<void> {
	let pause = FIRST_PAUSE_MS;
	for (let over = false; !over; pause = Math.min(LONGEST_PAUSE_MS, pause * PAUSE_GROWTH)) {
		await n8nRuntime.sleep(pause);
		over = await look(context, watch);
	}
}
