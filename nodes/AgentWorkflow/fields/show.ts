import type { IDisplayOptions } from 'n8n-workflow';

import { RUNNING_OPERATIONS } from '../running';

/** Shows a field for operations on workflows. */
export function forWorkflow(...operation: string[]): IDisplayOptions {
	return { show: { resource: ['workflow'], ...(operation.length === 0 ? {} : { operation }) } };
}

/** Shows a field for operations on executions. */
export function forExecution(...operation: string[]): IDisplayOptions {
	return { show: { resource: ['execution'], ...(operation.length === 0 ? {} : { operation }) } };
}

/** Shows a field for operations that show what happens. */
export function forMonitor(...operation: string[]): IDisplayOptions {
	return { show: { resource: ['monitor'], ...(operation.length === 0 ? {} : { operation }) } };
}

/** Shows a field for operations after which steps may run. */
export const forRunning: IDisplayOptions = forExecution(...RUNNING_OPERATIONS);
