import {
	agentKinds,
	memoryStore,
	noticesOf,
	paidFrom,
	serializeError,
	VirtualRuntime,
	WorkflowManager,
	workflowRuns,
	type AgentCall,
	type Store,
} from '../../../lib';
import { until } from './manager';

/** Agents that pay one call for each task, and hang when they are told to. */
function world() {
	const runtime = new VirtualRuntime({ drainRounds: 500 });
	const store = memoryStore(runtime);
	const calls: string[] = [];
	const managerOf = (owner: string, hangsAt?: string) =>
		new WorkflowManager({
			...{ runtime, store, owner, keepEvents: true },
			kinds: agentKinds(async ({ stepId, attempt }) =>
				paidFrom(attempt.budget, { calls: 1 }, async () => {
					calls.push(stepId);
					if (stepId === hangsAt) await new Promise(() => undefined);
					return stepId;
				}),
			),
		});
	return { runtime, store, calls, managerOf };
}

const definition = (budget: object) => ({
	name: 'w',
	budget,
	steps: ['a', 'b', 'c', 'd'].map((id) => ({ id, kind: 'agent' })),
});

const told = async (store: Store, runtime: VirtualRuntime, runId: string) => {
	const picture = await workflowRuns({ store, runtime }).picture(runId);
	return noticesOf(picture!, { now: runtime.now(), stalledAfterMs: 1e9 })
		.filter(({ type }) => type === 'budget.reached')
		.map(({ error }) => error);
};

describe('the budget of an execution', () => {
	it('ends it with what there is, or fails it, and that is told', async () => {
		const { runtime, store, calls, managerOf } = world();
		const manager = managerOf('one');
		const partial = await until(runtime, manager.run(definition({ calls: 2 })));
		expect(partial).toMatchObject({ status: 'completed', outcome: 'partial' });
		expect(calls).toEqual(['a', 'b']);
		const failing = definition({ calls: 1, onHard: 'fail' });
		const failed = await until(runtime, manager.run(failing));
		expect(failed).toMatchObject({ status: 'failed', error: { code: 'BUDGET_EXCEEDED' } });
		for (const { runId } of [partial, failed]) {
			const [reason, ...others] = await told(store, runtime, runId);
			expect(reason).toMatchObject({ code: 'BUDGET_EXCEEDED', errorClass: 'budget' });
			expect(reason!.message).toMatch(/calls/);
			expect(others).toEqual([]);
		}
		const enough = await until(runtime, manager.run(definition({ calls: 4 })));
		expect(enough).toMatchObject({ status: 'completed', outcome: 'success' });
		expect(await told(store, runtime, enough.runId)).toEqual([]);
	});

	it('holds over a crash: a call that was under way counts as made', async () => {
		const { runtime, calls, managerOf } = world();
		const first = managerOf('one', 'b');
		const { runId } = await until(runtime, first.start(definition({ calls: 3 })));
		await runtime.advance(1000);
		runtime.crash();
		await runtime.advance(60_000);
		const second = managerOf('two');
		await until(runtime, second.resume(runId));
		const result = await until(runtime, second.wait(runId));
		expect(result).toMatchObject({ outcome: 'partial', cause: { kind: 'budget', byStepId: 'c' } });
		expect(calls).toEqual(['a', 'b', 'b']);
	});

	it('is asked for more, and what people allow lasts', async () => {
		const { runtime, calls, managerOf } = world();
		const first = managerOf('one');
		const { runId } = await until(runtime, first.start(definition({ calls: 1, onHard: 'ask' })));
		await runtime.advance(1000);
		const asked = (await first.status(runId)).requests;
		expect(asked).toHaveLength(1);
		expect(await first.requests()).toHaveLength(1);
		await until(runtime, first.answer(runId, asked[0]!.requestId, { raise: { calls: 2 } }));
		await runtime.advance(1000);
		await until(runtime, first.pause(runId));
		const second = managerOf('two');
		await until(runtime, second.resume(runId));
		await runtime.advance(1000);
		const [again] = (await second.status(runId)).requests;
		await until(runtime, second.answer(runId, again!.requestId, { raise: { calls: 1 } }));
		const result = await until(runtime, second.wait(runId));
		expect(result).toMatchObject({ status: 'completed', outcome: 'success' });
		expect(calls).toEqual(['a', 'b', 'c', 'd']);
	});

	it('is told of when an agent gave what there is', async () => {
		const { runtime, store } = world();
		const error = serializeError({ errorClass: 'budget', message: 'No money.' });
		const budget = { ...error, code: 'BUDGET_EXCEEDED', errorClass: 'budget' as const };
		const manager: WorkflowManager = new WorkflowManager({
			...{ runtime, store },
			kinds: agentKinds((call: AgentCall) => {
				manager.cutShort(call, { ...budget, errorClass: 'server' });
				manager.cutShort(call, budget);
				return 'So far: 3.';
			}),
		});
		const steps = [{ id: 'a', kind: 'agent' }];
		const { runId } = await until(runtime, manager.run({ name: 'w', steps }));
		expect(await told(store, runtime, runId)).toMatchObject([{ code: 'BUDGET_EXCEEDED' }]);
		manager.cutShort({ attempt: { runId } } as AgentCall, budget);
	});
});
