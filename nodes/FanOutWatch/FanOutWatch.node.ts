import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	IExecuteFunctions,
	INodeCredentialDescription,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import { help } from '../ParallelFanOut/join/help';
import { EXECUTION_CREDENTIAL } from '../ParallelFanOut/credentials';
import { storeCredential, storeField } from '../shared/runFields';

/** Those of the node that it helps, as far as a helper needs them. */
const credentials: INodeCredentialDescription[] = [{ name: EXECUTION_CREDENTIAL }, storeCredential];

/**
 * Looks after the sub-workflows that a Parallel Fan-out waits for. Not for workflows of people:
 * Parallel Fan-out starts it in a hidden execution, which survives restarts of n8n.
 */
export class FanOutWatch implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Fan-out Watch',
		name: 'fanOutWatch',
		icon: {
			light: 'file:../../icons/parallelFanOut.svg',
			dark: 'file:../../icons/parallelFanOut.dark.svg',
		},
		group: ['transform'],
		version: 1,
		subtitle: 'Used by Parallel Fan-out',
		description: 'Looks after sub-workflows that wait, for Parallel Fan-out',
		defaults: { name: 'Fan-out Watch' },
		hidden: true,
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Over', 'Look Again'],
		credentials,
		properties: [
			{
				displayName: 'Role',
				name: 'role',
				type: 'options',
				noDataExpression: true,
				options: [
					{ name: 'Rest', value: 'rest', description: 'Wait until it is time to watch' },
					{ name: 'Run', value: 'run', description: 'Do what is left to do' },
					{ name: 'Watch', value: 'watch', description: 'See that somebody does it' },
				],
				default: 'watch',
				description: 'What this helper is for',
			},
			storeField,
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await help(this);
	}
}
