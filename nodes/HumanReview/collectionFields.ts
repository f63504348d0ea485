import type { INodeProperties } from 'n8n-workflow';

import { numberField, switchField, textField } from '../shared/fields';

/** A field of a form. */
export const fieldValues: INodeProperties[] = [
	textField({
		displayName: 'Label',
		name: 'label',
		placeholder: 'e.g. Amount in EUR',
		description: 'What the page asks for',
	}),
	{
		displayName: 'Type',
		name: 'type',
		type: 'options',
		options: [
			{ name: 'Choice', value: 'choice' },
			{ name: 'Date', value: 'date' },
			{ name: 'Email', value: 'email' },
			{ name: 'Long Text', value: 'longText' },
			{ name: 'Number', value: 'number' },
			{ name: 'Several Choices', value: 'choices' },
			{ name: 'Text', value: 'text' },
			{ name: 'Yes or No', value: 'yesNo' },
		],
		default: 'text',
	},
	switchField({
		displayName: 'Required',
		name: 'required',
		description: 'Whether the field must be filled in',
	}),
	textField({
		displayName: 'Name',
		name: 'name',
		placeholder: 'e.g. amount',
		description: 'Name of the value in the result; the label when empty',
	}),
	textField({
		displayName: 'Choices',
		name: 'options',
		placeholder: 'e.g. Low, Medium, High',
		description: 'The choices, separated by commas',
		displayOptions: { show: { type: ['choice', 'choices'] } },
	}),
	textField({
		displayName: 'Minimum',
		name: 'min',
		description: 'Smallest number or earliest date that is accepted',
		displayOptions: { show: { type: ['number', 'date'] } },
	}),
	textField({
		displayName: 'Maximum',
		name: 'max',
		description: 'Largest number or latest date that is accepted',
		displayOptions: { show: { type: ['number', 'date'] } },
	}),
	{
		displayName: 'Minimum Length',
		name: 'minLength',
		type: 'number',
		default: 0,
		description: 'How many characters are needed at least',
		displayOptions: { show: { type: ['text', 'longText'] } },
	},
	{
		displayName: 'Maximum Length',
		name: 'maxLength',
		type: 'number',
		default: 0,
		description: 'How many characters are accepted at most; 0 for no limit of your own',
		displayOptions: { show: { type: ['text', 'longText'] } },
	},
	textField({
		displayName: 'Pattern',
		name: 'pattern',
		placeholder: 'e.g. [A-Z]{2}\\d{6}',
		description: 'A regular expression that the whole text must match',
		displayOptions: { show: { type: ['text'] } },
	}),
	textField({
		displayName: 'Filled In',
		name: 'initial',
		description: 'What is filled in at first',
	}),
	textField({
		displayName: 'Help',
		name: 'help',
		description: 'Shown below the label',
	}),
];

/** Somebody who may decide. */
export const reviewerValues: INodeProperties[] = [
	textField({
		displayName: 'Name',
		name: 'name',
		placeholder: 'e.g. Finance Lead',
		description: 'Shown on the page and recorded with the vote; must be unique',
	}),
	textField({
		displayName: 'Group',
		name: 'group',
		placeholder: 'e.g. legal',
		description: 'For a quorum per group',
	}),
	{
		displayName: 'PIN',
		name: 'pin',
		type: 'string',
		typeOptions: { password: true },
		default: '',
		description: 'Asked for on the page, so that a forwarded link is not enough',
	},
	{
		displayName: 'Takes Part',
		name: 'joins',
		type: 'options',
		options: [
			{ name: 'From the Start', value: 'start' },
			{
				name: 'Later, When Nobody Has Decided',
				value: 'later',
				description: 'Escalation: asked after some time',
			},
			{
				name: 'Only as a Stand-In',
				value: 'standIn',
				description: 'When a reviewer passes the review on to them',
			},
		],
		default: 'start',
		description: 'When this person may decide',
	},
	numberField({
		displayName: 'After (Minutes)',
		name: 'joinsAfter',
		default: 60,
		displayOptions: { show: { joins: ['later'] } },
		description: 'How long after the review opens this person is asked as well',
	}),
];
