import * as fc from 'fast-check';

import { addStep, parseDefinition, removeStep, type WorkflowDefinition } from '../../../lib';
import { errorOf } from './errorOf';

const messageFor = (value: unknown) => errorOf(() => parseDefinition(value)).message;
const stepMessage = (step: object) =>
	messageFor({ name: 'w', steps: [{ id: 'a', kind: 'x', ...step }] });
const oneStep = (step: object) =>
	parseDefinition({
		name: 'w',
		steps: [
			{ id: 'a', kind: 'x', ...step },
			{ id: 'b', kind: 'x' },
		],
	}).steps[0]!;
const dependenciesOf = (depends_on: unknown) =>
	parseDefinition({
		name: 'w',
		steps: [
			{ id: 'a', kind: 'x' },
			{ id: 'b', kind: 'x' },
			{ id: 'c', kind: 'x', depends_on },
		],
	}).steps[2]!.dependencies;

describe('parseDefinition', () => {
	it('gives every workflow one normal form', () => {
		expect(parseDefinition({ name: 'empty' })).toEqual({
			schemaVersion: 1,
			name: 'empty',
			order: 'sequence',
			steps: [],
			metadata: {},
		});
		expect(parseDefinition({ name: 'one', steps: [{ agentId: 'writer' }] }).steps).toEqual([
			{
				id: 'step-1',
				kind: 'agent',
				agent: 'writer',
				parameters: {},
				dependencies: [],
				metadata: {},
			},
		]);
	});

	it('reads everything a workflow can say, in snake_case', () => {
		const definition = parseDefinition({
			workflow_id: 'w-1',
			name: 'w',
			description: 'd',
			workflow_type: 'swarm',
			order: 'GRAPH',
			start: 'a',
			output: '{{ steps.a.output }}',
			missing: 'empty',
			defaults: { retry_policy: { max_attempts: 2 }, timeout: 10 },
			timeout: 60,
			max_concurrent: 5,
			metadata: { team: 'x' },
			status: 'pending',
			current_step_index: 0,
			created_at: '2026-01-01',
			updatedAt: '2026-01-01',
			steps: [
				{
					step_id: 'a',
					label: 'A',
					step_type: 'agent_task',
					agent_type: 'sales',
					task: 'qualify',
					params: { priority: 'high' },
					input: null,
					retry_policy: {
						max_retries: 3,
						initial_delay: 1.5,
						max_delay: 60,
						exponential_base: 2,
						jitter: true,
						retry_on: ['timeout'],
						do_not_retry_on: ['auth'],
						max_elapsed: 90,
						respect_retry_after: false,
						on_exhausted: 'default',
						default_value: { x: 1 },
					},
					timeout_ms: 250,
					next: 'b',
					condition: { path: 'input.ok', op: 'truthy' },
					resources: {
						cpu_units: 2,
						memory_mb: 1024,
						io_weight: 1,
						network_weight: 1,
						gpu_units: 1,
						custom: { tokens: 5 },
						priority: 'HIGH',
						timeout: 300,
						resource_types: 'ALL',
					},
					max_iterations: 3,
					optional: true,
					restartable: false,
					preemptible: true,
					weight: 2,
					thread_id: 't',
					compensate: { kind: 'http', parameters: { url: '/undo' } },
					metadata: { m: 1 },
					workflow_id: 'w-1',
					status: 'pending',
					result: 'r',
					error: 'e',
					created_at: '2026-01-01',
					updated_at: '2026-01-01',
					position: [1, 2],
				},
				{ stepId: 'b', type: 'API Call', timeout: { idle_ms: 5, startToCloseMs: 6 } },
			],
		});
		expect(definition).toEqual({
			schemaVersion: 1,
			id: 'w-1',
			name: 'w',
			description: 'd',
			workflowType: 'swarm',
			order: 'graph',
			start: ['a'],
			output: '{{ steps.a.output }}',
			missing: 'empty',
			defaults: { retry: { maxAttempts: 2 }, timeout: { startToCloseMs: 10_000 } },
			timeoutMs: 60_000,
			maxConcurrent: 5,
			metadata: { team: 'x' },
			steps: [
				{
					id: 'a',
					name: 'A',
					kind: 'agent',
					agent: 'sales',
					task: 'qualify',
					parameters: { priority: 'high' },
					input: null,
					retry: {
						maxAttempts: 4,
						initialDelayMs: 1500,
						maxDelayMs: 60_000,
						backoffFactor: 2,
						jitter: 'full',
						retryOn: ['timeout'],
						doNotRetryOn: ['auth'],
						maxElapsedMs: 90_000,
						respectRetryAfter: false,
						onExhausted: 'default',
						defaultValue: { x: 1 },
					},
					timeout: { startToCloseMs: 250 },
					next: ['b'],
					condition: { path: 'input.ok', op: 'truthy' },
					resources: {
						cpu: 2,
						memoryMb: 1024,
						io: 1,
						network: 1,
						gpu: 1,
						custom: { tokens: 5 },
						priority: 'high',
						scheduleToStartMs: 300_000,
						resourceTypes: 'all',
					},
					maxIterations: 3,
					optional: true,
					restartable: false,
					preemptible: true,
					weight: 2,
					threadId: 't',
					compensate: { kind: 'http', parameters: { url: '/undo' } },
					dependencies: [],
					metadata: { m: 1 },
				},
				{
					id: 'b',
					kind: 'http',
					parameters: {},
					timeout: { idleMs: 5, startToCloseMs: 6 },
					dependencies: [],
					metadata: {},
				},
			],
		});
		expect(parseDefinition(definition)).toEqual(definition);
	});

	it.each([
		['agent_task', 'agent'],
		['AgentTask', 'agent'],
		['API_CALL', 'http'],
		['http_request', 'http'],
		['human_review', 'human'],
		['Human Input', 'human'],
		['parallel-group', 'parallel'],
		['sub_workflow', 'subworkflow'],
		['Transform', 'transform'],
		['my_kind', 'my_kind'],
		['constructor', 'constructor'],
	])('reads the step type %s as the kind %s', (step_type, kind) => {
		expect(parseDefinition({ name: 'w', steps: [{ step_type }] }).steps[0]!.kind).toBe(kind);
	});

	it.each([
		[{ retry: { jitter: false } }, { retry: { jitter: 'none' } }],
		[{ retry: { jitter: 'EQUAL' } }, { retry: { jitter: 'equal' } }],
		[{ retry: { maxRetries: 0 } }, { retry: { maxAttempts: 1 } }],
		[{ timeout: 0.5 }, { timeout: { startToCloseMs: 500 } }],
		[{ next: null }, { next: [] }],
		[{ next: ['b', 'a'] }, { next: ['b', 'a'] }],
		[
			{ resources: { resourceTypes: ['CPU', 'memory', 'Tokens'] } },
			{ resources: { resourceTypes: ['cpu', 'memoryMb', 'Tokens'] } },
		],
		[{ type: undefined, kind: 'y' }, { kind: 'y' }],
	])('reads %j as %j', (written, read) => {
		expect(
			oneStep({ ...('kind' in written ? { kind: undefined } : {}), ...written }),
		).toMatchObject(read);
	});

	it('runs steps one after another when none says otherwise, as in document 003', () => {
		const { order, steps } = parseDefinition({
			name: 'w',
			steps: [{ agentId: 'a' }, { agentId: 'b' }, { id: 'last', agentId: 'c' }],
		});
		expect(order).toBe('sequence');
		expect(steps.map(({ id }) => id)).toEqual(['step-1', 'step-2', 'last']);
		expect(steps.map(({ dependencies }) => dependencies)).toEqual([
			[],
			[{ on: 'step-1', type: 'required' }],
			[{ on: 'step-2', type: 'required' }],
		]);
	});

	it.each([[{ depends_on: ['a'] }], [{ depends_on: [] }], [{ next: null }], [{ kind: 'branch' }]])(
		'lets steps start at once when one of them says where it belongs: %j',
		(said) => {
			const { order, steps } = parseDefinition({
				name: 'w',
				steps: [
					{ id: 'a', kind: 'x' },
					{ id: 'b', kind: 'x' },
					{ id: 'c', kind: 'x', ...said },
				],
			});
			expect(order).toBe('graph');
			expect(steps[1]!.dependencies).toEqual([]);
		},
	);

	it('does what order says, whatever the steps say', () => {
		const steps = [{ kind: 'x' }, { kind: 'x' }, { kind: 'x', depends_on: 'step-1' }];
		const read = (order: string) =>
			parseDefinition({ name: 'w', order, steps }).steps.map((step) =>
				step.dependencies.map(({ on }) => on),
			);
		expect(read('sequence')).toEqual([[], ['step-1'], ['step-1']]);
		expect(read('graph')).toEqual([[], [], ['step-1']]);
	});

	it('gives steps without an id one that is free', () => {
		const { steps } = parseDefinition({
			name: 'w',
			steps: [
				{ kind: 'x' },
				{ id: 'step-1', kind: 'x' },
				{ id: 'step-3', kind: 'x' },
				{ kind: 'x' },
			],
		});
		expect(steps.map(({ id }) => id)).toEqual(['step-2', 'step-1', 'step-3', 'step-4']);
	});

	it('reads its own result as it is', () => {
		// Through JSON, in which there is no -0.
		const data = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
		const step = fc.record(
			{
				agentId: fc.constant('x'),
				input: data,
				depends_on: fc.subarray(['step-1', 'step-2']),
				timeout: fc.nat(),
				max_iterations: fc.integer({ min: 1, max: 9 }),
				metadata: fc.dictionary(fc.string(), data),
			},
			{ requiredKeys: ['agentId'] },
		);
		fc.assert(
			fc.property(fc.array(step, { minLength: 2, maxLength: 6 }), (steps) => {
				const early = steps.slice(0, 2).map(({ depends_on, ...rest }) => (void depends_on, rest));
				const once = parseDefinition({ name: 'w', steps: [...early, ...steps.slice(2)] });
				expect(parseDefinition(once)).toEqual(once);
				expect(parseDefinition(JSON.parse(JSON.stringify(once)))).toEqual(once);
			}),
		);
	});
});

describe('dependencies', () => {
	const a = { on: 'a', type: 'required' };

	it.each<[unknown, unknown]>([
		['a', [a]],
		[['a'], [a]],
		[[], []],
		[
			['a', 'b'],
			[a, { on: 'b', type: 'required' }],
		],
		[[['a', 'OPTIONAL']], [{ on: 'a', type: 'optional' }]],
		[
			[['a', { type: 'sequential', timeout: 2 }]],
			[{ on: 'a', type: 'sequential', timeoutMs: 2000 }],
		],
		[
			{ a: 'OPTIONAL', b: 'parallel' },
			[
				{ on: 'a', type: 'optional' },
				{ on: 'b', type: 'parallel' },
			],
		],
		[
			[{ a: 'OPTIONAL' }, 'b'],
			[
				{ on: 'a', type: 'optional' },
				{ on: 'b', type: 'required' },
			],
		],
		[{ on: 'a' }, [a]],
		[[{ step_id: 'a', type: 'Or', group: 'g' }], [{ on: 'a', type: 'or', group: 'g' }]],
		[
			[{ id: 'a' }, { step: 'b' }],
			[a, { on: 'b', type: 'required' }],
		],
		[[{ stepId: 'a' }], [a]],
		[{ a: {} }, [a]],
		[
			{ a: { type: 'REQUIRED', lifecycle: 'PERIODIC', expiry: 3600, interval: 300, timeout: 60 } },
			[
				{
					on: 'a',
					type: 'required',
					lifecycle: 'periodic',
					expiryMs: 3_600_000,
					intervalMs: 300_000,
					timeoutMs: 60_000,
				},
			],
		],
		[
			{ on: 'a', type: 'conditional', condition: { path: 'state.ready', op: 'eq', value: true } },
			[{ on: 'a', type: 'conditional', condition: { path: 'state.ready', op: 'eq', value: true } }],
		],
		[
			{ a: { lifecycle: 'temporary', expiry_ms: 5 } },
			[{ ...a, lifecycle: 'temporary', expiryMs: 5 }],
		],
		[{ a: { type: 'timeout', timeoutMs: 0 } }, [{ on: 'a', type: 'timeout', timeoutMs: 0 }]],
	])('reads %j', (written, read) => {
		expect(dependenciesOf(written)).toEqual(read);
	});

	const FORMS =
		'must be a step id, [id, type], {id: type} or {on, type, …}, or a list of such dependencies';
	const TYPES =
		'must be one of required, optional, parallel, sequential, conditional, timeout, and, or, xor';

	it.each<[unknown, string]>([
		[3, `steps[0].depends_on: ${FORMS}, received 3`],
		[[null], `steps[0].depends_on[0]: ${FORMS}, received null`],
		[
			{ a: 'OPTIONL' },
			`steps[0].depends_on.a: ${TYPES} (did you mean "optional"?), received "OPTIONL"`,
		],
		[[['a', 'x']], `steps[0].depends_on[0][1]: ${TYPES}, received "x"`],
		[['a/b'], 'steps[0].depends_on[0]: must not contain / or #, received "a/b"'],
		[
			{ a: 'conditional' },
			'steps[0].depends_on.a.condition: is required by "conditional", received nothing',
		],
		[
			{ a: { type: 'timeout' } },
			'steps[0].depends_on.a.timeoutMs: is required by "timeout", received nothing',
		],
		[
			{ on: 'a', lifecycle: 'temporary' },
			'steps[0].depends_on.expiryMs: is required by "temporary", received nothing',
		],
		[
			{ on: 'a', lifecycle: 'periodic' },
			'steps[0].depends_on.intervalMs: is required by "periodic", received nothing',
		],
		[
			{ on: 'a', type: 'or', lifecycle: 'temporary', expiryMs: 5 },
			'steps[0].depends_on.lifecycle: goes with type "required" alone, not with "or", received "temporary"',
		],
		[{ on: 'a', expiry: 'soon' }, 'steps[0].depends_on.expiry: must be a number, received "soon"'],
		[{ on: 'a', type: 7 }, `steps[0].depends_on.type: ${TYPES}, received 7`],
		[{ on: 'a', tpye: 'or' }, 'steps[0].depends_on.tpye: is not a known field, received "or"'],
	])('refuses %j', (depends_on, message) => {
		expect(stepMessage({ depends_on })).toBe(`Workflow: ${message}.`);
	});
});

describe('errors of a definition', () => {
	it.each<[unknown, string]>([
		[null, 'must be an object, received null'],
		[[], 'must be an object, received []'],
		[{}, 'name: is required, received nothing'],
		[{ name: '' }, 'name: must not be empty, received ""'],
		[{ name: 'w', steps: {} }, 'steps: must be a list, received {}'],
		[{ name: 'w', steps: [5] }, 'steps[0]: must be an object, received 5'],
		[{ name: 'w', schemaVersion: 2 }, 'schemaVersion: must be 1, received 2'],
		[{ name: 'w', order: 'random' }, 'order: must be one of sequence, graph, received "random"'],
		[
			{ name: 'w', max_concurrent: 0 },
			'max_concurrent: Number must be greater than or equal to 1, received 0',
		],
		[
			{ name: 'w', max_concurrnt: 1 },
			'max_concurrnt: is not a known field (did you mean "max_concurrent"?), received 1',
		],
		[
			{ name: 'w', maxConcurent: 1 },
			'maxConcurent: is not a known field (did you mean "maxConcurrent"?), received 1',
		],
		[
			{ name: 'w', id: 'a', workflow_id: 'b' },
			'workflow_id: means the same as "id"; give one of them, received "b"',
		],
		[{ name: 'w', metadata: [] }, 'metadata: must be an object, received []'],
	])('says for %j', (value, message) => {
		expect(messageFor(value)).toBe(`Workflow: ${message}.`);
	});

	it.each<[object, string]>([
		[{ id: '' }, 'steps[0].id: must not be empty, received ""'],
		[
			{ id: 'x'.repeat(201) },
			`steps[0].id: must have at most 200 characters, received "${'x'.repeat(59)}…`,
		],
		[{ id: 'a#2' }, 'steps[0].id: must not contain / or #, received "a#2"'],
		[{ id: '__proto__' }, 'steps[0].id: is a reserved word, received "__proto__"'],
		[{ kind: undefined }, 'steps[0].kind: is required without an agent, received nothing'],
		[{ kind: '' }, 'steps[0].kind: must not be empty, received ""'],
		[{ kind: undefined, step_type: 4 }, 'steps[0].step_type: must be a string, received 4'],
		[{ agnet: 'x' }, 'steps[0].agnet: is not a known field, received "x"'],
		[
			{ depend_on: [] },
			'steps[0].depend_on: is not a known field (did you mean "depends_on"?), received []',
		],
		[
			{ retry: { max_retry: 1 } },
			'steps[0].retry.max_retry: is not a known field (did you mean "max_retries"?), received 1',
		],
		[
			{ retry: { max_retries: 'three' } },
			'steps[0].retry.max_retries: must be a number, received "three"',
		],
		[
			{ retry: { maxAttempts: 1.5 } },
			'steps[0].retry.maxAttempts: must be a whole number, received 1.5',
		],
		[
			{ timeout: 'soon' },
			'steps[0].timeout: must be a number or limits such as {startToCloseMs}, received "soon"',
		],
		[
			{ timeoutMs: null },
			'steps[0].timeoutMs: must be a number or limits such as {startToCloseMs}, received null',
		],
		[{ timeout: { idleMs: 'x' } }, 'steps[0].timeout.idleMs: must be a number, received "x"'],
		[{ next: 3 }, 'steps[0].next: must be a string, received 3'],
		[
			{ resources: { priority: 'urgent' } },
			'steps[0].resources.priority: must be one of low, normal, high, critical, received "urgent"',
		],
		[
			{ resources: { resource_types: 'some' } },
			'steps[0].resources.resource_types: must be one of all, received "some"',
		],
		[{ condition: { path: 'a', op: 'is' } }, 'steps[0].condition.op: must be one of eq, ne'],
		[
			{ compensate: {} },
			'steps[0].compensate.kind: is required without an agent, received nothing',
		],
	])('says for a step with %j', (step, message) => {
		expect(stepMessage(step)).toContain(`Workflow: ${message}`);
	});

	it('lists everything that is wrong at once', () => {
		const error = errorOf(() => parseDefinition({ nme: 'w', steps: [{}] }));
		expect(error.message).toBe(
			'Workflow: name: is required, received nothing; steps[0].kind: is required without an agent, received nothing; nme: is not a known field (did you mean "name"?), received "w".',
		);
	});

	it('names unknown, repeated and circular steps', () => {
		const steps = [
			{ step_id: 'search', step_type: 'search', depends_on: ['sumarise'] },
			{ step_id: 'summarise', step_type: 'agent', depends_on: ['search'] },
		];
		expect(errorOf(() => parseDefinition({ name: 'w', steps }))).toMatchObject({
			code: 'VALIDATION',
			message:
				'Workflow "w" cannot run. Step "search" depends on "sumarise", which does not exist (did you mean "summarise"?).',
			hint: 'Correct the steps named in the message.',
			details: { problems: [{ kind: 'unknown', stepId: 'search' }] },
		});
	});
});

describe('addStep', () => {
	const base = (): WorkflowDefinition =>
		parseDefinition({ name: 'w', steps: [{ agentId: 'a' }, { agentId: 'b' }] });

	it('puts a step behind the last one of a sequence', () => {
		const before = base();
		const after = addStep(before, { agentId: 'c', input: 'go' });
		expect(after.steps[2]).toMatchObject({
			id: 'step-3',
			agent: 'c',
			input: 'go',
			dependencies: [{ on: 'step-2', type: 'required' }],
		});
		expect(after.steps.slice(0, 2)).toEqual(before.steps);
		expect(before.steps).toHaveLength(2);
	});

	it('puts a step where it says', () => {
		const after = addStep(base(), { agentId: 'c', depends_on: 'step-1' });
		expect(after.steps[2]!.dependencies).toEqual([{ on: 'step-1', type: 'required' }]);
		expect(addStep(base(), { agentId: 'c', depends_on: [] }).steps[2]!.dependencies).toEqual([]);
	});

	it('says what is wrong with the step', () => {
		expect(errorOf(() => addStep(base(), { id: 'x' })).message).toBe(
			'Step: kind: is required without an agent, received nothing.',
		);
		expect(errorOf(() => addStep(base(), { id: 'step-1', kind: 'x' })).message).toBe(
			'Workflow "w" cannot run. Two steps have the id "step-1".',
		);
	});
});

describe('removeStep', () => {
	it('takes the step and what names it away', () => {
		const before = parseDefinition({
			name: 'w',
			start: ['a', 'b'],
			steps: [
				{ id: 'a', kind: 'x', next: ['b', 'c'] },
				{ id: 'b', kind: 'x' },
				{ id: 'c', kind: 'x', depends_on: ['a', 'b'] },
			],
		});
		const after = removeStep(before, 'b');
		expect(after.start).toEqual(['a']);
		expect(after.steps).toMatchObject([
			{ id: 'a', next: ['c'] },
			{ id: 'c', dependencies: [{ on: 'a' }] },
		]);
		expect(before.steps).toHaveLength(3);
	});

	it('leaves out what was not said before', () => {
		const after = removeStep(
			parseDefinition({ name: 'w', steps: [{ kind: 'x' }, { kind: 'x' }] }),
			'step-2',
		);
		expect(after).not.toHaveProperty('start');
		expect(after.steps[0]).not.toHaveProperty('next');
	});

	it('refuses a step that is not there', () => {
		expect(errorOf(() => removeStep(parseDefinition({ name: 'w' }), 'x'))).toMatchObject({
			message: 'Workflow "w" has no step "x".',
			details: { stepId: 'x' },
		});
	});
});
