import type { INodeProperties } from 'n8n-workflow';

import { ifAlreadyDoneField, runKeyField } from '../../shared/runFields';
import { showFor } from './show';

const show = (...operation: string[]) => showFor('sideEffect', ...operation);

/** The fields of the resource *Side Effect*. */
export const sideEffectFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: show(),
		options: [
			{
				name: 'Claim',
				value: 'claim',
				action: 'Claim a side effect',
				description: 'Ask, before a node that must act only once, whether it is to act now',
			},
			{
				name: 'Confirm',
				value: 'confirm',
				action: 'Confirm a side effect',
				description: 'Record, after that node, that it acted, and with what result',
			},
		],
		default: 'claim',
	},
	{
		displayName: 'Side Effect Name',
		name: 'effectName',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. charge-{{ $json.orderNumber }}',
		description: 'Names what must happen once within its run; the same for Claim and Confirm',
		displayOptions: show('claim', 'confirm'),
	},
	{
		displayName: 'If the Outcome Is Unknown',
		name: 'whenUnknown',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Send to Output Unknown',
				value: 'ask',
				description: 'Let a person, or a look at the service, decide',
			},
			{
				name: 'Do It Again',
				value: 'retry',
				description: 'For effects that may safely happen twice, or services that recognise repeats',
			},
			{ name: 'Stop', value: 'fail', description: 'Fail the item' },
		],
		default: 'ask',
		description: 'What to do when it was claimed before and nobody confirmed that it happened',
		displayOptions: show('claim'),
	},
	{
		displayName: 'It Happened',
		name: 'happened',
		type: 'boolean',
		default: true,
		description:
			'Whether it happened. Turn off to record that it did not, so that the next claim does it.',
		displayOptions: show('confirm'),
	},
	{
		displayName: 'Result',
		name: 'result',
		type: 'json',
		default: '={{ $json }}',
		description: 'What to give to later claims in the place of doing it again',
		displayOptions: {
			show: { resource: ['sideEffect'], operation: ['confirm'], happened: [true] },
		},
	},
	{ ...runKeyField, displayOptions: show() },
	{ ...ifAlreadyDoneField, displayOptions: show('claim') },
];

/** Shown last. */
export const sideEffectOptions: INodeProperties[] = [
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		displayOptions: show('confirm'),
		options: [
			{
				displayName: 'Claim Number',
				name: 'token',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 1,
				description:
					'The receipt.token that Claim gave. With it, a confirmation is refused when somebody else has claimed the side effect in the meantime.',
			},
		],
	},
];
