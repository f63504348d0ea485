import { randomUUID } from 'node:crypto';

import type { INodeParameters } from 'n8n-workflow';

import { AgentWorkflow } from '../../../nodes/AgentWorkflow/AgentWorkflow.node';
import { closeStores } from '../../../nodes/shared/store';
import { connect, node, runWorkflow, start, subNode } from '../../harness';
import type { Execution } from '../../harness';

afterAll(closeStores);

type Message = { role: string; content: string };

/** A chat model that answers with the first line of its role and the task. */
const echoModel = {
	model: 'fake-1',
	invoke: async (messages: Message[]) => {
		const [system, user] = [messages[0]!.content, messages.at(-1)!.content];
		return await Promise.resolve({
			content: `${system.split('\n')[0]} | ${user.split('\n')[0]}`,
			usage_metadata: { input_tokens: 10, output_tokens: 5 },
		});
	},
};

/** Runs one Agent Workflow node. @param model - attached to it; default: none */
const run = async (
	parameters: INodeParameters,
	input: object = {},
	model?: object,
): Promise<Execution> =>
	await runWorkflow({
		nodes: [
			start(),
			node('Workflow', new AgentWorkflow(), parameters),
			...(model === undefined ? [] : [subNode('Model', 'ai_languageModel', () => model)]),
		],
		connections: connect(
			['Start', 'Workflow'],
			...(model === undefined
				? []
				: [{ from: 'Model', to: 'Workflow', type: 'ai_languageModel' as const }]),
		),
		input: [{ json: { ...input } }],
	});

const workflow = (operation: string, more: INodeParameters = {}) => ({
	resource: 'workflow',
	operation,
	...more,
});
const execution = (operation: string, more: INodeParameters = {}) => ({
	resource: 'execution',
	operation,
	...more,
});

/** The one item of a run that must succeed. */
async function one(parameters: INodeParameters, input?: object, model?: object) {
	const result = await run(parameters, input, model);
	expect(result.error).toBeUndefined();
	const items = result.json('Workflow');
	expect(items).toHaveLength(1);
	return items[0]!;
}

const leads = (id: string) =>
	JSON.stringify({
		workflow_id: id,
		name: 'Lead Processing',
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
				step_type: 'agent_task',
				agent_type: 'research',
				task: 'enrich_lead',
				depends_on: ['qualify_lead'],
			},
		],
	});

const asking = JSON.stringify({
	name: 'asking',
	steps: [
		{ id: 'ask', kind: 'human', parameters: { prompt: 'OK?' } },
		{ id: 'after', kind: 'transform', input: 'got {{ steps.ask.output.answer }}' },
	],
});

let id: string;
beforeEach(() => {
	id = `w-${randomUUID()}`;
});

describe('workflows', () => {
	it('are created, read, changed in versions, listed and deleted', async () => {
		const created = await one(workflow('create', { definition: leads(id) }));
		expect(created).toMatchObject({ workflowId: id, version: 1, name: 'Lead Processing' });
		const changes = JSON.stringify({ name: 'Leads' });
		const updated = await one(workflow('update', { workflowId: id, changes }));
		expect(updated).toMatchObject({ workflowId: id, version: 2, name: 'Leads' });
		const step = JSON.stringify({ step_id: 'report', agent_type: 'writer', task: 'report' });
		const more = await one(workflow('addStep', { addTo: 'workflow', workflowId: id, step }));
		expect(more).toMatchObject({ version: 3, definition: { steps: { length: 3 } } });
		const first = { workflowId: id, options: { version: 1 } };
		expect(await one(workflow('get', first))).toMatchObject({ name: 'Lead Processing' });
		const list = (await run(workflow('getMany', { limit: 1 }))).json('Workflow');
		expect(list).toMatchObject([{ workflowId: id, version: 3 }]);
		expect(await one(workflow('delete', { workflowId: id }))).toEqual({
			workflowId: id,
			deleted: true,
		});
		const { error } = await run(workflow('get', { workflowId: id }));
		expect(error?.message).toBe(`There is no workflow "${id}".`);
	});

	it('are refused with the path and what was expected', async () => {
		const definition = JSON.stringify({
			name: 'w',
			steps: [{ id: 'a', kind: 'agent', retry: { maxAttempts: 'three' }, depnds_on: ['b'] }],
		});
		const { error } = await run(workflow('validate', { definition }));
		expect(error?.message).toContain('steps[0].retry.maxAttempts');
		expect(error?.message).toContain('"three"');
		expect(error?.message).toContain('steps[0].depnds_on');
		expect(error?.message).toContain('did you mean "depends_on"?');
		const good = await one(workflow('validate', { definition: leads(id) }));
		expect(good).toMatchObject({ valid: true, definition: { order: 'graph' } });
	});

	it('belong to the owner who made them', async () => {
		const options = { owner: randomUUID() };
		await one(workflow('create', { definition: leads(id), options }));
		await one(workflow('get', { workflowId: id, options }));
		const { error } = await run(workflow('get', { workflowId: id, options: { owner: 'other' } }));
		expect(error?.message).toBe(`There is no workflow "${id}".`);
		const list = await run(workflow('getMany', { returnAll: true, options }));
		expect(list.json('Workflow')).toHaveLength(1);
	});
});

describe('executions', () => {
	it('run agents with the attached model, and tell what they used', async () => {
		await one(workflow('create', { definition: leads(id) }));
		const ended = await one(
			execution('start', { workflowId: id, input: '={{ $json }}' }),
			{ lead: 'Acme' },
			echoModel,
		);
		expect(ended).toMatchObject({
			workflowId: id,
			workflowVersion: 1,
			status: 'completed',
			documentedStatus: 'COMPLETED',
			progress: 100,
			usage: { totalTokens: 30, calls: 2 },
			output: expect.stringMatching(/agent "research".* \| enrich_lead/) as string,
			steps: [
				{ stepId: 'qualify_lead', status: 'completed', usage: { totalTokens: 15 } },
				{ stepId: 'enrich_lead', status: 'completed' },
			],
		});
		const { executionId } = ended;
		const status = await one(execution('getStatus', { executionId: executionId as string }));
		expect(status).toMatchObject({ status: 'completed', currentStep: 'enrich_lead' });
		const result = await one(execution('getResult', { executionId: executionId as string }));
		expect(result).toMatchObject({ executionId, status: 'completed', output: ended.output });
		const options = { ofWorkflow: id };
		const list = await run(execution('getMany', { returnAll: true, options }));
		expect(list.json('Workflow')).toMatchObject([{ executionId, steps: { completed: 2 } }]);
	});

	it('give agents the role that the node describes', async () => {
		const agents = { agents: [{ name: 'sales', instructions: 'You sell boats.' }] };
		await one(workflow('create', { definition: leads(id) }));
		const step = execution('start', { workflowId: id, options: { agents } });
		const { output } = await one(step, {}, echoModel);
		expect(output).toContain('research');
		const first = JSON.stringify({ name: 'w', steps: [{ agent: 'sales', task: 'Sell.' }] });
		const inline = execution('start', {
			workflowFrom: 'definition',
			definition: first,
			options: { agents },
		});
		expect(await one(inline, {}, echoModel)).toMatchObject({ output: 'You sell boats. | Sell.' });
	});

	it('fail with what to do when a step needs a model and there is none', async () => {
		const definition = JSON.stringify({ name: 'w', steps: [{ agent: 'a', task: 'x' }] });
		const ended = await one(execution('start', { workflowFrom: 'definition', definition }));
		expect(ended).toMatchObject({
			status: 'failed',
			error: { message: 'Step "step-1" failed: A Chat Model must be connected.' },
		});
	});

	it('hold steps to the resources that there are', async () => {
		const step = { id: 'a', kind: 'transform', resources: { cpu_units: 5 } };
		const definition = JSON.stringify({ name: 'w', steps: [step] });
		const ended = await one(execution('start', { workflowFrom: 'definition', definition }));
		expect(ended).toMatchObject({ status: 'failed', error: { code: 'RESOURCE_OVERFLOW' } });
	});

	it('wait for people, list what they are asked, and go on with the first answer', async () => {
		const options = { owner: randomUUID() };
		const waiting = await one(
			execution('start', { workflowFrom: 'definition', definition: asking, options }),
		);
		const { executionId } = waiting as { executionId: string };
		expect(waiting).toMatchObject({
			status: 'waiting',
			blockedBy: [{ stepId: 'ask', kind: 'human' }],
			pendingReviews: [{ payload: { prompt: 'OK?' } }],
		});
		const pending = (await run(execution('listReviews', { options }))).json('Workflow');
		expect(pending).toMatchObject([{ executionId, workflow: 'asking', name: 'review' }]);
		const { requestId } = pending[0] as { requestId: string };
		const answer = { executionId, requestId, answer: 'yes', options };
		const ended = await one(execution('answerReview', answer));
		expect(ended).toMatchObject({ accepted: true, status: 'completed', output: 'got yes' });
		const { error } = await run(execution('answerReview', answer));
		expect(error?.message).toBe(`Execution "${executionId}" is completed and cannot be answered.`);
	});

	it('are paused with their checkpoint, changed, resumed and cancelled', async () => {
		const options = { owner: randomUUID() };
		const begin = execution('start', { workflowFrom: 'definition', definition: asking, options });
		const { executionId } = (await one(begin)) as { executionId: string };
		const paused = await one(execution('pause', { executionId, options }));
		expect(paused).toMatchObject({ status: 'paused', checkpoint: { runId: executionId } });
		const step = JSON.stringify({ id: 'more', kind: 'transform', input: 'more' });
		const added = workflow('addStep', { addTo: 'execution', executionId, step, options });
		await one(added);
		const resumed = await one(execution('resume', { executionId, options }));
		expect(resumed).toMatchObject({ status: 'waiting', steps: { length: 3 } });
		const reason = { reason: 'Enough.', ...options };
		const cancelled = await one(execution('cancel', { executionId, options: reason }));
		expect(cancelled).toMatchObject({ status: 'cancelled', cause: { message: 'Enough.' } });
		const second = (await one(begin)) as { executionId: string };
		expect(await one(execution('cancelAll', { options }))).toEqual({
			cancelled: [second.executionId],
			count: 1,
		});
		const cleaned = await one(execution('cleanUp', { olderThanHours: 0, options }));
		expect(cleaned).toMatchObject({ count: 2 });
	});

	it('go on in the background, and one step of them is stopped', async () => {
		const definition = JSON.stringify({
			name: 'two',
			steps: [
				{ id: 'long', kind: 'wait', parameters: { ms: 3_600_000 }, depends_on: [] },
				{ id: 'short', kind: 'transform', depends_on: [], optional: true },
			],
		});
		const started = await one(
			execution('start', { workflowFrom: 'definition', definition, waitForEnd: false }),
		);
		const { executionId } = started as { executionId: string };
		const stepId = 'long';
		expect(await one(execution('cancelStep', { executionId, stepId }))).toEqual({
			executionId,
			stepId,
			cancelled: true,
		});
		const status = await one(execution('getStatus', { executionId }));
		expect(status).toMatchObject({ steps: [{ status: 'cancelled' }, { status: 'completed' }] });
	});

	it('tell their details and what has happened', async () => {
		const options = { owner: randomUUID() };
		const definition = JSON.stringify({ name: 'w', steps: [{ id: 'a', kind: 'transform' }] });
		const begin = { workflowFrom: 'definition', definition, input: '{"n":1}', options };
		const { executionId } = (await one(execution('start', begin))) as { executionId: string };
		expect(await one(execution('getDetails', { executionId, options }))).toMatchObject({
			executionId,
			graph: [{ id: 'a', kind: 'transform' }],
			outputs: { a: { n: 1 } },
			pendingReviews: [],
		});
		const ofOne = { ofExecution: executionId, ...options };
		const all = (await run(execution('getEvents', { options: ofOne }))).json('Workflow');
		expect(all.map(({ type }) => type)).toContain('step.completed');
		const { position } = all[1] as { position: number };
		const rest = await run(execution('getEvents', { after: position, limit: 1, options: ofOne }));
		expect(rest.json('Workflow')).toEqual([all[2]]);
		expect(await one(execution('recover', { options }))).toEqual({ resumed: [], failed: [] });
	});

	it('of another owner do not exist', async () => {
		const options = { owner: randomUUID() };
		const begin = execution('start', { workflowFrom: 'definition', definition: asking, options });
		const { executionId } = (await one(begin)) as { executionId: string };
		const other = { options: { owner: 'somebody else' } };
		const { error } = await run(execution('cancel', { executionId, ...other }));
		expect(error?.message).toBe(`There is no execution "${executionId}".`);
		expect((await run(execution('listReviews', other))).json('Workflow')).toEqual([]);
		await one(execution('cancel', { executionId, options }));
	});

	it('of the type swarm search documents and cite them', async () => {
		const documents = ['The kettle is red. It boils water in four minutes.'];
		const searchDefaults = JSON.stringify({ engines: ['documents'], documents });
		const ended = await one(
			execution('start', { workflowId: 'swarm', options: { searchDefaults } }),
			{ query: 'How fast does the kettle boil water?', model: 'any' },
		);
		expect(ended).toMatchObject({
			workflowType: 'swarm',
			status: 'completed',
			output: {
				query: 'How fast does the kettle boil water?',
				summary: expect.stringContaining('[1]') as string,
			},
		});
	});
});
