import type { ExpressionString } from 'n8n-workflow';

/**
 * The inputs below the node. Runs inside an n8n expression, as text: it may use nothing but its
 * argument.
 */
function fanOutInputs(parameters: { work?: string; modelSource?: string }): unknown[] {
	const isGraph = parameters.work === 'taskGraph';
	if (parameters.work !== 'agentPrompt' && !isGraph) return ['main'];
	const tool = { type: 'ai_tool', displayName: 'Tool' };
	if (parameters.modelSource === 'api') return ['main', tool];
	return [
		'main',
		{ type: 'ai_languageModel', displayName: 'Chat Model', required: !isGraph, maxConnections: 1 },
		tool,
	];
}

/** The inputs of Parallel Fan-out, which follow its parameters. */
export const inputs: ExpressionString = `={{ (${fanOutInputs.toString()})($parameter) }}`;
