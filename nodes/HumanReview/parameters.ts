import { z } from 'zod';

import { FIELD_TYPES, REVIEW_KINDS, TIMEOUT_POLICIES } from '../../lib';

const trimmed = z.string().trim();

/** A list written with commas. */
const list = trimmed.transform((text) =>
	text
		.split(',')
		.map((entry) => entry.trim())
		.filter((entry) => entry !== ''),
);

const fieldSchema = z.object({
	label: trimmed.min(1, 'must not be empty'),
	type: z.enum(FIELD_TYPES).default('text'),
	required: z.boolean().default(false),
	name: trimmed.default(''),
	options: list.default(''),
	min: z.union([trimmed, z.number()]).default(''),
	max: z.union([trimmed, z.number()]).default(''),
	minLength: z.number().int().min(0).default(0),
	maxLength: z.number().int().min(0).default(0),
	pattern: z.string().default(''),
	initial: z.union([z.string(), z.number(), z.boolean()]).default(''),
	help: z.string().default(''),
});

/** A field of the form as the panel gives it; empty texts stand for "not set". */
export type FieldParameters = z.infer<typeof fieldSchema>;

/** A list as n8n's fixed collections hold it. */
const collection = <Entry extends z.ZodTypeAny>(entry: Entry) =>
	z.object({ values: z.array(entry).default([]) }).default({});

const settingsSchema = z.object({
	approveBySilence: z.boolean().default(false),
	comment: z.enum(['never', 'optional', 'onReject', 'always']).default('optional'),
	untrusted: z.boolean().default(false),
	pageUrl: trimmed
		.refine((url) => url === '' || /^https?:$/.test(URL.parse(url)?.protocol ?? ''), {
			message: 'must be the production URL of a Review Page Trigger',
		})
		.default(''),
	delegation: z.enum(['listed', 'anyone']).default('listed'),
	decide: z.enum(['each', 'all']).default('each'),
	defaultAnswer: z.unknown().optional(),
	schema: z.unknown().optional(),
	language: z.string().default(''),
	onTimeout: z.enum(TIMEOUT_POLICIES).default('noDecision'),
	perGroup: list.default(''),
	question: trimmed.default(''),
	reminders: list.pipe(z.array(z.coerce.number().positive())).default(''),
	requester: trimmed.default(''),
	format: z.enum(['auto', 'text', 'markdown', 'json']).default('auto'),
	timeLimit: z.number().min(0).default(0),
	timeLimitUnit: z.enum(['seconds', 'minutes', 'hours', 'days']).default('hours'),
	title: trimmed.default(''),
	votesToApprove: z.number().int().min(1).default(1),
	votesToReject: z.number().int().min(1).default(1),
});

/** The node's parameters; those that may differ by item are read apart. */
export const parametersSchema = z.object({
	message: z.string().default(''),
	responseType: z.enum(REVIEW_KINDS),
	choices: collection(
		z
			.object({ label: trimmed.default(''), value: trimmed.default('') })
			.refine(({ label, value }) => label !== '' || value !== '', 'must have a label'),
	),
	formFields: collection(fieldSchema),
	reviewers: collection(
		z.object({
			name: trimmed.min(1, 'must not be empty'),
			group: trimmed.default(''),
			pin: z.coerce.string().default(''),
			joins: z.enum(['start', 'later', 'standIn']).default('start'),
			joinsAfter: z.number().positive().default(60),
		}),
	),
	notify: z.enum(['none', 'workflow', 'webhook']).default('none'),
	notifyUrl: z.string().optional(),
	notifyWorkflow: z.unknown().optional(),
	settings: settingsSchema.default({}),
});

/** See {@link parametersSchema}. */
export type Parameters = z.infer<typeof parametersSchema>;
