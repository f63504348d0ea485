import { VirtualRuntime, WorkflowBase, workflowClass, WorkflowManager } from '../../lib';

/** The document's own example, as close as the language allows. */
class CustomDreamwalker extends WorkflowBase<{ query: string }> {
	async execute({ query }: { query: string }) {
		this.updateProgress(0, 'Starting custom workflow');
		await this.step(25, 'Processing query');
		await this.step(50, 'Generating results');
		if (query === '') return this.fail('There is no query.');
		await this.step(75, 'Formatting response');
		return this.complete({ query, result: 'Custom workflow result' });
	}

	private async step(percent: number, description: string) {
		this.updateProgress(percent, description);
		await this.context.waitFor(description);
	}
}

async function started(query: string) {
	const runtime = new VirtualRuntime({ drainRounds: 500 });
	const manager = new WorkflowManager({ runtime });
	manager.register(workflowClass('custom', CustomDreamwalker));
	const { runId } = await manager.start('custom', { input: { query } });
	const goOn = async () => {
		await runtime.drain();
		const { requests } = await manager.status(runId);
		if (requests[0] !== undefined) await manager.answer(runId, requests[0].requestId, true);
		await runtime.drain();
	};
	return { runtime, manager, runId, goOn };
}

describe('document 000', () => {
	it('a subclassed workflow tells its progress and step, and gives its result', async () => {
		const { runtime, manager, runId, goOn } = await started('quantum computing');
		for (const [progress, stepDescription] of [
			[25, 'Processing query'],
			[50, 'Generating results'],
			[75, 'Formatting response'],
		] as const) {
			await runtime.drain();
			expect(await manager.status(runId)).toMatchObject({ progress, stepDescription });
			await expect(manager.result(runId)).rejects.toMatchObject({ errorClass: 'conflict' });
			await goOn();
		}
		expect(await manager.status(runId)).toMatchObject({ status: 'completed', progress: 100 });
		expect((await manager.result(runId)).output).toEqual({
			query: 'quantum computing',
			result: 'Custom workflow result',
		});
	});

	it('a failure is reported, not thrown', async () => {
		const { manager, runId, goOn } = await started('');
		await goOn();
		await goOn();
		expect(await manager.result(runId)).toMatchObject({
			status: 'failed',
			error: {
				code: 'WORKFLOW_FAILED',
				message: expect.stringContaining('There is no query.') as string,
			},
		});
	});

	it('list, cancel and cleanup', async () => {
		const { manager, runtime, runId } = await started('x');
		await runtime.drain();
		expect((await manager.list({ active: true })).executions).toMatchObject([
			{ runId, workflowId: 'custom' },
		]);
		expect(await manager.cancel(runId)).toMatchObject({ status: 'cancelled' });
		expect((await manager.list({ active: true })).executions).toEqual([]);
		expect(await manager.cleanup()).toEqual([runId]);
		await expect(manager.status(runId)).rejects.toMatchObject({ errorClass: 'not_found' });
	});
});
