import { ValidationError, isJsonObject, parseJsonSchema, pinCode, show, toJson } from '../../lib';
import type { FormField, Json, JsonObject, ReviewDraft } from '../../lib';
import type { FieldParameters, Parameters } from './parameters';

/** What a draft needs besides the parameters. */
export interface DraftContext {
	requestId: string;
	/** Milliseconds since the epoch. */
	openedAt: number;
	/** Key of links and PINs. */
	secret: string;
	/** Name of the node, for the title. */
	nodeName: string;
	/** Name of the workflow, which is who asks. */
	workflowName: string;
	timeZone: string;
	/** The place in n8n that waits. */
	origin: ReviewDraft['origin'];
	/** What is reviewed, one entry for each item. */
	payloads: readonly Json[];
}

/** The request that the node's parameters describe. */
export function draftOf(parameters: Parameters, context: DraftContext): ReviewDraft {
	const { responseType: kind, message, settings } = parameters;
	const { requestId, openedAt, payloads } = context;
	return {
		requestId,
		kind,
		title: settings.title || context.nodeName,
		message,
		askedBy: settings.requester || context.workflowName,
		items: payloads.map((payload) => ({ payload, label: labelOf(payload) })),
		decideEach: payloads.length > 1 && settings.decide === 'each' && isDecision(kind),
		choices: choicesOf(parameters),
		fields: kind === 'text' ? [questionOf(settings.question, message)] : fieldsOf(parameters),
		schema: schemaOf(settings.schema),
		...reviewersOf(parameters, context),
		remindersAt: settings.reminders.map((minutes) => openedAt + minutes * MINUTE_MS),
		origin: context.origin,
		openedAt,
		deadlineAt: deadlineOf(settings, openedAt),
		onTimeout: settings.approveBySilence ? 'approve' : settings.onTimeout,
		defaultAnswer: defaultAnswerOf(kind, settings.defaultAnswer),
		comment: settings.comment,
		format: settings.format,
		untrusted: settings.untrusted,
		language: settings.language || null,
		timeZone: context.timeZone,
	};
}

/** A form is filled in once, for all items. */
function isDecision(kind: Parameters['responseType']): boolean {
	return kind !== 'form' && kind !== 'text';
}

/** Names that say what an item is, to find it on a page with many. */
const LABEL_FIELDS = ['title', 'name', 'subject', 'label', 'id', 'key', 'question'];

function labelOf(payload: Json): string {
	if (!isJsonObject(payload)) return '';
	const field = LABEL_FIELDS.find((name) => ['string', 'number'].includes(typeof payload[name]));
	const label = field === undefined ? '' : payload[field];
	return typeof label === 'string' || typeof label === 'number' ? String(label).slice(0, 120) : '';
}

/** Choices with their ids; a choice without a value has its label as id. */
export function choicesOf({ responseType, choices }: Parameters): ReviewDraft['choices'] {
	if (responseType !== 'choice') return [];
	return choices.values.map(({ label, value }) => ({ id: value || label, label: label || value }));
}

function questionOf(question: string, message: string): FormField {
	const label = question || firstLine(message) || 'Text';
	return { ...EMPTY_FIELD, name: 'text', label, type: 'longText', required: true };
}

/** The first line of the message, without the marks of Markdown. */
function firstLine(message: string): string {
	const [line = ''] = message.trim().split('\n', 1);
	return line
		.replace(/^[#>\s]+/, '')
		.replace(/[*`]+/g, '')
		.slice(0, 200)
		.trim();
}

const EMPTY_FIELD: FormField = {
	name: '',
	label: '',
	help: '',
	type: 'text',
	required: false,
	options: [],
};

function fieldsOf({ responseType, formFields }: Parameters): FormField[] {
	return responseType === 'form' ? formFields.values.map(fieldOf) : [];
}

function fieldOf(field: FieldParameters): FormField {
	const { name, label, help, type, required, options } = field;
	const { min, max, minLength, maxLength, pattern, initial } = field;
	return {
		name: name || label,
		label,
		help,
		type,
		required,
		options,
		...(min === '' ? {} : { min }),
		...(max === '' ? {} : { max }),
		...(minLength === 0 ? {} : { minLength }),
		...(maxLength === 0 ? {} : { maxLength }),
		...(pattern === '' ? {} : { pattern }),
		...(initial === '' ? {} : { initial: type === 'choices' ? splitList(initial) : initial }),
	};
}

function splitList(initial: string | number | boolean): string[] {
	return String(initial)
		.split(',')
		.map((entry) => entry.trim());
}

function schemaOf(schema: unknown): JsonObject | null {
	return schema === undefined || schema === '' ? null : parseJsonSchema(schema, 'JSON Schema');
}

function reviewersOf(
	{ reviewers, settings }: Parameters,
	{ secret, openedAt }: DraftContext,
): Pick<ReviewDraft, 'reviewers' | 'quorum' | 'requester' | 'delegation'> {
	const { votesToApprove, votesToReject, perGroup, requester, delegation } = settings;
	const named = reviewers.values;
	const hasStandIns = named.some(({ joins }) => joins === 'standIn');
	return {
		// The name is the id: unique, and the same when the workflow runs again.
		reviewers: named.map(({ name, group, pin, joins, joinsAfter }) => ({
			id: name,
			name,
			group: group || null,
			pinCode: pin === '' ? null : pinCode(secret, name, pin),
			joinsAt: joins === 'later' ? openedAt + Math.round(joinsAfter * MINUTE_MS) : null,
			standIn: joins === 'standIn',
		})),
		quorum: {
			approve: votesToApprove,
			reject: votesToReject,
			perGroup: Object.fromEntries(perGroup.map(groupQuorum)),
		},
		// Without named reviewers nobody can be told apart.
		requester: named.length > 0 && requester !== '' ? requester : null,
		delegation: delegation === 'listed' && !hasStandIns ? 'none' : delegation,
	};
}

function groupQuorum(entry: string): [string, number] {
	const match = /^(.+?)\s*=\s*(\d+)$/.exec(entry);
	if (match === null) {
		throw new ValidationError(`Quorum per Group: expected e.g. legal=1, received ${show(entry)}.`);
	}
	return [match[1]!, Number(match[2])];
}

const MINUTE_MS = 60_000;

const UNIT_MS = { seconds: 1000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 };

function deadlineOf(
	{ timeLimit, timeLimitUnit }: Parameters['settings'],
	openedAt: number,
): number | null {
	return timeLimit === 0 ? null : openedAt + Math.round(timeLimit * UNIT_MS[timeLimitUnit]);
}

function defaultAnswerOf(kind: Parameters['responseType'], value: unknown): Json | undefined {
	if (value === undefined || value === '') return undefined;
	if (kind !== 'form' || typeof value !== 'string') return toJson(value);
	try {
		return JSON.parse(value) as Json;
	} catch {
		return value;
	}
}
