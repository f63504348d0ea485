import {
	defineWorkflow,
	EngineError,
	memoryStore,
	openExecutions,
	VirtualRuntime,
	WorkflowManager,
	type AnyStepKind,
	type Json,
	type StepKind,
} from '../../../lib';
import { transformKind } from '../../../lib/workflow/kinds/transform';
import { managerInVirtualTime, until } from './manager';

/** A kind `do` whose work the test decides. */
function doing(execute: StepKind['execute']): AnyStepKind {
	return { ...transformKind, kind: 'do', execute: execute as AnyStepKind['execute'] };
}

const never = doing(
	({ attempt }) =>
		new Promise((_, reject) =>
			attempt.signal.addEventListener('abort', () => reject(attempt.signal.reason as Error)),
		),
);

const echo = { name: 'echo', steps: [{ id: 'a', kind: 'transform' }] };
const asking = {
	name: 'asking',
	steps: [{ id: 'ask', kind: 'human', parameters: { prompt: 'OK?' } }],
};
const waiting = {
	name: 'waiting',
	steps: [
		{ id: 'w', kind: 'do' },
		{ id: 'z', kind: 'transform', input: 'end' },
	],
};

describe('executions', () => {
	it('run a stored workflow, a registered type or a definition', async () => {
		const { manager, soon } = managerInVirtualTime();
		manager.register(defineWorkflow('double', (input) => Number(input) * 2));
		const stored = await manager.workflows.create({ id: 'w1', ...echo });
		const byId = await soon(manager.run(stored.id, { input: 1 }));
		expect(byId).toMatchObject({
			workflowId: 'w1',
			status: 'completed',
			outcome: 'success',
			output: 1,
		});
		expect(await soon(manager.run('double', { input: 4 }))).toMatchObject({
			workflowId: 'double',
			output: 8,
		});
		expect(await soon(manager.run(echo, { input: [2] }))).toMatchObject({
			workflowId: 'echo',
			output: [2],
		});
		await manager.workflows.create({ id: 'w2', name: 'typed', workflow_type: 'double' });
		expect(await soon(manager.run('w2', { input: 5 }))).toMatchObject({
			workflowId: 'w2',
			output: 10,
		});
		expect(
			await soon(manager.run({ name: 'inline', workflowType: 'double' }, { input: 1 })),
		).toMatchObject({ output: 2 });
		expect(manager.workflowTypes).toEqual(['double']);
	});

	it('answer with an id at once and tell how they are doing', async () => {
		const { manager, runtime, soon } = managerInVirtualTime({ kinds: [never] });
		const { runId } = await soon(
			manager.start(waiting, { input: 'x', metadata: { by: 'Ada' }, runId: 'r1' }),
		);
		expect(runId).toBe('r1');
		await runtime.drain();
		expect(await manager.status('r1')).toMatchObject({
			runId: 'r1',
			name: 'waiting',
			status: 'running',
			documentedStatus: 'RUNNING',
			progress: 0,
			metadata: { by: 'Ada' },
			steps: [
				{ stepId: 'w', status: 'running', attempts: 1 },
				{ stepId: 'z', status: 'pending', blockedBy: { kind: 'dependency' } },
			],
		});
		await expect(manager.result('r1')).rejects.toMatchObject({
			code: 'WRONG_STATE',
			errorClass: 'conflict',
			message: 'Execution "r1" is running and cannot be asked for its result.',
		});
	});

	it('leave nothing behind when they cannot start', async () => {
		const { manager } = managerInVirtualTime();
		await expect(manager.start('nobody')).rejects.toMatchObject({
			code: 'NOT_FOUND',
			message: 'There is no workflow "nobody".',
		});
		await expect(manager.start({ name: 'w', steps: [{ kind: 'nope' }] })).rejects.toThrow(
			'not registered',
		);
		await expect(manager.start(7)).rejects.toMatchObject({ code: 'VALIDATION' });
		manager.register(defineWorkflow('typed', () => 1));
		await expect(manager.start('typd')).rejects.toMatchObject({
			hint: 'Create the workflow, or register its type; registered: typed (did you mean "typed"?).',
		});
		expect(await manager.list()).toEqual({ executions: [], total: 0 });
		await expect(manager.status('x')).rejects.toMatchObject({
			message: 'There is no execution "x".',
			errorClass: 'not_found',
		});
	});

	it('keep the error of a failure', async () => {
		const failing = doing(() =>
			Promise.reject(new EngineError('NO', 'No.', { errorClass: 'auth' })),
		);
		const { manager, soon } = managerInVirtualTime({ kinds: [failing] });
		const result = await soon(manager.run(waiting));
		expect(result).toMatchObject({
			status: 'failed',
			outcome: 'failure',
			output: null,
			error: { code: 'NO', errorClass: 'auth' },
		});
		expect(await manager.result(result.runId)).toEqual(result);
		expect(await manager.status(result.runId)).toMatchObject({
			documentedStatus: 'FAILED',
			steps: [{ status: 'failed', error: 'No.' }, { status: 'skipped' }],
		});
	});

	it('fail when their output cannot be put together', async () => {
		const { manager, soon } = managerInVirtualTime();
		const result = await soon(
			manager.run({ ...echo, output: '{{ input.missing }}' }, { input: {} }),
		);
		expect(result).toMatchObject({ status: 'failed', error: { code: 'TEMPLATE_MISSING' } });
	});

	it('end at their time limit', async () => {
		const { manager, runtime, soon } = managerInVirtualTime({ kinds: [never] });
		const result = await soon(manager.run(waiting, { timeoutMs: 5000 }));
		expect(result).toMatchObject({ status: 'timed_out', cause: { kind: 'timeout' } });
		expect(runtime.monotonic()).toBe(5000);
	});

	it('keep the time limit of their start, also over a pause and beside that of the workflow', async () => {
		const { manager, runtime, soon } = managerInVirtualTime({ kinds: [never] });
		const { id } = await manager.workflows.create({ ...waiting, timeoutMs: 60_000 });
		const { runId } = await soon(manager.start(id, { timeoutMs: 5000 }));
		await runtime.advance(1000);
		expect((await manager.detail(runId)).definition).toMatchObject({ timeoutMs: 60_000 });
		const plain = await soon(manager.start(id));
		await runtime.advance(4000);
		expect(await manager.status(runId)).toMatchObject({ status: 'timed_out' });
		await runtime.advance(50_000);
		expect(await manager.status(plain.runId)).toMatchObject({ status: 'running' });
		await runtime.advance(10_000);
		expect(await manager.status(plain.runId)).toMatchObject({ status: 'timed_out' });
	});

	it('are listed with the last updated first, by state and by workflow', async () => {
		const { manager, runtime, soon } = managerInVirtualTime({ kinds: [never] });
		for (const runId of ['a', 'b']) {
			await soon(manager.run(echo, { runId }));
			await runtime.advance(10);
		}
		await soon(manager.start(waiting, { runId: 'c' }));
		await runtime.drain();
		const ids = async (query: object) =>
			(await manager.list(query)).executions.map(({ runId }) => runId);
		expect(await ids({})).toEqual(['c', 'b', 'a']);
		expect(await ids({ active: true })).toEqual(['c']);
		expect(await ids({ status: ['completed'] })).toEqual(['b', 'a']);
		expect(await ids({ limit: 1, offset: 1 })).toEqual(['b']);
		expect(await ids({ workflowId: 'echo', limit: 1 })).toEqual(['b']);
		expect(await manager.list({ workflowId: 'echo' })).toMatchObject({ total: 2 });
	});
});

describe('idempotency keys', () => {
	const start = async (
		onDuplicate?: 'attach' | 'reject' | 'replace' | 'new',
		workflow: object = waiting,
	) => {
		const trial = managerInVirtualTime({ kinds: [never] });
		const { manager, soon } = trial;
		const first = await soon(manager.start(workflow, { idempotencyKey: 'order-1', runId: 'r1' }));
		await trial.runtime.drain();
		const again = soon(
			manager.start(workflow, { idempotencyKey: 'order-1', runId: 'r2', onDuplicate }),
		);
		return { ...trial, first, again };
	};

	/** A manager, and what its store holds of executions. */
	const stored = () => {
		const runtime = new VirtualRuntime({ drainRounds: 500 });
		const store = memoryStore(runtime);
		const manager = new WorkflowManager({ runtime, store });
		const soon = async <Value>(work: Promise<Value>) => await until(runtime, work);
		return { runtime, manager, soon, executions: openExecutions(store, runtime) };
	};

	it('stand for one execution', async () => {
		expect(await (await start()).again).toEqual({ runId: 'r1' });
		await expect((await start('reject')).again).rejects.toMatchObject({
			message: 'Execution "r1" is running and cannot be started again under the key "order-1".',
		});
		await expect((await start('new')).again).rejects.toMatchObject({ code: 'WRONG_STATE' });
	});

	it('can be given to another execution', async () => {
		const { manager, again } = await start('replace');
		expect(await again).toEqual({ runId: 'r2' });
		expect(await manager.status('r1')).toMatchObject({
			status: 'cancelled',
			cause: { message: 'Another execution takes its place.' },
		});
		const ended = await start('new', echo);
		expect(await ended.again).toEqual({ runId: 'r2' });
	});

	it('are not taken by a start that fails', async () => {
		const { manager, soon } = managerInVirtualTime();
		const failing = soon(manager.start('unheard of', { idempotencyKey: 'order-1' }));
		await expect(failing).rejects.toMatchObject({ code: 'NOT_FOUND' });
		const next = await soon(manager.start(echo, { idempotencyKey: 'order-1', runId: 'r2' }));
		expect(next).toEqual({ runId: 'r2' });
	});

	it('are free again when a start has died before its execution was stored', async () => {
		const { manager, soon, executions } = stored();
		await executions.claim('order-1', 'dead');
		const next = soon(manager.start(echo, { idempotencyKey: 'order-1', runId: 'r2' }));
		expect(await next).toEqual({ runId: 'r2' });
	});

	it('wait for an execution that is just being stored', async () => {
		const { manager, runtime, soon, executions } = stored();
		await soon(manager.start(echo, { runId: 'r1' }));
		const record = await executions.get('r1');
		await executions.claim('order-1', 'late');
		const attached = soon(manager.start(echo, { idempotencyKey: 'order-1', runId: 'r2' }));
		runtime.setTimer(300, () => void executions.create({ ...record, runId: 'late' }));
		expect(await attached).toEqual({ runId: 'late' });
	});
});

describe('pause and resume', () => {
	it('stop before the next step and go on there', async () => {
		let finish = (): void => undefined;
		const slow = doing(() => new Promise((resolve) => (finish = () => resolve('done'))));
		const { manager, runtime, soon } = managerInVirtualTime({ kinds: [slow] });
		const { runId } = await soon(manager.start(waiting));
		await runtime.drain();
		const pausing = manager.pause(runId);
		await runtime.drain();
		expect(await manager.status(runId)).toMatchObject({ status: 'pausing' });
		finish();
		const checkpoint = await soon(pausing);
		expect(checkpoint).toMatchObject({ runId, completed: ['w'] });
		expect(await manager.status(runId)).toMatchObject({
			status: 'paused',
			documentedStatus: 'PAUSED',
		});
		expect(manager.isHere(runId)).toBe(false);
		expect(await manager.pause(runId)).toEqual(checkpoint);
		await soon(manager.resume(runId));
		expect(await soon(manager.wait(runId))).toMatchObject({ status: 'completed', output: 'end' });
		await expect(manager.pause(runId)).rejects.toMatchObject({
			message: `Execution "${runId}" is completed and cannot be paused.`,
		});
		await expect(manager.resume(runId)).rejects.toMatchObject({ code: 'WRONG_STATE' });
	});

	it('work from another process, once the first has let go', async () => {
		const runtime = new VirtualRuntime({ drainRounds: 500 });
		const store = memoryStore(runtime);
		const calls: string[] = [];
		const kinds = [doing(({ step }) => void calls.push(step.id))];
		const make = (owner: string) => new WorkflowManager({ runtime, store, owner, kinds });
		const [first, second] = [make('one'), make('two')];
		const steps = [
			{ id: 'w', kind: 'do' },
			{ id: 'ask', kind: 'human' },
			{ id: 'x', kind: 'do' },
		];
		const { runId } = await until(runtime, first.start({ name: 'w', steps }));
		await runtime.drain();
		await expect(until(runtime, second.resume(runId))).rejects.toMatchObject({
			code: 'LEASE_HELD',
		});
		await until(runtime, first.pause(runId));
		await until(runtime, second.resume(runId));
		await runtime.drain();
		const { requests } = await second.status(runId);
		await until(runtime, second.answer(runId, requests[0]!.requestId, 'fine'));
		expect(await until(runtime, second.wait(runId))).toMatchObject({ status: 'completed' });
		expect(calls).toEqual(['w', 'x']);
	});

	it('go on after a crash with what was recorded', async () => {
		const runtime = new VirtualRuntime({ drainRounds: 500 });
		const store = memoryStore(runtime);
		const calls: string[] = [];
		const kinds = (hangs: boolean) => [
			doing(({ step }) => {
				calls.push(step.id);
				return hangs && step.id === 'c' ? new Promise(() => undefined) : step.id;
			}),
		];
		const steps = ['a', 'b', 'c', 'd'].map((id) => ({ id, kind: 'do' }));
		const first = new WorkflowManager({ runtime, store, owner: 'one', kinds: kinds(true) });
		const { runId } = await until(runtime, first.start({ name: 'w', steps }));
		await runtime.advance(1000);
		runtime.crash();
		await runtime.advance(60_000);
		const second = new WorkflowManager({
			runtime,
			store,
			owner: 'two',
			kinds: kinds(false),
			maxRecoveries: 1,
		});
		await until(runtime, second.resume(runId));
		expect(await until(runtime, second.wait(runId))).toMatchObject({
			status: 'completed',
			output: 'd',
		});
		expect(calls).toEqual(['a', 'b', 'c', 'c', 'd']);
		expect(await second.status(runId)).toMatchObject({ recoveries: 1 });
	});

	it('leave an execution alone that keeps killing its process', async () => {
		const runtime = new VirtualRuntime({ drainRounds: 500 });
		const store = memoryStore(runtime);
		const make = (owner: string) =>
			new WorkflowManager({ runtime, store, owner, kinds: [never], maxRecoveries: 1 });
		const { runId } = await until(runtime, make('0').start(waiting));
		for (const owner of ['1', '2']) {
			await runtime.advance(1000);
			runtime.crash();
			await runtime.advance(60_000);
			const again = until(runtime, make(owner).resume(runId));
			if (owner === '1') await again;
			else
				await expect(again).rejects.toThrow(
					`Execution "${runId}" has been taken up 1 times and is left alone now.`,
				);
		}
	});

	it('obey the versions policy when the workflow was changed', async () => {
		const { manager, runtime, soon } = managerInVirtualTime();
		const paused = async (policy?: 'compatible' | 'restart' | 'fail') => {
			const { id } = await manager.workflows.create(asking);
			const { runId } = await soon(manager.start(id));
			await runtime.drain();
			await soon(manager.pause(runId));
			await soon(
				manager.workflows.update(id, { steps: [{ id: 'ask', kind: 'transform', input: 'new' }] }),
			);
			await soon(manager.resume(runId, policy));
			await runtime.drain();
			return await manager.status(runId);
		};
		const change = {
			added: [],
			removed: [],
			changed: [{ stepId: 'ask', fields: ['input', 'kind', 'parameters'] }],
			settings: [],
		};
		const pinned = await paused();
		expect(pinned).toMatchObject({ status: 'waiting' });
		expect(pinned).not.toHaveProperty('change');
		expect(await paused('restart')).toMatchObject({ status: 'completed', change });
		expect(await paused('compatible')).toMatchObject({ steps: [{ stepId: 'ask' }], change });
		await expect(paused('fail')).rejects.toMatchObject({
			code: 'VERSION_CHANGED',
			errorClass: 'conflict',
			details: { change },
			hint: 'Resume it as pinned to go on with the version it began with.',
		});
	});

	it('go on with a version that has another name', async () => {
		const { manager, runtime, soon } = managerInVirtualTime();
		const { id } = await manager.workflows.create(asking);
		const { runId } = await soon(manager.start(id));
		await runtime.drain();
		await soon(manager.pause(runId));
		const steps = [...asking.steps, { id: 'more', kind: 'transform', input: 'new' }];
		await soon(manager.workflows.update(id, { name: 'asked', steps }));
		await soon(manager.resume(runId, 'compatible'));
		await runtime.drain();
		const { requests } = await manager.status(runId);
		await soon(manager.answer(runId, requests[0]!.requestId, 'yes'));
		expect(await soon(manager.wait(runId))).toMatchObject({ status: 'completed', output: 'new' });
	});

	it('keep the version they were resumed with', async () => {
		const { manager, runtime, soon } = managerInVirtualTime();
		const { id, version } = await manager.workflows.create(asking);
		const { runId } = await soon(manager.start(id));
		await runtime.drain();
		await soon(manager.pause(runId));
		const steps = [...asking.steps, { id: 'more', kind: 'transform', input: 'new' }];
		const changed = await soon(manager.workflows.update(id, { steps }));
		await soon(manager.resume(runId, 'compatible'));
		await runtime.drain();
		expect((await manager.detail(runId)).graph.map((step) => step.id)).toEqual(['ask', 'more']);
		await soon(manager.addStep(runId, { id: 'last', kind: 'transform', dependencies: ['more'] }));
		await soon(manager.pause(runId));
		await soon(manager.resume(runId, 'pinned'));
		await runtime.drain();
		const { requests, workflowVersion } = await manager.status(runId);
		expect([version, workflowVersion]).toEqual([changed.version - 1, changed.version]);
		await soon(manager.answer(runId, requests[0]!.requestId, 'yes'));
		expect(await soon(manager.wait(runId))).toMatchObject({ status: 'completed', output: 'new' });
		expect(await manager.status(runId)).toMatchObject({
			steps: [{ stepId: 'ask' }, { stepId: 'more' }, { stepId: 'last' }],
		});
	});

	it('share nothing with what they were when they begin again', async () => {
		const calls: string[] = [];
		const kinds = [doing(({ step }) => void calls.push(step.agent!))];
		const { manager, runtime, soon } = managerInVirtualTime({ kinds });
		const stepsOf = (agent: string, prompt: string) => [
			{ id: 'a', kind: 'do', agent },
			{ id: 'ask', kind: 'human', parameters: { prompt } },
			{ id: 'ask too', kind: 'human' },
		];
		const { id } = await manager.workflows.create({ name: 'w', steps: stepsOf('one', 'Old?') });
		const { runId } = await soon(manager.start(id));
		await runtime.drain();
		const asked = (await manager.status(runId)).requests[0]!;
		await soon(manager.answer(runId, asked.requestId, 'old answer'));
		await soon(manager.pause(runId));
		expect(Object.keys((await manager.detail(runId)).outputs)).toEqual(['a', 'ask']);
		await soon(manager.workflows.update(id, { steps: stepsOf('two', 'New?') }));
		await soon(manager.resume(runId, 'restart'));
		await soon(manager.pause(runId));
		await soon(manager.resume(runId));
		await runtime.drain();
		expect(calls).toEqual(['one', 'two']);
		expect(await manager.status(runId)).toMatchObject({
			restarts: 1,
			requests: [{ payload: { prompt: 'New?' } }],
		});
		expect(Object.keys((await manager.detail(runId)).outputs)).toEqual(['a']);
	});

	it('drain a process that is about to end', async () => {
		const { manager, runtime, soon } = managerInVirtualTime();
		const { runId } = await soon(manager.start(asking));
		await runtime.drain();
		expect(await soon(manager.drain())).toEqual([runId]);
		expect(await manager.status(runId)).toMatchObject({ status: 'paused' });
		await runtime.advance(1);
		expect(runtime.pendingTimers).toBe(0);
		await soon(manager.resume(runId));
		await runtime.drain();
		await expect(manager.resume(runId)).rejects.toMatchObject({ code: 'WRONG_STATE' });
	});
});

describe('cancel', () => {
	it('stops an execution, and one that is paused', async () => {
		const { manager, runtime, soon } = managerInVirtualTime({ kinds: [never] });
		for (const paused of [false, true]) {
			const { runId } = await soon(manager.start(paused ? asking : waiting));
			await runtime.drain();
			if (paused) await soon(manager.pause(runId));
			const status = await soon(manager.cancel(runId, 'No longer needed.'));
			expect(status).toMatchObject({
				status: 'cancelled',
				cause: { kind: 'user', message: 'No longer needed.' },
			});
			await expect(manager.cancel(runId)).rejects.toMatchObject({ code: 'WRONG_STATE' });
		}
		await runtime.advance(1);
		expect(runtime.pendingTimers).toBe(0);
	});

	it('stops one step, and everything', async () => {
		const { manager, runtime, soon } = managerInVirtualTime({ kinds: [never] });
		const { runId } = await soon(manager.start(waiting));
		await runtime.drain();
		expect(await manager.cancelStep(runId, 'w')).toBe(true);
		expect(await soon(manager.wait(runId))).toMatchObject({ status: 'failed' });
		const started = [await soon(manager.start(waiting)), await soon(manager.start(asking))];
		await runtime.drain();
		const cancelled = await soon(manager.cancelAll('Closing.'));
		expect(cancelled.sort()).toEqual(started.map(({ runId: id }) => id).sort());
		await expect(manager.cancelStep(runId, 'w')).rejects.toMatchObject({ code: 'WRONG_STATE' });
	});

	it('leaves other workflows alone when it is for one', async () => {
		const { manager, runtime, soon } = managerInVirtualTime({ kinds: [never] });
		const { runId } = await soon(manager.start(waiting));
		await soon(manager.start(asking));
		await runtime.drain();
		expect(await soon(manager.cancelAll(undefined, 'waiting'))).toEqual([runId]);
		expect((await manager.list({ active: true })).total).toBe(1);
	});
});

describe('requests', () => {
	it('lists what people are asked, oldest first, also by paused executions', async () => {
		const { manager, runtime, soon } = managerInVirtualTime();
		for (const runId of ['first', 'second']) {
			await soon(manager.start(asking, { runId }));
			await runtime.advance(1000);
		}
		await soon(manager.pause('first'));
		const pending = await manager.requests();
		expect(pending).toMatchObject([
			{
				runId: 'first',
				workflow: 'asking',
				request: { name: 'review', payload: { prompt: 'OK?' } },
			},
			{ runId: 'second' },
		]);
		await soon(manager.answer('second', pending[1]!.request.requestId, 'yes'));
		await soon(manager.wait('second'));
		expect(await manager.requests()).toHaveLength(1);
	});
});

describe('addStep', () => {
	it('adds to an execution that is under way', async () => {
		const { manager, runtime, soon } = managerInVirtualTime();
		const { runId } = await soon(manager.start(asking));
		await runtime.drain();
		await soon(
			manager.addStep(runId, {
				id: 'after',
				kind: 'transform',
				input: 'got {{ steps.ask.output.answer }}',
			}),
		);
		const { requests } = await manager.status(runId);
		await soon(manager.answer(runId, requests[0]!.requestId, 'yes'));
		await soon(manager.wait(runId));
		expect(await manager.status(runId)).toMatchObject({
			status: 'completed',
			steps: [{ stepId: 'ask' }, { stepId: 'after', status: 'completed' }],
		});
	});

	it('does not fit workflows that are written in code', async () => {
		const { manager, runtime, soon } = managerInVirtualTime();
		manager.register(defineWorkflow('typed', (_, { waitFor }) => waitFor('x')));
		const { runId } = await soon(manager.start('typed'));
		await runtime.drain();
		await expect(manager.addStep(runId, { kind: 'transform' })).rejects.toThrow(
			'is written in code',
		);
		await soon(manager.pause(runId));
		await soon(manager.resume(runId));
		const { requests } = await manager.status(runId);
		await soon(manager.answer(runId, requests[0]!.requestId, { ok: true }));
		expect(await soon(manager.wait(runId))).toMatchObject({ output: { ok: true } });
	});
});

describe('cleanup', () => {
	it('removes ended executions that are old, and keeps the latest', async () => {
		const { manager, runtime, soon } = managerInVirtualTime({ kinds: [never] });
		for (const runId of ['a', 'b', 'c']) {
			await soon(manager.run(echo, { runId }));
			await runtime.advance(1000);
		}
		await soon(manager.start(waiting, { runId: 'active' }));
		expect(await manager.cleanup({ olderThanMs: 60_000 })).toEqual([]);
		expect(await manager.cleanup({ olderThanMs: 1500, keepLast: 1 })).toEqual(['b', 'a']);
		expect(await manager.cleanup({ workflowId: 'other' })).toEqual([]);
		expect(await manager.cleanup()).toEqual(['c']);
		expect((await manager.list()).executions.map(({ runId }) => runId)).toEqual(['active']);
	});
});

describe('subworkflows', () => {
	const parent = {
		name: 'parent',
		steps: [{ id: 's', kind: 'sub_workflow', parameters: { workflow: 'child' } }],
	};

	it('run another workflow with the step’s input', async () => {
		const { manager, soon } = managerInVirtualTime();
		await manager.workflows.create({ id: 'child', ...echo });
		const result = await soon(manager.run(parent, { input: { a: 1 }, runId: 'p' }));
		expect(result.output).toEqual({ a: 1 });
		const { executions } = await manager.list({ workflowId: 'child' });
		expect(executions).toMatchObject([{ metadata: { parentRunId: 'p', parentStep: 's' } }]);
	});

	it('fail with the error of the child, and start it anew for the next attempt', async () => {
		let calls = 0;
		const flaky = doing(() =>
			++calls === 1
				? Promise.reject(new EngineError('BUSY', 'Busy.', { errorClass: 'server' }))
				: 'ok',
		);
		const { manager, soon } = managerInVirtualTime({ kinds: [flaky] });
		await manager.workflows.create({ id: 'child', name: 'child', steps: [{ kind: 'do' }] });
		expect(await soon(manager.run(parent))).toMatchObject({
			status: 'failed',
			error: { code: 'BUSY' },
		});
		calls = 0;
		const retried = { ...parent, defaults: { retry: { maxAttempts: 2 } } };
		expect(await soon(manager.run(retried))).toMatchObject({ status: 'completed', output: 'ok' });
	});

	it('go on with the child they had started, after a crash', async () => {
		const runtime = new VirtualRuntime({ drainRounds: 500 });
		const store = memoryStore(runtime);
		const calls: string[] = [];
		const work = (hangs: boolean) =>
			doing(({ step }) => {
				calls.push(step.id);
				return hangs && step.id === 'c2' ? new Promise(() => undefined) : step.id;
			});
		const make = (owner: string, hangs: boolean) =>
			new WorkflowManager({ runtime, store, owner, kinds: [work(hangs)] });
		const first = make('one', true);
		const steps = ['c1', 'c2'].map((id) => ({ id, kind: 'do' }));
		await first.workflows.create({ id: 'child', name: 'child', steps });
		const { runId } = await until(runtime, first.start(parent));
		await runtime.advance(1000);
		runtime.crash();
		await runtime.advance(60_000);
		const second = make('two', false);
		await until(runtime, second.resume(runId));
		expect(await until(runtime, second.wait(runId))).toMatchObject({ output: 'c2' });
		expect(calls).toEqual(['c1', 'c2', 'c2']);
		expect((await second.list({ workflowId: 'child' })).total).toBe(1);
	});

	it('fail when the child is cancelled', async () => {
		const { manager, runtime, soon } = managerInVirtualTime({ kinds: [never] });
		await manager.workflows.create({ id: 'child', ...waiting });
		const { runId } = await soon(manager.start(parent));
		await runtime.drain();
		const { executions } = await manager.list({ workflowId: 'child' });
		await soon(manager.cancel(executions[0]!.runId, 'Not this one.'));
		expect(await soon(manager.wait(runId))).toMatchObject({
			status: 'failed',
			error: { errorClass: 'abort', message: expect.stringContaining('Not this one.') as string },
		});
	});

	it('are cancelled with the step that runs them', async () => {
		const { manager, runtime, soon } = managerInVirtualTime({ kinds: [never] });
		await manager.workflows.create({ id: 'child', ...waiting });
		const { runId } = await soon(manager.start(parent));
		await runtime.drain();
		await soon(manager.cancel(runId));
		await runtime.drain();
		const { executions } = await manager.list({ workflowId: 'child' });
		expect(executions).toMatchObject([{ status: 'cancelled' }]);
	});
});

describe('agents', () => {
	it('do the tasks of steps by name, and are watched', async () => {
		const { manager, soon } = managerInVirtualTime();
		let fails = false;
		manager.agents.register({
			name: 'sales',
			run: async ({ task, runtime }) => {
				await runtime.sleep(100);
				if (fails) throw new Error('tired');
				return `${task} done`;
			},
		});
		const steps = [{ agent: 'sales', task: 'qualify' }];
		expect(await soon(manager.run({ name: 'w', steps }))).toMatchObject({ output: 'qualify done' });
		expect(manager.agents.health()).toMatchObject([
			{
				name: 'sales',
				status: 'healthy',
				running: 0,
				completed: 1,
				failed: 0,
				failuresInARow: 0,
				meanDurationMs: 100,
			},
		]);
		fails = true;
		for (const status of ['degraded', 'degraded', 'unhealthy']) {
			await soon(manager.run({ name: 'w', steps }));
			expect(manager.agents.health()[0]!.status).toBe(status);
		}
		expect(manager.agents.health()[0]).toMatchObject({
			failed: 3,
			failuresInARow: 3,
			lastError: 'tired',
		});
		fails = false;
		await soon(manager.run({ name: 'w', steps }));
		expect(manager.agents.health()[0]!.status).toBe('healthy');
	});

	it('say who is there when one is unknown', async () => {
		const { manager, soon } = managerInVirtualTime();
		const run = async (agent: string) =>
			(await soon(manager.run({ name: 'w', steps: [{ agent }] }))).error;
		manager.agents.register({ name: 'research', run: ({ input }) => input as Json });
		expect(await run('reserch')).toMatchObject({
			code: 'NOT_FOUND',
			message: expect.stringContaining('There is no agent "reserch".') as string,
			hint: 'Register it, or use one of: research (did you mean "research"?).',
		});
		const nameless = { name: 'w', steps: [{ kind: 'agent', task: 'x' }] };
		expect((await soon(manager.run(nameless, { input: 3 }))).output).toBe(3);
		manager.agents.register({ name: 'other', run: () => 1 });
		expect((await soon(manager.run(nameless))).error).toMatchObject({ code: 'NOT_FOUND' });
		expect(manager.agents.unregister('other')).toBe(true);
		expect(manager.agents.unregister('other')).toBe(false);
		expect(manager.agents.names).toEqual(['research']);
	});
});

describe('metrics of a manager', () => {
	it('tell runs, steps, durations and agents', async () => {
		const tick = doing(({ runtime: clock }) => clock.sleep(2000));
		const { manager, soon } = managerInVirtualTime({ kinds: [tick] });
		manager.agents.register({ name: 'a "b"', run: () => 1 });
		await soon(manager.run({ name: 'w', steps: [{ id: 't', kind: 'do' }, { agent: 'a "b"' }] }));
		await soon(manager.start(asking));
		const text = manager.metricsText();
		expect(text).toContain(
			'# HELP agent_swarm_runs_total Runs that have ended, by how they ended.\n# TYPE agent_swarm_runs_total counter\nagent_swarm_runs_total{workflow="w",status="completed"} 1\n',
		);
		expect(text).toContain(
			'# TYPE agent_swarm_runs_active gauge\nagent_swarm_runs_active{workflow="w"} 0\nagent_swarm_runs_active{workflow="asking"} 1\n',
		);
		expect(text).toContain(
			'agent_swarm_step_duration_seconds{workflow="w",step="t",quantile="0.5"} 2\n',
		);
		expect(text).toContain(
			'agent_swarm_agent_tasks_total{agent="a \\"b\\"",result="completed"} 1\n',
		);
	});

	it('count a run as active only while it is here', async () => {
		const { manager, runtime, soon } = managerInVirtualTime({ releaseWaiting: true });
		const active = () => /runs_active\{workflow="asking"\} (.*)/.exec(manager.metricsText())?.[1];
		const steps = [...asking.steps, { id: 'again', kind: 'human' }];
		const { runId } = await soon(manager.start({ ...asking, steps }));
		for (let answered = 0; answered < 2; answered++) {
			await soon(manager.untilRest(runId));
			expect(manager.isHere(runId)).toBe(false);
			expect(active()).toBe('0');
			const { requests } = await manager.status(runId);
			await soon(manager.answer(runId, requests[0]!.requestId, 'yes'));
			await runtime.drain();
		}
		expect(await manager.result(runId)).toMatchObject({ status: 'completed' });
		expect(active()).toBe('0');
	});
});
