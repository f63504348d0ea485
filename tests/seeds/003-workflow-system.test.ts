import { VirtualRuntime, WorkflowManager } from '../../lib';

describe('document 003', () => {
	it('its usage example: create, add a step, execute, pause, resume, get, list, delete', async () => {
		const runtime = new VirtualRuntime({ drainRounds: 500 });
		const manager = new WorkflowManager({ runtime });
		const threads: string[] = [];
		for (const name of ['research-agent', 'summary-agent', 'report-agent']) {
			manager.agents.register({
				name,
				run: async ({ input, threadId }) => {
					threads.push(threadId);
					await runtime.sleep(1000);
					return `${name}: ${String(input)}`;
				},
			});
		}
		const { workflows } = manager;

		const created = await workflows.create({
			name: 'My Workflow',
			description: 'A multi-step workflow',
			steps: [
				{ agentId: 'research-agent', input: 'Research the latest AI trends' },
				{ agentId: 'summary-agent', input: 'Summarize the research findings' },
			],
		});
		const myWorkflow = await workflows.addStep(created.id, {
			agentId: 'report-agent',
			input: 'Generate a report based on the summary',
		});
		expect(myWorkflow).toMatchObject({
			version: 2,
			definition: { steps: [{}, {}, { id: 'step-3' }] },
		});

		const { runId } = await manager.start(myWorkflow.id);
		await runtime.advance(1500);
		await runtime.until(manager.pause(runId));
		expect(await manager.status(runId)).toMatchObject({
			status: 'paused',
			steps: [{ status: 'completed' }, { status: 'completed' }, { stepId: 'step-3' }],
		});
		await manager.resume(runId);
		const result = await runtime.until(manager.wait(runId));
		expect(result.output).toBe('report-agent: Generate a report based on the summary');
		expect(threads).toEqual([`${runId}/step-1`, `${runId}/step-2`, `${runId}/step-3`]);

		expect(await workflows.get(myWorkflow.id)).toMatchObject({ name: 'My Workflow' });
		expect(await workflows.list({ limit: 10, offset: 0 })).toMatchObject({ total: 1 });
		expect(await workflows.delete(myWorkflow.id)).toBe(true);
		await expect(workflows.get(myWorkflow.id)).rejects.toMatchObject({ errorClass: 'not_found' });
	});
});
