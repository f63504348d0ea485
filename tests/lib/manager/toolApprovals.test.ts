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
} from '../../../lib';
import { until } from './manager';

type Answer = string | { tool: string; input: object };

/** Several processes on one store; their model gives the answers one after the other. */
function world(answers: Answer[], profiles: AgentProfile[] = []) {
	const runtime = new VirtualRuntime({ drainRounds: 2000 });
	const store = memoryStore(runtime);
	const requests: ChatRequest[] = [];
	const sent: unknown[] = [];
	const send: AgentTool = {
		spec: { name: 'send', description: 'Sends.', parameters: { type: 'object' } },
		run: async (input) => {
			sent.push(input);
			return await Promise.resolve('Sent.');
		},
	};
	const model = {
		name: 'fake',
		key: 'fake',
		chat: async (request: ChatRequest): Promise<ChatResponse> => {
			requests.push({ ...request, messages: [...request.messages] });
			const answer = answers.shift()!;
			const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2, estimated: false };
			const common = { usage, model: 'fake' };
			if (typeof answer === 'string') {
				const end = { text: answer, toolCalls: [], finishReason: 'stop' as const };
				return await Promise.resolve({ ...common, ...end });
			}
			const argumentsJson = JSON.stringify(answer.input);
			const call = { id: `c${requests.length}`, name: answer.tool, argumentsJson };
			return { ...common, text: '', toolCalls: [call], finishReason: 'tool_calls' };
		},
	};
	const managerOf = (owner: string, keeps = true) => {
		const manager: WorkflowManager = new WorkflowManager({
			...{ runtime, store, owner, releaseWaiting: true },
			kinds: agentKinds(
				modelAgents({
					...{ runtime, profiles },
					...(keeps && { store }),
					tools: () => [send],
					session: () => modelSession({ models: [model], runtime }),
					onUsage: (call, usage) => manager.book(call, usage),
				}),
			),
		});
		return manager;
	};
	/** Starts one agent step and lets it come to its question. */
	const asked = async (parameters: object, agent?: string) => {
		const manager = managerOf('first');
		const step = { id: 's', kind: 'agent', task: 'Write to Ada.', parameters, agent };
		const { runId } = await until(runtime, manager.start({ name: 'w', steps: [step] }));
		await runtime.advance(1000);
		return runId;
	};
	/** Answers the open question in a process of its own. */
	const answer = async (runId: string, owner: string, value: unknown) => {
		const manager = managerOf(owner);
		const { requestId } = (await manager.status(runId)).requests[0]!;
		await until(runtime, manager.answer(runId, requestId, value));
		await runtime.advance(1000);
		return await manager.status(runId);
	};
	return { runtime, managerOf, requests, sent, asked, answer };
}

const mail = { tool: 'send', input: { to: 'Ada' } };

describe('tools that a person has to approve, in the steps of a workflow', () => {
	it('are asked about without holding a process, and used once that is allowed', async () => {
		const { managerOf, requests, sent, asked, answer, runtime } = world([mail, 'Written.']);
		const runId = await asked({ need_approval: ['send'] }, 'clerk');
		const first = managerOf('first');
		expect(first.isHere(runId)).toBe(false);
		const [question] = await first.requests();
		expect(question!.request.payload).toMatchObject({
			prompt: 'The agent "clerk" wants to use send. Is that allowed?',
			payload: [{ tool: 'send', reason: expect.any(String) as string }],
			options: ['approve', 'reject'],
		});
		expect(JSON.stringify(question!.request.payload)).toContain('Ada');
		expect(sent).toEqual([]);
		expect(await answer(runId, 'second', 'approve')).toMatchObject({
			status: 'completed',
			usage: { calls: 2, totalTokens: 4 },
		});
		expect(sent).toEqual([{ to: 'Ada' }]);
		expect(requests).toHaveLength(2);
		expect(await until(runtime, first.result(runId))).toMatchObject({ output: 'Written.' });
	});

	it('are not used when it is not, and the agent is told why', async () => {
		const { requests, sent, asked, answer } = world([mail, 'Not written.']);
		const runId = await asked({ need_approval: ['send'] });
		expect(await answer(runId, 'second', 'Ada is away.')).toMatchObject({ status: 'completed' });
		expect(sent).toEqual([]);
		const told = requests[1]!.messages.at(-1)!.content;
		expect(told).toContain('did not approve');
		expect(told).toContain('Ada is away.');
	});

	it.each(['reject', null, true, { approved: true }])(
		'are not used by the answer %j',
		async (no) => {
			const { sent, asked, answer } = world([mail, 'Not written.']);
			await answer(await asked({ need_approval: ['send'] }), 'second', no);
			expect(sent).toEqual([]);
		},
	);

	it('are asked about each time: an answer counts for its call alone', async () => {
		const { sent, asked, answer } = world([mail, mail, 'Written.']);
		const runId = await asked({ need_approval: ['send'] });
		const again = await answer(runId, 'second', 'approve');
		expect(again.requests).toHaveLength(1);
		expect(await answer(runId, 'third', 'reject')).toMatchObject({ status: 'completed' });
		expect(sent).toEqual([{ to: 'Ada' }]);
	});

	it('are those of the agent that the task was handed over to', async () => {
		const toWriter = { tool: 'hand_off', input: { agent: 'writer', message: 'Yours.' } };
		const profiles = [
			{ name: 'clerk', handOffTo: ['writer'] },
			{ name: 'writer', instructions: 'You write mails.' },
		];
		const { requests, sent, asked, answer } = world(
			[toWriter, 'Handed over.', mail, 'Written.'],
			profiles,
		);
		const runId = await asked({ need_approval: ['send'] }, 'clerk');
		await answer(runId, 'second', 'approve');
		expect(sent).toEqual([{ to: 'Ada' }]);
		expect(requests).toHaveLength(4);
		expect(requests[3]!.messages[0]!.content).toContain('You write mails.');
	});

	it('are refused when nobody is to be asked, or the task cannot be kept', async () => {
		const refused = world([mail, 'Not written.']);
		await refused.asked({ need_approval: ['send'], on_approval: 'refuse' });
		expect([refused.requests.length, refused.sent]).toEqual([2, []]);
		const { managerOf, runtime, sent } = world([mail, 'Not written.']);
		const steps = [{ id: 's', kind: 'agent', parameters: { need_approval: ['send'] } }];
		const run = managerOf('first', false).run({ name: 'w', steps });
		expect(await until(runtime, run)).toMatchObject({ output: 'Not written.' });
		expect(sent).toEqual([]);
	});
});
