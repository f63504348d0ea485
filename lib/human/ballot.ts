import { jsonSchemaProblems, messageOf, parseJson } from '../core';
import type { Json } from '../core';
import { REJECTED } from './decide';
import { MAX_FIELD_LENGTH, readForm } from './fields';
import type { FieldProblem } from './fields';
import type { ReviewRequest } from './request';
import type { ItemAnswer, ReviewState } from './state';
import { payloadOf } from './state';

/** Controls of the page by name; the same name may come several times. */
export type TypedValues = (name: string) => readonly string[];

/** A form of the page, read: what is said about which item, or what is wrong. */
export interface Ballot {
	answers: ItemAnswer[];
	comment: string;
	/** The name somebody without a link of their own gives. */
	name: string;
	/** By the name of the control; nothing counts while there is one. */
	problems: Map<string, FieldProblem>;
}

const MAX_COMMENT = 10_000;
const MAX_NAME = 200;

/** Reads a submitted page. Never throws: what cannot be used is a problem. */
export function readBallot(request: ReviewRequest, state: ReviewState, typed: TypedValues): Ballot {
	const reading = new Reading(request, state, typed);
	const answers = reading.answers();
	const comment = (typed('comment')[0] ?? '').replace(/\r\n/g, '\n').trim();
	const { problems } = reading;
	if (comment.length > MAX_COMMENT) {
		problems.set('comment', { code: 'maxLength', detail: String(MAX_COMMENT) });
	} else if (comment === '' && needsComment(request, answers)) {
		problems.set('comment', { code: 'comment' });
	}
	const name = (typed('reviewer-name')[0] ?? '').trim();
	if (name.length > MAX_NAME) {
		problems.set('reviewer-name', { code: 'maxLength', detail: String(MAX_NAME) });
	}
	return { answers, comment, name, problems };
}

function needsComment({ comment }: ReviewRequest, answers: readonly ItemAnswer[]): boolean {
	if (comment === 'always') return true;
	return comment === 'onReject' && answers.some(({ decision }) => decision === REJECTED);
}

class Reading {
	readonly problems = new Map<string, FieldProblem>();

	constructor(
		private readonly request: ReviewRequest,
		private readonly state: ReviewState,
		private readonly typed: TypedValues,
	) {}

	answers(): ItemAnswer[] {
		const answers = this.answersByButton(this.typed('decision')[0] ?? '');
		if (answers.length === 0 && this.problems.size === 0) this.wrong('decision', 'decision');
		return answers;
	}

	private answersByButton(button: string): ItemAnswer[] {
		const { kind, decideEach } = this.request;
		if (button === 'each' && decideEach) return this.eachItem();
		if (button === 'reject' && kind !== 'choice') return this.all(REJECTED);
		if (button === 'approve' && kind === 'approval') return this.all('approved');
		if (button === 'approve' && kind === 'edit') return this.open().flatMap((i) => this.edited(i));
		if (button === 'answer' && (kind === 'form' || kind === 'text')) return this.filledIn();
		if (button === 'choice' && kind === 'choice') return this.chosen();
		return [];
	}

	/** Items that are still to be decided. */
	private open(): number[] {
		return this.state.items.flatMap(({ decision }, index) => (decision === null ? [index] : []));
	}

	private all(decision: string): ItemAnswer[] {
		return this.open().map((item) => ({ item, decision }));
	}

	private eachItem(): ItemAnswer[] {
		return this.open().flatMap((item) => {
			const name = `decision-${item}`;
			const button = this.typed(name)[0] ?? '';
			if (button === '') return [];
			const decision = this.decisions().get(button);
			if (decision === undefined) return this.wrong(name, 'notOption');
			if (this.request.kind === 'edit' && decision !== REJECTED) return this.edited(item);
			return [{ item, decision }];
		});
	}

	/** Decisions about one item by the value of their control. */
	private decisions(): Map<string, string> {
		const { kind, choices } = this.request;
		if (kind === 'choice') return new Map(choices.map(({ id }) => [id, id]));
		return new Map([
			['approve', 'approved'],
			['reject', REJECTED],
		]);
	}

	private chosen(): ItemAnswer[] {
		const choice = this.typed('choice')[0];
		if (choice === undefined) return this.wrong('choice', 'required');
		if (!this.decisions().has(choice)) return this.wrong('choice', 'notOption');
		return this.all(choice);
	}

	private filledIn(): ItemAnswer[] {
		const { kind, fields } = this.request;
		const { values, problems } = readForm(fields, (name) => this.typed(`field-${name}`));
		for (const [name, problem] of problems) this.problems.set(`field-${name}`, problem);
		if (problems.size > 0) return [];
		const value: Json = kind === 'text' ? (values[fields[0]!.name] ?? '') : values;
		return this.open().map((item) => ({ item, decision: 'answered', value }));
	}

	/** The payload of one item as it was edited, or approved as it is. */
	private edited(item: number): ItemAnswer[] {
		const name = `value-${item}`;
		const text = this.typed(name)[0];
		const before = payloadOf(this.request, this.state, item);
		if (text === undefined) return [{ item, decision: 'approved', value: before }];
		if (text.length > MAX_FIELD_LENGTH * 10) return this.wrong(name, 'maxLength', '1000000');
		const value = typeof before === 'string' ? sameLines(text, before) : this.parsed(name, text);
		if (value === undefined) return [];
		const [misfit] =
			this.request.schema === null ? [] : jsonSchemaProblems(this.request.schema, value);
		if (misfit !== undefined) return this.wrong(name, 'schema', misfit);
		return [{ item, decision: 'approved', value }];
	}

	private parsed(name: string, text: string): Json | undefined {
		try {
			return parseJson(text);
		} catch (error) {
			this.wrong(name, 'notJson', messageOf(error).slice(0, 200));
			return undefined;
		}
	}

	private wrong(name: string, code: FieldProblem['code'], detail?: string): [] {
		this.problems.set(name, detail === undefined ? { code } : { code, detail });
		return [];
	}
}

/** Browsers send line ends as CR LF; a text that had none of these gets them back as they were. */
export function sameLines(text: string, before: string): string {
	return before.includes('\r\n') ? text : text.replace(/\r\n/g, '\n');
}
