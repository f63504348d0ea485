import { AgentWorkflow } from '../../../nodes/AgentWorkflow/AgentWorkflow.node';
import { ParallelFanOut } from '../../../nodes/ParallelFanOut/ParallelFanOut.node';
import { TestInstance, chain, code, node, start } from '../../harness';
import type { Execution } from '../../harness';

const never = async () => await new Promise<never>(() => undefined);

/** An instance with a fan-out whose tasks never end, and a way to cancel runs. */
function endless(parameters: object) {
	let begun: () => void = () => undefined;
	const running = new Promise<void>((resolve) => (begun = resolve));
	const child = {
		nodes: [
			start(),
			code('Work', async () => {
				begun();
				return await never();
			}),
		],
		connections: chain('Start', 'Work'),
	};
	const instance = new TestInstance({ workflows: { child } });
	const fan = node('Fan', new ParallelFanOut(), { options: {}, ...parameters });
	const run = instance.run(
		{ nodes: [start(), fan], connections: chain('Start', 'Fan') },
		{ input: [{ json: { n: 0 } }, { json: { n: 1 } }] },
	);
	const cancel = async (executionId: string) =>
		await instance.run(
			{
				nodes: [
					start(),
					node('Cancel', new AgentWorkflow(), {
						resource: 'execution',
						operation: 'cancel',
						executionId,
						options: { reason: 'No longer needed.' },
					}),
				],
				connections: chain('Start', 'Cancel'),
			},
			{ input: [{ json: {} }] },
		);
	return { run, running, cancel };
}

/** A run is known a moment after its first task has begun. */
async function whenKnown(cancel: () => Promise<Execution>): Promise<Execution> {
	for (;;) {
		const execution = await cancel();
		if (execution.error === undefined) return execution;
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}

describe('Cancel of Agent Workflow', () => {
	it('reaches the tasks of a fan-out by the run key', async () => {
		const { run, running, cancel } = endless({
			work: 'subWorkflow',
			workflowId: 'child',
			runKey: 'cancel-me',
		});
		await running;
		const cancelled = await whenKnown(async () => await cancel('cancel-me'));
		expect(cancelled.json('Cancel')).toEqual([{ executionId: 'cancel-me', status: 'cancelling' }]);
		const execution = await run;
		expect(execution.status).toBe('success');
		expect(execution.json('Fan', 1).map(({ status }) => status)).toEqual([
			'cancelled',
			'cancelled',
		]);
	});

	it('reaches the tasks of a graph', async () => {
		const { run, running, cancel } = endless({
			work: 'taskGraph',
			runKey: 'cancel-graph',
			definition: JSON.stringify([
				{ id: 'a', type: 'sub_workflow', parameters: { workflow: 'child' } },
			]),
		});
		await running;
		await whenKnown(async () => await cancel('cancel-graph'));
		expect((await run).json('Fan', 1).map(({ status }) => status)).toEqual([
			'cancelled',
			'cancelled',
		]);
	});

	it('says so when there is no such run', async () => {
		const { cancel } = endless({ work: 'subWorkflow', workflowId: 'child' });
		expect((await cancel('nobody')).error?.message).toContain('There is no execution "nobody"');
	});
});
