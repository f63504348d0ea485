/**
 * A workflow as JSON, agents by name: the steps run in the order of their dependencies, and whoever
 * asks sees how far they are.
 *
 *     node examples/standalone/lead-processing.ts
 */
import { WorkflowManager } from '../../dist/lib/index.js';
import { nodeRuntime } from '../../dist/lib/host/index.js';

const runtime = nodeRuntime();
const manager = new WorkflowManager({ runtime });

// Agents are functions; a real one would ask a model.
manager.agents.register({
	name: 'sales',
	run: async ({ input }) => {
		await runtime.sleep(150);
		return { score: input.lead.budget >= 10_000 ? 'hot' : 'cold' };
	},
});
manager.agents.register({
	name: 'research',
	run: async ({ task, input }) => {
		await runtime.sleep(150);
		return `${task}: a ${input.score} lead with 120 employees`;
	},
});

const workflow = await manager.workflows.create({
	name: 'Lead Processing',
	steps: [
		{ step_id: 'qualify_lead', step_type: 'agent_task', agent_type: 'sales' },
		{
			step_id: 'enrich_lead',
			step_type: 'agent_task',
			agent_type: 'research',
			task: 'About Acme Corp',
			depends_on: ['qualify_lead'],
		},
	],
});

const { runId } = await manager.start(workflow.id, {
	input: { lead: { name: 'Acme Corp', budget: 50_000 } },
});
const watching = setInterval(async () => {
	const { progress, steps } = await manager.status(runId);
	console.log(`${progress} %  ${steps.map((step) => `${step.stepId} ${step.status}`).join(', ')}`);
}, 100);

const { status, output } = await manager.wait(runId);
clearInterval(watching);
console.log(`${status}: ${output}`);
console.log(
	manager
		.metricsText()
		.split('\n')
		.filter((line) => line.startsWith('agent_swarm_steps'))
		.join('\n'),
);
