import {
	memoryStore,
	VirtualRuntime,
	WorkflowManager,
	type AnyStepKind,
	type Json,
	type StepKind,
	type WorkflowManagerOptions,
} from '../../../lib';
import { transformKind } from '../../../lib/workflow/kinds/transform';
import { until } from './manager';

/** A kind `do` whose work the test decides. */
function doing(execute: StepKind['execute']): AnyStepKind {
	return { ...transformKind, kind: 'do', execute: execute as AnyStepKind['execute'] };
}

/** Each step takes ten seconds and can be stopped. */
const tick = doing(({ attempt, runtime, step }) =>
	runtime.sleep(10_000, attempt.signal).then(() => step.id),
);

const ticking = {
	name: 'ticking',
	steps: Array.from({ length: 5 }, (_, index) => ({ id: `t${index}`, kind: 'do' })),
};
const asking = {
	name: 'asking',
	steps: [
		{ id: 'ask', kind: 'human', parameters: { prompt: 'OK?' } },
		{ id: 'after', kind: 'transform', input: 'got {{ steps.ask.output.answer }}' },
	],
};

/** Two processes on one store; `here` starts what `there` controls. */
function twoProcesses(options: Partial<WorkflowManagerOptions> = {}) {
	const runtime = new VirtualRuntime({ drainRounds: 500 });
	const store = memoryStore(runtime);
	const make = (owner: string) =>
		new WorkflowManager({ runtime, store, owner, kinds: [tick], ...options });
	const soon = async <Value>(work: Promise<Value>) => await until(runtime, work);
	return { runtime, store, make, soon, here: make('here'), there: make('there') };
}

async function started(trial: ReturnType<typeof twoProcesses>, workflow: object = ticking) {
	const { runId } = await trial.soon(trial.here.start(workflow));
	await trial.runtime.advance(15_000);
	return runId;
}

describe('an execution that another process runs', () => {
	it('is paused there, and gives its checkpoint here', async () => {
		const trial = twoProcesses();
		const { there, here, soon } = trial;
		const runId = await started(trial);
		expect(there.isHere(runId)).toBe(false);
		const checkpoint = await soon(there.pause(runId));
		expect(checkpoint).toMatchObject({ runId, completed: ['t0', 't1'] });
		expect(await there.status(runId)).toMatchObject({ status: 'paused' });
		expect(here.isHere(runId)).toBe(false);
		await soon(there.resume(runId));
		expect(await soon(there.wait(runId))).toMatchObject({ status: 'completed', output: 't4' });
	});

	it('is cancelled there', async () => {
		const trial = twoProcesses();
		const runId = await started(trial);
		expect(await trial.soon(trial.there.cancel(runId, 'Enough.'))).toMatchObject({
			status: 'cancelled',
			cause: { message: 'Enough.' },
		});
	});

	it('has one of its steps cancelled, and says when there is no such step', async () => {
		const trial = twoProcesses();
		const { there, soon } = trial;
		const runId = await started(trial);
		await expect(soon(there.cancelStep(runId, 'nope'))).rejects.toThrow('no step "nope"');
		expect(await soon(there.cancelStep(runId, 't2'))).toBe(true);
		const result = await soon(trial.here.wait(runId));
		expect(result).toMatchObject({ status: 'failed' });
	});

	it('gets a step more', async () => {
		const trial = twoProcesses();
		const { there, here, soon } = trial;
		const runId = await started(trial);
		await soon(there.addStep(runId, { id: 'more', kind: 'transform', input: 'more' }));
		expect(await soon(here.wait(runId))).toMatchObject({ status: 'completed', output: 'more' });
		await expect(soon(there.addStep(runId, { kind: 'transform' }))).rejects.toMatchObject({
			code: 'WRONG_STATE',
		});
	});

	it('gets an answer; a second one comes too late', async () => {
		const trial = twoProcesses();
		const { there, here, soon } = trial;
		const runId = await started(trial, asking);
		const [request] = (await there.status(runId)).requests;
		expect(await soon(there.answer(runId, 'nobody asked', 1))).toEqual({
			accepted: false,
			reason: 'unknown',
		});
		expect(await soon(there.answer(runId, request!.requestId, 'yes'))).toEqual({ accepted: true });
		expect(await soon(here.wait(runId))).toMatchObject({ output: 'got yes' });
	});

	it('cannot be resumed as long as that process lives', async () => {
		const trial = twoProcesses();
		const runId = await started(trial);
		await expect(trial.soon(trial.there.resume(runId))).rejects.toMatchObject({
			code: 'LEASE_HELD',
		});
	});

	it('is paused with everything else when it takes its time', async () => {
		const trial = twoProcesses();
		const { there, soon } = trial;
		const runId = await started(trial);
		const twice = await soon(Promise.all([there.pause(runId), there.pause(runId)]));
		expect(twice).toMatchObject([{ runId }, { runId }]);
	});
});

describe('an execution whose process died', () => {
	/** The process that ran it is gone; its lease is still there, unless it had time to expire. */
	async function orphan(waitMs: number, workflow: object = ticking) {
		const trial = twoProcesses();
		const runId = await started(trial, workflow);
		trial.runtime.crash();
		await trial.runtime.advance(waitMs);
		return { ...trial, runId, there: trial.make('new') };
	}

	it('shows that it was interrupted, and goes on when its lease is over', async () => {
		const { there, soon, runId, runtime } = await orphan(0);
		expect(await there.status(runId)).toMatchObject({ status: 'running' });
		const before = runtime.now();
		await soon(there.resume(runId));
		expect(runtime.now() - before).toBeLessThanOrEqual(15_500);
		expect(await soon(there.wait(runId))).toMatchObject({ status: 'completed' });
		const other = await orphan(60_000);
		expect(await other.there.status(other.runId)).toMatchObject({ interrupted: true });
	});

	it('can be cancelled, also while it still seems alive', async () => {
		for (const waitMs of [0, 60_000]) {
			const { there, soon, runId } = await orphan(waitMs);
			expect(await soon(there.cancel(runId))).toMatchObject({ status: 'cancelled' });
		}
	});

	it('can be paused, and goes on later with what was recorded', async () => {
		const { there, soon, runId } = await orphan(60_000);
		expect(await soon(there.pause(runId))).toBeUndefined();
		expect(await there.status(runId)).toMatchObject({ status: 'paused' });
		expect(await soon(there.recover())).toEqual({ resumed: [], failed: [] });
		await soon(there.resume(runId));
		expect(await soon(there.wait(runId))).toMatchObject({ status: 'completed' });
		expect((await there.status(runId)).recoveries).toBe(0);
	});

	it('is found and taken up by recover', async () => {
		const { there, soon, runId } = await orphan(60_000);
		expect(await soon(there.recover())).toEqual({ resumed: [runId], failed: [] });
		expect(await soon(there.recover())).toEqual({ resumed: [], failed: [] });
		expect(await soon(there.wait(runId))).toMatchObject({ status: 'completed' });
	});

	it('is left alone by recover when it cannot go on, with the reason', async () => {
		const { soon, runId, runtime, store } = await orphan(60_000);
		const strict = new WorkflowManager({ runtime, store, kinds: [tick], maxRecoveries: 0 });
		expect(await soon(strict.recover())).toMatchObject({
			failed: [{ runId, reason: expect.stringContaining('left alone now') as string }],
		});
	});
});

describe('a paused execution', () => {
	async function paused() {
		const trial = twoProcesses();
		const runId = await started(trial, asking);
		await trial.soon(trial.here.pause(runId));
		return { ...trial, runId };
	}

	it('keeps the first answer until it is resumed', async () => {
		const { there, soon, runId } = await paused();
		const [request] = (await there.status(runId)).requests;
		const { requestId } = request!;
		expect(await soon(there.answer(runId, 'nobody asked', 1))).toEqual({
			accepted: false,
			reason: 'unknown',
		});
		expect(await soon(there.answer(runId, requestId, 'yes'))).toEqual({ accepted: true });
		expect(await soon(there.answer(runId, requestId, 'no'))).toEqual({
			accepted: false,
			reason: 'answered',
			value: 'yes',
		});
		expect(await there.status(runId)).toMatchObject({ status: 'paused' });
		await soon(there.resume(runId));
		expect(await soon(there.wait(runId))).toMatchObject({ output: 'got yes' });
	});

	it('takes a step more, or the wish to cancel one, along when it is resumed', async () => {
		const { there, soon, runId } = await paused();
		await soon(there.addStep(runId, { id: 'last', kind: 'transform', input: 'end' }));
		await expect(soon(there.addStep(runId, { kind: 'nope' }))).rejects.toThrow('not registered');
		expect(await soon(there.cancelStep(runId, 'nope'))).toBe(false);
		expect(await soon(there.cancelStep(runId, 'ask'))).toBe(true);
		await soon(there.resume(runId));
		await soon(there.wait(runId));
		expect((await there.status(runId)).steps).toMatchObject([
			{ stepId: 'ask', status: 'cancelled' },
			{ stepId: 'after', status: 'skipped' },
			{ stepId: 'last' },
		]);
	});
});

describe('an execution that waits for people', () => {
	async function released(workflow: object = asking) {
		const trial = twoProcesses({ releaseWaiting: true });
		const runId = await started(trial, workflow);
		return { ...trial, runId };
	}

	it('holds no process, and goes on in the one where it is answered', async () => {
		const { here, there, soon, runId, runtime } = await released();
		expect(here.isHere(runId)).toBe(false);
		expect(runtime.pendingTimers).toBe(0);
		expect(await there.status(runId)).toMatchObject({ status: 'waiting' });
		await runtime.advance(7 * 24 * 3_600_000);
		const [pending] = await there.requests();
		expect(pending).toMatchObject({ runId, request: { payload: { prompt: 'OK?' } } });
		const answered = soon(there.answer(runId, pending!.request.requestId, 'yes'));
		expect(await answered).toEqual({ accepted: true });
		expect(await soon(there.wait(runId))).toMatchObject({ output: 'got yes' });
		expect((await there.status(runId)).recoveries).toBe(0);
	});

	it('is paused, cancelled and extended like any other', async () => {
		const { there, soon, runId } = await released();
		await soon(there.addStep(runId, { id: 'last', kind: 'transform', input: 'end' }));
		expect(await soon(there.untilRest(runId))).toMatchObject({
			status: 'waiting',
			steps: { length: 3 },
		});
		expect(await soon(there.pause(runId))).toMatchObject({ runId });
		expect(await there.status(runId)).toMatchObject({ status: 'paused' });
		await soon(there.resume(runId));
		expect(await soon(there.untilRest(runId))).toMatchObject({ status: 'waiting' });
		expect(await soon(there.cancel(runId))).toMatchObject({ status: 'cancelled' });
	});

	it('is woken when the time for the answer is up', async () => {
		const patient = {
			name: 'patient',
			steps: [{ id: 'ask', kind: 'human', parameters: { timeoutMs: 3_600_000, default: 'no' } }],
		};
		const { here, runId, runtime } = await released(patient);
		expect(here.isHere(runId)).toBe(false);
		await runtime.advance(3_600_000);
		expect(await here.result(runId)).toMatchObject({
			output: { answer: 'no', decidedBy: 'timeout' },
		});
	});

	it('is woken by recover when the process that would have woken it is gone', async () => {
		const wait = { name: 'wait', steps: [{ id: 'w', kind: 'wait', parameters: { ms: 60_000 } }] };
		const { make, runId, runtime, soon } = await released(wait);
		runtime.crash();
		await runtime.advance(30_000);
		expect(await soon(make('new').recover())).toEqual({ resumed: [], failed: [] });
		await runtime.advance(31_000);
		const late = make('newer');
		expect(await soon(late.recover())).toEqual({ resumed: [runId], failed: [] });
		expect(await soon(late.wait(runId))).toMatchObject({ output: { timedOut: true } });
	});

	it('lets go of the execution that runs it as a step, too', async () => {
		const trial = twoProcesses({ releaseWaiting: true });
		const { here, there, soon, runtime } = trial;
		await here.workflows.create({ id: 'child', ...asking });
		const steps = [
			{ id: 's', kind: 'subworkflow', parameters: { workflow: 'child' } },
			{ id: 'z', kind: 'transform' },
		];
		const runId = await started(trial, { name: 'parent', steps });
		expect(here.isHere(runId)).toBe(false);
		expect(runtime.pendingTimers).toBe(0);
		const pending = await there.requests();
		expect(pending).toMatchObject([{ workflow: 'asking' }]);
		const [{ runId: child, request }] = pending as [(typeof pending)[0]];
		await soon(there.answer(child, request.requestId, 'yes'));
		await runtime.advance(5000);
		expect(await there.result(runId)).toMatchObject({ status: 'completed', output: 'got yes' });
	});
});

describe('callers', () => {
	it('see their own workflows and executions only', async () => {
		const runtime = new VirtualRuntime({ drainRounds: 500 });
		const store = memoryStore(runtime);
		const make = (caller?: string) =>
			new WorkflowManager({ runtime, store, ...(caller === undefined ? {} : { caller }) });
		const [ann, bob, all] = [make('ann'), make('bob'), make()];
		const written = { id: 'w', name: 'w', steps: [{ kind: 'transform' }] };
		await ann.workflows.create(written);
		await bob.workflows.create(written);
		await expect(all.workflows.get('w')).rejects.toMatchObject({ code: 'NOT_FOUND' });
		expect((await all.workflows.list()).total).toBe(2);
		expect((await ann.workflows.list()).total).toBe(1);
		const input: Json = { n: 1 };
		const start = { input, idempotencyKey: 'k' };
		const { runId } = await until(runtime, ann.run('w', start));
		expect((await until(runtime, bob.run('w', start))).runId).not.toBe(runId);
		await expect(bob.status(runId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
		expect((await ann.list()).executions.map((one) => one.runId)).toEqual([runId]);
		expect((await all.list()).total).toBe(2);
		expect(await bob.cleanup()).toHaveLength(1);
		expect((await all.list()).total).toBe(1);
		expect(await bob.workflows.delete('w')).toBe(true);
		expect(await ann.workflows.find('w')).toBeDefined();
	});
});
