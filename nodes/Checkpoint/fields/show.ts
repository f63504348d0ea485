import type { IDisplayOptions } from 'n8n-workflow';

/** Shows a field for operations of one resource only. */
export function showFor(resource: string, ...operation: string[]): IDisplayOptions {
	return { show: { resource: [resource], ...(operation.length === 0 ? {} : { operation }) } };
}
