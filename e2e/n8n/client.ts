/** n8n's own REST interface, the one its editor uses. */
import { randomBytes, randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import axios from 'axios';
import type { AxiosInstance, AxiosResponse } from 'axios';
import { parse } from 'flatted';
import type {
	Credential,
	Execution,
	ExecutionStatus,
	ExecutionSummary,
	Owner,
	Workflow,
	WorkflowFile,
} from './types.ts';
import { waitFor } from './waitFor.ts';
import type { WaitOptions } from './waitFor.ts';

/** A random password that meets n8n's rules (a capital and a digit). */
export const newOwner = (): Owner => ({
	email: 'owner@agent-swarm.example',
	password: `Aa1${randomBytes(12).toString('base64url')}`,
	firstName: 'Olivia',
	lastName: 'Owner',
});

const finished: ExecutionStatus[] = ['success', 'error', 'canceled', 'crashed'];

/** n8n answered with an error status. */
export class N8nRequestError extends Error {
	readonly status: number;
	constructor(method: string, path: string, { status, data }: AxiosResponse<unknown>) {
		const body = typeof data === 'string' ? data : JSON.stringify(data);
		super(`${method} ${path} was answered with ${status}: ${body.slice(0, 600)}`);
		this.name = 'N8nRequestError';
		this.status = status;
	}
}

export class N8nClient {
	/** n8n binds a session to the browser that signed in. */
	readonly browserId = randomUUID();
	readonly #http: AxiosInstance;
	#cookie = '';

	constructor(url: string) {
		// A connection of its own for each request: n8n closes idle ones in the moment of their reuse.
		const httpAgent = new Agent({ keepAlive: false });
		this.#http = axios.create({
			baseURL: url,
			validateStatus: () => true,
			proxy: false,
			httpAgent,
		});
	}

	/** Value of the session cookie `n8n-auth`, for a browser that should be signed in already. */
	get session(): string {
		return this.#cookie.replace(/^n8n-auth=/, '');
	}

	/**
	 * @param path - below `/rest`, e.g. `/workflows`
	 * @returns what n8n wraps into `data`
	 * @throws {N8nRequestError} when the status is 400 or more
	 */
	async request<T>(method: string, path: string, body?: unknown): Promise<T> {
		const response = await this.#http.request<{ data: T }>({
			method,
			url: `/rest${path}`,
			data: body,
			headers: { cookie: this.#cookie, 'browser-id': this.browserId },
		});
		if (response.status >= 400) throw new N8nRequestError(method, path, response);
		for (const cookie of response.headers['set-cookie'] ?? []) {
			if (cookie.startsWith('n8n-auth=')) this.#cookie = cookie.split(';')[0] ?? '';
		}
		return response.data.data;
	}

	/** Makes the owner of a fresh n8n, or signs in to one that has this owner. */
	async signIn(owner: Owner): Promise<void> {
		const { userManagement } = await this.request<{
			userManagement: { showSetupOnFirstLoad: boolean };
		}>('GET', '/settings');
		if (userManagement.showSetupOnFirstLoad) {
			await this.request('POST', '/owner/setup', owner);
			return;
		}
		await this.request('POST', '/login', {
			emailOrLdapLoginId: owner.email,
			password: owner.password,
		});
	}

	createWorkflow(file: WorkflowFile): Promise<Workflow> {
		return this.request('POST', '/workflows', { settings: { executionOrder: 'v1' }, ...file });
	}

	workflow(id: string): Promise<Workflow> {
		return this.request('GET', `/workflows/${id}`);
	}

	workflows(): Promise<Workflow[]> {
		return this.request('GET', '/workflows?includeScopes=false');
	}

	async updateWorkflow(id: string, file: Partial<WorkflowFile>): Promise<Workflow> {
		const { versionId } = await this.workflow(id);
		return this.request('PATCH', `/workflows/${id}?forceSave=true`, { ...file, versionId });
	}

	/** Publishes the newest version: its webhooks and schedules work from now on. */
	publish({ id, versionId }: Workflow): Promise<Workflow> {
		const version = { versionId, name: 'Published', description: '' };
		return this.request('POST', `/workflows/${id}/activate`, version);
	}

	unpublish(id: string): Promise<Workflow> {
		return this.request('POST', `/workflows/${id}/deactivate`, {});
	}

	/** Finds a credential by name and type, or makes it; its data are set in both cases. */
	async saveCredential(
		name: string,
		type: string,
		data: Record<string, unknown>,
	): Promise<Credential> {
		const all = await this.request<Credential[]>('GET', '/credentials');
		const known = all.find((one) => one.name === name && one.type === type);
		const body = { name, type, data };
		return known
			? this.request('PATCH', `/credentials/${known.id}`, body)
			: this.request('POST', '/credentials', body);
	}

	/** Runs the draft as the button in the editor does; returns the execution's id. */
	async runManually(workflow: Workflow, trigger: string): Promise<string> {
		const run = { workflowData: workflow, triggerToStartFrom: { name: trigger } };
		const { executionId } = await this.request<{ executionId: string }>(
			'POST',
			`/workflows/${workflow.id}/run`,
			run,
		);
		return executionId;
	}

	/** The newest executions of a workflow, newest first. */
	async executions(workflowId: string, limit = 20): Promise<ExecutionSummary[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const { results } = await this.request<{ results: ExecutionSummary[] }>(
			'GET',
			`/executions?filter=${filter}&limit=${limit}`,
		);
		return results;
	}

	async execution(id: string): Promise<Execution> {
		const found = await this.request<Omit<Execution, 'data'> & { data: string }>(
			'GET',
			`/executions/${id}`,
		);
		return { ...found, data: parse(found.data) as Execution['data'] };
	}

	/** Waits until the execution has one of the statuses (default: until it is over). */
	waitForExecution(
		id: string,
		statuses: ExecutionStatus[] = finished,
		options: WaitOptions = { timeoutMs: 60_000 },
	): Promise<Execution> {
		return waitFor(
			`execution ${id} to be ${statuses.join(' or ')}`,
			async () => {
				const execution = await this.execution(id);
				return statuses.includes(execution.status) ? execution : undefined;
			},
			options,
		);
	}

	stop(executionId: string): Promise<unknown> {
		return this.request('POST', `/executions/${executionId}/stop`);
	}

	/** n8n's "Retry" of a failed execution; returns the new execution's id. */
	async retry(executionId: string): Promise<string> {
		const { id } = await this.request<{ id: string }>('POST', `/executions/${executionId}/retry`, {
			loadWorkflow: false,
		});
		return id;
	}

	/**
	 * Calls a production webhook; publishing is asynchronous, so 404 means "not yet" for a while.
	 *
	 * @param path - behind `/webhook/`
	 */
	async callWebhook(path: string, body: unknown): Promise<AxiosResponse<Record<string, unknown>>> {
		return waitFor(
			`webhook /${path}`,
			async () => {
				const response = await this.#http.post<Record<string, unknown>>(`/webhook/${path}`, body);
				return response.status === 404 ? undefined : response;
			},
			{ timeoutMs: 10_000 },
		);
	}
}

/** The items that left a node's output, of its last run. */
export function outputOf(
	execution: Execution,
	node: string,
	output = 0,
): Array<Record<string, unknown>> {
	const lastRun = execution.data.resultData.runData[node]?.at(-1);
	return (lastRun?.data?.main?.[output] ?? []).map(({ json }) => json);
}
