import type { INodeExecutionData } from 'n8n-workflow';

/** The input items that an output item comes from. */
export function pairedWith(itemIndexes: readonly number[]): INodeExecutionData['pairedItem'] {
	const paired = itemIndexes.map((item) => ({ item }));
	return paired.length === 1 ? paired[0] : paired;
}
