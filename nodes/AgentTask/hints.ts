import type { INodeTypeDescription } from 'n8n-workflow';

/** What the panel says about fields that do not do what they look like. */
export const hints: INodeTypeDescription['hints'] = [
	{
		type: 'warning',
		message:
			'Task or Instructions hold {{ }} but are fixed text: the agent would read the braces, not your data. Switch the field from Fixed to Expression.',
		// The braces apart, so that n8n does not take them for an expression in the expression.
		displayCondition:
			'={{ [$rawParameter.task, $rawParameter.instructions].some((text) => typeof text === "string" && !text.startsWith("=") && text.includes("{" + "{")) }}',
		whenToDisplay: 'always',
		location: 'outputPane',
	},
	{
		type: 'warning',
		message: 'Budget has no limit yet, so nothing is limited. Press Add Limit below it.',
		displayCondition:
			'={{ !!$parameter.options?.budget && !($parameter.options.budget.limits?.length > 0) }}',
		whenToDisplay: 'always',
		location: 'outputPane',
	},
];
