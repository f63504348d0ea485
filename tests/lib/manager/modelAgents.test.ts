import {
	agentKinds,
	memoryStore,
	modelAgents,
	modelSession,
	VirtualRuntime,
	WorkflowManager,
	type AgentProfile,
	type AgentTool,
	type ChatRequest,
	type ChatResponse,
	type JsonObject,
} from '../../../lib';
import { until } from './manager';

type Answer = string | { tool: string; input: object };

/** Runs one agent step; the model gives the answers one after the other. */
function trial(profiles: AgentProfile[] = [], tools: AgentTool[] = []) {
	const runtime = new VirtualRuntime({ drainRounds: 2000 });
	const store = memoryStore(runtime);
	const requests: ChatRequest[] = [];
	const models: Array<string | undefined> = [];
	const answers: Answer[] = [];
	const model = {
		name: 'fake',
		key: 'fake',
		chat: async (request: ChatRequest): Promise<ChatResponse> => {
			requests.push({ ...request, messages: [...request.messages] });
			const answer = answers.shift() ?? 'done';
			const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2, estimated: false };
			const common = { usage, model: 'fake' };
			if (typeof answer === 'string') {
				return await Promise.resolve({
					...common,
					...{ text: answer, toolCalls: [], finishReason: 'stop' as const },
				});
			}
			const argumentsJson = JSON.stringify(answer.input);
			const call = { id: `c${requests.length}`, name: answer.tool, argumentsJson };
			return { ...common, text: '', toolCalls: [call], finishReason: 'tool_calls' };
		},
	};
	const run = modelAgents({
		...{ runtime, store, profiles },
		tools: () => tools,
		session: (name) => {
			models.push(name);
			return modelSession({ models: [model], runtime });
		},
		onUsage: (call, usage) => manager.book(call, usage),
	});
	const manager: WorkflowManager = new WorkflowManager({
		...{ runtime, store, kinds: agentKinds(run) },
	});
	const step = async (written: object, input: unknown = null, runId = 'r') => {
		const definition = {
			name: 'w',
			steps: [{ id: 's', kind: 'agent', task: 'Do it.', ...written }],
		};
		const result = await until(runtime, manager.run(definition, { input, runId }));
		return { ...result, usage: (await manager.status(runId)).usage };
	};
	const said = (index: number) => requests[index]!.messages.map(({ content }) => content);
	return { step, answers, requests, models, said };
}

describe('agents made of chat models', () => {
	it('get their role, the task, its parameters, and the input as data from outside', async () => {
		const { step, said, requests } = trial([
			{ name: 'sales', instructions: 'You sell boats.', rules: 'Be brief.' },
		]);
		const parameters = { priority: 'high' };
		const result = await step({ agent: 'sales', parameters }, { lead: 'Acme' });
		expect(result).toMatchObject({ output: 'done', usage: { totalTokens: 2, calls: 1 } });
		const [system, user] = said(0) as [string, string];
		expect(system).toContain('You sell boats.');
		expect(system).toContain('Be brief.');
		expect(user).toContain('Do it.\n\nParameters: {"priority":"high"}');
		expect(user).toContain('{"lead":"Acme"}');
		expect(requests).toHaveLength(1);
		await step({ agent: 'other', task: undefined }, null, 'r2');
		expect(said(1)[0]).toContain('You are the agent "other".');
		expect(said(1)[1]).toBe('Work on the data.');
	});

	it('answer in the form that the parameters ask for', async () => {
		const { step, answers } = trial();
		answers.push('{"label":"hot","confidence":0.9}', '{"n":1}', '{"n":2}');
		const of = async (parameters: object, runId: string) =>
			(await step({ parameters }, 'x', runId)).output;
		expect(await of({ labels: ['hot', 'cold'] }, 'a')).toBe('hot');
		expect(await of({ example: { n: 5 } }, 'b')).toEqual({ n: 1 });
		const schema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
		expect(await of({ schema, max_iterations: 3 }, 'c')).toEqual({ n: 2 });
		const { error } = await step({ parameters: { temperature: 'hot' } }, 'x', 'd');
		expect(error?.message).toContain('Step "s": parameters: temperature');
	});

	it('take trusted input as part of the task, and choose models by name', async () => {
		const { step, said, models } = trial([{ name: 'a', model: 'big' }]);
		await step({ agent: 'a', parameters: { trust_input: true } }, 'Sing.');
		expect(said(0)[1]).toBe('Do it.\n\nInput: Sing.');
		await step({ agent: 'a', parameters: { model: 'small' } }, null, 'r2');
		expect(models).toEqual(['big', 'small']);
	});

	it('go on with the conversation of their thread, unless they are not to', async () => {
		const { step, said } = trial();
		await step({ threadId: 't' }, null, 'r1');
		await step({ threadId: 't', task: 'Again.' }, null, 'r2');
		expect(said(1).slice(1)).toEqual(['Do it.', 'done', 'Again.']);
		await step({ threadId: 't', parameters: { thread: false } }, null, 'r3');
		expect(said(2)).toHaveLength(2);
	});

	it('hand a task over to the agent that fits', async () => {
		const { step, answers, said, requests } = trial([
			{ name: 'front', instructions: 'You are the front desk.', handOffTo: ['billing'] },
			{ name: 'billing', instructions: 'You do bills.', description: 'Knows all bills' },
		]);
		const message = 'Invoice 7 is wrong.';
		answers.push({ tool: 'hand_off', input: { agent: 'billing', message } }, 'ok', 'Corrected.');
		const result = await step({ agent: 'front', parameters: { tools: [] } });
		expect(result).toMatchObject({ output: 'Corrected.', usage: { calls: 3 } });
		const [tool] = requests[0]!.tools!;
		expect(tool!.description).toContain('billing: Knows all bills');
		expect(said(2)[0]).toContain('You do bills.');
		expect(said(2)[1]).toContain(`From front: ${message}`);
		expect(requests[2]!.tools ?? []).toEqual([]);
	});

	it('do not hand over for ever', async () => {
		const { step, answers } = trial([{ name: 'a', handOffTo: ['a'] }]);
		for (let hops = 0; hops < 6; hops++) {
			answers.push({ tool: 'hand_off', input: { agent: 'a', message: 'You do it.' } }, 'ok');
		}
		expect(await step({ agent: 'a' })).toMatchObject({ error: { code: 'HAND_OFF_LIMIT' } });
	});

	it('use the tools that the step allows', async () => {
		const calls: JsonObject[] = [];
		const tool: AgentTool = {
			spec: { name: 'add', description: 'Adds.', parameters: { type: 'object' } },
			effect: 'read',
			run: async (input) => {
				calls.push(input);
				return await Promise.resolve('3');
			},
		};
		const { step, answers } = trial([], [tool]);
		answers.push({ tool: 'add', input: { a: 1 } }, 'It is 3.');
		expect(await step({ parameters: { tools: ['add'] } })).toMatchObject({ output: 'It is 3.' });
		expect(calls).toEqual([{ a: 1 }]);
	});

	it('fail with the error of the model', async () => {
		const { step, answers } = trial();
		answers.push('not json', 'not json', 'not json', 'not json');
		const { error } = await step({ parameters: { example: { n: 1 } } });
		expect(error).toMatchObject({ errorClass: 'bad_output' });
	});
});
