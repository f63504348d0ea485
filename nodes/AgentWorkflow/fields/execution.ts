import type { INodeProperties } from 'n8n-workflow';

import { limitField, returnAllField } from '../../Checkpoint/fields/paging';
import { forExecution } from './show';
import { definitionToStart, workflowToStart } from './workflow';

const operation: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: forExecution(),
	options: [
		{
			name: 'Answer Review',
			value: 'answerReview',
			action: 'Answer a review',
			description: 'Give the answer a step waits for, and go on',
		},
		{
			name: 'Cancel',
			value: 'cancel',
			action: 'Cancel an execution',
			description: 'Stop an execution for good, wherever it runs',
		},
		{
			name: 'Cancel All',
			value: 'cancelAll',
			action: 'Cancel all executions',
			description: 'Stop every execution that has not ended',
		},
		{
			name: 'Cancel Step',
			value: 'cancelStep',
			action: 'Cancel a step of an execution',
			description: 'Stop one step; the rest goes on as far as it can',
		},
		{
			name: 'Clean Up',
			value: 'cleanUp',
			action: 'Clean up executions',
			description: 'Remove ended executions with all that was recorded for them',
		},
		{
			name: 'Get Details',
			value: 'getDetails',
			action: 'Get the details of an execution',
			description: 'Get the status with the graph, input, outputs, definition and checkpoint',
		},
		{
			name: 'Get Events',
			value: 'getEvents',
			action: 'Get events of executions',
			description: 'List what has happened since a position, in one execution or in all',
		},
		{
			name: 'Get Many',
			value: 'getMany',
			action: 'Get many executions',
			description: 'List executions, last updated first',
		},
		{
			name: 'Get Result',
			value: 'getResult',
			action: 'Get the result of an execution',
			description: 'Get what an ended execution gave',
		},
		{
			name: 'Get Status',
			value: 'getStatus',
			action: 'Get the status of an execution',
			description: 'Get status, progress, current step, what is waited for, and usage',
		},
		{
			name: 'List Pending Reviews',
			value: 'listReviews',
			action: 'List pending reviews',
			description: 'List what people are asked by executions under way, oldest first',
		},
		{
			name: 'Pause',
			value: 'pause',
			action: 'Pause an execution',
			description: 'Stop before the next steps and give the checkpoint',
		},
		{
			name: 'Recover',
			value: 'recover',
			action: 'Recover interrupted executions',
			description: 'Go on with every execution that a crash interrupted or whose wait is over',
		},
		{
			name: 'Resume',
			value: 'resume',
			action: 'Resume an execution',
			description: 'Go on with an execution that is paused or that a crash interrupted',
		},
		{
			name: 'Start',
			value: 'start',
			action: 'Start an execution',
			description: 'Run a workflow, and wait for it or not',
		},
	],
	default: 'start',
};

const workflowFrom: INodeProperties = {
	displayName: 'Workflow',
	name: 'workflowFrom',
	type: 'options',
	noDataExpression: true,
	displayOptions: forExecution('start'),
	options: [
		{ name: 'By ID or Type', value: 'id', description: 'A stored workflow, or a workflow type' },
		{
			name: 'Define Below',
			value: 'definition',
			description: 'A definition that is given here and not stored',
		},
	],
	default: 'id',
};

const input: INodeProperties = {
	displayName: 'Input',
	name: 'input',
	type: 'json',
	default: '={{ $json }}',
	displayOptions: forExecution('start'),
	description: 'What the run works on; templates of the steps see it as input',
};

const executionId: INodeProperties = {
	displayName: 'Execution ID',
	name: 'executionId',
	type: 'string',
	required: true,
	default: '={{ $json.executionId }}',
	description: 'The ID that Start gave',
};

const requestId: INodeProperties = {
	displayName: 'Request ID',
	name: 'requestId',
	type: 'string',
	required: true,
	default: '={{ $json.requestId }}',
	displayOptions: forExecution('answerReview'),
	description: 'The ID of the question, from the pending reviews of the status',
};

const answer: INodeProperties = {
	displayName: 'Answer',
	name: 'answer',
	type: 'string',
	default: '',
	placeholder: 'e.g. approve',
	displayOptions: forExecution('answerReview'),
	description: 'The answer; text that is JSON becomes data. The first answer counts.',
};

const stepId: INodeProperties = {
	displayName: 'Step ID',
	name: 'stepId',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. enrich_lead',
	displayOptions: forExecution('cancelStep'),
	description: 'The ID of the step in the definition',
};

const waitForEnd: INodeProperties = {
	displayName: 'Wait for Completion',
	name: 'waitForEnd',
	type: 'boolean',
	default: true,
	displayOptions: forExecution('answerReview', 'resume', 'start'),
	description:
		'Whether to wait until the execution has ended, is paused or waits for people; otherwise its ID is given at once and it goes on in the background',
};

const after: INodeProperties = {
	displayName: 'After Position',
	name: 'after',
	type: 'number',
	typeOptions: { minValue: 0 },
	default: 0,
	displayOptions: forExecution('getEvents'),
	description: 'Only events after this one; 0 for all that are kept',
};

const olderThanHours: INodeProperties = {
	displayName: 'Older Than (Hours)',
	name: 'olderThanHours',
	type: 'number',
	typeOptions: { minValue: 0 },
	default: 168,
	displayOptions: forExecution('cleanUp'),
	description: 'Only executions that ended longer ago',
};

const keepLast: INodeProperties = {
	displayName: 'Keep Last',
	name: 'keepLast',
	type: 'number',
	typeOptions: { minValue: 0 },
	default: 0,
	displayOptions: forExecution('cleanUp'),
	description: 'How many of the latest ended executions to keep, however old',
};

const ofWorkflow: INodeProperties = {
	displayName: 'Only of Workflow',
	name: 'ofWorkflow',
	type: 'string',
	default: '',
	displayOptions: forExecution('cancelAll'),
	placeholder: 'e.g. lead_processing',
	description: 'Cancel only executions of this workflow or workflow type; empty for all',
};

/** The fields of the resource *Execution*. */
export const executionFields: INodeProperties[] = [
	operation,
	workflowFrom,
	workflowToStart,
	definitionToStart,
	input,
	{
		...executionId,
		displayOptions: forExecution(
			'answerReview',
			'cancel',
			'cancelStep',
			'getDetails',
			'getResult',
			'getStatus',
			'pause',
			'resume',
		),
	},
	{
		...executionId,
		displayOptions: {
			show: { resource: ['workflow'], operation: ['addStep'], addTo: ['execution'] },
		},
	},
	requestId,
	answer,
	stepId,
	waitForEnd,
	after,
	{ ...limitField('execution', 'getEvents'), displayOptions: forExecution('getEvents') },
	olderThanHours,
	keepLast,
	ofWorkflow,
	returnAllField(forExecution('getMany')),
	limitField('execution', 'getMany'),
];
