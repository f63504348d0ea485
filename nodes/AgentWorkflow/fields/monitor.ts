import type { INodeProperties } from 'n8n-workflow';

import { limitField } from '../../Checkpoint/fields/paging';
import { forMonitor } from './show';

const operation: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	displayOptions: forMonitor(),
	options: [
		{
			name: 'Export Recording',
			value: 'exportRecording',
			action: 'Export the recording of an execution',
			description: 'Get everything an execution was told from outside, to replay it offline',
		},
		{
			name: 'Get Metrics',
			value: 'getMetrics',
			action: 'Get metrics of all runs',
			description: 'Get counts and times as text that Prometheus reads',
		},
		{
			name: 'Get Open Reviews',
			value: 'getReviews',
			action: 'Get open reviews',
			description: 'Get what Human Review nodes wait for, one item for each review: an inbox',
		},
		{
			name: 'Render Run Page',
			value: 'renderPage',
			action: 'Render the run page',
			description: 'Get a web page that lists the runs, or shows one of them as it happens',
		},
	],
	default: 'renderPage',
};

const executionId: INodeProperties = {
	displayName: 'Execution ID',
	name: 'executionId',
	type: 'string',
	required: true,
	default: '={{ $json.executionId }}',
	displayOptions: forMonitor('exportRecording'),
	description: 'The execution, started with the option Record for Replay',
};

const query: INodeProperties = {
	displayName: 'Query',
	name: 'query',
	type: 'json',
	default: '={{ $json.query }}',
	displayOptions: forMonitor('renderPage'),
	description:
		'The query of the webhook that serves the page: run names the run to show; without it the runs are listed',
};

/** The fields of the resource *Monitor*. */
export const monitorFields: INodeProperties[] = [
	operation,
	executionId,
	query,
	{ ...limitField('monitor', 'getReviews'), displayOptions: forMonitor('getReviews') },
];
