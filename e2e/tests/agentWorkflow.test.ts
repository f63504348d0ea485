import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import axios from 'axios';
import { startModel } from '../model/server.ts';
import type { ModelServer } from '../model/server.ts';
import { chain, node, webhook } from '../n8n/build.ts';
import { openEditor } from '../n8n/editor.ts';
import type { Workflow } from '../n8n/types.ts';
import { waitFor } from '../n8n/waitFor.ts';
import { setupFor } from '../start/endpoint.ts';
import { fitted, readExample } from '../start/examples.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';
import { takeScreenshot } from './screenshots.ts';

/** How many runs are killed in their middle; `WORKFLOW_KILLS=10` for the long proof. */
const KILLS = Number(process.env.WORKFLOW_KILLS ?? 2);
const STEPS = 50;
const SLOW = { timeoutMs: 60_000 };

type Body = Record<string, unknown>;

const headerOf = (key: string): string => `Basic ${Buffer.from(`api:${key}`).toString('base64')}`;

/** A service whose calls take a moment; it remembers who called with which idempotency key. */
async function stepService(pauseMs: number) {
	const calls: Array<{ step: string; key: string }> = [];
	const server = createServer((request, response) => {
		const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
		const key = String(request.headers['idempotency-key']);
		calls.push({ step: searchParams.get('step') ?? '', key });
		setTimeout(() => {
			response.setHeader('content-type', 'application/json');
			response.end(JSON.stringify({ done: searchParams.get('step') }));
		}, pauseMs);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		calls,
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		close: () => {
			server.close();
			server.closeAllConnections();
		},
	};
}

describe('Agent Workflow in a real n8n', () => {
	let n8n: TestN8n;
	let model: ModelServer;
	const imported: Record<string, Workflow> = {};

	before(async () => {
		model = await startModel();
		n8n = await n8nForTests('agentWorkflow');
		const { credentials, model: name } = setupFor({
			baseUrl: model.url,
			apiKey: 'stand-in',
			model: 'stand-in',
		});
		const keys = { httpHeaderAuth: { name: 'authorization', value: headerOf('key-1') } };
		for (const example of ['api-dreamwalker', 'api-workflows']) {
			const setup = { model: name, credentials: { ...credentials, ...keys } };
			const file = await fitted(n8n.client, readExample(example), setup);
			const search = file.nodes.find((one) => one.name === 'Search');
			if (search) {
				const documents = [
					{
						title: 'Quantum news',
						url: 'https://news.example.com/quantum',
						text: 'Quantum computing saw new developments: error-corrected qubits now live longer.',
					},
				];
				const searchDefaults = JSON.stringify({ engines: ['documents'], documents });
				Object.assign(search.parameters.options as Body, { searchDefaults });
			}
			const workflow = await n8n.client.createWorkflow(file);
			await n8n.client.publish(workflow);
			imported[example] = workflow;
		}
		// Publishing is asynchronous: the first call may come too early.
		for (const path of ['dreamwalker/list', 'api/v1/executions']) {
			await waitFor(`/${path}`, async () => (await api('GET', path)).status === 200 || undefined);
		}
	});
	after(async () => {
		await n8n.close();
		await model.close();
	});

	/** A call of the API with a key. */
	async function api(method: string, path: string, data?: unknown, key = 'key-1') {
		return await axios.request<Body>({
			method,
			url: `${n8n.server.url}/webhook/${path}`,
			data,
			headers: { authorization: headerOf(key) },
			validateStatus: () => true,
			proxy: false,
		});
	}

	/** Document 000 and 001 with another address, the key in it. */
	const address = (): string => n8n.server.url.replace('://', '://api:key-1@') + '/webhook';

	async function curl(text: string): Promise<Body> {
		const command = text.replace('http://localhost:8000', address()).replace(/^curl/, 'curl -sS');
		const { stdout } = await promisify(execFile)('bash', ['-c', command]);
		return JSON.parse(stdout) as Body;
	}

	it('answers every request of the Dreamwalker document', async () => {
		const started = await api('POST', 'dreamwalker/search', {
			query: 'What are the latest developments in quantum computing?',
			workflow_type: 'swarm',
			model: 'coolhand/camina-search:24b',
		});
		assert.equal(started.status, 202, JSON.stringify(started.data));
		const id = String(started.data.workflow_id);
		const status = await waitFor('the search', async () => {
			const { data, status: code } = await api('GET', `dreamwalker/status/${id}`);
			assert.equal(code, 200, JSON.stringify(data));
			return data.status === 'completed' ? data : undefined;
		});
		assert.equal(status.progress, 100);
		assert.equal(typeof status.step_description, 'string');
		const result = await api('GET', `dreamwalker/result/${id}`);
		assert.equal(result.status, 200);
		assert.equal(result.data.query, 'What are the latest developments in quantum computing?');
		assert.ok(Array.isArray(result.data.variant_queries));
		assert.match(String(result.data.summary), /error-corrected qubits.*\[1\]/);
		const cancelled = await api('DELETE', `dreamwalker/cancel/${id}`);
		assert.equal(cancelled.status, 409);
		assert.match(String(cancelled.data.detail), /is completed and cannot be cancelled/);
		const list = await api('GET', 'dreamwalker/list');
		assert.deepEqual(list.data, { workflows: [], count: 0 });
		const cleaned = await api('DELETE', 'dreamwalker/cleanup?older_than_hours=0');
		assert.deepEqual(cleaned.data, { removed: 1, workflow_ids: [id] });
	});

	it('says what is wrong with the status codes of the document', async () => {
		const unknown = await api('GET', 'dreamwalker/status/nobody');
		assert.equal(unknown.status, 404);
		assert.equal(unknown.data.detail, 'There is no execution "nobody".');
		assert.equal((await api('GET', 'dreamwalker/result/nobody')).status, 404);
		assert.equal((await api('DELETE', 'dreamwalker/cancel/nobody')).status, 404);
		const empty = await api('POST', 'dreamwalker/search', {});
		assert.equal(empty.status, 400);
		assert.match(String(empty.data.detail), /query/);
		const type = await api('POST', 'dreamwalker/search', { query: 'x', workflow_type: 'bee' });
		assert.equal(type.status, 400);
		assert.match(String(type.data.detail), /There is no workflow "bee"/);
		const stranger = await api('GET', 'dreamwalker/list', undefined, 'wrong');
		assert.equal(stranger.status, 403);
	});

	it('runs the curl examples of the workflow document', async () => {
		const created = await curl(`curl -X POST "http://localhost:8000/api/v1/workflows/" \\
  -H "Content-Type: application/json" \\
  -d '{
    "name": "Lead Processing",
    "description": "Process and qualify new leads",
    "steps": [
      {
        "step_id": "qualify_lead",
        "name": "Qualify Lead",
        "step_type": "agent_task",
        "agent_type": "sales",
        "task": "qualify_lead",
        "parameters": {"priority": "high"}
      },
      {
        "step_id": "enrich_lead",
        "name": "Enrich Lead Data",
        "step_type": "agent_task",
        "agent_type": "research",
        "task": "enrich_lead",
        "depends_on": ["qualify_lead"]
      }
    ]
  }'`);
		const workflowId = String(created.workflow_id);
		const execute = (asynchronous: boolean) =>
			curl(`curl -X POST "http://localhost:8000/api/v1/workflows/${workflowId}/execute" \\
  -H "Content-Type: application/json" \\
  -d '{
    "input_data": {
      "lead": {
        "name": "Acme Corp",
        "email": "contact@acmecorp.com",
        "website": "https://acmecorp.com",
        "budget": 50000,
        "timeframe": "Q3 2023",
        "requirements": "AI solution for customer support"
      }
    },
    "async_execution": ${asynchronous}
  }'`);
		const executed = await execute(false);
		assert.equal(executed.status, 'completed', JSON.stringify(executed));
		assert.equal(typeof executed.result, 'string');
		assert.deepEqual(
			(executed.steps as Body[]).map(({ step_id: id, status }) => [id, status]),
			[
				['qualify_lead', 'completed'],
				['enrich_lead', 'completed'],
			],
		);
		assert.equal((executed.usage as Body).calls, 2);
		assert.equal(model.calls.length, 2);
		// The Chat Model stays usable after the execution that attached it has ended.
		const started = await execute(true);
		assert.equal(started.result, null);
		const id = String(started.execution_id);
		const ended = await waitFor('the execution', async () => {
			const { data } = await api('GET', `api/v1/executions/${id}`);
			return ['pending', 'running'].includes(String(data.status)) ? undefined : data;
		});
		assert.equal(ended.status, 'completed', JSON.stringify(ended));
		const result = await api('GET', `api/v1/executions/${id}/result`);
		assert.equal(typeof result.data.result, 'string');
		const list = await api('GET', `api/v1/workflows/${workflowId}/executions?limit=1`);
		assert.deepEqual(
			(list.data.executions as Body[]).map((one) => one.execution_id),
			[id],
		);
		assert.equal((await api('GET', 'api/v1/executions?status=completed')).data.count, 2);
		await api('PUT', `api/v1/workflows/${workflowId}`, { description: 'New' });
		const more = { step_id: 'report', agent_type: 'sales', task: 'report' };
		assert.equal((await api('POST', `api/v1/workflows/${workflowId}/steps`, more)).status, 201);
		const workflow = await api('GET', `api/v1/workflows/${workflowId}`);
		assert.deepEqual([workflow.data.version, workflow.data.description], [3, 'New']);
		assert.equal((await api('GET', 'api/v1/workflows/')).data.count, 1);
		assert.equal((await api('DELETE', `api/v1/workflows/${workflowId}`)).status, 200);
		assert.equal((await api('GET', `api/v1/workflows/${workflowId}`)).status, 404);
		const wrong = await api('POST', 'api/v1/workflows/', { name: 'w', steps: [{ step_id: 1 }] });
		assert.equal(wrong.status, 400);
		assert.match(String(wrong.data.detail), /steps\[0\]\.step_id/);
	});

	it('pauses, resumes and cancels; and shows every key its own runs only', async () => {
		const steps = [{ id: 'ask', kind: 'human', parameters: { prompt: 'OK?' } }];
		const { data } = await api('POST', 'api/v1/workflows', { name: 'asking', steps });
		const path = `api/v1/workflows/${String(data.id)}/execute`;
		const waiting = await api('POST', path, { async_execution: false });
		assert.equal(waiting.status, 202);
		assert.equal(waiting.data.status, 'waiting');
		const id = String(waiting.data.execution_id);
		assert.equal((await api('GET', `api/v1/executions/${id}/result`)).status, 409);
		const paused = await api('POST', `api/v1/executions/${id}/pause`);
		assert.equal(paused.data.status, 'paused');
		assert.equal((paused.data.checkpoint as Body).runId, id);
		const resumed = await api('POST', `api/v1/executions/${id}/resume`);
		assert.equal(resumed.status, 202);
		// Another key: the runs of the first one are not there.
		const name = 'API key';
		const header = (key: string) => ({ name: 'authorization', value: headerOf(key) });
		await n8n.client.saveCredential(name, 'httpHeaderAuth', header('key-2'));
		const other = await api('GET', `api/v1/executions/${id}`, undefined, 'key-2');
		assert.equal(other.status, 404);
		const none = await api('GET', 'api/v1/executions', undefined, 'key-2');
		assert.deepEqual(none.data, { executions: [], count: 0 });
		await n8n.client.saveCredential(name, 'httpHeaderAuth', header('key-1'));
		const cancelled = await api('POST', `api/v1/executions/${id}/cancel`);
		assert.equal(cancelled.data.status, 'cancelled');
	});

	it(`finishes ${STEPS} steps, each done once, after n8n was killed in their middle, ${KILLS} times`, async () => {
		const service = await stepService(40);
		const steps = Array.from({ length: STEPS }, (_, index) => ({
			id: `s${index}`,
			kind: 'api_call',
			parameters: { url: `${service.url}/?step=s${index}`, idempotencyHeader: 'idempotency-key' },
		}));
		const run = (name: string, operation: string, parameters: Body) =>
			chain(
				name,
				webhook(name),
				node('Workflow', 'agentWorkflow', { resource: 'execution', operation, ...parameters }),
			);
		const files = [
			run('begin', 'start', {
				workflowFrom: 'definition',
				definition: JSON.stringify({ name: 'fifty', steps }),
				input: '{}',
				waitForEnd: false,
			}),
			run('resume', 'resume', { executionId: '={{ $json.body.executionId }}' }),
		];
		for (const file of files) {
			await n8n.client.publish(await n8n.client.createWorkflow(file));
		}
		// n8n publishes in the background: a kill before that is done would lose it.
		await n8n.client.callWebhook('resume', { executionId: 'nobody' });
		for (let kill = 1; kill <= KILLS; kill++) {
			service.calls.length = 0;
			const begun = await n8n.client.callWebhook('begin', {});
			const { executionId } = (begun.data as unknown as Body[])[0] ?? {};
			const goal = Math.floor((STEPS * kill) / (KILLS + 1));
			await waitFor('the middle', async () => service.calls.length >= goal || undefined, {
				...SLOW,
				everyMs: 5,
			});
			await n8n.server.kill();
			await n8n.server.start();
			await n8n.client.signIn(n8n.owner);
			const before = service.calls.length;
			assert.ok(before < STEPS, 'n8n was killed before the run was done');
			const { data } = await n8n.client.callWebhook('resume', { executionId });
			const [ended] = data as unknown as Body[];
			assert.equal(ended?.status, 'completed', JSON.stringify(data));
			assert.equal((ended?.steps as Body[]).length, STEPS);
			const keys = new Set(service.calls.map((call) => call.key));
			assert.equal(keys.size, STEPS, 'every step has one key, before and after the kill');
			// Only the call under way at the kill may come again, with its key.
			assert.ok(service.calls.length <= STEPS + 1, `${service.calls.length} calls`);
		}
		service.close();
	});

	it('shows its panel and the API on the canvas', async () => {
		const editor = await openEditor(n8n.server.url, n8n.client);
		await editor.openWorkflow(imported['api-dreamwalker']!.id);
		await takeScreenshot(editor.page, 'agent-workflow-canvas');
		await editor.openNode('Search');
		await takeScreenshot(editor.page, 'agent-workflow-panel');
		await editor.close();
	});
});
