import type { INodeCredentialDescription, INodeProperties } from 'n8n-workflow';

/** Type name of the credential that chooses another store. */
export const STORE_CREDENTIAL = 'agentSwarmStoreApi';

/** The default of *Run Key*: every execution is a run of its own. */
export const DEFAULT_RUN_KEY = '={{ $execution.id }}';

/** Which run the node works for; part of {@link runFields}. */
export const runKeyField: INodeProperties = {
	displayName: 'Run Key',
	name: 'runKey',
	type: 'string',
	default: DEFAULT_RUN_KEY,
	placeholder: 'e.g. order-{{ $json.orderNumber }}',
	description:
		'Names the run that results are recorded under. The default is new for each execution; with a key of your own, such as an order number, work that is done survives retries, crashes and duplicate triggers.',
};

/** Where runs are kept; part of {@link runFields}. */
export const storeField: INodeProperties = {
	displayName: 'Store',
	name: 'store',
	type: 'options',
	noDataExpression: true,
	options: [
		{
			name: 'Built-In',
			value: 'builtIn',
			description: 'A file in the n8n folder of this machine; nothing to set up',
		},
		{
			name: 'From Credential',
			value: 'credential',
			description: 'PostgreSQL, Redis, libSQL, Upstash or another file, shared by several machines',
		},
	],
	default: 'builtIn',
	description: 'Where results are recorded',
};

/** Whether recorded results count; part of {@link runFields}. */
export const ifAlreadyDoneField: INodeProperties = {
	displayName: 'If Already Done',
	name: 'ifAlreadyDone',
	type: 'options',
	noDataExpression: true,
	options: [
		{
			name: 'Reuse Result',
			value: 'reuse',
			description: 'Give the recorded result of the same run key and input, and call nothing',
		},
		{
			name: 'Run Again',
			value: 'runAgain',
			description: 'Do the work anew and record the new result',
		},
	],
	default: 'reuse',
	description: 'What to do when this run has the result already',
};

/** The three fields every node has, in the order of the panel. They belong before *Options*. */
export const runFields: INodeProperties[] = [runKeyField, ifAlreadyDoneField, storeField];

/** For a node with {@link runFields} and other credentials; n8n's lint wants the list as a constant. */
export const storeCredential: INodeCredentialDescription = {
	name: STORE_CREDENTIAL,
	required: true,
	displayOptions: { show: { store: ['credential'] } },
};

/** The `credentials` of a node with {@link runFields} and no credential of its own. */
export const storeCredentials: INodeCredentialDescription[] = [storeCredential];
