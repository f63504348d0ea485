import type { INodeProperties } from 'n8n-workflow';

/** What is not essential, in alphabetical order, as n8n shows it. */
const options: INodeProperties[] = [
	{
		displayName: 'Approved Tools Only',
		name: 'allowTools',
		type: 'string',
		default: '',
		placeholder: 'e.g. calculator, search_orders',
		description:
			'Names of the only tools the agent may call, separated by commas. Leave empty to allow all attached tools.',
	},
	{
		displayName: 'Budget',
		name: 'budget',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		default: {},
		placeholder: 'Add Limit',
		description:
			'How much may be used. Each call is set aside before it is made, so that calls at the same time do not exceed it together.',
		options: [
			{
				displayName: 'Limit',
				name: 'limits',
				values: [
					{
						displayName: 'Of',
						name: 'unit',
						type: 'options',
						options: [
							{ name: 'Cost (US Dollars)', value: 'costUsd' },
							{ name: 'Minutes of Model Time', value: 'minutes' },
							{ name: 'Model Calls', value: 'calls' },
							{ name: 'Tokens', value: 'tokens' },
						],
						default: 'costUsd',
					},
					{
						displayName: 'At Most',
						name: 'hard',
						type: 'number',
						typeOptions: { minValue: 0, numberPrecision: 4 },
						default: 1,
						description: 'Where no more calls are made',
					},
					{
						displayName: 'For',
						name: 'scope',
						type: 'options',
						options: [
							{
								name: 'Whole Run',
								value: 'run',
								description: 'Everything under the same run key, also in other nodes',
							},
							{ name: 'Each Item', value: 'item', description: 'Every item has its own' },
						],
						default: 'run',
					},
					{
						displayName: 'Finish Soon At (Percent)',
						name: 'softPercent',
						type: 'number',
						typeOptions: { minValue: 1, maxValue: 100 },
						default: 90,
						description:
							'When this much is used, the agent is told to call no more tools and to answer',
					},
				],
			},
		],
	},
	{
		displayName: 'Cache Answers For (Minutes)',
		name: 'cacheMinutes',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 60,
		description:
			'How long the answer to exactly the same question to the same model may be used again. Nothing is called or paid for then.',
	},
	{
		displayName: 'Conversation',
		name: 'threadId',
		type: 'string',
		default: '',
		placeholder: 'e.g. {{ $json.customerId }}',
		description:
			'Name of a conversation that is remembered across executions. Tasks with the same name know what was said before.',
	},
	{
		displayName: 'Default Value',
		name: 'defaultValue',
		type: 'json',
		default: 'null',
		displayOptions: { show: { onExhausted: ['default'] } },
		description: 'Output of an item whose task did not work, as JSON',
	},
	{
		displayName: 'Enable Streaming',
		name: 'streaming',
		type: 'boolean',
		default: true,
		description:
			'Whether to send the answer piece by piece when the trigger answers as a stream. For Output = Text.',
	},
	{
		displayName: 'Forbidden in Answers',
		name: 'forbiddenOutput',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		placeholder: 'e.g. competitor name',
		description:
			'Words, phrases or /patterns/ that answers must not hold, one a line. The agent is asked again, then the item fails.',
	},
	{
		displayName: 'Forbidden in Tasks',
		name: 'forbiddenInput',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		placeholder: 'e.g. /\\b\\d{16}\\b/',
		description:
			'Words, phrases or /patterns/ that must not reach a model, one a line. An item that holds one fails before any call.',
	},
	{
		displayName: 'Items at Once',
		name: 'itemsAtOnce',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 5,
		description: 'How many items to work on at the same time',
	},
	{
		displayName: 'Keep Instructions Secret',
		name: 'keepSecret',
		type: 'boolean',
		default: false,
		description:
			'Whether to hold back answers that repeat a long piece of the instructions or rules',
	},
	{
		displayName: 'Knowledge',
		name: 'knowledge',
		type: 'options',
		options: [
			{ name: 'None', value: 'none' },
			{
				name: 'Retriever',
				value: 'ai_retriever',
				description: 'Look up the task in the attached Retriever',
			},
			{
				name: 'Vector Store',
				value: 'ai_vectorStore',
				description: 'Look up the task in the attached Vector Store',
			},
		],
		default: 'ai_vectorStore',
		description:
			'Where the agent finds what it has to know. What is found counts as text from outside.',
	},
	{
		displayName: 'Knowledge: Pieces',
		name: 'knowledgeLimit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 4,
		displayOptions: { show: { knowledge: ['ai_vectorStore', 'ai_retriever'] } },
		description: 'How many pieces of knowledge the agent gets to see',
	},
	{
		displayName: 'Knowledge: Remember Answers',
		name: 'remember',
		type: 'boolean',
		default: false,
		displayOptions: { show: { knowledge: ['ai_vectorStore'] } },
		description: 'Whether to add each task with its answer to the attached Vector Store',
	},
	{
		displayName: 'Links Only To',
		name: 'linksOnlyTo',
		type: 'string',
		default: '',
		placeholder: 'e.g. example.com, docs.example.org',
		description:
			'Hosts that answers may link to, separated by commas. Leave empty to allow all links.',
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
		displayName: 'Prices',
		name: 'prices',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		default: {},
		placeholder: 'Add Price',
		description:
			'What models cost, where that differs from the built-in list. Costs of models without a price are not known and not limited.',
		options: [
			{
				displayName: 'Price',
				name: 'models',
				values: [
					{
						displayName: 'Model',
						name: 'model',
						type: 'string',
						default: '',
						placeholder: 'e.g. gpt-4o-mini',
						description: 'Beginning of the name of the model',
					},
					{
						displayName: 'Input',
						name: 'input',
						type: 'number',
						typeOptions: { minValue: 0, numberPrecision: 4 },
						default: 0,
						description: 'US dollars per million input tokens',
					},
					{
						displayName: 'Output',
						name: 'output',
						type: 'number',
						typeOptions: { minValue: 0, numberPrecision: 4 },
						default: 0,
						description: 'US dollars per million output tokens',
					},
				],
			},
		],
	},
	{
		displayName: 'Quality Gate',
		name: 'qualityGate',
		type: 'fixedCollection',
		default: {},
		placeholder: 'Add Quality Gate',
		description: 'Lets a model judge each answer, and the agent improve it until it is good enough',
		options: [
			{
				displayName: 'Gate',
				name: 'gate',
				values: [
					{
						displayName: 'Criteria',
						name: 'criteria',
						type: 'string',
						typeOptions: { rows: 3 },
						default: '',
						placeholder: 'e.g. Friendly, at most 120 words, answers every question',
						description: 'What a good answer is',
					},
					{
						displayName: 'Judge',
						name: 'judge',
						type: 'options',
						options: [
							{ name: 'First Model', value: 'first', description: 'The model that answers' },
							{
								name: 'Last Fallback Model',
								value: 'last',
								description: 'Another model, so that none judges itself',
							},
						],
						default: 'first',
						description: 'Which model judges',
					},
					{
						displayName: 'Rounds',
						name: 'maxRounds',
						type: 'number',
						typeOptions: { minValue: 1, maxValue: 10 },
						default: 3,
						description: 'How many answers are judged at most. The best one is used.',
					},
					{
						displayName: 'Threshold',
						name: 'threshold',
						type: 'number',
						typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
						default: 0.8,
						description: 'Score from which an answer is good enough, from 0 to 1',
					},
				],
			},
		],
	},
	{
		displayName: 'Requests per Minute',
		name: 'requestsPerMinute',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 60,
		description:
			'How many model calls may start in a minute, shared by all nodes with the same limit and model. 0 means no limit.',
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
		displayName: 'Tools After Untrusted Text',
		name: 'afterUntrusted',
		type: 'options',
		options: [
			{
				name: 'Hold Back Tools That Write',
				value: 'approve',
				description:
					'Once text from outside is in the conversation, tools that change something need approval',
			},
			{
				name: 'Run All Tools',
				value: 'allow',
				description: 'Text from outside may lead the agent to change things',
			},
		],
		default: 'approve',
		description: 'What happens to tools once e-mails, web pages or tool results have been read',
	},
	{
		displayName: 'Tools That Need Approval',
		name: 'needApproval',
		type: 'string',
		default: '',
		placeholder: 'e.g. send_email, refund',
		description:
			'Names of tools of which a person approves each call, separated by commas. Adds the output Needs a Person.',
	},
	{
		displayName: 'Tools That Only Read',
		name: 'readTools',
		type: 'string',
		default: '',
		placeholder: 'e.g. search_orders',
		description:
			'Names of tools that change nothing outside, separated by commas. Others count as writing, except well-known ones such as Calculator and Wikipedia.',
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
	{
		displayName: 'When Budget Ends',
		name: 'onBudget',
		type: 'options',
		options: [
			{
				name: 'Give What There Is',
				value: 'partial',
				description: 'Text that was written so far is the output; without any, the item fails',
			},
			{ name: 'Fail', value: 'fail', description: 'As if the task had failed' },
		],
		default: 'partial',
		description: 'What happens to an item that may not make the call it needs',
	},
	{
		displayName: 'When It Fails',
		name: 'onExhausted',
		type: 'options',
		options: [
			{ name: 'Fail', value: 'fail', description: 'The item fails, following On Error' },
			{ name: 'Use Default Value', value: 'default', description: 'The item goes on with a value' },
			{
				name: 'Hand to a Person',
				value: 'person',
				description: 'The item leaves by the output Needs a Person, and can come back',
			},
		],
		default: 'fail',
		description: 'What happens to an item after all attempts and models',
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
