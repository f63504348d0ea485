import type { IExecuteFunctions } from 'n8n-workflow';

import { EngineError, parseJson } from '../../lib';
import type { HttpResponse } from '../../lib';
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

interface Api {
	running(workflowId: string, parentId: string): Promise<string[]>;
	stop(id: string): Promise<boolean>;
}

/**
 * The key is added here, not by n8n's authentication: n8n works that out as an expression, which it
 * can do no more once the execution has been stopped.
 */
async function openApi(context: IExecuteFunctions): Promise<Api> {
	const { baseUrl, apiKey } = await context.getCredentials<{ baseUrl: string; apiKey: string }>(
		EXECUTION_CREDENTIAL,
	);
	const base = `${baseUrl.replace(/\/+$/, '')}/api/v1/executions`;
	// Without the signal of the execution: stopping comes after a stop.
	const { helpers } = context;
	const http = nodeHttpClient({
		getNode: () => context.getNode(),
		getCredentials: async (type) => await context.getCredentials(type),
		helpers,
	});
	const call = async (method: 'GET' | 'POST', url: string): Promise<HttpResponse> =>
		await http.request({
			method,
			url,
			headers: { 'X-N8N-API-KEY': apiKey },
			timeoutMs: TIMEOUT_MS,
			followRedirects: false,
		});
	return {
		running: async (workflowId, parentId) =>
			await runningChildren(async (query) => await call('GET', `${base}?${query}`), {
				workflowId,
				parentId,
			}),
		stop: async (id) => {
			const { status } = await call('POST', `${base}/${encodeURIComponent(id)}/stop`);
			return status < 300;
		},
	};
}

/** An execution as n8n's API lists it. */
interface Listed {
	id: string | number;
	data?: { parentExecution?: { executionId?: string } };
}

async function runningChildren(
	list: (query: string) => Promise<HttpResponse>,
	{ workflowId, parentId }: { workflowId: string; parentId: string },
): Promise<string[]> {
	const query = new URLSearchParams({ workflowId, includeData: 'true', limit: String(PAGE) });
	const found: string[] = [];
	for (const status of ['running', 'waiting']) {
		query.set('status', status);
		query.delete('cursor');
		for (let more = true; more; ) {
			const { data, nextCursor } = pageOf(await list(query.toString()));
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
	if (status >= 300) {
		throw new EngineError(
			'EXECUTION_API',
			`n8n's API answered with status ${status}. Check the base URL, the key and its scopes.`,
			{ errorClass: 'auth' },
		);
	}
	const { data, nextCursor } = parseJson(text) as { data?: unknown; nextCursor?: string | null };
	return { data: (data ?? []) as Listed[], nextCursor: nextCursor ?? null };
}
