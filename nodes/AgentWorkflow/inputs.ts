import type { ExpressionString } from 'n8n-workflow';

/** What the inputs depend on. */
interface InputParameters {
	resource?: string;
	operation?: string;
	modelSource?: string;
}

/**
 * The inputs below the node. Runs inside an n8n expression, as text: it may use nothing but its
 * argument.
 */
/* istanbul ignore next: the text of a counted function does not run in an expression */
function workflowInputs(parameters: InputParameters): unknown[] {
	const runs = ['answerReview', 'recover', 'resume', 'start'].includes(parameters.operation || '');
	if (parameters.resource !== 'execution' || !runs) return ['main'];
	const tool = { type: 'ai_tool', displayName: 'Tool' };
	if (parameters.modelSource === 'api') return ['main', tool];
	return [
		'main',
		{ type: 'ai_languageModel', displayName: 'Chat Model', required: false, maxConnections: 1 },
		tool,
	];
}

/** The inputs of Agent Workflow: models and tools where steps may run. */
export const inputs: ExpressionString = `={{ (${workflowInputs.toString()})($parameter) }}`;
