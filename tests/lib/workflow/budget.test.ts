import {
	builtInKinds,
	BudgetLedger,
	compileWorkflow,
	MemoryJournal,
	parseDefinition,
	restoreGraph,
	searchKind,
	startGraph,
	stepKinds,
	transformKind,
	VirtualRuntime,
	type AnyStepKind,
	type GraphRunOptions,
	type RunEvent,
	type WorkflowDefinition,
} from '../../../lib';
import { errorOf } from './errorOf';

/** A kind that asks a model for `tokens` tokens, and uses them. */
const ask: AnyStepKind = {
	kind: 'ask',
	parameters: transformKind.parameters,
	async execute({ parameters, attempt, runtime }) {
		const tokens = Number((parameters as { value: unknown }).value);
		const { ledger, path } = attempt.budget!;
		const reservation = await ledger.reserve({ path, amounts: { tokens } }, attempt.signal);
		await runtime.sleep(10, attempt.signal);
		reservation.settle(undefined, { tokens });
		return `${tokens} used`;
	},
};

const asks = (id: string, tokens: number, more: object = {}) => ({
	id,
	kind: 'ask',
	parameters: { value: tokens },
	...more,
});

interface Trial extends Partial<GraphRunOptions> {
	ledger?: BudgetLedger;
	kinds?: AnyStepKind[];
	/** Goes on from there. */
	checkpoint?: unknown;
}

function setup(written: object, { ledger, kinds = [], checkpoint, ...options }: Trial = {}) {
	const runtime = new VirtualRuntime({ drainRounds: 3000 });
	const definition = parseDefinition({ name: 'w', ...written });
	const workflow = compileWorkflow(definition, {
		kinds: stepKinds(...builtInKinds, ask, ...kinds),
		runtime,
		...(ledger && { ledger }),
	});
	const events: RunEvent[] = [];
	const { budget } = workflow;
	const all = {
		...options,
		runtime,
		sinks: [(event: RunEvent) => void events.push(event)],
		...(budget && { budget }),
	};
	const run =
		checkpoint === undefined
			? startGraph(workflow.graph, all)
			: restoreGraph(workflow.graph, checkpoint, all);
	return { ...workflow, run, runtime, events };
}

const typesOf = (events: readonly RunEvent[], begin: string) =>
	events.filter(({ type }) => type.startsWith(begin)).map(({ type }) => type);

const budgetOf = (budget: unknown): WorkflowDefinition['budget'] =>
	parseDefinition({ name: 'w', budget, steps: [] }).budget;

describe('the budget of a workflow', () => {
	it('is limits by unit, in camelCase or snake_case; a plain number is a hard limit', () => {
		expect(
			budgetOf({ tokens: 500, cost_usd: { soft: 0.5, hard: 1 }, tool_calls: 3, on_hard: 'ASK' }),
		).toEqual({
			tokens: { hard: 500 },
			costUsd: { soft: 0.5, hard: 1 },
			toolCalls: { hard: 3 },
			onHard: 'ask',
		});
		expect(budgetOf({ cost: 2 })).toEqual({ costUsd: { hard: 2 } });
		const normal = { calls: { soft: 2 }, onHard: 'fail' };
		expect(budgetOf(normal)).toEqual(normal);
	});

	it('is refused with the path of what is wrong', () => {
		const message = (budget: unknown) => errorOf(() => budgetOf(budget)).message;
		expect(message({ tokens: -1 })).toContain('budget.tokens');
		expect(message({ tokens: { soft: 3, hard: 2 } })).toContain('soft limit must not be above');
		expect(message({ tokenz: 1 })).toContain('is not a known field');
		expect(message({ onHard: 'stop' })).toContain('must be one of partial, fail, ask');
	});

	it('holds for all steps together, also for those inside loops and groups', async () => {
		const { run, runtime, budget } = setup({
			budget: { tokens: 1000 },
			steps: [
				asks('a', 10),
				{
					id: 'group',
					kind: 'parallel',
					parameters: { over: [1, 2], steps: [asks('each', 20)] },
				},
			],
		});
		await expect(runtime.until(run.result)).resolves.toMatchObject({ outcome: 'success' });
		const { ledger } = budget!;
		expect(ledger.spent().tokens).toBe(50);
		expect(ledger.spent('group').tokens).toBe(40);
		expect(Object.keys(ledger.toJSON().byPath)).toEqual(['a', 'group/1/each', 'group/2/each']);
	});

	it('ends a run as partial with what there is, unless it says otherwise', async () => {
		const steps = [asks('a', 60), asks('b', 60), asks('c', 1, { depends_on: ['b'] })];
		const { run, runtime } = setup({ order: 'graph', budget: { tokens: 100 }, steps });
		const result = await runtime.until(run.result);
		expect(result).toMatchObject({
			status: 'completed',
			outcome: 'partial',
			outputs: { a: '60 used' },
			cause: { kind: 'budget', byStepId: 'b' },
		});
		expect(run.step('b').status).toBe('failed');
		expect(run.step('c').status).toBe('skipped');
		const strict = setup({ order: 'graph', budget: { tokens: 100, onHard: 'fail' }, steps });
		await expect(strict.runtime.until(strict.run.result)).resolves.toMatchObject({
			status: 'failed',
			error: { code: 'BUDGET_EXCEEDED', errorClass: 'budget' },
		});
	});

	it('goes on with other steps after one was refused, also when failures end the run', async () => {
		const { run, runtime } = setup(
			{
				order: 'graph',
				budget: { tokens: 100 },
				steps: [asks('much', 101), asks('a', 60), asks('b', 30, { depends_on: ['a'] })],
			},
			{ failureMode: 'fail_fast' },
		);
		const { outcome, outputs } = await runtime.until(run.result);
		expect([outcome, Object.keys(outputs)]).toEqual(['partial', ['a', 'b']]);
	});

	it('fails all the same by a step that another budget or another failure ended', async () => {
		const { run, runtime } = setup({
			budget: { tokens: 100 },
			steps: [{ id: 'a', kind: 'transform', parameters: { value: '{{ nothing }}' } }],
		});
		await expect(runtime.until(run.result)).resolves.toMatchObject({ status: 'failed' });
	});

	it('refuses a whole group for an item that it refuses', async () => {
		const { run, runtime } = setup({
			budget: { tokens: 100 },
			steps: [
				{
					id: 'group',
					kind: 'parallel',
					parameters: { over: [1, 2], maxConcurrent: 1, steps: [asks('each', 60)] },
				},
			],
		});
		await expect(runtime.until(run.result)).resolves.toMatchObject({
			outcome: 'partial',
			cause: { kind: 'budget', byStepId: 'group' },
		});
	});

	it('asks people for more, and goes on with what they allow', async () => {
		const { run, runtime, budget } = setup({
			budget: { tokens: 100, onHard: 'ask' },
			steps: [asks('a', 60), asks('b', 60)],
		});
		await runtime.until(run.untilIdle());
		const [question] = run.requests;
		expect(question).toMatchObject({
			name: 'budget',
			payload: { path: '', unit: 'tokens', limit: 100, spent: 60, needed: 60 },
		});
		await run.answer(question!.requestId, { raise: { tokens: 10 } });
		await runtime.until(run.untilIdle());
		const [again] = run.requests;
		expect(again!.payload).toMatchObject({ limit: 110 });
		await run.answer(again!.requestId, { raise: { tokens: 10 } });
		await expect(runtime.until(run.result)).resolves.toMatchObject({ outcome: 'success' });
		expect(budget!.ledger.toJSON().raises.map(({ delta }) => delta)).toEqual([
			{ tokens: { hard: 10 } },
			{ tokens: { hard: 10 } },
		]);
	});

	it('fails when people do not allow more, and with any other failure as it is', async () => {
		const { run, runtime } = setup({
			budget: { tokens: 100, onHard: 'ask' },
			steps: [asks('a', 101)],
		});
		await runtime.until(run.untilIdle());
		await run.answer(run.requests[0]!.requestId, 'no');
		await expect(runtime.until(run.result)).resolves.toMatchObject({
			error: { code: 'BUDGET_EXCEEDED' },
		});
		const broken = setup(
			{ budget: { tokens: 100, onHard: 'ask' }, steps: [{ id: 'a', kind: 'break' }] },
			{
				kinds: [
					{
						kind: 'break',
						parameters: transformKind.parameters.or(stepKinds(ask).get('ask')!.parameters),
						execute: () => Promise.reject(new Error('broken')),
					},
				],
			},
		);
		await expect(broken.runtime.until(broken.run.result)).resolves.toMatchObject({
			status: 'failed',
		});
	});

	it('asks nobody when the run was started without it', async () => {
		const { graph } = setup({ budget: { onHard: 'ask' }, steps: [] });
		const runtime = new VirtualRuntime();
		const plain = startGraph(graph, { runtime });
		await expect(runtime.until(plain.result)).resolves.toMatchObject({ outcome: 'success' });
		const definition = parseDefinition({
			...{ name: 'w', budget: { onHard: 'ask' } },
			steps: [{ id: 'a', kind: 'transform', parameters: { value: 1 } }],
		});
		const kinds = stepKinds(transformKind);
		const run = startGraph(compileWorkflow(definition, { kinds, runtime }).graph, { runtime });
		await expect(runtime.until(run.result)).resolves.toMatchObject({ outputs: { a: 1 } });
	});

	it('may be smaller for the steps inside one', async () => {
		const inner = (onHard: string) => ({
			budget: { tokens: 100 },
			steps: [
				{
					id: 'group',
					kind: 'parallel',
					parameters: {
						steps: {
							budget: { tokens: 50, onHard },
							steps: [asks('x', 40), asks('y', 40, { depends_on: ['x'] })],
						},
					},
				},
			],
		});
		const strict = setup(inner('fail'));
		await expect(strict.runtime.until(strict.run.result)).resolves.toMatchObject({
			outcome: 'partial',
			cause: { message: expect.stringContaining('group/all') as unknown },
		});
		const lenient = setup(inner('partial'));
		await expect(lenient.runtime.until(lenient.run.result)).resolves.toMatchObject({
			outcome: 'success',
		});
		expect(lenient.budget!.ledger.spent('group/all').tokens).toBe(40);
	});

	it('may be of the steps inside one alone', async () => {
		const { run, runtime, budget } = setup({
			steps: [
				{
					id: 'group',
					kind: 'parallel',
					parameters: { steps: { budget: { tokens: 5, onHard: 'fail' }, steps: [asks('x', 6)] } },
				},
			],
		});
		expect(budget).toBeUndefined();
		await expect(runtime.until(run.result)).resolves.toMatchObject({
			error: { code: 'BUDGET_EXCEEDED' },
		});
	});

	it('stops a group from beginning more once a soft limit is reached', async () => {
		const group = (errorMode: string) => ({
			budget: { tokens: { soft: 20 } },
			steps: [
				{
					id: 'group',
					kind: 'parallel',
					parameters: {
						...{ over: [1, 2, 3], maxConcurrent: 1, errorMode },
						steps: [asks('each', 10)],
					},
				},
			],
		});
		const strict = setup(group('fail_fast'));
		await expect(strict.runtime.until(strict.run.result)).resolves.toMatchObject({
			outcome: 'partial',
			cause: { kind: 'budget', message: '1 items were not begun: the budget is nearly used up.' },
		});
		const lenient = setup(group('drop'));
		await expect(lenient.runtime.until(lenient.run.result)).resolves.toMatchObject({
			outcome: 'success',
			outputs: { group: ['10 used', '10 used'] },
		});
	});

	it('begins the rest of a group once people allow more', async () => {
		const { run, runtime } = setup({
			budget: { tokens: { soft: 10 }, onHard: 'ask' },
			steps: [
				{
					id: 'group',
					kind: 'parallel',
					parameters: { over: [1, 2], maxConcurrent: 1, steps: [asks('each', 10)] },
				},
			],
		});
		await runtime.until(run.untilIdle());
		await run.answer(run.requests[0]!.requestId, { raise: { tokens: 50 } });
		await expect(runtime.until(run.result)).resolves.toMatchObject({
			outputs: { group: ['10 used', '10 used'] },
		});
	});

	it('counts searches', async () => {
		const search = searchKind(({ query }) => `found ${query}`);
		const { run, runtime, budget } = setup(
			{
				budget: { searches: 1, onHard: 'fail' },
				steps: ['a', 'b'].map((id) => ({ id, kind: 'search', parameters: { query: id } })),
			},
			{ kinds: [search] },
		);
		await expect(runtime.until(run.result)).resolves.toMatchObject({
			outputs: { a: 'found a' },
			error: { code: 'BUDGET_EXCEEDED' },
		});
		expect(budget!.ledger.spent()).toMatchObject({ searches: 1, calls: 0 });
	});

	it('is told of in the events of the run, at the steps it happens to', async () => {
		const { run, runtime, events, budget } = setup({
			budget: { tokens: { soft: 5, hard: 10 } },
			steps: [{ id: 'loop', kind: 'loop', parameters: { over: [1], steps: [asks('x', 10)] } }],
		});
		await runtime.until(run.result);
		const told = events.filter(({ type }) => type.startsWith('budget.'));
		expect(told.map(({ type, stepPath, data }) => ({ type, stepPath, data }))).toEqual([
			{ type: 'budget.reserved', stepPath: 'loop/1/x', data: { amounts: expect.anything() } },
			{ type: 'budget.settled', stepPath: 'loop/1/x', data: { amounts: { tokens: 10 } } },
			{ type: 'budget.soft', stepPath: undefined, data: { unit: 'tokens' } },
			{ type: 'budget.hard', stepPath: undefined, data: { unit: 'tokens' } },
		]);
		expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
		const before = events.length;
		budget!.ledger.raise({ tokens: { hard: 1 } }, 'me', 0);
		expect(events).toHaveLength(before);
	});

	it('goes on over a checkpoint with what was spent and allowed', async () => {
		const written = {
			budget: { tokens: 100, onHard: 'fail' },
			steps: [asks('a', 60), asks('b', 30), asks('c', 30)],
		};
		const first = setup(written);
		await first.runtime.advance(5);
		const checkpoint = await first.runtime.until(first.run.pause());
		first.budget!.ledger.raise({ tokens: { hard: 20 } }, 'me', 0);
		const { budget: state } = first.run.checkpoint();
		first.run.release();
		first.budget!.ledger.raise({ tokens: { hard: 1 } }, 'nobody hears of it', 0);
		expect(typesOf(first.events, 'budget.raised')).toHaveLength(1);
		const ledger = BudgetLedger.restore(state as ReturnType<BudgetLedger['toJSON']>);
		const { runtime, run } = setup(written, { ledger, checkpoint });
		await expect(runtime.until(run.result)).resolves.toMatchObject({ outcome: 'success' });
		expect(ledger.spent().tokens).toBe(120);
	});

	it('counts for a ledger of the host although the workflow has no budget', async () => {
		const ledger = new BudgetLedger({ tokens: { hard: 5 } });
		const { run, runtime } = setup({ steps: [asks('a', 6)] }, { ledger });
		await expect(runtime.until(run.result)).resolves.toMatchObject({
			error: { code: 'BUDGET_EXCEEDED' },
		});
	});
});

describe('the events of steps inside steps', () => {
	const written = {
		steps: [
			{
				id: 'each',
				kind: 'loop',
				parameters: {
					over: [1, 2],
					steps: [{ id: 'inner', kind: 'parallel', parameters: { steps: [asks('x', 1)] } }],
				},
			},
		],
		budget: { tokens: 9 },
	};

	it('are among the events of the run, under the paths of the steps', async () => {
		const { run, runtime, events } = setup(written, { journal: new MemoryJournal() });
		await runtime.until(run.result);
		const ended = events.filter(({ type }) => type === 'step.completed');
		expect(ended.map(({ stepPath }) => stepPath)).toEqual([
			'each/1/inner/all/x',
			'each/1/inner',
			'each/2/inner/all/x',
			'each/2/inner',
			'each',
		]);
		expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
		expect(events.every(({ runId }) => runId === run.runId)).toBe(true);
		expect(typesOf(events, 'run.')).toEqual(['run.running', 'run.completed']);
	});

	it('are nobody’s once the step around them has ended', async () => {
		const { run, runtime, events } = setup(written);
		await runtime.advance(5);
		await run.cancel('enough', { mode: 'abandon' });
		const before = events.length;
		await runtime.advance(100);
		expect(events.slice(before).map(({ type }) => type)).toEqual(['late.result']);
	});
});
