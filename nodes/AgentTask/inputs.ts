import type { ExpressionString } from 'n8n-workflow';

/** What the inputs depend on. */
interface InputParameters {
	modelSource?: string;
	fallbackCount?: number;
	output?: string;
	options?: { knowledge?: string };
}

/**
 * The inputs below the node. Runs inside an n8n expression, as text: it may use nothing but its
 * argument.
 */
/* istanbul ignore next: the text of a counted function does not run in an expression */
function agentInputs(parameters: InputParameters): unknown[] {
	const list: unknown[] = ['main'];
	if (parameters.modelSource !== 'api') {
		const fallbacks = parameters.fallbackCount || 0;
		list.push({
			type: 'ai_languageModel',
			// Short names beside each other, since n8n cuts off longer ones.
			displayName: fallbacks > 0 ? 'Model' : 'Chat Model',
			required: true,
			maxConnections: 1,
		});
		for (let number = 1; number <= fallbacks; number++) {
			// Not required: the panel's own button attaches every model to the first input. What is
			// missing is said when the node runs.
			list.push({
				type: 'ai_languageModel',
				displayName: number === 1 ? 'Fallback' : 'Fallback ' + number,
				maxConnections: 1,
			});
		}
	}
	list.push({ type: 'ai_memory', displayName: 'Memory', maxConnections: 1 });
	list.push({ type: 'ai_tool', displayName: 'Tool' });
	const knowledge = (parameters.options || {}).knowledge;
	if (knowledge === 'ai_vectorStore' || knowledge === 'ai_retriever') {
		list.push({
			type: knowledge,
			displayName: knowledge === 'ai_retriever' ? 'Retriever' : 'Vector Store',
			required: true,
			maxConnections: 1,
		});
	}
	if (knowledge === 'builtIn') {
		list.push({ type: 'ai_embedding', displayName: 'Embedding', maxConnections: 1 });
	}
	if (parameters.output === 'parser') {
		list.push({
			type: 'ai_outputParser',
			displayName: 'Output Parser',
			required: true,
			maxConnections: 1,
		});
	}
	return list;
}

/** The inputs of Agent Task, which follow its parameters. */
export const inputs: ExpressionString = `={{ (${agentInputs.toString()})($parameter) }}`;

/** The inputs of an agent that is a tool: the same, but for the items. */
export const toolInputs: ExpressionString = `={{ (${agentInputs.toString()})($parameter).slice(1) }}`;

/** What the outputs depend on. */
interface OutputParameters {
	options?: { onExhausted?: string; needApproval?: string };
}

/** The outputs. Runs inside an n8n expression, as text: it may use nothing but its argument. */
/* istanbul ignore next: the text of a counted function does not run in an expression */
function agentOutputs(parameters: OutputParameters): unknown[] {
	const options = parameters.options || {};
	const asksPeople = options.onExhausted === 'person' || (options.needApproval || '').trim() !== '';
	if (!asksPeople) return ['main'];
	return [
		{ type: 'main', displayName: 'Done' },
		{ type: 'main', displayName: 'Needs a Person' },
	];
}

/** The outputs of Agent Task, which follow its parameters. */
export const outputs: ExpressionString = `={{ (${agentOutputs.toString()})($parameter) }}`;
