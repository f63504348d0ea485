import type { Parameters } from './parameters';

/**
 * The node's outputs, as an expression that the editor evaluates. The first one is for no
 * decision: n8n itself sends items there when the time is over.
 */
export const OUTPUTS = `={{ ((parameters) => {
	const output = (displayName) => ({ type: 'main', displayName });
	const choices = parameters.choices?.values ?? [];
	const names = {
		choice: choices.map((choice) => choice.label || choice.value || 'Choice'),
		form: ['Answered', 'Declined'],
		text: ['Answered', 'Declined'],
	};
	return ['No Decision', ...(names[parameters.responseType] ?? ['Approved', 'Rejected'])].map(output);
})($parameter) }}`;

/** Where each decision leaves the node. Anything unknown leaves where nothing was decided. */
export function outputOf(decision: string, { responseType, choices }: OutputParameters): number {
	if (responseType === 'choice') return choices.indexOf(decision) + 1;
	return ['approved', 'answered'].includes(decision) ? 1 : decision === 'rejected' ? 2 : 0;
}

/** How many outputs there are. */
export function outputCount({ responseType, choices }: OutputParameters): number {
	return responseType === 'choice' ? choices.length + 1 : 3;
}

/** What the outputs depend on. */
export interface OutputParameters {
	responseType: Parameters['responseType'];
	/** Ids of the choices, in order. */
	choices: readonly string[];
}
