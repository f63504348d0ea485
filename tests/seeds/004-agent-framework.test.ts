import { z } from 'zod';

import {
	Agent,
	chunk,
	defineAgent,
	ResourcePool,
	VirtualRuntime,
	type AgentOptions,
	type StateFunction,
} from '../../lib';

/** An agent of states, in virtual time. */
function agentOf(states: Record<string, StateFunction>, options: Partial<AgentOptions> = {}) {
	const runtime = new VirtualRuntime();
	return { runtime, agent: defineAgent('my_workflow', { runtime, ...options }, states) };
}

/** Runs an agent to its end and gives its state. */
async function finalState(states: Record<string, StateFunction>, options?: Partial<AgentOptions>) {
	const { runtime, agent } = agentOf(states, options);
	return (await runtime.until(agent.run())).state;
}

const nothing = (): void => undefined;

describe('document 004, quick start', () => {
	it('hello workflow: one state hands over to the next', async () => {
		const state = await finalState({
			processData: (context) => {
				context.set('greeting', 'Hello, World!');
				return 'formatOutput';
			},
			formatOutput: (context) => context.set('result', `Result: ${context.get('greeting')}`),
		});
		expect(state.result).toBe('Result: Hello, World!');
	});
});

describe('document 004, state management', () => {
	it('sets, gets with a default, removes and asks for existence', async () => {
		expect.assertions(5);
		await finalState({
			basicState: (context) => {
				context.set('user_name', 'Alice');
				context.set('scores', [95, 87, 92]);
				expect(context.get('user_name')).toBe('Alice');
				expect(context.get('scores', [])).toEqual([95, 87, 92]);
				expect(context.get('missing', [])).toEqual([]);
				context.remove('user_name');
				expect(context.has('user_name')).toBe(false);
				expect(context.has('scores')).toBe(true);
			},
		});
	});

	it('keeps typed data typed: set, update, get', async () => {
		const UserProfile = z.object({
			name: z.string(),
			age: z.number(),
			scores: z.array(z.number()),
		});
		const { runtime, agent } = agentOf({
			typedState: (context) => {
				context.setTyped('user', UserProfile, { name: 'Alice', age: 28, scores: [95, 87.5] });
				context.updateTyped('user', UserProfile, { age: 29 });
				return context.getTyped('user', UserProfile).age === 29 ? 'next' : null;
			},
			next: (context) => context.setTyped('user', UserProfile, { name: 'Bob' } as never),
		});
		const result = await runtime.until(agent.run());
		expect(result.state.user).toEqual({ name: 'Alice', age: 29, scores: [95, 87.5] });
		expect(result).toMatchObject({ status: 'failed', error: { errorClass: 'validation' } });
	});
});

describe('document 004, flow control', () => {
	it('sequential execution', async () => {
		const order: string[] = [];
		await finalState({
			step1: () => (order.push('step1'), 'step2'),
			step2: () => (order.push('step2'), 'step3'),
			step3: () => (order.push('step3'), null),
		});
		expect(order).toEqual(['step1', 'step2', 'step3']);
	});

	it('parallel execution, and a merge that waits for all', async () => {
		const runtime = new VirtualRuntime();
		const work =
			(name: string): StateFunction =>
			async (context) => {
				await runtime.sleep(100);
				context.set('done', name);
				return 'mergeResults';
			};
		const results: string[] = [];
		const agent = defineAgent(
			'parallel',
			{ runtime, reducers: { done: 'append' } },
			{
				start: () => ['images', 'text', 'analysis'],
				images: work('images'),
				text: work('text'),
				analysis: work('analysis'),
				mergeResults: (context) => void results.push(...context.get<string[]>('done', [])),
			},
		);
		await runtime.until(agent.run());
		expect([...results].sort()).toEqual(['analysis', 'images', 'text']);
		expect(runtime.monotonic()).toBe(100);
	});
});

describe('document 004, resources', () => {
	const heavy = { cpu: 2, memoryMb: 1024, io: 1, network: 1, gpu: 1, priority: 'high' } as const;

	it('requirements and a pool of one’s own keep heavy states apart', async () => {
		const runtime = new VirtualRuntime();
		const resourcePool = new ResourcePool(
			{ totals: { cpu: 8, memoryMb: 16_384, io: 100, network: 100, gpu: 1 }, preemption: true },
			runtime,
		);
		const agent = new Agent('my_workflow', { runtime, resourcePool, start: ['train', 'tune'] });
		for (const name of ['train', 'tune']) {
			agent.addState(name, () => runtime.sleep(1000), { resources: heavy });
		}
		const run = agent.run();
		await runtime.advance(500);
		const { usage, allocations, waiting } = resourcePool.snapshot();
		expect(usage.gpu).toMatchObject({ total: 1, current: 1 });
		expect(usage.cpu).toMatchObject({ total: 8, current: 2 });
		expect(Object.keys(allocations)).toEqual([expect.stringMatching(/\/train$/)]);
		expect(waiting).toMatchObject([{ path: expect.stringMatching(/\/tune$/), priority: 'high' }]);
		expect((await runtime.until(run)).status).toBe('completed');
		expect(runtime.monotonic()).toBe(2000);
		expect(resourcePool.snapshot().usage.gpu).toMatchObject({ current: 0, peak: 1 });
	});

	it('max_concurrent: at most so many states at once', async () => {
		const runtime = new VirtualRuntime();
		const agent = new Agent('my_workflow', { runtime, maxConcurrent: 5, start: 'all' });
		const names = Array.from({ length: 10 }, (_, index) => `s${index}`);
		agent.addState('all', () => names);
		for (const name of names) agent.addState(name, () => runtime.sleep(100));
		await runtime.until(agent.run());
		expect(runtime.monotonic()).toBe(200);
	});
});

describe('document 004, dependencies', () => {
	it('required, optional, parallel and sequential', async () => {
		const order: string[] = [];
		const runtime = new VirtualRuntime();
		const agent = new Agent('deps', { runtime });
		const state =
			(name: string, fails = false): StateFunction =>
			async () => {
				await runtime.sleep(10);
				order.push(name);
				if (fails) throw new Error(`${name} is broken`);
			};
		agent
			.addState('prepare_data', state('prepare_data'))
			.addState('validate_data', state('validate_data', true), { optional: true })
			.addState('background_task', state('background_task'))
			.addState('previous_step', state('previous_step'))
			.addState('final_step', state('final_step'), {
				dependencies: {
					prepare_data: 'REQUIRED',
					validate_data: 'OPTIONAL',
					background_task: 'PARALLEL',
					previous_step: 'SEQUENTIAL',
				},
			});
		await runtime.until(agent.run());
		expect(order.at(-1)).toBe('final_step');
		expect(agent.stateMetadata.final_step!.status).toBe('COMPLETED');
		expect(agent.stateMetadata.validate_data!.status).toBe('FAILED');
	});

	it('a periodic dependency with condition, expiry, interval and timeout', async () => {
		const runtime = new VirtualRuntime();
		let polls = 0;
		const agent = new Agent('complex', {
			runtime,
			start: ['dependency', 'slow'],
			reducers: { ready: 'last' },
		});
		agent
			.addState('dependency', (context) => (polls++, context.set('ready', true)))
			.addState('slow', () => runtime.sleep(250))
			.addState('complex_step', nothing, {
				dependencies: {
					dependency: {
						type: 'required',
						lifecycle: 'periodic',
						condition: (state) => state.get('ready') === true,
						expiryMs: 3_600_000,
						intervalMs: 100,
						timeoutMs: 60_000,
					},
					slow: 'required',
				},
			});
		const { status } = await runtime.until(agent.run());
		expect(status).toBe('completed');
		expect(polls).toBeGreaterThanOrEqual(2);
	});
});

describe('document 004, errors', () => {
	it('retry policy: three retries with pauses of 1, 2 and 4 seconds', async () => {
		const runtime = new VirtualRuntime();
		let calls = 0;
		const agent = new Agent('api', { runtime }).addState(
			'api_call',
			() => {
				if (++calls < 4) throw new Error('unavailable');
			},
			{
				retry: {
					maxRetries: 3,
					initialDelayMs: 1000,
					maxDelayMs: 60_000,
					backoffFactor: 2,
					jitter: 'none',
				},
			},
		);
		expect((await runtime.until(agent.run())).status).toBe('completed');
		expect([calls, runtime.monotonic()]).toEqual([4, 7000]);
	});

	it('error states: a failure leads to its handler', async () => {
		const state = await finalState({
			criticalOperation: () => {
				try {
					throw new Error('no');
				} catch {
					return 'handleError';
				}
			},
			success: nothing,
			handleError: (context) => {
				context.set('cleaned', true);
				return 'notification';
			},
			notification: (context) => context.set('notified', true),
		});
		expect(state).toEqual({ cleaned: true, notified: true });
	});

	it('compensation: what completed is undone, last first', async () => {
		const undone: string[] = [];
		const runtime = new VirtualRuntime();
		const agent = new Agent('saga', { runtime });
		const undo = (name: string) => ({ compensate: () => void undone.push(name) });
		agent
			.addState('book_flight', () => 'book_hotel', undo('flight'))
			.addState('book_hotel', () => 'pay', undo('hotel'))
			.addState('pay', () => Promise.reject(new Error('card declined')));
		expect((await runtime.until(agent.run())).status).toBe('failed');
		expect(undone).toEqual(['hotel', 'flight']);
	});
});

describe('document 004, checkpoints', () => {
	const states = (calls: string[]): Record<string, StateFunction> => ({
		first: (context) => (calls.push('first'), context.set('n', 1), 'second'),
		second: async (context) => (
			calls.push('second'),
			context.set('answer', await context.humanInTheLoop({ prompt: '?' })),
			'third'
		),
		third: () => void calls.push('third'),
	});

	it('saved as JSON, restored in another agent, and finished there', async () => {
		const calls: string[] = [];
		const { runtime, agent } = agentOf(states(calls));
		void agent.run();
		await runtime.until(agent.untilIdle());
		const file = JSON.stringify(agent.createCheckpoint());
		const restored = agentOf(states(calls));
		restored.agent.restoreFromCheckpoint(JSON.parse(file));
		const run = restored.agent.resume();
		await restored.runtime.until(restored.agent.untilIdle());
		await restored.agent.answer(restored.agent.requests[0]!.requestId, 42);
		const { state } = await restored.runtime.until(run);
		expect(state).toEqual({ n: 1, answer: 42 });
		expect(calls).toEqual(['first', 'second', 'second', 'third']);
	});

	it('automatic, every five minutes, with time, name, status and what is completed', async () => {
		const taken: object[] = [];
		const runtime = new VirtualRuntime();
		const agent = defineAgent(
			'my_workflow',
			{
				runtime,
				checkpointIntervalMs: 300_000,
				onCheckpoint: ({ createdAt, name, status, completed }) =>
					taken.push({ createdAt, name, status, completed }),
			},
			{ quick: () => 'slow', slow: () => runtime.sleep(700_000) },
		);
		const begin = runtime.now();
		await runtime.until(agent.run());
		expect(taken).toEqual(
			[300_000, 600_000].map((ms) => ({
				createdAt: begin + ms,
				name: 'my_workflow',
				status: 'running',
				completed: ['quick'],
			})),
		);
	});
});

describe('document 004, people', () => {
	const reviewing = () =>
		agentOf({
			review: async (context) => {
				const feedback = await context.humanInTheLoop({
					prompt: 'Review this content (approve/reject):',
					timeoutMs: 300_000,
				});
				return feedback.toLowerCase().includes('approve') ? 'publish' : 'revise';
			},
			publish: (context) => context.set('outcome', 'published'),
			revise: (context) => context.set('outcome', 'revised'),
		});

	it.each([
		['Approve!', 'published'],
		['reject', 'revised'],
	])('human input: %s', async (answer, outcome) => {
		const { runtime, agent } = reviewing();
		const run = agent.run();
		await runtime.until(agent.untilIdle());
		await agent.answer(agent.requests[0]!.requestId, answer);
		expect((await runtime.until(run)).state.outcome).toBe(outcome);
	});

	it('validated human input: asks again, and takes the default when the time is up', async () => {
		const { runtime, agent } = agentOf({
			getUserInput: async (context) => {
				const score = await context.humanInTheLoop({
					prompt: 'Enter score (0-100):',
					timeoutMs: 60_000,
					validator: (text) => /^\d+$/.test(text) && Number(text) <= 100,
					default: '50',
				});
				context.set('user_score', Number(score));
			},
		});
		const run = agent.run();
		await runtime.until(agent.untilIdle());
		await agent.answer(agent.requests[0]!.requestId, 'high');
		await runtime.drain();
		expect(agent.requests).toHaveLength(1);
		expect((await runtime.until(run)).state.user_score).toBe(50);
		expect(runtime.monotonic()).toBe(60_000);
	});
});

describe('document 004, monitoring and control', () => {
	it('status of agent and states, and metrics', async () => {
		const runtime = new VirtualRuntime();
		const agent = defineAgent(
			'watched',
			{ runtime },
			{ one: () => 'two', two: () => runtime.sleep(100), three: nothing },
		);
		expect(agent.status).toBe('IDLE');
		const run = agent.run();
		await runtime.drain();
		expect(agent.status).toBe('RUNNING');
		expect(agent.stateMetadata.one!.status).toBe('COMPLETED');
		expect(agent.stateMetadata.two!.status).toBe('RUNNING');
		expect(agent.metrics).toMatchObject({ completed: 1, running: 1 });
		await runtime.until(run);
		expect(agent.status).toBe('COMPLETED');
	});

	it('a run with a time limit and a clean-up', async () => {
		const cleaned: string[] = [];
		const { runtime, agent } = agentOf({ endless: () => new Promise<void>(nothing) });
		const { status } = await runtime.until(
			agent.run({
				timeoutMs: 3_600_000,
				cleanup: () => void cleaned.push('done'),
				cleanupTimeoutMs: 60_000,
			}),
		);
		expect([status, cleaned, agent.status]).toEqual(['timed_out', ['done'], 'FAILED']);
	});

	it('pause gives a checkpoint, resume goes on, cancel stops one state or all', async () => {
		const runtime = new VirtualRuntime();
		const agent = new Agent('controlled', { runtime, start: ['a', 'b'] });
		agent
			.addState('a', () => runtime.sleep(100))
			.addState('b', ({ signal }) => runtime.sleep(100, signal))
			.addState('c', ({ signal }) => runtime.sleep(100, signal), {
				dependencies: { a: 'sequential', b: 'sequential' },
			});
		const run = agent.run();
		await runtime.advance(50);
		expect(agent.cancelState('b')).toBe(true);
		const checkpoint = await runtime.until(agent.pause());
		expect(agent.status).toBe('PAUSED');
		expect(checkpoint.completed).toEqual(['a']);
		void agent.resume();
		await runtime.advance(10);
		expect(agent.runningStates).toEqual(['c']);
		await runtime.until(agent.cancelAll());
		expect((await runtime.until(run)).status).toBe('cancelled');
		expect(agent.stateMetadata).toMatchObject({
			b: { status: 'CANCELLED' },
			c: { status: 'CANCELLED' },
		});
	});
});

describe('document 004, dynamic workflows', () => {
	it('states generated from data, one for each chunk, and merged', async () => {
		const data = Array.from({ length: 2500 }, (_, index) => index);
		const runtime = new VirtualRuntime();
		const chunks = chunk(data, 1000);
		const agent = new Agent('dynamic', {
			runtime,
			reducers: { total: 'sum' },
			start: chunks.map((_, i) => `process_chunk_${i}`),
		});
		chunks.forEach((part, i) =>
			agent.addState(`process_chunk_${i}`, (context) => {
				context.set(
					'total',
					part.reduce((sum, n) => sum + n, 0),
				);
				return 'merge_results';
			}),
		);
		agent.addState('merge_results', (context) => context.set('merged', context.get('total')));
		const { state } = await runtime.until(agent.run());
		expect(state.merged).toBe((2499 * 2500) / 2);
	});

	it.each([
		[2000, ['process_chunk_1', 'process_chunk_2']],
		[500, ['sequential_process']],
		[5, ['simple_process']],
	])('conditional routing of %d records', async (size, ran) => {
		const { runtime, agent } = agentOf(
			{
				route: (context) => {
					const { length } = context.get<number[]>('data', []);
					if (length > 1000) return ['process_chunk_1', 'process_chunk_2'];
					return length > 100 ? 'sequential_process' : 'simple_process';
				},
				process_chunk_1: nothing,
				process_chunk_2: nothing,
				sequential_process: nothing,
				simple_process: nothing,
			},
			{ state: { data: new Array<number>(size).fill(0) } },
		);
		await runtime.until(agent.run());
		expect(agent.completedStates).toEqual(['route', ...ran]);
	});
});

describe('document 004, learn by example', () => {
	it('example 1: text processing pipeline', async () => {
		const state = await finalState({
			cleanText: (context) => {
				context.set('cleaned_text', 'Hello   World!  '.trim().replace(/ +/g, ' '));
				return 'analyzeText';
			},
			analyzeText: (context) => {
				const text = context.get('cleaned_text', '');
				context.set('stats', {
					length: text.length,
					words: text.split(' ').length,
					has_punctuation: text.includes('!'),
				});
				return 'formatResults';
			},
			formatResults: (context) =>
				context.set('final_result', {
					text: context.get('cleaned_text'),
					analysis: context.get('stats'),
				}),
		});
		expect(state.final_result).toEqual({
			text: 'Hello World!',
			analysis: { length: 12, words: 2, has_punctuation: true },
		});
	});

	it('example 2: model pipeline that regenerates until the quality is good', async () => {
		const Response = z.object({
			text: z.string(),
			confidence: z.number(),
			tokens_used: z.number(),
			model: z.string(),
		});
		let generated = 0;
		const { runtime, agent } = agentOf({
			generateText: (context) => {
				const confidence = [0.5, 0.95][generated++]!;
				context.setTyped('llm_response', Response, {
					text: 'AI text',
					confidence,
					tokens_used: 150,
					model: 'gpt-4',
				});
				return ['checkQuality', 'extractEntities'];
			},
			checkQuality: (context) =>
				context.getTyped('llm_response', Response).confidence < 0.9
					? 'generateText'
					: 'awaitProcessing',
			extractEntities: (context) => {
				context.set('entities', context.getTyped('llm_response', Response).text.split(' '));
				return 'awaitProcessing';
			},
			awaitProcessing: nothing,
		});
		const { status, state } = await runtime.until(agent.run());
		expect([status, generated, state.entities]).toEqual(['completed', 2, ['AI', 'text']]);
		expect(state.llm_response).toMatchObject({
			confidence: 0.95,
			tokens_used: 150,
			model: 'gpt-4',
		});
	});

	it('example 3: data pipeline that validates while it transforms', async () => {
		const Batch = z.object({ data: z.array(z.object({ id: z.unknown() })), batch_id: z.string() });
		const pipeline = (id: unknown): Record<string, StateFunction> => ({
			loadData: (context) => {
				context.setTyped('batch', Batch, { data: [{ id }], batch_id: 'batch_001' });
				return ['validateData', 'transformData'];
			},
			validateData: (context) => {
				const valid = context
					.getTyped('batch', Batch)
					.data.every((record) => Number.isInteger(record.id));
				if (!valid) return 'handleError';
				context.set('validation_passed', true);
				return 'awaitProcessing';
			},
			transformData: () => 'awaitProcessing',
			handleError: (context) => context.set('error', 'invalid'),
			awaitProcessing: (context) => context.set('done', true),
		});
		expect(await finalState(pipeline(1))).toMatchObject({ validation_passed: true, done: true });
		expect(await finalState(pipeline('x'))).toMatchObject({ error: 'invalid' });
	});

	it('example 4: training that stops early', async () => {
		const Metrics = z.object({ accuracy: z.number(), epoch: z.number() });
		const state = await finalState({
			prepareTraining: (context) => {
				context.set('config', { epochs: 10 });
				return 'trainModel';
			},
			trainModel: (context) => {
				for (let epoch = 0; epoch < 10; epoch++) {
					const metrics = { accuracy: 0.9 + epoch * 0.03, epoch };
					context.setTyped(`metrics_epoch_${epoch}`, Metrics, metrics);
					if (metrics.accuracy > 0.98) break;
				}
				return 'evaluateModel';
			},
			evaluateModel: (context) =>
				context.set('epochs', context.keys().filter((key) => key.startsWith('metrics')).length),
		});
		expect(state.epochs).toBe(4);
	});

	it('content management: four checks at once, then publish', async () => {
		const checks = ['spell_check', 'generate_summary', 'extract_keywords', 'create_images'];
		const runtime = new VirtualRuntime();
		const agent = new Agent('cms', { runtime, reducers: { done: 'append' } });
		agent.addState('process_article', () => checks);
		for (const check of checks) {
			agent.addState(check, async (context) => {
				await runtime.sleep(1000);
				context.set('done', check);
				return 'await_completion';
			});
		}
		agent
			.addState('await_completion', () => 'publish')
			.addState('publish', (context) =>
				context.set('published', context.get<string[]>('done', []).length),
			);
		const { state } = await runtime.until(agent.run());
		expect([state.published, runtime.monotonic()]).toEqual([4, 1000]);
	});

	it.each([
		[{ priority: 'high', tags: [] }, 'immediate_response'],
		[{ priority: 'low', tags: ['bug'] }, 'technical_review'],
		[{ priority: 'low', tags: [] }, 'standard_response'],
	])('customer service: a ticket %j goes to %s', async (ticket, route) => {
		const { runtime, agent } = agentOf(
			{
				handle_ticket: (context) => {
					const { priority, tags } = context.get('ticket', ticket);
					if (priority === 'high') return 'immediate_response';
					return (tags as string[]).includes('bug') ? 'technical_review' : 'standard_response';
				},
				immediate_response: nothing,
				technical_review: nothing,
				standard_response: nothing,
			},
			{ state: { ticket } },
		);
		await runtime.until(agent.run());
		expect(agent.completedStates).toEqual(['handle_ticket', route]);
	});
});
