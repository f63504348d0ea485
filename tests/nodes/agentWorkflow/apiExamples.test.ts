import { randomUUID } from 'node:crypto';

import { closeStores } from '../../../nodes/shared/store';
import { apiExample } from './apiExample';

afterAll(closeStores);

type Rows = Array<Record<string, unknown>>;

/** A key of a caller's own. */
const newKey = () => ({ headers: { authorization: `Basic ${randomUUID()}` } });

/** Lets what goes on in the background have its turn. */
const turn = async () => await new Promise((resolve) => setImmediate(resolve));

describe('the example api-dreamwalker', () => {
	const documents = ['The kettle is red. It boils water in four minutes.'];
	const searchDefaults = JSON.stringify({ engines: ['documents'], documents });
	const api = apiExample('api-dreamwalker', { change: { Search: { searchDefaults } } });

	/** Asks for the status until the workflow has ended. */
	async function ended(id: string, key: object): Promise<Record<string, unknown>> {
		for (;;) {
			const { code, body } = await api('GET', `dreamwalker/status/${id}`, key);
			expect(code).toBe(200);
			if (body.status !== 'running' && body.status !== 'pending') return body;
			await turn();
		}
	}

	it('starts, follows, answers, lists and cleans up', async () => {
		const key = newKey();
		const query = 'How fast does the kettle boil water?';
		const body = { query, workflow_type: 'swarm', model: 'coolhand/camina-search:24b' };
		const started = await api('POST', 'dreamwalker/search', { ...key, body });
		expect(started).toMatchObject({ code: 202, body: { workflow_type: 'swarm' } });
		const id = String(started.body.workflow_id);
		expect(await ended(id, key)).toMatchObject({
			workflow_id: id,
			status: 'completed',
			progress: 100,
			step_description: expect.any(String) as string,
		});
		const result = await api('GET', `dreamwalker/result/${id}`, key);
		expect(result).toMatchObject({ code: 200, body: { workflow_id: id, query } });
		expect(result.body.summary).toContain('It boils water in four minutes. [1]');
		expect(result.body.variant_queries).toContain(query);
		const cancelled = await api('DELETE', `dreamwalker/cancel/${id}`, key);
		expect(cancelled).toMatchObject({
			code: 409,
			body: { detail: `Execution "${id}" is completed and cannot be cancelled.` },
		});
		expect(await api('GET', 'dreamwalker/list', key)).toEqual({
			code: 200,
			body: { workflows: [], count: 0 },
		});
		const young = await api('DELETE', 'dreamwalker/cleanup', key);
		expect(young.body).toEqual({ removed: 0, workflow_ids: [] });
		const query0 = { older_than_hours: '0' };
		expect(await api('DELETE', 'dreamwalker/cleanup', { ...key, query: query0 })).toEqual({
			code: 200,
			body: { removed: 1, workflow_ids: [id] },
		});
	});

	it('answers with the status codes of the document', async () => {
		const key = newKey();
		for (const [method, path] of [
			['GET', 'dreamwalker/status/nobody'],
			['GET', 'dreamwalker/result/nobody'],
			['DELETE', 'dreamwalker/cancel/nobody'],
		] as const) {
			expect(await api(method, path, key)).toMatchObject({
				code: 404,
				body: { detail: 'There is no execution "nobody".' },
			});
		}
		const search = async (body: object) =>
			await api('POST', 'dreamwalker/search', { ...key, body });
		expect(await search({})).toMatchObject({
			code: 400,
			body: { detail: expect.stringContaining('query: must not be empty') as string },
		});
		expect(await search({ query: 'x', workflow_type: 'bee' })).toMatchObject({
			code: 400,
			body: { detail: 'There is no workflow "bee".' },
		});
	});
});

describe('the example api-workflows', () => {
	const model = {
		model: 'fake-1',
		invoke: async () =>
			await Promise.resolve({
				content: 'Fine.',
				usage_metadata: { input_tokens: 10, output_tokens: 5 },
			}),
	};
	const api = apiExample('api-workflows', { model });
	const leads = {
		name: 'Lead Processing',
		description: 'Process and qualify new leads',
		steps: [
			{
				step_id: 'qualify_lead',
				name: 'Qualify Lead',
				step_type: 'agent_task',
				agent_type: 'sales',
				task: 'qualify_lead',
				parameters: { priority: 'high' },
			},
			{
				step_id: 'enrich_lead',
				name: 'Enrich Lead Data',
				step_type: 'agent_task',
				agent_type: 'research',
				task: 'enrich_lead',
				depends_on: ['qualify_lead'],
			},
		],
	};

	it('keeps workflows and executes them, synchronously or not', async () => {
		const key = newKey();
		const created = await api('POST', 'api/v1/workflows/', { ...key, body: leads });
		expect(created).toMatchObject({ code: 201, body: { name: 'Lead Processing', version: 1 } });
		const path = `api/v1/workflows/${String(created.body.workflow_id)}`;
		const input = { input_data: { lead: { name: 'Acme Corp' } } };
		const body = { ...input, async_execution: false };
		const executed = await api('POST', `${path}/execute`, { ...key, body });
		expect(executed).toMatchObject({
			code: 200,
			body: {
				status: 'completed',
				progress: 100,
				result: 'Fine.',
				usage: { calls: 2, totalTokens: 30 },
				steps: [{ step_id: 'qualify_lead', status: 'completed' }, { step_id: 'enrich_lead' }],
			},
		});
		const later = { ...input, async_execution: true };
		const started = await api('POST', `${path}/execute`, { ...key, body: later });
		const execution = `api/v1/executions/${String(started.body.execution_id)}`;
		let status = await api('GET', execution, key);
		while (status.body.status === 'running' || status.body.status === 'pending') {
			await turn();
			status = await api('GET', execution, key);
		}
		expect(status).toMatchObject({ code: 200, body: { status: 'completed' } });
		expect(await api('GET', `${execution}/result`, key)).toMatchObject({
			code: 200,
			body: { result: 'Fine.' },
		});
		const list = await api('GET', `${path}/executions`, { ...key, query: { limit: '1' } });
		expect(list.body).toMatchObject({ count: 1, executions: [{ status: 'completed' }] });
		const query = { status: 'completed,failed' };
		expect((await api('GET', 'api/v1/executions', { ...key, query })).body.count).toBe(2);
		expect((await api('GET', 'api/v1/executions', newKey())).body.count).toBe(0);
	});

	it('answers 409 before the end, 500 for what failed, and 400 with the reason', async () => {
		const key = newKey();
		const asks = { id: 'ask', kind: 'human', parameters: { prompt: 'Well?' } };
		const checks = { id: 'check', kind: 'data_validation', parameters: { schema: { const: 1 } } };
		const executed = async (step: object) => {
			const body = { name: 'One step', steps: [step] };
			const created = await api('POST', 'api/v1/workflows', { ...key, body });
			const path = `api/v1/workflows/${String(created.body.id)}/execute`;
			return await api('POST', path, { ...key, body: { input_data: 2 } });
		};
		const waiting = await executed(asks);
		expect(waiting).toMatchObject({ code: 202, body: { status: 'waiting' } });
		const execution = (id: unknown) => `api/v1/executions/${String(id)}`;
		const path = execution(waiting.body.execution_id);
		expect(await api('GET', `${path}/result`, key)).toMatchObject({ code: 409 });
		await api('POST', `${path}/cancel`, key);
		const failed = await executed(checks);
		expect(failed.body).toMatchObject({ status: 'failed' });
		const id = String(failed.body.execution_id);
		const result = await api('GET', `${execution(id)}/result`, key);
		expect(result).toMatchObject({ code: 200, body: { status: 'failed', result: null } });
		const dreamwalker = apiExample('api-dreamwalker');
		const other = await dreamwalker('GET', `dreamwalker/result/${id}`, key);
		expect(other.code).toBe(500);
		expect(other.body.detail).toMatch(/^The workflow is failed: .*is not valid/);
		expect(await api('POST', 'api/v1/workflows', { ...key, body: { name: '' } })).toMatchObject({
			code: 400,
			body: { detail: expect.stringContaining('name: must not be empty') as string },
		});
	});

	it('changes, lists and deletes workflows', async () => {
		const key = newKey();
		const created = await api('POST', 'api/v1/workflows', { ...key, body: leads });
		const id = String(created.body.id);
		const path = `api/v1/workflows/${id}`;
		await api('PUT', path, { ...key, body: { description: 'New' } });
		const step = { step_id: 'report', agent_type: 'sales', task: 'report' };
		expect(await api('POST', `${path}/steps`, { ...key, body: step })).toMatchObject({ code: 201 });
		expect(await api('GET', path, key)).toMatchObject({
			code: 200,
			body: { version: 3, description: 'New', steps: { length: 3 } },
		});
		const { body } = await api('GET', 'api/v1/workflows', key);
		expect(body).toMatchObject({ count: 1, workflows: [{ id, steps: 3 }] });
		expect(await api('GET', path, newKey())).toMatchObject({ code: 404 });
		expect(await api('DELETE', path, key)).toEqual({ code: 200, body: { id, deleted: true } });
		expect(await api('DELETE', path, key)).toMatchObject({ code: 404 });
		const wrong = { name: 'w', steps: [{ step_id: 1 }] };
		expect(await api('POST', 'api/v1/workflows', { ...key, body: wrong })).toMatchObject({
			code: 400,
			body: { detail: expect.stringContaining('steps[0].step_id') as string },
		});
	});

	it('pauses with the checkpoint, resumes and cancels', async () => {
		const key = newKey();
		const steps = [{ id: 'ask', kind: 'human', parameters: { prompt: 'OK?' } }];
		const created = await api('POST', 'api/v1/workflows', { ...key, body: { name: 'a', steps } });
		const id = String(created.body.id);
		const waiting = await api('POST', `api/v1/workflows/${id}/execute`, key);
		expect(waiting).toMatchObject({ code: 202, body: { status: 'waiting' } });
		expect((waiting.body.pending_reviews as Rows)[0]).toMatchObject({ payload: { prompt: 'OK?' } });
		const execution = `api/v1/executions/${String(waiting.body.execution_id)}`;
		expect(await api('GET', `${execution}/result`, key)).toMatchObject({ code: 409 });
		expect(await api('POST', `${execution}/pause`, key)).toMatchObject({
			code: 200,
			body: { status: 'paused', checkpoint: { schemaVersion: 1 } },
		});
		expect(await api('POST', `${execution}/resume`, key)).toMatchObject({ code: 202 });
		expect(await api('POST', `${execution}/cancel`, key)).toMatchObject({
			code: 200,
			body: { status: 'cancelled' },
		});
		expect(await api('POST', `${execution}/resume`, key)).toMatchObject({ code: 409 });
	});
});
