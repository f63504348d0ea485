/** Points the model sub-nodes of an example to the endpoint that is there. */
import type { WorkflowFile } from '../n8n/types.ts';

const isResourceLocator = (value: unknown): value is { mode: string; value: string } =>
	typeof value === 'object' && value !== null && '__rl' in value;

/** Sets the name of the model wherever a node names one. */
export function withModel(file: WorkflowFile, model: string): WorkflowFile {
	const nodes = structuredClone(file.nodes);
	for (const { parameters } of nodes) {
		if (!isResourceLocator(parameters.model)) continue;
		parameters.model = { ...parameters.model, mode: 'id', value: model };
	}
	return { ...file, nodes };
}
