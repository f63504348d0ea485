import type { INodeProperties } from 'n8n-workflow';

import { answerOptions } from './answer';
import { budgetOptions } from './budget';
import { callOptions } from './calls';
import { failureOptions } from './failure';
import { memoryOptions } from './memory';
import { toolOptions } from './tools';

/** What is not essential, in alphabetical order, as n8n shows it. */
const options = [
	...answerOptions,
	...budgetOptions,
	...callOptions,
	...failureOptions,
	...memoryOptions,
	...toolOptions,
].sort((one, other) => one.displayName.localeCompare(other.displayName));

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
