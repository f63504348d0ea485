import type { INodeProperties } from 'n8n-workflow';

import { failureOptions } from './fields/failureOptions';
import { limitOptions } from './fields/limitOptions';
import { resultOptions } from './fields/resultOptions';
import { taskOptions } from './fields/taskOptions';

const all = [...failureOptions, ...limitOptions, ...resultOptions, ...taskOptions];

/** The collection of what is not essential, in alphabetical order. */
export const optionFields: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	options: all.sort((one, other) => one.displayName.localeCompare(other.displayName)),
};
