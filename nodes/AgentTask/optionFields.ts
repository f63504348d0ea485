import type { INodeProperties } from 'n8n-workflow';

/** What is not essential, in alphabetical order, as n8n shows it. */
const options: INodeProperties[] = [
	{
		displayName: 'Items at Once',
		name: 'itemsAtOnce',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 5,
		description: 'How many items to work on at the same time',
	},
	{
		displayName: 'Max Attempts',
		name: 'maxAttempts',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 10 },
		default: 3,
		description:
			'How often to try each model call before the next model takes over or the item fails, the first time included',
	},
	{
		displayName: 'Max Output Tokens',
		name: 'maxOutputTokens',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1024,
		description: 'How long an answer may be. Only for Model Source = API Credential.',
	},
	{
		displayName: 'Max Repairs',
		name: 'maxRepairs',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 10 },
		default: 2,
		description: 'How often to ask again when an answer does not have the wanted form',
	},
	{
		displayName: 'Max Tool Calls',
		name: 'maxToolCalls',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		description: 'How many tools may be called for one item',
	},
	{
		displayName: 'Max Turns',
		name: 'maxIterations',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 10,
		description: 'How often the agent may think and call tools before it has to be done',
	},
	{
		displayName: 'Pause Between Attempts (Seconds)',
		name: 'initialDelaySeconds',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 2 },
		default: 1,
		description:
			'Pause before the second attempt. It doubles with each attempt and varies by chance. A longer pause that the service asks for is kept.',
	},
	{
		displayName: 'Rules',
		name: 'rules',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '',
		placeholder: 'e.g. - Never promise a refund',
		description: 'Rules that the agent keeps, in Markdown',
	},
	{
		displayName: 'Temperature',
		name: 'temperature',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 2, numberPrecision: 1 },
		default: 0.7,
		description:
			'How much answers vary: 0 is the most predictable. Only for Model Source = API Credential.',
	},
	{
		displayName: 'Timeout per Attempt (Seconds)',
		name: 'attemptTimeoutSeconds',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 2 },
		default: 120,
		description: 'How long one model call may take',
	},
	{
		displayName: 'Timeout per Item (Seconds)',
		name: 'totalTimeoutSeconds',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 2 },
		default: 600,
		description: 'How long all model calls of one item may take, with their pauses',
	},
	{
		displayName: 'Timeout per Tool Call (Seconds)',
		name: 'toolTimeoutSeconds',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 2 },
		default: 60,
		description: 'How long one tool call may take before the agent is told that it did not work',
	},
	{
		displayName: 'Timeout Without Activity (Seconds)',
		name: 'idleTimeoutSeconds',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 2 },
		default: 30,
		description: 'How long a model may send nothing while it answers. Turns streaming on.',
	},
	{
		displayName: 'Untrusted Data',
		name: 'data',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		placeholder: 'e.g. {{ $json.emailBody }}',
		description:
			'Text from outside to work on: e-mails, web pages, documents. The agent treats it as data and does not follow instructions in it.',
	},
];

/** The collection of options of Agent Task. */
export const optionFields: INodeProperties[] = [
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options,
	},
];
