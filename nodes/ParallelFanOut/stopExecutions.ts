import type { IExecuteFunctions } from 'n8n-workflow';

import { parseJson } from '../../lib';
import type { HttpClient, HttpResponse } from '../../lib';
import { nodeHttpClient } from '../shared/http';
import { nodeLogger } from '../shared/logger';
import { EXECUTION_CREDENTIAL } from './credentials';

const TIMEOUT_MS = 30_000;

/** As many executions as n8n's API gives at a time. */
const PAGE = 250;

/** Which sub-workflows are to be stopped. */
export interface Stopped {
	/** The execution whose sub-workflows they are. */
	parentId: string;
	/** Their workflows. */
	workflowIds: Iterable<string>;
	/** Those that are known by id: they wait. Running ones are looked for. */
	known?: readonly string[];
}

/**
 * Stops sub-workflows through n8n's public API. What cannot be stopped is told to the log only: it
 * must not hold back whoever has no need of it any more.
 *
 * @returns how many were stopped
 */
export async function stopExecutions(
	context: IExecuteFunctions,
	{ parentId, workflowIds, known = [] }: Stopped,
): Promise<number> {
	const api = await openApi(context);
	const ids = new Set(known);
	let stopped = 0;
	try {
		for (const workflowId of new Set(workflowIds)) {
			for (const id of await api.running(workflowId, parentId)) ids.add(id);
		}
		for (const id of ids) if (await api.stop(id)) stopped++;
	} catch (error) {
		nodeLogger(context).log('warn', 'Sub-workflows could not be stopped', {
			message: String(error),
		});
	}
	return stopped;
}

async function openApi(context: IExecuteFunctions) {
	const { baseUrl } = await context.getCredentials<{ baseUrl: string }>(EXECUTION_CREDENTIAL);
	const base = `${baseUrl.replace(/\/+$/, '')}/api/v1/executions`;
	// Without the signal of the execution: stopping comes after a stop.
	const { helpers } = context;
	const http = nodeHttpClient(
		{
			getNode: () => context.getNode(),
			getCredentials: async (type) => await context.getCredentials(type),
			helpers,
		},
		EXECUTION_CREDENTIAL,
	);
	return {
		running: async (workflowId: string, parentId: string) =>
			await runningChildren(http, base, workflowId, parentId),
		stop: async (id: string) => {
			const url = `${base}/${encodeURIComponent(id)}/stop`;
			const { status } = await http.request({ method: 'POST', url, timeoutMs: TIMEOUT_MS });
			return status < 400;
		},
	};
}

/** An execution as n8n's API lists it. */
interface Listed {
	id: string | number;
	data?: { parentExecution?: { executionId?: string } };
}

async function runningChildren(
	http: HttpClient,
	base: string,
	workflowId: string,
	parentId: string,
): Promise<string[]> {
	const query = new URLSearchParams({ workflowId, includeData: 'true', limit: String(PAGE) });
	const found: string[] = [];
	for (const status of ['running', 'waiting']) {
		query.set('status', status);
		query.delete('cursor');
		for (let more = true; more; ) {
			const url = `${base}?${query.toString()}`;
			const answer = await http.request({ method: 'GET', url, timeoutMs: TIMEOUT_MS });
			const { data, nextCursor } = pageOf(answer);
			for (const { id, data: run } of data) {
				if (run?.parentExecution?.executionId === parentId) found.push(String(id));
			}
			more = nextCursor !== null;
			if (nextCursor !== null) query.set('cursor', nextCursor);
		}
	}
	return found;
}

function pageOf({ status, text }: HttpResponse): { data: Listed[]; nextCursor: string | null } {
	if (status >= 400) return { data: [], nextCursor: null };
	const { data, nextCursor } = parseJson(text) as { data?: unknown; nextCursor?: string | null };
	return { data: (data ?? []) as Listed[], nextCursor: nextCursor ?? null };
}
