import type { INodeProperties } from 'n8n-workflow';

/** How much a search may ask, cost and wait. */
export const limitOptions: INodeProperties[] = [
	{
		displayName: 'Answer Within (Seconds)',
		name: 'deadlineSeconds',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 3600 },
		default: 20,
		description:
			'When to answer with what was found until then; engines and pages that are slower are not waited for. 0 waits for all.',
	},
	{
		displayName: 'Attempts per Call',
		name: 'attemptsPerEngine',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 5 },
		default: 2,
		description: 'How often to try a call of an engine that fails for a reason that may pass',
	},
	{
		displayName: 'Cache Lifetime (Minutes)',
		name: 'cacheMinutes',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		description:
			'How long the store remembers what an engine answered, for the same words and filters. 0 asks each time.',
	},
	{
		displayName: 'Enough Engines',
		name: 'enoughEngines',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		description:
			'How many engines with results are enough to go on without the others. 0 waits for all.',
	},
	{
		displayName: 'Max Calls',
		name: 'maxCalls',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		description:
			'How many calls of engines one search may make, repeated attempts included. 0 sets no limit.',
	},
	{
		displayName: 'Max Cost (USD)',
		name: 'maxCostUsd',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 4 },
		default: 0,
		description:
			'What the calls of one search may cost, by the price lists of the engines and about. 0 sets no limit.',
	},
	{
		displayName: 'Results per Engine',
		name: 'resultsPerEngine',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 50 },
		default: 10,
		description: 'How many results to ask each engine for, each time',
	},
	{
		displayName: 'Time Limit per Engine (Seconds)',
		name: 'timeoutSeconds',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 8,
		description: 'How long to wait for one answer of an engine',
	},
];
