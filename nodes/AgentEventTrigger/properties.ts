import type { INodeProperties } from 'n8n-workflow';

import { storeField } from '../shared/runFields';

/** The fields of the node, in the order of the panel. */
export const properties: INodeProperties[] = [
	{
		displayName: 'Events',
		name: 'events',
		type: 'multiOptions',
		noDataExpression: true,
		options: [
			{
				name: 'Budget Reached',
				value: 'budget.reached',
				description: 'A run ended because its budget was used up',
			},
			{
				name: 'Person Asked',
				value: 'person.asked',
				description: 'A run waits for the answer of a person',
			},
			{ name: 'Run Cancelled', value: 'run.cancelled' },
			{ name: 'Run Completed', value: 'run.completed' },
			{ name: 'Run Failed', value: 'run.failed', description: 'A run failed or ran out of time' },
			{ name: 'Run Paused', value: 'run.paused' },
			{
				name: 'Run Stalled',
				value: 'run.stalled',
				description: 'Nothing was heard for long of a run that is running',
			},
			{ name: 'Run Started', value: 'run.started' },
			{ name: 'Step Completed', value: 'step.completed' },
			{ name: 'Step Failed', value: 'step.failed' },
			{ name: 'Step Started', value: 'step.started' },
		],
		default: ['run.completed', 'run.failed', 'person.asked'],
		required: true,
		description:
			'What starts the workflow. Steps are those of stored workflows, and whole nodes on the canvas; single items are not told.',
	},
	storeField,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: [
			{
				displayName: 'Check Every (Seconds)',
				name: 'everySeconds',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 3600 },
				default: 5,
				description: 'How often to look for something new',
			},
			{
				displayName: 'Name Contains',
				name: 'nameContains',
				type: 'string',
				default: '',
				placeholder: 'e.g. order-',
				description: 'Only runs whose name or run key contains this text',
			},
			{
				displayName: 'Stalled After (Minutes)',
				name: 'stalledAfterMinutes',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 15,
				description: 'How long nothing may be heard of a running run',
			},
		],
	},
];
