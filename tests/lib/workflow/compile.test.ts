import {
	agentKind,
	builtInKinds,
	compileWorkflow,
	EndpointRegistry,
	EngineError,
	httpKind,
	MemoryJournal,
	parseDefinition,
	ResourcePool,
	restoreGraph,
	searchKind,
	startGraph,
	stepKinds,
	subworkflowKind,
	VirtualRuntime,
	type AgentCall,
	type AnyStepKind,
	type GraphRunOptions,
	type HttpRequest,
	type HttpResponse,
	type Json,
} from '../../../lib';
import { errorOf } from './errorOf';

/** A kind that does what its function says, under the name `do`. */
function doing(execute: (input: Json, attempt: number) => unknown): AnyStepKind {
	return {
		kind: 'do',
		parameters: builtInKinds.find(({ kind }) => kind === 'transform')!.parameters,
		execute: ({ input, attempt }) => execute(input, attempt.attempt),
	};
}

const echo = doing((input) => input);

/** Inner runs and journals take more microtasks than a plain run. */
const patientRuntime = () => new VirtualRuntime({ drainRounds: 3000 });

interface Trial extends Partial<GraphRunOptions> {
	kinds?: readonly AnyStepKind[];
	names?: { [name: string]: Json };
	runtime?: VirtualRuntime;
}

function start(written: object, { kinds = [], names, ...options }: Trial = {}) {
	const runtime = options.runtime ?? patientRuntime();
	const input = (options.input ?? null) as Json;
	const definition = parseDefinition({ name: 'w', ...written });
	const { journal } = options;
	const { graph, outputOf } = compileWorkflow(definition, {
		kinds: stepKinds(...builtInKinds, echo, ...kinds),
		runtime,
		input,
		...(names && { names }),
		...(journal && { journal }),
	});
	const run = startGraph(graph, { ...options, input, runtime });
	const finish = async () => {
		const result = await runtime.until(run.result);
		const output = result.status === 'completed' ? outputOf(result.outputs) : undefined;
		return { status: result.status, output, error: result.error, outputs: { ...result.outputs } };
	};
	return { run, runtime, finish };
}

const compiled = (written: object, runtime: VirtualRuntime) =>
	compileWorkflow(parseDefinition({ name: 'w', ...written }), {
		kinds: stepKinds(...builtInKinds),
		runtime,
	});

const outcome = async (written: object, trial?: Trial) => await start(written, trial).finish();

const problem = (written: object, kinds: readonly AnyStepKind[] = []): string =>
	errorOf(() => start(written, { kinds })).message;

describe('a compiled workflow', () => {
	it('hands outputs on: input, one dependency, several, templates', async () => {
		const { status, outputs } = await outcome(
			{
				steps: [
					{ id: 'a', kind: 'do' },
					{ id: 'b', kind: 'do', depends_on: 'a' },
					{ id: 'c', kind: 'do', depends_on: 'a', input: { x: '{{ steps.a.output.n }}' } },
					{ id: 'd', kind: 'do', depends_on: ['b', 'c'] },
					{ id: 'e', kind: 'do', depends_on: 'd', input: 'n is {{ input.n }} for {{ who }}' },
				],
			},
			{ input: { n: 1 }, names: { who: 'Ada' } },
		);
		expect(status).toBe('completed');
		expect(outputs).toEqual({
			a: { n: 1 },
			b: { n: 1 },
			c: { x: 1 },
			d: { b: { n: 1 }, c: { x: 1 } },
			e: 'n is 1 for Ada',
		});
	});

	it.each<[string, object, Json]>([
		['the last step', { steps: [{ id: 'a', kind: 'do', input: 1 }] }, 1],
		[
			'all last steps by id',
			{
				order: 'graph',
				steps: [
					{ id: 'a', kind: 'do', input: 1 },
					{ id: 'b', kind: 'do', input: 2 },
				],
			},
			{ a: 1, b: 2 },
		],
		[
			'its output template',
			{
				output: { sum: '{{ steps.a.output }} of {{ input }}' },
				steps: [{ id: 'a', kind: 'do', input: 1 }],
			},
			{ sum: '1 of 7' },
		],
		['nothing without steps', {}, {}],
	])('gives back %s', async (_, written, output) => {
		expect((await outcome(written, { input: 7 })).output).toEqual(output);
	});

	it('gives back nothing when the last step was skipped', async () => {
		const steps = [{ id: 'a', kind: 'do', input: 1, condition: false }];
		expect(await outcome({ steps })).toMatchObject({ status: 'completed', output: null });
	});

	it('gives data another form', async () => {
		const steps = [
			{ kind: 'transform', parameters: { output: { doubled: ['{{ input }}', '{{ input }}'] } } },
		];
		expect((await outcome({ steps }, { input: 2 })).output).toEqual({ doubled: [2, 2] });
	});

	it('leaves out last steps that did not run', async () => {
		const { output } = await outcome({
			steps: [
				{
					id: 'pick',
					kind: 'branch',
					parameters: { cases: [{ when: true, next: 'yes' }], else: 'no' },
				},
				{ id: 'yes', kind: 'do', input: 'Y' },
				{ id: 'no', kind: 'do', input: 'N' },
			],
		});
		expect(output).toEqual({ yes: 'Y' });
	});

	it('skips a step whose condition does not hold', async () => {
		const written = {
			order: 'graph',
			steps: [
				{ id: 'a', kind: 'do', input: 1, condition: { path: 'input', op: 'eq', value: 1 } },
				{ id: 'b', kind: 'do', input: 2, condition: { path: 'input', op: 'gt', value: 1 } },
			],
		};
		expect((await outcome(written, { input: 1 })).outputs).toEqual({ a: 1 });
	});

	it('starts a conditional dependency when its condition holds', async () => {
		const condition = { path: 'steps.a.status', op: 'eq', value: 'completed' };
		const { outputs } = await outcome({
			steps: [
				{ id: 'a', kind: 'do', input: 1 },
				{ id: 'b', kind: 'do', input: 2, depends_on: { a: { type: 'conditional', condition } } },
			],
		});
		expect(outputs).toEqual({ a: 1, b: 2 });
	});

	it('lets a step see what became of the steps before it', async () => {
		const failing: AnyStepKind = {
			...echo,
			kind: 'failing',
			execute: () => Promise.reject(new EngineError('NO', 'Not today.')),
		};
		const { outputs } = await outcome(
			{
				steps: [
					{ id: 'a', kind: 'failing', optional: true },
					{
						id: 'b',
						kind: 'branch',
						depends_on: { a: 'sequential' },
						parameters: {
							cases: [{ when: { path: 'steps.a.error.code', op: 'eq', value: 'NO' }, next: 'c' }],
						},
					},
					{ id: 'c', kind: 'do', input: 'handled' },
				],
			},
			{ kinds: [failing] },
		);
		expect(outputs).toMatchObject({ c: 'handled' });
	});

	it('tries again as the step or the workflow says', async () => {
		const calls: number[] = [];
		const flaky = doing((_, attempt) => {
			calls.push(attempt);
			return attempt < 3
				? Promise.reject(new EngineError('BUSY', 'Busy.', { errorClass: 'server' }))
				: 'ok';
		});
		const retry = { max_retries: 2, initial_delay: 1, jitter: false };
		for (const written of [
			{ steps: [{ id: 'a', kind: 'do', retry }] },
			{ steps: [{ id: 'a', kind: 'do' }], defaults: { retry } },
		]) {
			calls.length = 0;
			const trial = { kinds: [flaky], runtime: patientRuntime() };
			expect((await outcome(written, trial)).output).toBe('ok');
			expect(calls).toEqual([1, 2, 3]);
			expect(trial.runtime.monotonic()).toBe(3000);
		}
	});

	it('stops a step that takes too long', async () => {
		const endless = doing(() => new Promise(() => undefined));
		const { status, error } = await outcome(
			{ steps: [{ id: 'a', kind: 'do', timeout: 2 }] },
			{ kinds: [endless] },
		);
		expect(status).not.toBe('completed');
		expect(error).toMatchObject({ errorClass: 'timeout' });
	});

	it('fails a step whose template finds nothing, and says what is there', async () => {
		const { status, error } = await outcome(
			{ steps: [{ id: 'a', kind: 'do', input: '{{ input.x }}' }] },
			{ input: { y: 1 } },
		);
		expect(status).toBe('failed');
		expect(error).toMatchObject({
			code: 'INPUT_FAILED',
			message: expect.stringContaining('There is nothing at "input.x": "input" has y.'),
		});
	});

	it('leaves the gap when the workflow says so', async () => {
		const { output } = await outcome({
			missing: 'empty',
			steps: [{ kind: 'do', input: '[{{ input.x }}]' }],
		});
		expect(output).toBe('[]');
	});

	it('goes on with the steps that next names, and loops back up to the limit', async () => {
		let count = 0;
		const counting = doing(() => ++count);
		const { status, output } = await outcome(
			{
				start: 'work',
				output: '{{ steps.work.output }}',
				steps: [
					{ id: 'work', kind: 'do', next: 'check' },
					{
						id: 'check',
						kind: 'branch',
						parameters: {
							cases: [{ if: { path: 'steps.work.output', op: 'lt', value: 4 }, then: 'work' }],
						},
					},
				],
			},
			{ kinds: [counting] },
		);
		expect([status, output]).toEqual(['completed', 4]);
	});

	it('undoes completed steps when a later one fails, with what they gave', async () => {
		const undone: Json[] = [];
		const kinds: AnyStepKind[] = [
			{
				...echo,
				kind: 'undo',
				execute: ({ input, parameters }) => undone.push([input, parameters] as Json),
			},
			{ ...echo, kind: 'fail', execute: () => Promise.reject(new Error('no')) },
		];
		const compensate = (id: string) => ({
			kind: 'undo',
			parameters: { value: `${id} {{ step.output }} of {{ steps.${id}.output }} for {{ input }}` },
		});
		const { status } = await outcome(
			{
				steps: [
					{ id: 'a', kind: 'do', input: 'A', compensate: compensate('a') },
					{
						id: 'b',
						kind: 'do',
						input: 'B',
						compensate: {
							...compensate('b'),
							input: '{{ step.input }}!',
							retry: { maxAttempts: 1 },
						},
					},
					{ id: 'c', kind: 'fail' },
				],
			},
			{ kinds, input: 'x' },
		);
		expect(status).toBe('failed');
		expect(undone).toEqual([
			['B!', { value: 'b B of B for x' }],
			['A', { value: 'a A of A for x' }],
		]);
	});

	it('undoes a step that failed, when the step says so', async () => {
		const undone: Json[] = [];
		const kinds: AnyStepKind[] = [
			{ ...echo, kind: 'undo', execute: ({ input }) => undone.push(input) },
			{ ...echo, kind: 'fail', execute: () => Promise.reject(new Error('no')) },
		];
		const compensate = { kind: 'undo', input: '{{ step.output }} of {{ step.input }}' };
		const steps = [{ id: 'a', kind: 'fail', input: 'A', compensate, compensate_on_failure: true }];
		await outcome({ missing: 'empty', steps }, { kinds });
		expect(undone).toEqual(['null of A']);
	});

	it('counts steps for the quotas of their kind, their agent and those they name', async () => {
		const runtime = patientRuntime();
		const times: number[] = [];
		const slow = doing(async () => {
			times.push(runtime.monotonic());
			await runtime.sleep(10);
		});
		const limited = async (key: string, more: object = {}) => {
			times.length = 0;
			const pool = new ResourcePool({ name: 'p', quotas: [{ key, limits: { cpu: 1 } }] }, runtime);
			const step = (id: string) => ({ id, kind: 'do', agent: 'x', resources: { cpu: 1 }, ...more });
			const startedAt = runtime.monotonic();
			const written = { order: 'graph', steps: [step('a'), step('b')] };
			await outcome(written, { kinds: [slow], pool, runtime });
			return times.map((time) => time - startedAt);
		};
		expect(await limited('credential:42', { quotas: ['credential:42'] })).toEqual([0, 10]);
		expect(await limited('kind:do')).toEqual([0, 10]);
		expect(await limited('agent:x')).toEqual([0, 10]);
		expect(await limited('credential:42')).toEqual([0, 0]);
	});

	it('is not retried from outside when a step inside it retries itself', async () => {
		const attempts: number[] = [];
		const failing = doing((_, attempt) => {
			attempts.push(attempt);
			throw new Error('no');
		});
		const inner = (retry?: object) => ({
			steps: [
				{
					...{ id: 'group', kind: 'parallel', retry: { maxAttempts: 2, initialDelayMs: 1 } },
					parameters: { steps: [{ id: 'a', kind: 'do', ...(retry && { retry }) }] },
				},
			],
		});
		await outcome(inner({ maxAttempts: 3, initialDelayMs: 1 }), { kinds: [failing] });
		expect(attempts).toEqual([1, 2, 3]);
		attempts.length = 0;
		await outcome(inner({ maxAttempts: 1 }), { kinds: [failing] });
		expect(attempts).toEqual([1, 1]);
		attempts.length = 0;
		await outcome(inner(), { kinds: [failing] });
		expect(attempts).toEqual([1, 1]);
	});

	it('sees nothing of other steps when it undoes one', async () => {
		const undone: Json[] = [];
		const kinds: AnyStepKind[] = [
			{ ...echo, kind: 'undo', execute: ({ input }) => undone.push(input) },
			{ ...echo, kind: 'fail', execute: () => Promise.reject(new Error('no')) },
		];
		const input = '{{ steps.a.status }} {{ steps.b.status }}{{ steps.b.output }}';
		const steps = [
			{ id: 'a', kind: 'do', input: 1, compensate: { kind: 'undo', input } },
			{ id: 'b', kind: 'fail' },
		];
		await outcome({ missing: 'empty', steps }, { kinds });
		expect(undone).toEqual(['completed ']);
	});

	it('cannot ask or run steps to undo something', async () => {
		const errors: unknown[] = [];
		const kinds: AnyStepKind[] = [
			{
				...echo,
				kind: 'undo',
				execute: async ({ waitFor, runSteps, attempt }) => {
					attempt.progress(1);
					errors.push(await waitFor('x').catch((error: unknown) => error));
					errors.push(
						await runSteps(parseDefinition({ name: 'i' }), 'i').catch((error: unknown) => error),
					);
				},
			},
			{ ...echo, kind: 'fail', execute: () => Promise.reject(new Error('no')) },
		];
		await outcome(
			{
				steps: [{ id: 'a', kind: 'do', input: 1, compensate: { kind: 'undo' } }, { kind: 'fail' }],
			},
			{ kinds },
		);
		expect(errors).toMatchObject([{ code: 'NOT_WHEN_UNDOING' }, { code: 'NOT_WHEN_UNDOING' }]);
		expect(String(errors[0])).toContain('can neither ask nor run steps');
	});
});

describe('what templates and conditions can see', () => {
	const failing: AnyStepKind = {
		...echo,
		kind: 'failing',
		execute: () => Promise.reject(new EngineError('NO', 'Not today.')),
	};

	it('warns of a condition that cannot be decided, and takes it as false', async () => {
		const lines: unknown[] = [];
		const logger = { log: (level: string, message: string) => lines.push([level, message]) };
		const runtime = patientRuntime();
		const steps = [
			{ id: 'a', kind: 'do', condition: { path: 'input', op: 'gt', value: 1 } },
			{ id: 'b', kind: 'do', depends_on: [], input: 'b' },
		];
		const { graph } = compileWorkflow(parseDefinition({ name: 'w', steps }), {
			kinds: stepKinds(...builtInKinds, echo),
			runtime,
			logger,
		});
		const { outputs } = await runtime.until(startGraph(graph, { runtime }).result);
		expect(outputs).toEqual({ b: 'b' });
		expect(lines).toEqual([
			['warn', 'The condition on "input" cannot be decided: gt does not compare null with 1.'],
		]);
	});

	it('looks at everything a combined condition names', async () => {
		const done = (id: string) => ({ path: `steps.${id}.status`, op: 'eq', value: 'completed' });
		const condition = { all: [{ any: [false, done('a')] }, { not: { not: done('b') } }, true] };
		const { outputs } = await outcome({
			order: 'graph',
			steps: [
				{ id: 'a', kind: 'do', input: 1 },
				{ id: 'b', kind: 'do', input: 2 },
				{ id: 'c', kind: 'do', input: 3, depends_on: ['a', 'b'], condition },
			],
		});
		expect(outputs).toEqual({ a: 1, b: 2, c: 3 });
	});

	it('tells the status of steps to the output template', async () => {
		const output = '{{ steps.a.status }} {{ steps.b.status }}';
		const steps = [
			{ id: 'a', kind: 'do', input: 1 },
			{ id: 'b', kind: 'failing', depends_on: [], optional: true },
		];
		const kinds = [failing];
		const written = { output, missing: 'empty', steps };
		expect((await outcome(written, { kinds })).output).toBe('completed ');
	});

	it('lets inner steps see status and error of outer ones', async () => {
		const inner = { id: 'i', kind: 'do', input: '{{ steps.a.status }}: {{ steps.a.error.code }}' };
		const { output } = await outcome(
			{
				missing: 'empty',
				steps: [
					{ id: 'a', kind: 'failing', optional: true },
					{
						id: 'p',
						kind: 'parallel',
						depends_on: { a: 'sequential' },
						parameters: { steps: [inner, { id: 'j', kind: 'do', depends_on: 'i' }] },
					},
				],
			},
			{ kinds: [failing] },
		);
		expect(output).toBe('failed: NO');
	});

	it('makes a text of a task that is data', async () => {
		const { output } = await outcome(
			{ steps: [{ agent: 'x', task: '{{ input }}' }] },
			{ kinds: [agentKind(({ task }) => task)], input: { a: 1 } },
		);
		expect(output).toBe('{"a":1}');
	});

	it('passes null on for a step that gave nothing', async () => {
		const silent = doing(() => undefined);
		const undone: Json[] = [];
		const undo: AnyStepKind = { ...echo, kind: 'undo', execute: ({ input }) => undone.push(input) };
		const { outputs } = await outcome(
			{
				steps: [
					{ id: 'a', kind: 'do', compensate: { kind: 'undo' } },
					{ id: 'b', kind: 'transform' },
					{ id: 'c', kind: 'failing', depends_on: ['a', 'b'] },
				],
			},
			{ kinds: [silent, undo, failing] },
		);
		expect(outputs).toMatchObject({ b: null });
		expect(undone).toEqual([null]);
	});

	it('checks parameters with templates in lists and objects when they are filled in', async () => {
		for (const ms of [['{{ input }}'], { a: '{{ input }}' }]) {
			const { error } = await outcome(
				{ steps: [{ id: 'a', kind: 'wait', parameters: { ms } }] },
				{ input: 1 },
			);
			expect(error?.message).toContain('parameters: ms: must be a number');
		}
		expect(problem({ steps: [{ id: 'a', kind: 'wait', parameters: { ms: [1] } }] })).toContain(
			'ms must be a number',
		);
	});

	it('can be asked for all steps at once', async () => {
		const { error } = await outcome({ steps: [{ kind: 'do', input: '{{ steps }}' }] });
		expect(error).toBeUndefined();
	});
});

describe('steps inside a step', () => {
	it('see the steps around them, over any number of levels', async () => {
		const deep = { id: 'deep', kind: 'do', input: '{{ steps.a.output }} {{ steps.b.output }}' };
		const group = (steps: object[]) => ({ kind: 'parallel', parameters: { steps } });
		const { output } = await outcome({
			steps: [
				{ id: 'a', kind: 'do', input: 'A' },
				{
					id: 'outer',
					...group([
						{ id: 'b', kind: 'do', input: 'B' },
						{ id: 'inner', depends_on: 'b', ...group([deep]) },
					]),
				},
			],
		});
		expect(output).toBe('A B');
	});

	it('can wait for a signal, and are undone as one', async () => {
		const undone: unknown[] = [];
		const kinds: AnyStepKind[] = [
			{ ...echo, kind: 'ask', execute: async ({ waitFor }) => await waitFor('go') },
			{
				...echo,
				kind: 'undo',
				execute: ({ parameters, holds }) =>
					undone.push([
						parameters,
						holds({ path: 'steps.p.status', op: 'eq', value: 'completed' }),
					]),
			},
			{ ...echo, kind: 'fail', execute: () => Promise.reject(new Error('no')) },
		];
		const { run, runtime, finish } = start(
			{
				missing: 'empty',
				order: 'sequence',
				steps: [
					{
						id: 'p',
						kind: 'parallel',
						parameters: { steps: [{ id: 'ask', kind: 'ask' }] },
						compensate: {
							kind: 'undo',
							parameters: { value: '{{ steps.p.output }}{{ steps.fail.output }}.' },
						},
					},
					{ id: 'fail', kind: 'fail' },
				],
			},
			{ kinds },
		);
		await runtime.drain();
		await run.answer(run.requests[0]!.requestId, 'gone');
		expect((await finish()).status).toBe('failed');
		expect(undone).toEqual([[{ value: 'gone.' }, true]]);
	});

	it('are timed out, cancelled or failed with the reason', async () => {
		const inner = (step: object, more: object = {}) => ({
			steps: [
				{
					id: 'p',
					kind: 'parallel',
					parameters: { steps: { ...more, steps: [{ id: 'i', ...step }] } },
				},
			],
		});
		const endless = doing(() => new Promise(() => undefined));
		const late = await outcome(inner({ kind: 'do' }, { timeout: 1 }), { kinds: [endless] });
		expect(late.error).toMatchObject({
			errorClass: 'timeout',
			message: 'Step "p" failed: The time limit of the run passed.',
		});
		const failed = await outcome(inner({ kind: 'do' }), {
			kinds: [
				doing(() =>
					Promise.reject(new EngineError('NO', 'No.', { errorClass: 'auth', hint: 'Log in.' })),
				),
			],
		});
		expect(failed.error).toMatchObject({ code: 'NO', errorClass: 'auth', hint: 'Log in.' });
	});

	it('use the pool, the limit and the logger of the run around them', async () => {
		const runtime = patientRuntime();
		const pool = new ResourcePool({ totals: { cpu: 1 } }, runtime);
		const slow = doing(() => runtime.sleep(100));
		const steps = ['a', 'b'].map((id) => ({ id, kind: 'do', resources: { cpu: 1 } }));
		const definition = parseDefinition({
			name: 'w',
			steps: [{ kind: 'parallel', parameters: { steps } }],
		});
		const logger = { log: () => undefined };
		const kinds = stepKinds(...builtInKinds, slow);
		const { graph } = compileWorkflow(definition, { kinds, runtime, pool, logger });
		const { status } = await runtime.until(startGraph(graph, { runtime }).result);
		expect([status, runtime.monotonic()]).toEqual(['completed', 200]);
	});

	it('hold nothing of the pool while they wait for a person, and go on with a place again', async () => {
		const runtime = patientRuntime();
		const pool = new ResourcePool({ totals: { cpu: 1 } }, runtime);
		const definition = parseDefinition({
			name: 'w',
			steps: [
				{
					id: 'p',
					kind: 'parallel',
					parameters: {
						steps: [
							{ id: 'ask', kind: 'human', resources: { cpu: 1 } },
							{ id: 'work', kind: 'do', resources: { cpu: 1 } },
						],
					},
				},
			],
		});
		const kinds = stepKinds(
			...builtInKinds,
			doing(() => runtime.sleep(100)),
		);
		const { graph, outputOf } = compileWorkflow(definition, { kinds, runtime, pool });
		const run = startGraph(graph, { runtime });
		await runtime.advance(10);
		expect([run.status, pool.running]).toEqual(['waiting', 1]);
		await runtime.advance(100);
		expect(pool.running).toBe(0);
		await run.answer(run.requests[0]!.requestId, 'fine');
		const { status, outputs } = await runtime.until(run.result);
		expect([status, pool.running]).toEqual(['completed', 0]);
		expect(outputOf(outputs)).toMatchObject({ ask: { answer: 'fine' } });
	});

	it('take the turn of the run around them in the pool', async () => {
		const runtime = patientRuntime();
		const keys: unknown[] = [];
		class Asked extends ResourcePool {
			override request(...args: Parameters<ResourcePool['request']>) {
				keys.push(args[0].fairnessKey);
				return super.request(...args);
			}
		}
		const pool = new Asked({}, runtime);
		const inner = { id: 'i', kind: 'do', resources: { cpu: 1 } };
		const deep = { id: 'l', kind: 'loop', parameters: { over: [1], steps: [inner] } };
		const definition = parseDefinition({
			name: 'w',
			steps: [{ id: 'p', kind: 'parallel', parameters: { steps: [inner, deep] } }],
		});
		const kinds = stepKinds(...builtInKinds, echo);
		const { graph } = compileWorkflow(definition, { kinds, runtime, pool });
		await runtime.until(startGraph(graph, { runtime, fairnessKey: 'customer 7' }).result);
		expect(keys).toEqual(['customer 7', 'customer 7']);
	});
});

describe('what keeps a workflow from running', () => {
	const undoable = { kind: 'do', compensate: { kind: 'do' } };
	const noUndoInside =
		'has compensate, which a step inside another one cannot have: put compensate on the outermost step around it';
	const needy = { id: 'i', kind: 'do', resources: { cpu: 1 } };
	const holdsWhatItNeeds =
		'has resources, and so has a step inside it: it would hold what that one waits for. Leave the resources to the steps inside';

	it.each<[object, string]>([
		[
			{ kind: 'tranform' },
			'Step "a" has the kind "tranform", which is not registered (did you mean "transform"?)',
		],
		[
			{ kind: 'transform', parameters: { vlue: 1 } },
			'Step "a" has wrong parameters: vlue is not a known field (did you mean "value"?)',
		],
		[
			{ kind: 'wait', parameters: { ms: 'long' } },
			'Step "a" has wrong parameters: ms must be a number',
		],
		[
			{ kind: 'do', input: '{{ a b }}' },
			'Step "a" has a template that cannot be read: "a b" is not a path: it stops at " b".',
		],
		[
			{ kind: 'do', task: '{{ steps.b.output }}' },
			'Step "a" uses the output of "b", which does not exist',
		],
		[
			{ kind: 'branch', parameters: { cases: [{ when: true, next: 'x' }] } },
			'Step "a" leads to "x", which does not exist',
		],
		[
			{ kind: 'branch', parameters: { cases: [{ when: { path: 'a', op: 'is' } }] } },
			'Step "a" has wrong parameters: cases.0.when.op must be one of',
		],
		[
			{ kind: 'do', compensate: { kind: 'undoo' } },
			'Step "a" has the kind "undoo", which is not registered',
		],
		[
			{ kind: 'loop', parameters: { steps: [{ id: 'i', kind: 'nope' }] } },
			'Step "a" has a step inside that cannot run: Step "i" has the kind "nope"',
		],
		[
			{ kind: 'loop', parameters: { steps: [{ id: 'i', ...undoable }] } },
			`Step "a" has a step inside that cannot run: Step "i" ${noUndoInside}`,
		],
		[
			{
				kind: 'parallel',
				parameters: { steps: [{ id: 'l', kind: 'loop', parameters: { steps: [undoable] } }] },
			},
			`Step "a" has a step inside that cannot run: Step "l" has a step inside that cannot run: Step "step-1" ${noUndoInside}`,
		],
		[
			{ kind: 'loop', parameters: { steps: [{ id: 'i' }] } },
			'Step "a" has wrong parameters: steps Workflow: steps[0].kind: is required',
		],
		[{ kind: 'parallel', parameters: { steps: 7 } }, 'Step "a" has wrong parameters: steps'],
		[
			{ kind: 'parallel', resources: { cpu: 1 }, parameters: { steps: 7 } },
			'Step "a" has wrong parameters: steps',
		],
		[
			{ kind: 'loop', resources: { cpu: 1 }, parameters: { steps: [needy] } },
			`Step "a" ${holdsWhatItNeeds}`,
		],
		[
			{
				kind: 'loop',
				resources: { cpu: 1 },
				parameters: {
					steps: [{ kind: 'do' }, { kind: 'parallel', parameters: { steps: [needy] } }],
				},
			},
			`Step "a" ${holdsWhatItNeeds}`,
		],
	])('%j', (step, message) => {
		expect(problem({ steps: [{ id: 'a', ...step }] })).toContain(
			`Workflow "w" cannot run. ${message}`,
		);
	});

	it('checks what is a template when it is filled in', async () => {
		const steps = [{ id: 'a', kind: 'wait', parameters: { ms: '{{ input }}' } }];
		expect((await outcome({ steps }, { input: 5 })).status).toBe('completed');
		const { error } = await outcome({ steps }, { input: 'long' });
		expect(error?.message).toBe(
			'Step "a" failed: Step "a": parameters: ms: must be a number, received "long".',
		);
	});

	it('names starts that do not exist and steps that can never run', () => {
		const steps = [
			{ id: 'a', kind: 'do' },
			{ id: 'b', kind: 'do', depends_on: [] },
		];
		expect(problem({ start: 'x', steps })).toContain('"x", which does not exist');
		expect(problem({ start: 'a', steps })).toBe(
			'Workflow "w" cannot run. Step "b" can never run: no step that runs leads to it.',
		);
	});

	it('lets inner steps use the outputs of outer ones', async () => {
		const { output } = await outcome(
			{
				steps: [
					{ id: 'a', kind: 'do', input: 1 },
					{
						id: 'l',
						kind: 'loop',
						parameters: {
							over: '{{ input }}',
							steps: [
								{ id: 'i', kind: 'do', input: '{{ steps.a.output }}-{{ loop.item }}' },
								{ id: 'j', kind: 'do' },
							],
						},
					},
				],
			},
			{ input: ['x', 'y'] },
		);
		expect(output).toEqual({ iterations: 2, last: '1-y', results: ['1-x', '1-y'] });
	});
});

describe('branch', () => {
	const branch = (parameters: object) => ({
		steps: [
			{ id: 'b', kind: 'branch', parameters },
			{ id: 'x', kind: 'do', input: 'X' },
			{ id: 'y', kind: 'do', input: 'Y' },
		],
	});
	const cases = [
		{ when: { path: 'input', op: 'gt', value: 10 }, next: ['x', 'y'] },
		{ when: { path: 'input', op: 'gt', value: 5 }, next: 'x' },
	];

	it.each<[number, Record<string, Json>]>([
		[11, { b: { case: 0, next: ['x', 'y'] }, x: 'X', y: 'Y' }],
		[6, { b: { case: 1, next: ['x'] }, x: 'X' }],
		[1, { b: { case: -1, next: ['y'] }, y: 'Y' }],
	])('goes on with the first case that holds: %d', async (input, outputs) => {
		expect((await outcome(branch({ cases, default: 'y' }), { input })).outputs).toEqual(outputs);
	});

	it('ends the flow when nothing holds and there is no default', async () => {
		expect(
			(await outcome(branch({ cases: [...cases, { when: false, next: 'y' }] }), { input: 1 }))
				.outputs,
		).toEqual({ b: { case: -1, next: [] } });
	});

	it('halts the flow when the case says so', async () => {
		const { status, error } = await outcome(
			branch({ cases: [{ when: true, fail: 'Not good enough.' }, ...cases], else: 'y' }),
			{ input: 1 },
		);
		expect(status).toBe('failed');
		expect(error).toMatchObject({
			code: 'HALTED',
			errorClass: 'guardrail',
			retryable: false,
			message: 'Step "b" failed: Not good enough.',
			details: { stepId: 'b' },
		});
	});
});

describe('wait', () => {
	const waiting = (parameters: object) => ({ steps: [{ id: 'w', kind: 'wait', parameters }] });

	it.each<[object, number]>([
		[{ ms: 1500 }, 1500],
		[{ seconds: 2 }, 2000],
		[{ until: '2030-01-01T00:00:05Z' }, 5000],
		[{ until: Date.UTC(2030, 0, 1) + 700 }, 700],
		[{ until: Date.UTC(2020, 0, 1) }, 0],
		[{ ms: 9000, until: '2030-01-01T00:00:05Z' }, 5000],
	])('waits %j', async (parameters, ms) => {
		const runtime = patientRuntime();
		const { output } = await outcome(waiting(parameters), { runtime });
		expect(output).toEqual({ timedOut: true, answer: null });
		expect(runtime.monotonic()).toBe(ms);
	});

	it('waits for what is left after a restart', async () => {
		const written = waiting({ ms: 60_000 });
		const first = start(written);
		await first.runtime.advance(20_000);
		const checkpoint = first.run.checkpoint();
		first.runtime.crash();
		const { graph, outputOf } = compiled(written, first.runtime);
		const run = restoreGraph(graph, checkpoint, { runtime: first.runtime });
		const { outputs } = await first.runtime.until(run.result);
		expect(outputOf(outputs)).toEqual({ timedOut: true, answer: null });
		expect(first.runtime.monotonic()).toBe(60_000);
	});

	it('goes on at once when its signal comes', async () => {
		const { run, runtime, finish } = start(waiting({ ms: 60_000, signal: 'go' }));
		await runtime.drain();
		expect(run.requests).toMatchObject([{ name: 'go' }]);
		await run.answer(run.requests[0]!.requestId, { by: 'Ada' });
		expect((await finish()).output).toEqual({ timedOut: false, answer: { by: 'Ada' } });
		expect(runtime.monotonic()).toBe(0);
	});

	it('waits for its signal alone when no time is given', async () => {
		const { run, runtime, finish } = start(waiting({}));
		await runtime.advance(1e9);
		await run.answer(run.requests[0]!.requestId, undefined);
		expect((await finish()).output).toEqual({ timedOut: false, answer: null });
	});

	it('ends when the run is cancelled', async () => {
		const { run, runtime, finish } = start(waiting({ ms: 60_000 }));
		await runtime.drain();
		void run.cancel();
		expect((await finish()).status).toBe('cancelled');
	});
});

describe('human', () => {
	const asking = (parameters: object, more: object = {}) =>
		start({ steps: [{ id: 'ask', kind: 'human', parameters, ...more }] }, { input: 'draft' });

	it('shows what is asked and gives back the answer', async () => {
		const { run, runtime, finish } = asking({ prompt: 'Good?', review: { reviewers: ['ada'] } });
		await runtime.drain();
		expect(run.requests[0]).toMatchObject({
			name: 'review',
			payload: { prompt: 'Good?', payload: 'draft', review: { reviewers: ['ada'] } },
		});
		await run.answer(run.requests[0]!.requestId, 'approve');
		expect((await finish()).output).toEqual({ answer: 'approve', decidedBy: 'human' });
	});

	it.each<[object, object, string]>([
		[{}, { task: 'Check it.' }, 'Check it.'],
		[{}, { name: 'Approval' }, 'Approval'],
		[{}, {}, 'ask'],
	])('asks with %j %j: %s', async (parameters, more, prompt) => {
		const { run, runtime } = asking(parameters, more);
		await runtime.drain();
		expect(run.requests[0]!.payload).toEqual({ prompt, payload: 'draft' });
	});

	it('asks again, on the same clock, while the answer is not valid', async () => {
		const { run, runtime, finish } = asking({
			options: ['50', '60'],
			validator: { path: 'answer', op: 'ne', value: '60' },
			timeoutMs: 1000,
			default: '50',
		});
		for (const answer of ['70', '60', null]) {
			await runtime.advance(100);
			await run.answer(run.requests[0]!.requestId, answer);
		}
		await runtime.drain();
		expect(run.requests[0]).toMatchObject({
			name: 'review#4',
			payload: { options: ['50', '60'], problem: 'The last answer was not valid.' },
		});
		expect((await finish()).output).toEqual({ answer: '50', decidedBy: 'timeout' });
		expect(runtime.monotonic()).toBe(1000);
	});

	it('takes the default when the time runs out after a restart', async () => {
		const parameters = { prompt: 'OK?', timeout: 60, default: 'no' };
		const written = { steps: [{ id: 'ask', kind: 'human', parameters }] };
		const { run, runtime } = start(written);
		await runtime.advance(1000);
		const checkpoint = run.checkpoint();
		runtime.crash();
		const { graph, outputOf } = compiled(written, runtime);
		const restored = restoreGraph(graph, checkpoint, { runtime });
		const { outputs } = await runtime.until(restored.result);
		expect(outputOf(outputs)).toEqual({ answer: 'no', decidedBy: 'timeout' });
	});

	it('refuses a default that nobody could have given, when the workflow is checked', () => {
		const message = (parameters: object) =>
			problem({ steps: [{ id: 'ask', kind: 'human', parameters }] });
		const options = ['yes', 'no'];
		const validator = { path: 'answer', op: 'gt', value: 3 };
		expect(message({ options, default_value: 'perhaps' })).toContain(
			'wrong parameters: default must be one of the options',
		);
		expect(message({ validator, default: 3 })).toContain('default must pass the validator');
		const fine: object[] = [
			{ options, default: 'no' },
			{ options: [{ a: 1, b: 2 }], default: { b: 2, a: 1 } },
			{ options: ['{{ input }}'], default: 'x' },
			{ options, default: '{{ input }}' },
			{ validator, default: 4 },
			{ validator, default: '{{ input }}' },
			{ validator: { path: 'input', op: 'eq', value: 1 }, default: 4 },
			{ validator: { all: [validator] }, default: 'text' },
			{ validator },
		];
		for (const parameters of fine) {
			const steps = [{ id: 'ask', kind: 'human', parameters }];
			expect(() => compiled({ steps }, patientRuntime())).not.toThrow();
		}
	});

	it('fails when nobody answers and there is no default', async () => {
		for (const parameters of [{ timeout: 2 }, { timeout: 2, default: 'x', onTimeout: 'fail' }]) {
			const { status, error } = await asking(parameters).finish();
			expect(status).toBe('failed');
			expect(error?.errorClass).toBe('timeout');
		}
		const { output } = await asking({ timeout: 2, onTimeout: 'default' }).finish();
		expect(output).toEqual({ answer: null, decidedBy: 'timeout' });
	});
});

describe('loop', () => {
	const looping = (
		parameters: object,
		inner: object = { id: 'i', kind: 'do', input: '{{ loop.index }}' },
	) => ({
		steps: [{ id: 'l', kind: 'loop', parameters: { steps: [inner], ...parameters } }],
	});

	it('goes on until its condition holds', async () => {
		const { output } = await outcome(
			looping({ until: { path: 'loop.last', op: 'gte', value: 2 } }),
		);
		expect(output).toEqual({ iterations: 3, last: 2, results: [0, 1, 2] });
	});

	it('goes on while its condition holds, with what the last time gave', async () => {
		const { output } = await outcome(
			looping(
				{
					while: {
						any: [
							{ path: 'loop.last', op: 'eq', value: null },
							{ path: 'loop.last', op: 'ne', value: 'x3' },
						],
					},
				},
				{ id: 'i', kind: 'do', input: 'x{{ loop.index }}' },
			),
		);
		expect(output).toMatchObject({ iterations: 4, last: 'x3' });
	});

	it('fails when it does not end', async () => {
		const { status, error } = await outcome(looping({ until: false, maxIterations: 2 }));
		expect(status).toBe('failed');
		expect(error).toMatchObject({
			code: 'ITERATION_LIMIT',
			message: 'Step "l" failed: The loop "l" did not end within 2 times.',
			hint: 'Check its condition, or raise maxIterations.',
			details: { path: 'l', maxIterations: 2 },
		});
	});

	it('does nothing for an empty list', async () => {
		expect((await outcome(looping({ over: [] }))).output).toEqual({
			iterations: 0,
			last: null,
			results: [],
		});
	});

	it('asks people in the middle, and each round anew', async () => {
		const { run, runtime, finish } = start(
			looping(
				{ over: [1, 2] },
				{ id: 'ask', kind: 'human', parameters: { prompt: 'Item {{ loop.item }}?' } },
			),
		);
		for (const [index, answer] of ['yes', 'no'].entries()) {
			await runtime.drain();
			expect(run.status).toBe('waiting');
			expect(run.requests).toMatchObject([
				{ name: `${index + 1}/ask/review`, payload: { prompt: `Item ${index + 1}?` } },
			]);
			await run.answer(run.requests[0]!.requestId, answer);
		}
		expect((await finish()).output).toMatchObject({
			results: [{ answer: 'yes' }, { answer: 'no' }],
		});
	});

	it('asks from two levels down', async () => {
		const inner = {
			id: 'p',
			kind: 'parallel',
			parameters: { steps: [{ id: 'ask', kind: 'human' }] },
		};
		const { run, runtime, finish } = start(looping({ over: [1] }, inner));
		await runtime.drain();
		expect(run.requests).toMatchObject([{ name: '1/p/all/ask/review' }]);
		await run.answer(run.requests[0]!.requestId, 'fine');
		expect((await finish()).output).toMatchObject({ last: { answer: 'fine' } });
	});

	it('remembers its inner steps over a restart', async () => {
		const calls: Json[] = [];
		const journal = new MemoryJournal();
		const kinds = (fails: boolean) => [
			doing((input) => {
				calls.push(input);
				return fails && input === 2 ? Promise.reject(new Error('crash')) : input;
			}),
		];
		const written = looping({ over: [1, 2, 3] }, { id: 'i', kind: 'do', input: '{{ loop.item }}' });
		const runId = 'r';
		expect((await outcome(written, { journal, runId, kinds: kinds(true) })).status).toBe('failed');
		const { output } = await outcome(written, { journal, runId, kinds: kinds(false) });
		expect(output).toMatchObject({ results: [1, 2, 3] });
		expect(calls).toEqual([1, 2, 2, 3]);
	});
});

describe('parallel', () => {
	const each = (parameters: object) => ({
		steps: [
			{
				id: 'p',
				kind: 'parallel',
				parameters: { steps: [{ id: 'i', kind: 'do', input: '{{ item }}' }], ...parameters },
			},
		],
	});
	const failing = doing((input) => (input === 2 ? Promise.reject(new Error('two')) : input));

	it('runs a group at the same time', async () => {
		const runtime = patientRuntime();
		const steps = ['a', 'b'].map((id) => ({ id, kind: 'wait', parameters: { ms: 100 } }));
		const { output } = await outcome(
			{ steps: [{ id: 'p', kind: 'parallel', parameters: { steps } }] },
			{ runtime },
		);
		expect(output).toMatchObject({ a: { timedOut: true }, b: { timedOut: true } });
		expect(runtime.monotonic()).toBe(100);
	});

	it.each<[string, Json]>([
		['drop', [1, 3]],
		['null', [1, null, 3]],
		[
			'settle',
			[
				{ status: 'completed', result: 1 },
				{
					status: 'failed',
					result: null,
					error: expect.objectContaining({ message: 'Step "i" failed: two' }) as Json,
				},
				{ status: 'completed', result: 3 },
			],
		],
	])('runs for each item and treats failures by mode %s', async (errorMode, output) => {
		expect(
			(await outcome(each({ over: [1, 2, 3], errorMode }), { kinds: [failing] })).output,
		).toEqual(output);
	});

	it('fails with the first failure unless told otherwise', async () => {
		const { status, error } = await outcome(each({ over: [1, 2, 3], maxConcurrent: 1 }), {
			kinds: [failing],
		});
		expect(status).toBe('failed');
		expect(error).toMatchObject({
			code: 'ITEM_FAILED',
			message: 'Step "p" failed: Item 2 failed: Step "i" failed: two',
			details: { index: 1 },
		});
	});

	it('gives the results in order', async () => {
		expect((await outcome(each({ items: [3, 1] }))).output).toEqual([3, 1]);
	});

	it('stops its inner steps when it is cancelled', async () => {
		const { run, runtime, finish } = start(
			{
				steps: [{ id: 'p', kind: 'parallel', parameters: { steps: [{ id: 'w', kind: 'do' }] } }],
			},
			{ kinds: [doing(() => new Promise(() => undefined))] },
		);
		await runtime.drain();
		run.cancelStep('p');
		expect((await finish()).status).toBe('failed');
		expect(runtime.pendingTimers).toBe(0);
	});

	it('ends when the inner time limit passes', async () => {
		const { error } = await outcome(
			{
				steps: [
					{
						id: 'p',
						kind: 'parallel',
						parameters: {
							steps: { timeout: 1, maxConcurrent: 1, steps: [{ id: 'w', kind: 'do' }] },
						},
					},
				],
			},
			{ kinds: [doing(() => new Promise(() => undefined))] },
		);
		expect(error?.errorClass).toBe('timeout');
	});
});

describe('kinds that the host supplies', () => {
	it('gives agents their task, input, parameters and thread', async () => {
		const calls: AgentCall[] = [];
		const agents = agentKind((call) => (calls.push(call), `${call.agent} done`));
		const { output } = await outcome(
			{
				steps: [
					{
						id: 'a',
						agent: 'sales',
						task: 'Qualify {{ input.name }}.',
						parameters: { priority: 'high' },
					},
					{ id: 'b', agent: 'research', threadId: 't-1' },
				],
			},
			{ kinds: [agents], input: { name: 'Acme' }, runId: 'r' },
		);
		expect(output).toBe('research done');
		expect(calls).toMatchObject([
			{
				agent: 'sales',
				stepId: 'a',
				task: 'Qualify Acme.',
				parameters: { priority: 'high' },
				input: { name: 'Acme' },
				threadId: 'r/a',
			},
			{ agent: 'research', stepId: 'b', task: undefined, input: 'sales done', threadId: 't-1' },
		]);
	});

	it.each<[object, Json, string]>([
		[{ parameters: { query: 'q {{ input }}' } }, 'x', 'q x'],
		[{ task: 'find {{ input }}' }, 'x', 'find x'],
		[{}, 'x', 'x'],
		[{}, { a: 1 }, '{"a":1}'],
	])('searches for %j of %j', async (step, input, query) => {
		const search = searchKind(({ query: asked, options }) => ({ asked, options }));
		const { output } = await outcome(
			{ steps: [{ kind: 'search', ...step }] },
			{ kinds: [search], input },
		);
		expect(output).toEqual({ asked: query, options: {} });
	});

	it('runs other workflows', async () => {
		const sub = subworkflowKind(({ workflow, input }) => ({ workflow, input }));
		const run = async (parameters: object) =>
			(await outcome({ steps: [{ kind: 'sub_workflow', parameters }] }, { kinds: [sub], input: 1 }))
				.output;
		expect(await run({ workflow: 'w2' })).toEqual({ workflow: 'w2', input: 1 });
		expect(await run({ workflow_id: 'w2', input: { n: '{{ input }}' } })).toEqual({
			workflow: 'w2',
			input: { n: 1 },
		});
	});

	describe('http', () => {
		const seen: HttpRequest[] = [];
		const answering = (answer: Partial<HttpResponse>) =>
			httpKind({
				request: async (request) => {
					seen.push(request);
					return await Promise.resolve({ status: 200, headers: {}, text: '', ...answer });
				},
				stream: () => Promise.reject(new Error('not asked for')),
			});
		const call = async (parameters: object, answer: Partial<HttpResponse>, input: Json = null) =>
			await outcome(
				{ steps: [{ id: 'h', step_type: 'api_call', parameters }] },
				{ kinds: [answering(answer)], input },
			);
		beforeEach(() => void (seen.length = 0));

		it('calls a service and reads JSON', async () => {
			const { output } = await call(
				{
					endpoint: 'https://x.example/{{ input }}',
					method: 'post',
					json: { a: '{{ input }}' },
					timeout: 2,
					query: { q: 1 },
					idempotencyHeader: 'Idempotency-Key',
				},
				{ status: 201, headers: { 'content-type': 'application/json' }, text: '{"ok":true}' },
				'p',
			);
			expect(output).toEqual({
				status: 201,
				headers: { 'content-type': 'application/json' },
				body: { ok: true },
			});
			expect(seen[0]).toMatchObject({
				url: 'https://x.example/p',
				method: 'POST',
				body: { a: 'p' },
				timeoutMs: 2000,
				query: { q: 1 },
			});
			expect(seen[0]!.headers!['Idempotency-Key']).toMatch(/^[0-9a-f]{64}$/);
			expect(seen[0]!.signal).toBeDefined();
		});

		const services = (
			options: Parameters<typeof httpKind>[1],
			answers: ReadonlyArray<Partial<HttpResponse>>,
		) => {
			const runtime = patientRuntime();
			const times: number[] = [];
			const kind = httpKind(
				{
					request: async () => {
						const answer = answers[times.length] ?? {};
						times.push(runtime.monotonic());
						return await Promise.resolve({ status: 200, headers: {}, text: '', ...answer });
					},
					stream: () => Promise.reject(new Error('not asked for')),
				},
				options,
			);
			const step = (id: string, parameters: object, more: object = {}) => ({
				...{ id, kind: 'http', parameters: { url: 'https://x.example/a', ...parameters } },
				...more,
			});
			return { runtime, times, kind, step };
		};
		const busy = { status: 429, headers: { 'retry-after': '7' } };

		it('keeps the pause that a service asks for in all steps that call it', async () => {
			for (const failOnError of [true, false]) {
				const { runtime, times, kind, step } = services(undefined, [busy]);
				const steps = [
					step('a', { failOnError }, { optional: true }),
					step('b', { url: 'https://x.example/b' }, { depends_on: { a: 'sequential' } }),
					step('c', { url: 'https://y.example' }, { depends_on: { a: 'sequential' } }),
				];
				const { run, finish } = start({ steps }, { kinds: [kind], runtime });
				await runtime.advance(1);
				expect(run.blockedBy('b')).toMatchObject({ kind: 'rate' });
				expect((await finish()).status).toBe('completed');
				expect(times).toEqual([0, 0, 7000]);
			}
		});

		it('makes a call once, and asks when nobody knows whether it was made', async () => {
			const journal = new MemoryJournal();
			const { runtime, times, kind, step } = services(undefined, [{ status: 500 }, {}]);
			const retry = { maxAttempts: 2, initialDelayMs: 1 };
			const steps = [step('a', { once: true, method: 'POST' }, { retry })];
			const { run, finish } = start({ steps }, { kinds: [kind], runtime, journal });
			await runtime.until(run.untilIdle());
			expect(run.requests).toMatchObject([{ payload: { effect: 'call' } }]);
			await run.answer(run.requests[0]!.requestId, { retry: true });
			expect((await finish()).output).toMatchObject({ status: 200 });
			expect(times).toHaveLength(2);
		});

		it('undoes by a call that is made once as by any other', async () => {
			const { runtime, times, kind, step } = services(undefined, []);
			const fail = { ...echo, kind: 'fail', execute: () => Promise.reject(new Error('no')) };
			const { parameters } = step('undo', { once: true });
			const compensate = { kind: 'http', parameters };
			const steps = [
				{ id: 'a', kind: 'do', compensate },
				{ id: 'b', kind: 'fail' },
			];
			await outcome({ steps }, { kinds: [kind, fail], runtime });
			expect(times).toHaveLength(1);
		});

		it('stops calls of a service that fails, when that is wanted', async () => {
			const endpoints = new EndpointRegistry(patientRuntime());
			const options = { breaker: { minCalls: 1, openMs: 50 } };
			const { runtime, times, kind, step } = services(options, [{ status: 500 }]);
			const steps = [
				step('a', {}, { optional: true }),
				step('b', {}, { depends_on: { a: 'sequential' } }),
			];
			const events: string[] = [];
			const { finish } = start(
				{ steps },
				{ kinds: [kind], runtime, sinks: [({ type }) => void events.push(type)] },
			);
			expect((await finish()).status).toBe('completed');
			expect(times).toEqual([0, 50]);
			expect(events.filter((type) => type.startsWith('breaker.'))).toEqual([
				...['breaker.open', 'breaker.waiting', 'breaker.closed'],
			]);
			const shared = services({ endpoints }, [busy]);
			const lone = shared.step('a', {}, { optional: true });
			await outcome({ steps: [lone] }, { kinds: [shared.kind], runtime: shared.runtime });
			expect(endpoints.get('https://x.example').limiter.throttledMs).toBe(7000);
		});

		it.each<[Partial<HttpResponse>, Json]>([
			[{ text: 'plain' }, 'plain'],
			[{ text: '{broken', headers: { 'content-type': 'application/json' } }, '{broken'],
			[{ text: '[1]', headers: { 'content-type': 'application/problem+json' } }, [1]],
		])('gives the body of %j', async (answer, body) => {
			const { output } = await call({ url: 'https://x.example' }, answer);
			expect(output).toMatchObject({ body });
			expect(seen[0]).toMatchObject({ method: 'GET', headers: {} });
		});

		it.each<[number, string, boolean]>([
			[400, 'validation', false],
			[401, 'auth', false],
			[403, 'auth', false],
			[404, 'not_found', false],
			[408, 'timeout', true],
			[409, 'conflict', false],
			[410, 'not_found', false],
			[418, 'validation', false],
			[429, 'rate_limit', true],
			[500, 'server', true],
			[502, 'server', true],
			[503, 'overloaded', true],
			[529, 'overloaded', true],
		])('fails for status %d with class %s', async (status, errorClass, retryable) => {
			const { error } = await call({ url: 'https://x.example/secret?key=1' }, { status });
			expect(error).toMatchObject({
				code: 'HTTP_STATUS',
				errorClass,
				retryable,
				message: `Step "h" failed: GET https://x.example answered ${status}.`,
				details: { status, target: 'https://x.example' },
			});
		});

		it('waits as long as the service asks for', async () => {
			const runtime = patientRuntime();
			const kinds = [answering({ status: 429, headers: { 'retry-after': '7' } })];
			const steps = [
				{
					kind: 'http',
					parameters: { url: 'relative' },
					retry: { maxAttempts: 2, initialDelayMs: 1 },
				},
			];
			const { error } = await outcome({ steps }, { kinds, runtime });
			expect(error?.message).toContain('GET the service answered 429.');
			expect(runtime.monotonic()).toBe(7000);
		});

		it('gives back error statuses when told to', async () => {
			const { output } = await call(
				{ url: 'https://x.example', failOnError: false },
				{ status: 404 },
			);
			expect(output).toMatchObject({ status: 404 });
		});
	});
});
