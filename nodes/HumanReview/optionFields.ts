import type { INodeProperties } from 'n8n-workflow';

import { countField, numberField, switchField, textField } from '../shared/fields';

/** What is not essential. */
export const optionFields: INodeProperties = {
	displayName: 'Options',
	name: 'settings',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	options: [
		switchField({
			displayName: 'Approve by Silence',
			name: 'approveBySilence',
			description:
				'Whether everything counts as approved when nobody decides in time; takes precedence over On Timeout',
		}),
		{
			displayName: 'Comment',
			name: 'comment',
			type: 'options',
			options: [
				{ name: 'Always Required', value: 'always' },
				{ name: 'Not Asked For', value: 'never' },
				{ name: 'Optional', value: 'optional' },
				{ name: 'Required to Reject', value: 'onReject' },
			],
			default: 'optional',
			description: 'Whether reviewers are asked for a comment',
		},
		switchField({
			displayName: 'Data Comes From Strangers',
			name: 'untrusted',
			description: 'Whether the page warns that nobody has checked where the data comes from',
		}),
		{
			displayName: 'Decide',
			name: 'decide',
			type: 'options',
			options: [
				{ name: 'All Items at Once', value: 'all' },
				{ name: 'Each Item', value: 'each' },
			],
			default: 'each',
			description: 'Whether reviewers decide each of several items, or all by one decision',
		},
		textField({
			displayName: 'Default Answer',
			name: 'defaultAnswer',
			placeholder: 'e.g. later',
			description:
				'For On Timeout: the value of a choice, a text, or the values of a form as JSON; checked before the review opens',
		}),
		{
			displayName: 'JSON Schema',
			name: 'schema',
			type: 'json',
			default: '',
			description: 'What edited data must fit; the page asks again when it does not',
		},
		{
			displayName: 'Language',
			name: 'language',
			type: 'options',
			options: [
				{ name: 'As the Browser Says', value: '' },
				{ name: 'English', value: 'en' },
				{ name: 'French', value: 'fr' },
				{ name: 'German', value: 'de' },
				{ name: 'Spanish', value: 'es' },
			],
			default: '',
			description: 'Language of the page',
		},
		{
			displayName: 'On Timeout',
			name: 'onTimeout',
			type: 'options',
			options: [
				{
					name: 'No Decision',
					value: 'noDecision',
					description: 'Items leave by the first output',
				},
				{ name: 'Reject', value: 'reject', description: 'Items count as rejected' },
				{
					name: 'Use Default Answer',
					value: 'default',
					description: 'For a choice, a form or a text',
				},
			],
			default: 'noDecision',
			description: 'What happens when nobody decides in time',
		},
		{
			displayName: 'Pass Votes On',
			name: 'delegation',
			type: 'options',
			options: [
				{
					name: 'To Anyone',
					value: 'anyone',
					description: 'Reviewers name who answers in their place, and hand over the link',
				},
				{
					name: 'To Stand-Ins Only',
					value: 'listed',
					description: 'To reviewers who take part only as a stand-in; to nobody without any',
				},
			],
			default: 'listed',
			description: 'To whom reviewers may pass their vote on',
		},
		textField({
			displayName: 'Question',
			name: 'question',
			placeholder: 'e.g. What should we answer?',
			description: 'Label of the field, for Free Text',
		}),
		textField({
			displayName: 'Quorum per Group',
			name: 'perGroup',
			placeholder: 'e.g. legal=1, finance=2',
			description: 'How many approvals are needed from each group, besides',
		}),
		textField({
			displayName: 'Reminders (Minutes)',
			name: 'reminders',
			placeholder: 'e.g. 60, 240',
			description:
				'When to tell those who have not answered again, in minutes after the review opens; kept through restarts',
		}),
		textField({
			displayName: 'Requested By',
			name: 'requester',
			placeholder: 'e.g. Finance Lead',
			description: 'Name of the one who asks, who then may not decide: four eyes',
		}),
		textField({
			displayName: 'Review Page URL',
			name: 'pageUrl',
			placeholder: 'e.g. https://n8n.example.com/webhook/reviews',
			description:
				'Production URL of a published Review Page Trigger: links lead there, and still show the outcome after the workflow has gone on',
		}),
		{
			displayName: 'Show Data As',
			name: 'format',
			type: 'options',
			options: [
				{ name: 'Automatic', value: 'auto' },
				{ name: 'JSON', value: 'json' },
				{ name: 'Markdown', value: 'markdown' },
				{ name: 'Plain Text', value: 'text' },
			],
			default: 'auto',
			description: 'How the page shows the data; the raw data is always there as well',
		},
		numberField({
			displayName: 'Time Limit',
			name: 'timeLimit',
			default: 0,
			description: 'How long to wait for a decision; 0 waits without end',
		}),
		{
			displayName: 'Time Limit Unit',
			name: 'timeLimitUnit',
			type: 'options',
			options: [
				{ name: 'Days', value: 'days' },
				{ name: 'Hours', value: 'hours' },
				{ name: 'Minutes', value: 'minutes' },
				{ name: 'Seconds', value: 'seconds' },
			],
			default: 'hours',
		},
		textField({
			displayName: 'Title',
			name: 'title',
			placeholder: 'e.g. Brief for the customer',
			description: 'Heading of the page; the name of the node when empty',
		}),
		countField({
			displayName: 'Votes to Approve',
			name: 'votesToApprove',
			default: 1,
			description: 'How many reviewers must approve, or make the same choice',
		}),
		countField({
			displayName: 'Votes to Reject',
			name: 'votesToReject',
			default: 1,
			description: 'How many reviewers must reject',
		}),
	],
};
