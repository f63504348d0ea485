/** Parallel Fan-out in a real n8n, side by side with what n8n itself offers. */
import { agentPrompts } from './fan-out/agentPrompts.mjs';
import { inNodeTasks } from './fan-out/inNodeTasks.mjs';
import { subWorkflows } from './fan-out/subWorkflows.mjs';

export const measurements = {
	'in-node-tasks': inNodeTasks,
	'agent-prompts': agentPrompts,
	'sub-workflows': async () => await subWorkflows({ lazy: false, limitS: 3.9 }),
	'lazy-sub-workflows': async () => await subWorkflows({ lazy: true, limitS: 1.3 }),
};
