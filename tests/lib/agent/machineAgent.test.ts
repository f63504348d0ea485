import { z } from 'zod';

import {
	Agent,
	BudgetLedger,
	defineAgent,
	EndpointRegistry,
	EngineError,
	MemoryJournal,
	ResiliencePolicy,
	ResourcePool,
	VirtualRuntime,
	type AgentContext,
	type AgentOptions,
	type AgentResult,
	type StateFunction,
	type StateOptions,
} from '../../../lib';

let runtime = new VirtualRuntime();
beforeEach(() => {
	runtime = new VirtualRuntime();
});

type States = Record<string, StateFunction | (StateOptions & { run: StateFunction })>;

const agentOf = (states: States, options: Partial<AgentOptions> = {}): Agent =>
	defineAgent('test', { runtime, ...options }, states);

const run = async (states: States, options: Partial<AgentOptions> = {}): Promise<AgentResult> =>
	await runtime.until(agentOf(states, options).run());

describe('an agent', () => {
	it('runs its states one after the other, as they name each other', async () => {
		const agent = new Agent('hello', { runtime });
		agent
			.addState('process', (context) => {
				context.set('greeting', 'Hello, World!');
				return 'format';
			})
			.addState('format', (context) => {
				context.set('result', `Result: ${context.get<string>('greeting')}`);
				return null;
			});
		expect(agent.status).toBe('IDLE');
		const result = await runtime.until(agent.run());
		expect(result).toEqual({
			runId: 'id-1',
			status: 'completed',
			outcome: 'success',
			state: { greeting: 'Hello, World!', result: 'Result: Hello, World!' },
		});
		expect(agent.status).toBe('COMPLETED');
		expect(agent.completedStates).toEqual(['process', 'format']);
		expect(agent.state).toEqual(result.state);
	});

	it('runs the states of a list in parallel and joins them', async () => {
		const result = await run(
			{
				start: () => ['images', 'text'],
				images: async (context) => {
					await runtime.sleep(50);
					context.set('found', 'images');
					return 'merge';
				},
				text: async (context) => {
					await runtime.sleep(10);
					context.set('found', 'text');
					return 'merge';
				},
				merge: (context) => context.set('count', context.get<string[]>('found', []).length),
			},
			{ reducers: { found: 'append' } },
		);
		expect(result.state).toEqual({ found: ['images', 'text'], count: 2 });
		expect(runtime.monotonic()).toBe(50);
	});

	it('goes where its data says', async () => {
		for (const [size, path] of [
			[5, 'small'],
			[5000, 'large'],
		] as const) {
			const result = await run(
				{
					route: (context) => (context.get('size', 0) > 1000 ? 'large' : 'small'),
					large: (context) => context.set('path', 'large'),
					small: (context) => context.set('path', 'small'),
				},
				{ state: { size } },
			);
			expect(result.state.path).toBe(path);
		}
	});

	it('begins with the first state and those that dependencies speak of', async () => {
		const order: string[] = [];
		const note = (context: AgentContext): void => void order.push(context.state);
		const states: States = {
			first: note,
			never: note,
			prepare: note,
			final: { run: note, dependencies: { prepare: 'REQUIRED', first: { type: 'optional' } } },
		};
		await run(states);
		expect(order).toEqual(['first', 'prepare', 'final']);
		order.length = 0;
		await run(states, { start: 'never' });
		expect(order).toEqual(['never']);
		order.length = 0;
		await run(states, { start: ['never', 'prepare'] });
		expect(order).toEqual(['never', 'prepare', 'final']);
	});

	it('refuses to run without states, or from one that it does not have', async () => {
		await expect(new Agent('empty', { runtime }).run()).rejects.toThrow(
			'Agent "empty" has no states.',
		);
		await expect(agentOf({ a: () => null }, { start: 'b' }).run()).rejects.toThrow(
			'Agent "test" starts with "b", which is not one of its states.',
		);
		expect(() => agentOf({ a: () => null }).addState('a', () => null)).toThrow(
			'Agent "test" already has a state "a".',
		);
	});

	it('loops until it has enough, but not for ever', async () => {
		const result = await run({
			train: (context) => {
				const epochs = context.get('epochs', 0) + 1;
				context.set('epochs', epochs);
				return epochs < 5 ? 'train' : 'evaluate';
			},
			evaluate: (context) => context.set('done', context.iteration),
		});
		expect(result.state).toEqual({ epochs: 5, done: 1 });
		const endless = await run({ a: { run: () => 'a', maxIterations: 3 } });
		expect(endless).toMatchObject({ status: 'failed', error: { code: 'ITERATION_LIMIT' } });
	});

	it('takes states that are added while it runs', async () => {
		const agent = agentOf(
			{
				split: (context) => {
					for (let i = 0; i < 3; i++) {
						context.addState(`chunk_${i}`, (own) => {
							own.set('sum', i);
							return 'merge';
						});
					}
					return ['chunk_0', 'chunk_1', 'chunk_2'];
				},
				merge: (context) => context.set('merged', context.get('sum')),
			},
			{ reducers: { sum: 'sum' } },
		);
		const done = agent.run();
		await runtime.drain();
		expect((await done).state).toEqual({ sum: 3, merged: 3 });
		const open = agentOf({ a: async () => await runtime.sleep(10), b: () => null });
		const running = open.run();
		await runtime.drain();
		open.addState('c', (context) => context.set('c', 1), { dependencies: { a: 'required' } });
		expect((await runtime.until(running)).state).toEqual({ c: 1 });
	});

	it('hands its input and everything about the attempt to its states', async () => {
		let seen: unknown;
		const agent = agentOf({
			a: {
				run: (context) => {
					const { state, attempt, iteration, input, lastHeartbeat, signal } = context;
					context.heartbeat(attempt);
					context.progress(0.5, 'half');
					seen = [state, attempt, iteration, input, lastHeartbeat, signal.aborted];
					if (attempt === 1) throw new Error('again');
					expect(context.idempotencyKey).toMatch(/^[0-9a-f]{64}$/);
				},
				retry: { maxRetries: 1, initialDelayMs: 5 },
			},
		});
		await runtime.until(agent.run({ input: 'in', runId: 'r' }));
		expect(seen).toEqual(['a', 2, 1, 'in', 1, false]);
		expect(agent.progress).toMatchObject({ percent: 100, message: 'half' });
	});

	it('writes nothing when an attempt fails', async () => {
		const result = await run({
			a: {
				run: (context) => {
					context.set('x', context.attempt);
					if (context.attempt === 1) {
						context.set('partial', true);
						throw new Error('no');
					}
				},
				retry: { initialDelayMs: 0 },
			},
		});
		expect(result.state).toEqual({ x: 2 });
	});

	it('goes on with a default value, which writes nothing', async () => {
		for (const defaultValue of ['none', 7, null, { found: [] }, { writes: 'no list' }]) {
			const agent = agentOf({
				a: {
					run: () => {
						throw new Error('no');
					},
					retry: { maxAttempts: 1, onExhausted: 'default', defaultValue },
				},
				b: {
					run: (context) => context.set('after', context.state),
					dependencies: { a: 'required' },
				},
			});
			const result = await runtime.until(agent.run());
			expect(result).toMatchObject({ status: 'completed', state: { after: 'b' } });
		}
	});

	it('goes on with what a person answers instead of a state that failed', async () => {
		const failing: StateFunction = () => {
			throw new Error('no');
		};
		const answered = async (value: unknown): Promise<AgentResult> => {
			const agent = agentOf({
				a: { run: failing, retry: { maxAttempts: 1, onExhausted: 'pause' } },
			});
			const ended = agent.run();
			await runtime.until(agent.untilIdle());
			await runtime.until(agent.answer(agent.requests[0]!.requestId, value));
			return await runtime.until(ended);
		};
		const plain = await answered('by hand');
		expect(plain).toMatchObject({ status: 'completed', state: {} });
		const written = await answered({ writes: [{ key: 'x', value: 1 }] });
		expect(written).toMatchObject({ status: 'completed', state: { x: 1 } });
	});

	it('fails when parallel states write the same key', async () => {
		const result = await run({
			start: () => ['a', 'b'],
			a: (context) => context.set('x', 1),
			b: (context) => context.set('x', 2),
		});
		expect(result).toMatchObject({
			status: 'failed',
			error: { code: 'STATE_CONFLICT' },
			state: {},
		});
	});

	it('undoes completed states when a later one fails', async () => {
		const undone: string[] = [];
		const result = await run({
			pay: { run: () => 'ship', compensate: ({ path }) => void undone.push(path) },
			ship: () => {
				throw new Error('no stock');
			},
		});
		expect(undone).toEqual(['pay']);
		expect(result).toMatchObject({
			status: 'failed',
			error: { message: 'Step "ship" failed: no stock' },
		});
	});

	it('waits for conditions on its state', async () => {
		const order: string[] = [];
		await run({
			poll: async (context) => {
				order.push('poll');
				await runtime.sleep(10);
				context.set('ready', true);
			},
			go: {
				run: () => void order.push('go'),
				dependencies: {
					poll: { type: 'conditional', condition: (agent) => agent.get('ready') === true },
				},
			},
		});
		expect(order).toEqual(['poll', 'go']);
	});

	it('shares its pool', async () => {
		const resourcePool = new ResourcePool({ totals: { cpu: 1 } }, runtime);
		const needs: StateOptions = { resources: { cpu: 1, resourceTypes: ['cpu'] } };
		const work = async (): Promise<void> => await runtime.sleep(10);
		await run(
			{ start: () => ['a', 'b'], a: { run: work, ...needs }, b: { run: work, ...needs } },
			{ resourcePool },
		);
		expect(runtime.monotonic()).toBe(20);
	});

	it('pays the calls of its states, and tells what they wait for', async () => {
		const ledger = new BudgetLedger({ calls: { hard: 1 } });
		const endpoints = new EndpointRegistry(runtime);
		const breaker = { minCalls: 1, openMs: 50 };
		const service = endpoints.get('api', { breaker });
		const events: string[] = [];
		let calls = 0;
		const policy = new ResiliencePolicy(
			{ ...service, retry: { maxAttempts: 2, initialDelayMs: 0 } },
			runtime,
		);
		const agent = agentOf(
			{
				ask: async (context) => {
					const { ledger: wallet, path } = context.budget!;
					wallet.tryReserve({ path, amounts: { calls: 1 } })!.settle();
					await policy.execute(async () => {
						if (++calls === 1) throw new EngineError('E', 'down', { errorClass: 'server' });
						await Promise.resolve();
					}, context.callOptions);
					return 'again';
				},
				again: ({ budget }) => {
					budget!.ledger.tryReserve({ path: budget!.path, amounts: { calls: 1 } });
				},
			},
			{
				...{ budget: { ledger }, endpoints },
				sinks: [({ type }) => void events.push(type)],
			},
		);
		const running = agent.run();
		await runtime.advance(10);
		expect(agent.createCheckpoint()).toMatchObject({
			endpoints: { breakers: [{ status: 'open' }] },
			budget: { spent: { calls: 1 } },
		});
		const { error } = await runtime.until(running);
		expect(error).toMatchObject({ code: 'BUDGET_EXCEEDED', details: { stepId: 'again' } });
		const told = events.filter((type) => /^(breaker|budget)/.test(type));
		expect(told).toEqual([
			...['budget.reserved', 'budget.settled', 'budget.hard'],
			...['breaker.open', 'breaker.waiting', 'breaker.closed'],
		]);
	});

	it('goes on with what its journal knows', async () => {
		const journal = new MemoryJournal();
		let broken = true;
		const states: States = {
			a: (context) => {
				context.set('a', 1);
				return 'b';
			},
			b: (context) => {
				if (broken) throw new Error('down');
				context.set('b', context.get('a'));
			},
		};
		await runtime.until(agentOf(states, { journal }).run({ runId: 'r' }));
		broken = false;
		const again = agentOf(
			{ ...states, a: () => Promise.reject(new Error('ran again')) },
			{ journal },
		);
		expect((await runtime.until(again.run({ runId: 'r' }))).state).toEqual({ a: 1, b: 1 });
	});

	it('has nothing to control before it runs, and runs once at a time', async () => {
		const agent = agentOf({ a: async () => await runtime.sleep(10) });
		expect([agent.requests, agent.progress, agent.stateMetadata, agent.metrics]).toEqual([
			[],
			undefined,
			{},
			{ status: 'IDLE', completed: 0, running: 0, pending: 0, failed: 0, attempts: 0, retries: 0 },
		]);
		await expect(agent.pause()).rejects.toThrow(
			'Agent "test" has not run yet and cannot be paused.',
		);
		const first = agent.run();
		await expect(agent.run()).rejects.toThrow('Agent "test" is pending already.');
		await runtime.until(first);
		expect((await runtime.until(agent.run())).status).toBe('completed');
	});
});

describe('the state of an agent', () => {
	const inState = async (
		work: (context: AgentContext) => void,
		state: Record<string, unknown> = {},
	): Promise<AgentResult> => await run({ a: work }, { state });

	it('is read, set, removed and cleared by key', async () => {
		const result = await inState(
			(context) => {
				expect(context.get('name')).toBe('Alice');
				expect(context.get('missing')).toBeUndefined();
				expect(context.get('missing', 7)).toBe(7);
				context.set('scores', [95, 87]);
				context.remove('name');
				expect([context.has('name'), context.has('scores'), context.keys()]).toEqual([
					false,
					true,
					['old', 'scores'],
				]);
				context.clear();
				expect(context.keys()).toEqual([]);
				context.set('last', null);
			},
			{ name: 'Alice', old: 1 },
		);
		expect([result.status, result.state]).toEqual(['completed', { last: null }]);
	});

	it('holds frozen copies: nobody changes it from afar', async () => {
		const result = await inState((context) => {
			const mine = { list: [1] };
			context.set('x', mine);
			mine.list.push(2);
			expect(() => context.get<{ list: number[] }>('x')!.list.push(3)).toThrow(TypeError);
		});
		expect([result.status, result.state]).toEqual(['completed', { x: { list: [1] } }]);
	});

	it('is checked where types are given', async () => {
		const profile = z.object({
			name: z.string(),
			age: z.number().min(0),
			tags: z.array(z.string()).default([]),
		});
		const result = await inState((context) => {
			context.setTyped('user', profile, { name: 'Alice', age: 28 });
			expect(() => context.updateTyped('user', profile, { age: -1 })).toThrow(
				/^State "user": age: /,
			);
			expect(() => context.setTyped('user', profile, {} as never)).toThrow(/^State "user": name: /);
			context.updateTyped('user', profile, { age: 29 });
			expect(context.getTyped('user', profile)).toEqual({ name: 'Alice', age: 29, tags: [] });
			expect(() => context.getTyped('nobody', profile)).toThrow(/^State "nobody": /);
			expect(() => context.updateTyped('nobody', profile, { age: 1 })).toThrow(/name: /);
		});
		expect(result.error).toBeUndefined();
	});
});

describe('asking a person', () => {
	const review: StateFunction = async (context) => {
		const feedback = await context.humanInTheLoop({ prompt: 'Approve?', payload: { text: 'x' } });
		return feedback.includes('approve') ? 'publish' : 'revise';
	};
	const states: States = {
		review,
		publish: (context) => context.set('published', true),
		revise: (context) => context.set('published', false),
	};

	it('waits for the answer and goes where it says', async () => {
		const agent = agentOf(states);
		const done = agent.run({ runId: 'r' });
		expect(await runtime.until(agent.untilIdle())).toBe('waiting');
		expect(agent.status).toBe('RUNNING');
		expect(agent.stateMetadata.review).toMatchObject({ status: 'RUNNING' });
		expect(agent.requests).toMatchObject([{ requestId: 'r:review:human-1', name: 'human-1' }]);
		expect(agent.requests[0]!.payload).toEqual({ prompt: 'Approve?', payload: { text: 'x' } });
		expect(await agent.answer('r:review:human-1', 'I approve')).toEqual({ accepted: true });
		expect((await runtime.until(done)).state).toEqual({ published: true });
	});

	it('asks again for an unacceptable answer, without more time', async () => {
		const agent = agentOf({
			a: async (context) => {
				const score = await context.humanInTheLoop({
					prompt: 'Score?',
					timeoutMs: 100,
					validator: (answer) => {
						if (answer === 'throw') throw new Error('strange');
						return Number(answer) <= 100;
					},
					default: '50',
				});
				context.set('score', score);
			},
		});
		const done = agent.run({ runId: 'r' });
		await runtime.advance(60);
		await agent.answer('r:a:human-1', '101');
		await runtime.drain();
		expect(agent.requests).toMatchObject([
			{
				requestId: 'r:a:human-1.2',
				payload: { prompt: 'Score?', error: 'The last answer was not acceptable.' },
			},
		]);
		await agent.answer('r:a:human-1.2', 'throw');
		const { state } = await runtime.until(done);
		expect([state, runtime.monotonic()]).toEqual([{ score: '50' }, 100]);
	});

	it('fails without a default when nobody answers, and refuses a default that is no answer', async () => {
		const late = await run({
			a: async (context) => void (await context.humanInTheLoop({ prompt: '?', timeoutMs: 10 })),
		});
		expect(late).toMatchObject({ status: 'failed', error: { code: 'TIMEOUT' } });
		const wrong = await run({
			a: async (context) =>
				void (await context.humanInTheLoop({ prompt: 'N?', validator: () => false, default: 'x' })),
		});
		expect(wrong.error?.message).toContain('The default answer to "N?" is not acceptable itself.');
	});

	it('survives a restart in another process, under another name', async () => {
		const agent = agentOf(states);
		void agent.run({ runId: 'r' });
		await runtime.until(agent.untilIdle());
		const checkpoint: unknown = JSON.parse(JSON.stringify(agent.createCheckpoint()));
		const other = defineAgent('restored', { runtime }, states);
		other.restoreFromCheckpoint(checkpoint);
		const done = other.resume();
		await runtime.drain();
		await other.answer('r:review:human-1', 'no');
		expect((await runtime.until(done)).state).toEqual({ published: false });
	});

	it('is over when the state is cancelled', async () => {
		const agent = agentOf({
			a: async (context) => void (await context.humanInTheLoop({ prompt: '?', default: 'd' })),
			b: { run: () => null, dependencies: { a: 'sequential' } },
		});
		const done = agent.run();
		await runtime.until(agent.untilIdle());
		expect(agent.cancelState('a')).toBe(true);
		await runtime.until(done);
		expect(agent.stateMetadata).toMatchObject({
			a: { status: 'CANCELLED' },
			b: { status: 'COMPLETED' },
		});
	});
});

describe('controlling an agent', () => {
	const slow: States = {
		start: (context) => {
			context.set('log', 'start');
			return ['a', 'b'];
		},
		a: async (context) => {
			await runtime.sleep(20, context.signal);
			context.set('log', 'a');
			return 'end';
		},
		b: async (context) => {
			await runtime.sleep(50, context.signal);
			context.set('log', 'b');
			return 'end';
		},
		end: (context) => context.set('log', 'end'),
	};
	const options: Partial<AgentOptions> = { reducers: { log: 'append' } };

	it('pauses with a checkpoint and goes on', async () => {
		const agent = agentOf(slow, options);
		const done = agent.run();
		await runtime.advance(10);
		const checkpoint = await runtime.until(agent.pause());
		expect([agent.status, checkpoint.completed]).toEqual(['PAUSED', ['start', 'a', 'b']]);
		const resumed = agent.resume();
		expect(await runtime.until(resumed)).toEqual(await runtime.until(done));
		expect(agent.state.log).toEqual(['start', 'a', 'b', 'end']);
	});

	it('restores what parallel states had written before they joined', async () => {
		const agent = agentOf(slow, options);
		void agent.run({ runId: 'r' });
		await runtime.advance(30);
		const checkpoint: unknown = JSON.parse(JSON.stringify(agent.createCheckpoint()));
		runtime = new VirtualRuntime();
		const other = agentOf(slow, options);
		other.restoreFromCheckpoint(checkpoint);
		const { state, runId } = await runtime.until(other.resume());
		expect([state.log, runId]).toEqual([['start', 'a', 'b', 'end'], 'r']);
		expect(() => other.restoreFromCheckpoint({})).toThrow(
			'Agent "test" was given something else than a checkpoint.',
		);
	});

	it('is cancelled as a whole', async () => {
		const agent = agentOf(slow, options);
		const done = agent.run();
		await runtime.advance(10);
		expect(agent.runningStates).toEqual(['a', 'b']);
		expect(agent.metrics).toEqual({
			status: 'RUNNING',
			completed: 1,
			running: 2,
			pending: 1,
			failed: 0,
			attempts: 3,
			retries: 0,
		});
		const result = await runtime.until(agent.cancelAll('Enough.'));
		expect(result).toMatchObject({ status: 'cancelled', cause: { message: 'Enough.' } });
		expect((await done).status).toBe('cancelled');
		expect(agent.status).toBe('FAILED');
	});

	it('keeps to its time limits, and cleans up', async () => {
		let cleaned = false;
		const agent = agentOf(slow, options);
		const result = await runtime.until(
			agent.run({ timeoutMs: 30, cleanup: () => void (cleaned = true), cleanupTimeoutMs: 5 }),
		);
		expect([result.status, cleaned, runtime.monotonic()]).toEqual(['timed_out', true, 30]);
		expect(agent.stateMetadata).toMatchObject({
			a: { status: 'COMPLETED', attempts: 1, executions: 1 },
			b: { status: 'CANCELLED' },
		});
		const failed = agentOf({ x: () => Promise.reject(new Error('no')) });
		await runtime.until(failed.run());
		expect(failed.stateMetadata.x).toMatchObject({ status: 'FAILED', error: { message: 'no' } });
		expect(failed.metrics).toMatchObject({ status: 'FAILED', failed: 1 });
	});

	it('hands out checkpoints at an interval and obeys its limit', async () => {
		const times: number[] = [];
		await run(slow, {
			...options,
			maxConcurrent: 1,
			checkpointIntervalMs: 30,
			onCheckpoint: () => void times.push(runtime.monotonic()),
		});
		expect([times, runtime.monotonic()]).toEqual([[30, 60], 70]);
	});
});
