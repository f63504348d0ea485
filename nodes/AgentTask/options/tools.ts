import type { INodeProperties } from 'n8n-workflow';

import { countField, secondsField, textField } from '../../shared/fields';

/** What the agent may do with its tools, and with text of strangers. */
export const toolOptions: INodeProperties[] = [
	countField({
		displayName: 'Max Tool Calls',
		name: 'maxToolCalls',
		default: 50,
		description: 'How many tools may be called for one item',
	}),
	countField({
		displayName: 'Max Turns',
		name: 'maxIterations',
		default: 10,
		description: 'How often the agent may think and call tools before it has to be done',
	}),
	secondsField({
		displayName: 'Timeout per Tool Call',
		name: 'toolTimeoutSeconds',
		default: 60,
		description: 'How long one tool call may take before the agent is told that it did not work',
	}),
	{
		displayName: 'Tools After Untrusted Text',
		name: 'afterUntrusted',
		type: 'options',
		options: [
			{
				name: 'Hold Back Tools That Write',
				value: 'approve',
				description:
					'Once text from outside is in the conversation, tools that change something need approval',
			},
			{
				name: 'Run All Tools',
				value: 'allow',
				description: 'Text from outside may lead the agent to change things',
			},
		],
		default: 'approve',
		description: 'What happens to tools once e-mails, web pages or tool results have been read',
	},
	textField({
		displayName: 'Tools That May Be Called',
		name: 'allowTools',
		placeholder: 'e.g. calculator, search_orders',
		description:
			'Names of the only tools the agent may call, separated by commas. Leave empty to allow all attached tools.',
	}),
	textField({
		displayName: 'Tools That Need Approval',
		name: 'needApproval',
		placeholder: 'e.g. send_email, refund',
		description:
			'Names of tools of which a person approves each call, separated by commas. Adds the output Needs a Person.',
	}),
	textField({
		displayName: 'Tools That Only Read',
		name: 'readTools',
		placeholder: 'e.g. search_orders',
		description:
			'Names of tools that change nothing outside, separated by commas. Others count as writing, except well-known ones such as Calculator and Wikipedia.',
	}),
	textField({
		displayName: 'Untrusted Data',
		name: 'data',
		rows: 3,
		placeholder: 'e.g. {{ $json.emailBody }}',
		description:
			'Text from outside to work on: e-mails, web pages, documents. The agent treats it as data and does not follow instructions in it.',
	}),
];
