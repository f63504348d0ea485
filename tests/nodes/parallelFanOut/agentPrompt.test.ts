import { createServer } from 'node:http';

import { AgentSwarmModelApi } from '../../../credentials/AgentSwarmModelApi.credentials';
import { ParallelFanOut } from '../../../nodes/ParallelFanOut/ParallelFanOut.node';
import { TestInstance, connect, node, runWorkflow, start, subNode } from '../../harness';

type Message = { role: string; content: string };

/** A chat model that answers by a function, and notes how many calls overlap. */
function fakeModel(answer: (system: string, user: string) => string | Promise<string>) {
	const calls = { running: 0, most: 0, total: 0 };
	const model = {
		model: 'fake-1',
		async invoke(messages: Message[], { signal }: { signal?: AbortSignal } = {}) {
			calls.total++;
			calls.most = Math.max(calls.most, ++calls.running);
			await new Promise((resolve) => setImmediate(resolve));
			const [system, user] = messages.map(({ content }) => content);
			signal?.throwIfAborted();
			return await Promise.resolve(answer(system!, user!))
				.then((content) => ({
					content,
					usage_metadata: { input_tokens: 10, output_tokens: 5 },
				}))
				.finally(() => calls.running--);
		},
	};
	return { model, calls };
}

function fan(parameters: object, model: object) {
	return {
		nodes: [
			start(),
			node('Fan', new ParallelFanOut(), { work: 'agentPrompt', ...parameters }),
			subNode('Model', 'ai_languageModel', () => model),
		],
		connections: connect(['Start', 'Fan'], {
			from: 'Model',
			to: 'Fan',
			type: 'ai_languageModel',
		}),
	};
}

const roles = {
	tasks: [
		{ name: 'Critic', instructions: 'You are a critic.', task: '=Judge {{ $json.title }}' },
		{ name: 'Editor', instructions: 'You are an editor.', task: '=Edit {{ $json.title }}' },
		{ name: 'Fan', instructions: 'You are a fan.', task: '=Praise {{ $json.title }}' },
	],
};

describe('Parallel Fan-out over agent prompts', () => {
	it('asks several roles about one item at the same time, and names the results by role', async () => {
		const { model, calls } = fakeModel((system, user) => `${system.split('\n')[0]} ${user}`);
		const run = await runWorkflow({
			...fan({ tasksFrom: 'list', taskList: roles }, model),
			input: [{ json: { title: 'Tea' } }],
		});

		expect(run.error).toBeUndefined();
		expect(run.json('Fan').map(({ key, result }) => [key, result])).toEqual([
			['Critic', 'You are a critic. Judge Tea'],
			['Editor', 'You are an editor. Edit Tea'],
			['Fan', 'You are a fan. Praise Tea'],
		]);
		expect(calls).toEqual({ running: 0, most: 3, total: 3 });
		expect(run.json('Fan')[0]).toMatchObject({
			status: 'completed',
			attempts: 1,
			usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15, calls: 1 },
			reused: false,
		});
	});

	it('keeps the keys of several items apart, and pairs each result with its item', async () => {
		const { model } = fakeModel((_system, user) => user);
		const run = await runWorkflow({
			...fan(
				{ tasksFrom: 'list', taskList: roles, options: { taskKey: '={{ $json.title }}' } },
				model,
			),
			input: [{ json: { title: 'Tea' } }, { json: { title: 'Jam' } }],
		});

		expect(run.items('Fan').map(({ json, pairedItem }) => [json.key, pairedItem])).toEqual([
			['Tea/Critic', { item: 0 }],
			['Tea/Editor', { item: 0 }],
			['Tea/Fan', { item: 0 }],
			['Jam/Critic', { item: 1 }],
			['Jam/Editor', { item: 1 }],
			['Jam/Fan', { item: 1 }],
		]);
	});

	it('gives one prompt per item, no more at once than asked for', async () => {
		const { model, calls } = fakeModel((_system, user) => user.toUpperCase());
		const run = await runWorkflow({
			...fan({ task: '=say {{ $json.word }}', atOnce: 2 }, model),
			input: ['a', 'b', 'c', 'd'].map((word) => ({ json: { word } })),
		});

		expect(run.json('Fan').map(({ result }) => result)).toEqual([
			'SAY A',
			'SAY B',
			'SAY C',
			'SAY D',
		]);
		expect(calls.most).toBe(2);
	});

	it('tries a failed call again and tells the attempts and the usage', async () => {
		let failures = 2;
		const { model, calls } = fakeModel(() => {
			if (failures-- > 0) throw Object.assign(new Error('busy'), { status: 503 });
			return 'ok';
		});
		const run = await runWorkflow({
			...fan({ task: 'x', options: { initialDelaySeconds: 0 } }, model),
			input: [{ json: {} }],
		});

		expect(calls.total).toBe(3);
		expect(run.json('Fan')[0]).toMatchObject({ result: 'ok', attempts: 3 });
	});

	it('sends the task whose model fails to Failed and keeps the others', async () => {
		const { model } = fakeModel((_system, user) => {
			if (user.includes('bad')) throw Object.assign(new Error('no such model'), { status: 404 });
			return 'fine';
		});
		const run = await runWorkflow({
			...fan({ task: '={{ $json.word }}' }, model),
			input: [{ json: { word: 'good' } }, { json: { word: 'bad' } }],
		});

		expect(run.json('Fan', 0).map(({ result }) => result)).toEqual(['fine']);
		expect(run.json('Fan', 1)[0]).toMatchObject({
			key: '1',
			status: 'failed',
			error: { errorClass: 'not_found', hint: expect.any(String) },
		});
	});

	it('asks nobody again for a result of the same run key', async () => {
		const { model, calls } = fakeModel((_system, user) => user);
		const workflow = fan(
			{ task: '={{ $json.word }}', runKey: `=fan-reuse-{{ $json.order }}` },
			model,
		);
		const instance = new TestInstance();
		const first = await instance.run(workflow, { input: [{ json: { word: 'a', order: 7 } }] });
		const second = await instance.run(workflow, { input: [{ json: { word: 'a', order: 7 } }] });

		expect(calls.total).toBe(1);
		expect(first.json('Fan')[0]).toMatchObject({ result: 'a', reused: false });
		expect(first.json('Fan')[0]).not.toHaveProperty('saved');
		expect(second.json('Fan')[0]).toMatchObject({
			...{ result: 'a', reused: true, attempts: 1 },
			saved: { calls: 1, durationMs: expect.any(Number) },
		});
	});

	it('takes the first answer and cancels the others', async () => {
		const aborted: string[] = [];
		const { model } = fakeModel(async () => 'never used');
		model.invoke = async (messages, { signal } = {}) => {
			const user = messages[1]!.content;
			if (user === 'b')
				return { content: 'b', usage_metadata: { input_tokens: 1, output_tokens: 1 } };
			return await new Promise((_resolve, reject) => {
				signal!.addEventListener('abort', () => {
					aborted.push(user);
					reject(signal!.reason as Error);
				});
			});
		};
		const run = await runWorkflow({
			...fan({ task: '={{ $json.word }}', options: { waitFor: 'first' } }, model),
			input: ['a', 'b', 'c'].map((word) => ({ json: { word } })),
		});

		expect(run.json('Fan', 0).map(({ key }) => key)).toEqual(['1']);
		expect(run.json('Fan', 1).map(({ key, status }) => [key, status])).toEqual([
			['0', 'cancelled'],
			['2', 'cancelled'],
		]);
		expect(aborted).toEqual(['a', 'c']);
	});

	it('reaches every running prompt when the execution is stopped', async () => {
		const aborted: string[] = [];
		let allRunning = (): void => undefined;
		const untilRunning = new Promise<void>((resolve) => (allRunning = resolve));
		let running = 0;
		const model = {
			model: 'fake-1',
			invoke: async (messages: Message[], { signal }: { signal?: AbortSignal }) => {
				if (++running === 3) allRunning();
				return await new Promise((_resolve, reject) => {
					signal!.addEventListener('abort', () => {
						aborted.push(messages[1]!.content);
						reject(signal!.reason as Error);
					});
				});
			},
		};
		const instance = new TestInstance();
		const execution = instance.start(fan({ task: '={{ $json.word }}' }, model), {
			input: ['a', 'b', 'c'].map((word) => ({ json: { word } })),
		});
		await untilRunning;
		execution.cancel();
		await execution.settled();

		expect(aborted).toEqual(['a', 'b', 'c']);
	});

	it('says what is missing when no model is attached', async () => {
		const run = await runWorkflow({
			nodes: [start(), node('Fan', new ParallelFanOut(), { work: 'agentPrompt', task: 'x' })],
			connections: connect(['Start', 'Fan']),
		});

		expect(run.json('Fan', 1)[0]?.error).toMatchObject({
			message: expect.stringContaining('Chat Model'),
		});
	});

	it('calls an API with the credential, and shows its key nowhere', async () => {
		const key = ['sk', 'not', 'a', 'real', '1234567890'].join('-');
		const seen: unknown[] = [];
		const server = createServer((request, response) => {
			seen.push(request.headers.authorization);
			response.statusCode = 401;
			response.setHeader('content-type', 'application/json');
			response.end(JSON.stringify({ error: { message: `Incorrect API key: ${key}` } }));
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as { port: number };
		const run = await runWorkflow({
			nodes: [
				start(),
				node(
					'Fan',
					new ParallelFanOut(),
					{
						work: 'agentPrompt',
						modelSource: 'api',
						model: { __rl: true, mode: 'id', value: 'm1' },
						task: 'x',
					},
					{ credentials: { agentSwarmModelApi: 'mine' } },
				),
			],
			connections: connect(['Start', 'Fan']),
			credentials: {
				mine: {
					type: new AgentSwarmModelApi(),
					data: {
						api: 'openAi',
						baseUrl: `http://127.0.0.1:${port}/v1`,
						apiKey: key,
					},
				},
			},
		});
		server.close();

		expect(seen).toEqual([`Bearer ${key}`]);
		expect(run.json('Fan', 1)[0]?.error).toMatchObject({ errorClass: 'auth' });
		expect(JSON.stringify(run.data)).not.toContain(key);
	});
});
