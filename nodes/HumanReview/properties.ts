import type { INodeProperties } from 'n8n-workflow';

import { runFields } from '../shared/runFields';
import { fieldValues, reviewerValues } from './collectionFields';
import { optionFields } from './optionFields';

/** Tells n8n to leave the body of a request to the node, which checks its size and form. */
export const leaveBodyField: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'hidden',
	default: { binaryData: true },
};

/** The fields of the node, in the order of the panel. */
export const properties: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Send and Wait for Review',
				value: 'sendAndWait',
				action: 'Request a review and wait',
				description: 'Asks people to decide on a page and waits until they have',
			},
		],
		default: 'sendAndWait',
	},
	{
		displayName: 'Message',
		name: 'message',
		type: 'string',
		typeOptions: { rows: 4 },
		required: true,
		default: '',
		placeholder: 'e.g. Please check the brief before it goes to the customer',
		description: 'What reviewers should know, in Markdown',
	},
	{
		displayName: 'Response Type',
		name: 'responseType',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Approve or Reject',
				value: 'approval',
				description: 'Two outputs, and one for no decision',
			},
			{
				name: 'Choose',
				value: 'choice',
				description: 'An output for each choice, and one for no decision',
			},
			{
				name: 'Edit',
				value: 'edit',
				description: 'The data may be changed before it is approved; the changes are kept',
			},
			{ name: 'Form', value: 'form', description: 'Fields to fill in, checked on the page' },
			{ name: 'Free Text', value: 'text', description: 'One text' },
		],
		default: 'approval',
		description: 'What reviewers are asked to do',
	},
	{
		displayName: 'Data to Review',
		name: 'payload',
		type: 'string',
		default: '={{ $json }}',
		required: true,
		description:
			'What the decision is about: exactly this is shown, and exactly this leaves the node as payload',
	},
	{
		displayName: 'Choices',
		name: 'choices',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		placeholder: 'Add Choice',
		default: { values: [{ label: '', value: '' }] },
		displayOptions: { show: { responseType: ['choice'] } },
		options: [
			{
				displayName: 'Choice',
				name: 'values',
				values: [
					{
						displayName: 'Label',
						name: 'label',
						type: 'string',
						default: '',
						placeholder: 'e.g. Publish Today',
						description: 'What the page shows',
					},
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						placeholder: 'e.g. today',
						description: 'What the result holds; the label when empty',
					},
				],
			},
		],
	},
	{
		displayName: 'Form Fields',
		name: 'formFields',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		placeholder: 'Add Field',
		default: {},
		displayOptions: { show: { responseType: ['form'] } },
		options: [{ displayName: 'Field', name: 'values', values: fieldValues }],
	},
	{
		displayName: 'Reviewers',
		name: 'reviewers',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add Reviewer',
		default: {},
		description:
			'Who may decide, each by a link of their own; without any, whoever has the link may decide',
		options: [
			{
				displayName: 'Reviewer',
				name: 'values',
				values: reviewerValues,
			},
		],
	},
	{
		displayName: 'Tell Reviewers By',
		name: 'notify',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Link in the Execution Only',
				value: 'none',
				description: 'The link is in the execution, as resumeUrl of this node',
			},
			{
				name: 'Sub-Workflow',
				value: 'workflow',
				description:
					'Runs a workflow of yours with one item per reviewer, e.g. to send it by Slack',
			},
			{
				name: 'Webhook',
				value: 'webhook',
				description: 'Posts one JSON message per reviewer to a URL',
			},
		],
		default: 'none',
		description: 'How reviewers get their links',
	},
	{
		displayName: 'Workflow',
		name: 'notifyWorkflow',
		type: 'workflowSelector',
		required: true,
		default: '',
		displayOptions: { show: { notify: ['workflow'] } },
		description: 'Gets one item per reviewer with the link, title, message and deadline',
	},
	{
		displayName: 'Webhook URL',
		name: 'notifyUrl',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. https://n8n.example.com/webhook/tell-reviewer',
		displayOptions: { show: { notify: ['webhook'] } },
		description: 'Gets one POST per reviewer, and one for each reminder and escalation',
	},
	...runFields,
	optionFields,
	leaveBodyField,
];
