import type { INodeProperties } from 'n8n-workflow';

import { limitField, returnAllField } from '../../Checkpoint/fields/paging';
import { forExecution, forWorkflow } from './show';

const EXAMPLE = `{
  "name": "Lead Processing",
  "steps": [
    {
      "step_id": "qualify_lead",
      "step_type": "agent_task",
      "agent_type": "sales",
      "task": "Is this lead worth a call? Say why in two sentences."
    },
    {
      "step_id": "write_mail",
      "step_type": "agent_task",
      "agent_type": "writer",
      "task": "Write a short mail to the lead.",
      "depends_on": ["qualify_lead"]
    }
  ]
}`;

const STEP_EXAMPLE = `{
  "step_id": "report",
  "step_type": "agent_task",
  "agent_type": "writer",
  "task": "Write a report."
}`;

const operation: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: forWorkflow(),
	options: [
		{
			name: 'Add Step',
			value: 'addStep',
			action: 'Add a step',
			description: 'Add a step to a workflow, or to an execution that is open',
		},
		{
			name: 'Create',
			value: 'create',
			action: 'Create a workflow',
			description: 'Store a new workflow',
		},
		{
			name: 'Delete',
			value: 'delete',
			action: 'Delete a workflow',
			description: 'Remove a workflow with all its versions; its executions stay',
		},
		{
			name: 'Get',
			value: 'get',
			action: 'Get a workflow',
			description: 'Get a workflow, or an earlier version of it',
		},
		{
			name: 'Get Many',
			value: 'getMany',
			action: 'Get many workflows',
			description: 'List workflows, last updated first',
		},
		{
			name: 'Update',
			value: 'update',
			action: 'Update a workflow',
			description: 'Make a new version; running executions keep theirs',
		},
		{
			name: 'Validate',
			value: 'validate',
			action: 'Validate a workflow',
			description: 'Say whether a definition can run, without storing it',
		},
	],
	default: 'create',
};

const definition: INodeProperties = {
	displayName: 'Definition',
	name: 'definition',
	type: 'json',
	required: true,
	default: EXAMPLE,
	typeOptions: { rows: 16 },
	displayOptions: forWorkflow('create', 'validate'),
	description:
		'The steps as JSON. Step types: agent_task, api_call, search, human_review, sub_workflow, transform, branch, loop, wait, parallel_group and qa.',
};

const addTo: INodeProperties = {
	displayName: 'Add To',
	name: 'addTo',
	type: 'options',
	noDataExpression: true,
	displayOptions: forWorkflow('addStep'),
	options: [
		{
			name: 'Execution',
			value: 'execution',
			description: 'This execution only, while it is open; the workflow stays as it is',
		},
		{
			name: 'Workflow',
			value: 'workflow',
			description: 'The workflow, as a new version; executions that are open keep theirs',
		},
	],
	default: 'workflow',
};

const workflowId: INodeProperties = {
	displayName: 'Workflow ID',
	name: 'workflowId',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. lead_processing',
	description: 'The ID that the definition names, or that Create gave',
};

const step: INodeProperties = {
	displayName: 'Step',
	name: 'step',
	type: 'json',
	required: true,
	default: STEP_EXAMPLE,
	typeOptions: { rows: 8 },
	displayOptions: forWorkflow('addStep'),
	description:
		'The step as JSON. In a sequence it follows the last step unless it says what it depends on.',
};

const changes: INodeProperties = {
	displayName: 'Changes',
	name: 'changes',
	type: 'json',
	required: true,
	default: '{\n  "description": ""\n}',
	typeOptions: { rows: 8 },
	displayOptions: forWorkflow('update'),
	description: 'The fields to replace; steps are replaced as a whole',
};

/** The fields of the resource *Workflow*. */
export const workflowFields: INodeProperties[] = [
	operation,
	definition,
	addTo,
	{ ...workflowId, displayOptions: forWorkflow('delete', 'get', 'update') },
	{
		...workflowId,
		displayOptions: {
			show: { resource: ['workflow'], operation: ['addStep'], addTo: ['workflow'] },
		},
	},
	step,
	changes,
	returnAllField(forWorkflow('getMany')),
	limitField('workflow', 'getMany'),
];

/** *Workflow ID* of *Start*. */
export const workflowToStart: INodeProperties = {
	...workflowId,
	displayOptions: {
		show: { ...forExecution('start').show, workflowFrom: ['id'] },
	},
	placeholder: 'e.g. lead_processing or swarm',
	description: 'The ID of a stored workflow, or the name of a workflow type such as swarm',
};

/** *Definition* of *Start*. */
export const definitionToStart: INodeProperties = {
	...definition,
	displayOptions: {
		show: { ...forExecution('start').show, workflowFrom: ['definition'] },
	},
};
