import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

import { offsetOption } from '../../Checkpoint/fields/paging';
import { forExecution, forMonitor, forWorkflow } from './show';

const owner: INodeProperties = {
	displayName: 'Owner',
	name: 'owner',
	type: 'string',
	default: '',
	placeholder: "e.g. {{ $json.headers['x-api-key'] }}",
	description:
		'Whose workflows and executions there are, such as the key of the caller of an API. Only its hash is stored. Empty for everybody’s.',
};

const version: INodeProperties = {
	displayName: 'Version',
	name: 'version',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 1,
	description: 'The version to get in the place of the newest',
};

const reason: INodeProperties = {
	displayName: 'Reason',
	name: 'reason',
	type: 'string',
	default: '',
	placeholder: 'e.g. No longer needed',
	description: 'Why it is cancelled; shown in its status',
};

const ofWorkflow: INodeProperties = {
	displayName: 'Workflow ID',
	name: 'ofWorkflow',
	type: 'string',
	default: '',
	placeholder: 'e.g. lead_processing',
	description: 'Only executions of this workflow or workflow type',
};

const ofExecution: INodeProperties = {
	displayName: 'Execution ID',
	name: 'ofExecution',
	type: 'string',
	default: '',
	description: 'Every event of this execution; without it the important ones of all',
};

const listOptions: INodeProperties[] = [
	{
		displayName: 'Active Only',
		name: 'activeOnly',
		type: 'boolean',
		default: true,
		description: 'Whether to list only executions that have not ended',
	},
	offsetOption,
	owner,
	{
		displayName: 'Status',
		name: 'status',
		type: 'multiOptions',
		options: [
			{ name: 'Cancelled', value: 'cancelled' },
			{ name: 'Cancelling', value: 'cancelling' },
			{ name: 'Completed', value: 'completed' },
			{ name: 'Failed', value: 'failed' },
			{ name: 'Paused', value: 'paused' },
			{ name: 'Pausing', value: 'pausing' },
			{ name: 'Pending', value: 'pending' },
			{ name: 'Running', value: 'running' },
			{ name: 'Timed Out', value: 'timed_out' },
			{ name: 'Waiting', value: 'waiting' },
		],
		default: [],
		description: 'Only executions in these states',
	},
	ofWorkflow,
];

const agents: INodeProperties = {
	displayName: 'Agents',
	name: 'agents',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Agent',
	default: {},
	description: 'The roles that steps name; any other name gets a general role',
	options: [
		{
			displayName: 'Agents',
			name: 'agents',
			values: [
				{
					displayName: 'Description',
					name: 'description',
					type: 'string',
					default: '',
					description: 'What it can do, for agents that may hand over to it',
				},
				{
					displayName: 'Instructions',
					name: 'instructions',
					type: 'string',
					default: '',
					placeholder: 'e.g. You qualify leads for a software company.',
					description: 'Its role',
				},
				{
					displayName: 'May Hand Over To',
					name: 'handOffTo',
					type: 'string',
					default: '',
					placeholder: 'e.g. billing, technician',
					description: 'Names of agents it may hand its task over to, separated by commas',
				},
				{
					displayName: 'Model',
					name: 'model',
					type: 'string',
					default: '',
					placeholder: 'e.g. gpt-4o-mini',
					description: 'Its own model, when models come from the API credential',
				},
				{
					displayName: 'Name',
					name: 'name',
					type: 'string',
					default: '',
					placeholder: 'e.g. sales',
					description: 'What steps call it in agent_type or agentId',
				},
				{
					displayName: 'Rules',
					name: 'rules',
					type: 'string',
					default: '',
					description: 'Rules it keeps, in Markdown',
				},
			],
		},
	],
};

const runtimeOptions: INodeProperties[] = [
	agents,
	{
		displayName: 'Attempt Timeout (Seconds)',
		name: 'attemptTimeoutSeconds',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 120,
		description: 'How long one model call may take; 0 for no limit',
	},
	{
		displayName: 'Max Attempts',
		name: 'maxAttempts',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 10 },
		default: 3,
		description: 'How often a model call is tried in all',
	},
	{
		displayName: 'Search Defaults',
		name: 'searchDefaults',
		type: 'json',
		default: '{\n  "engines": ["wikipedia", "duckDuckGo"]\n}',
		description:
			'Options of search steps and of the workflow type swarm that do not say otherwise, named as the fields of Swarm Search',
	},
];

const startOptions: INodeProperties[] = [
	{
		displayName: 'Execution ID',
		name: 'newExecutionId',
		type: 'string',
		default: '',
		placeholder: 'e.g. order-17',
		description: 'An ID of your own; otherwise a new one is made',
	},
	{
		displayName: 'Idempotency Key',
		name: 'idempotencyKey',
		type: 'string',
		default: '',
		placeholder: 'e.g. {{ $json.orderNumber }}',
		description: 'A second start with the same key is the same execution',
	},
	{
		displayName: 'If Key Exists',
		name: 'onDuplicate',
		type: 'options',
		options: [
			{
				name: 'Attach',
				value: 'attach',
				description: 'Answer with the execution there is',
			},
			{ name: 'Fail', value: 'reject', description: 'Start nothing' },
			{
				name: 'New If Ended',
				value: 'new',
				description: 'Start another one if the last has ended, otherwise fail',
			},
			{
				name: 'Replace',
				value: 'replace',
				description: 'Cancel the execution there is, and start another one',
			},
		],
		default: 'attach',
		description: 'What to do when there is an execution with the same idempotency key',
	},
	{
		displayName: 'Metadata',
		name: 'metadata',
		type: 'json',
		default: '{}',
		description: 'Data that is kept with the execution and shown in its status',
	},
	{
		displayName: 'Record for Replay',
		name: 'record',
		type: 'boolean',
		default: true,
		description:
			'Whether to note everything the execution is told from outside, prompts and answers included, so that it can be exported and replayed offline',
	},
	{
		displayName: 'Timeout (Seconds)',
		name: 'timeoutSeconds',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		description:
			'How long the run may take, without the time it is paused or waits for people; 0 for what the workflow says',
	},
];

const inboxOfPerson: INodeProperties = {
	displayName: 'Of Person',
	name: 'ofPerson',
	type: 'string',
	default: '',
	placeholder: 'e.g. Finance Lead',
	description: 'Only reviews that wait for this reviewer',
};

const inboxOfRun: INodeProperties = {
	displayName: 'Of Run Key',
	name: 'ofRun',
	type: 'string',
	default: '',
	placeholder: 'e.g. order-4711',
	description: 'Only reviews of this run',
};

const reviewLinks: INodeProperties = {
	displayName: 'Review Links',
	name: 'reviewLinks',
	type: 'boolean',
	default: true,
	description:
		'Whether to show the links of reviewers who have not answered yet. Whoever sees the page can then decide in their name, unless they have a PIN.',
};

const versions: INodeProperties = {
	displayName: 'If the Workflow Has Changed',
	name: 'versions',
	type: 'options',
	options: [
		{ name: 'Fail', value: 'fail', description: 'Do not go on' },
		{
			name: 'Keep Version',
			value: 'pinned',
			description: 'Go on with the version it began with',
		},
		{
			name: 'Restart',
			value: 'restart',
			description: 'Begin again with the new version',
		},
		{
			name: 'Use New Version If Compatible',
			value: 'compatible',
			description: 'Go on with the new version where that cannot contradict what has been done',
		},
	],
	default: 'pinned',
	description: 'Which version of the workflow to go on with',
};

const pauseMode: INodeProperties = {
	displayName: 'Running Steps',
	name: 'pauseMode',
	type: 'options',
	options: [
		{
			name: 'Break Off If Preemptible',
			value: 'immediate',
			description: 'Steps that are preemptible are broken off and run again later',
		},
		{ name: 'Finish', value: 'finish', description: 'Steps that run are waited for' },
	],
	default: 'finish',
	description: 'What happens to steps that run',
};

/** One collection *Options* for some operations; its fields in the order of their names. */
function options(displayOptions: IDisplayOptions, ...fields: INodeProperties[]): INodeProperties {
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		displayOptions,
		options: [...fields].sort((first, second) =>
			first.displayName.localeCompare(second.displayName),
		),
	};
}

/** The *Options* of each operation. */
export const optionFields: INodeProperties[] = [
	options(forWorkflow('addStep', 'create', 'delete', 'update', 'validate'), owner),
	options(forWorkflow('get'), owner, version),
	options(forWorkflow('getMany'), offsetOption, owner),
	options(forExecution('start'), owner, ...startOptions, ...runtimeOptions),
	options(forExecution('resume'), owner, versions, ...runtimeOptions),
	options(forExecution('answerReview', 'recover'), owner, ...runtimeOptions),
	options(forExecution('cancel', 'cancelAll'), owner, reason),
	options(forExecution('pause'), owner, pauseMode),
	options(forExecution('cleanUp'), ofWorkflow, owner),
	options(forExecution('getMany'), ...listOptions),
	options(forExecution('getEvents'), ofExecution, owner),
	options(forExecution('cancelStep', 'getDetails', 'getResult', 'getStatus', 'listReviews'), owner),
	options(forMonitor('exportRecording'), owner),
	options(forMonitor('renderPage'), owner, reviewLinks),
	options(forMonitor('getReviews'), inboxOfPerson, inboxOfRun, reviewLinks),
];
