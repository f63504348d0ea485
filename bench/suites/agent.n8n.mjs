/** Agent Task in a real n8n, side by side with n8n's own AI Agent and Basic LLM Chain. */
import { calls } from './agent/calls.mjs';
import { closeInstance } from './agent/instance.mjs';
import { atOnce, waiting } from './agent/items.mjs';
import { stored } from './agent/stored.mjs';
import { subAgents, tools } from './agent/turns.mjs';

export const measurements = {
	'at-once': atOnce,
	'200-ms': waiting,
	stored,
	calls,
	'5-tools': tools,
	'3-sub-agents': subAgents,
};

export const close = closeInstance;
