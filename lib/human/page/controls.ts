import type { FieldProblem, FormField } from '../fields';
import { say } from '../phrases/phrases';
import type { Phrases } from '../phrases/phrases';
import { html, plain } from '../../page';
import type { Html, HtmlPart } from '../../page';

/** What was typed before, and what is wrong with it, by the name of the control. */
export interface Typed {
	values: (name: string) => readonly string[];
	problems: ReadonlyMap<string, FieldProblem>;
}

/** A control of a form with its label, help and problem. */
export function fieldControl(phrases: Phrases, field: FormField, name: string, typed: Typed): Html {
	const ids = describedBy(name, field.help, typed);
	const given = typed.values(name);
	const before = given.length > 0 ? given : initialOf(field);
	const label = html`${field.label}${field.required &&
	html` <span class="muted">(${phrases.required})</span>`}`;
	const control = { field, name, ids, before };
	const about = html`${field.help !== '' &&
	html`<p class="help" id="${name}-help">${field.help}</p>`}`;
	const problem = problemText(phrases, name, typed);
	if (field.type === 'choices' || field.type === 'choice' || field.type === 'yesNo') {
		return html`<fieldset class="field" ${ids}>
			<legend>${label}</legend>
			${about}${optionList(phrases, control)}${problem}
		</fieldset>`;
	}
	return html`<div class="field">
		<label class="top" for="${name}">${label}</label>
		${about}${textControl(control)}${problem}
	</div>`;
}

interface Control {
	field: FormField;
	name: string;
	/** Attributes that tie help and problem to the control. */
	ids: Html;
	before: readonly string[];
}

function textControl({ field, name, ids, before }: Control): Html {
	const value = before[0] ?? '';
	if (field.type === 'longText') {
		return html`<textarea id="${name}" name="${name}" rows="6" ${ids}>${plain(value)}</textarea>`;
	}
	const types = { text: 'text', number: 'text', date: 'date', email: 'email' } as const;
	const type = types[field.type as keyof typeof types];
	// A number is typed as text: the browser's own field swallows what it cannot read.
	const mode = field.type === 'number' && html`inputmode="decimal"`;
	return html`<input id="${name}" name="${name}" type="${type}" value="${value}" ${mode} ${ids} />`;
}

function optionList(phrases: Phrases, { field, name, before }: Control): Html[] {
	const type = field.type === 'choices' ? 'checkbox' : 'radio';
	const options =
		field.type === 'yesNo'
			? [
					{ value: 'yes', label: phrases.yes },
					{ value: 'no', label: phrases.no },
				]
			: field.options.map((option) => ({ value: option, label: option }));
	return options.map(({ value, label }, index) =>
		optionControl({ type, name, value, label, index, checked: before.includes(value) }),
	);
}

/** One radio button or check box with its label. */
export function optionControl(option: {
	type: 'radio' | 'checkbox';
	name: string;
	value: string;
	label: HtmlPart;
	index: number;
	checked: boolean;
}): Html {
	const id = `${option.name}-${option.index}`;
	return html`<div class="option">
		<input
			type="${option.type}"
			id="${id}"
			name="${option.name}"
			value="${option.value}"
			${option.checked && html`checked`}
		/>
		<label for="${id}">${option.label}</label>
	</div>`;
}

/** A text area, for comments and for data to edit. */
export function textArea(
	phrases: Phrases,
	area: {
		name: string;
		label: string;
		help?: string;
		value: string;
		code?: boolean;
		rows?: number;
	},
	typed: Typed,
): Html {
	const { name, label, help = '', value, code = false, rows = 3 } = area;
	const ids = describedBy(name, help, typed);
	return html`<div class="field">
		<label class="top" for="${name}">${label}</label>
		${help !== '' && html`<p class="help" id="${name}-help">${help}</p>`}
		<textarea
			id="${name}"
			name="${name}"
			rows="${rows}"
			class="${code ? 'code' : 'prose'}"
			${code && html`spellcheck="false"`}
			${ids}
		>
${plain(value)}</textarea
		>
		${problemText(phrases, name, typed)}
	</div>`;
}

/** Asks for a PIN: one's own, or one for somebody else. */
export function pinControl(
	phrases: Phrases,
	typed: Typed,
	{ name = 'pin', label = phrases.pin, help = '' } = {},
): Html {
	const complete = name === 'pin' ? 'one-time-code' : 'off';
	return html`<div class="field">
		<label class="top" for="${name}">${label}</label>
		${help !== '' && html`<p class="help" id="${name}-help">${help}</p>`}
		<input
			id="${name}"
			name="${name}"
			type="password"
			autocomplete="${complete}"
			${describedBy(name, help, typed)}
		/>
		${problemText(phrases, name, typed)}
	</div>`;
}

/** The attributes that tell a screen reader about help and problem. */
function describedBy(name: string, help: string, { problems }: Typed): Html {
	const ids = [help !== '' && `${name}-help`, problems.has(name) && `${name}-problem`].filter(
		(id) => id !== false,
	);
	const described = ids.length > 0 && html`aria-describedby="${ids.join(' ')}"`;
	return html`${described} ${problems.has(name) && html`aria-invalid="true"`}`;
}

/** What is wrong with a control, below it. */
export function problemText(phrases: Phrases, name: string, { problems }: Typed): HtmlPart {
	const problem = problems.get(name);
	if (problem === undefined) return null;
	return html`<p class="problem" id="${name}-problem">${problemWords(phrases, problem)}</p>`;
}

function problemWords(phrases: Phrases, { code, detail = '' }: FieldProblem): string {
	const words: Record<FieldProblem['code'], string> = {
		required: phrases.problemRequired,
		notNumber: phrases.problemNotNumber,
		min: phrases.problemMin,
		max: phrases.problemMax,
		minLength: phrases.problemMinLength,
		maxLength: phrases.problemMaxLength,
		pattern: phrases.problemPattern,
		notDate: phrases.problemNotDate,
		notEmail: phrases.problemNotEmail,
		notOption: phrases.problemNotOption,
		notJson: phrases.problemNotJson,
		schema: phrases.problemSchema,
		comment: phrases.problemComment,
		decision: phrases.problemDecision,
		pin: phrases.problemPin,
		hasVote: phrases.problemHasVote,
		requester: phrases.problemRequester,
	};
	return say(words[code], { detail });
}

function initialOf({ initial, type }: FormField): string[] {
	if (initial === undefined) return [];
	if (type === 'yesNo' && typeof initial === 'boolean') return [initial ? 'yes' : 'no'];
	return [initial].flat().map(String);
}
