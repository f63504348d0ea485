import { hashOf, parseJson } from '../core';
import type { Json } from '../core';
import { sameLines } from './ballot';
import type { TypedValues } from './ballot';
import { currentAnswers } from './decide';
import type { ReviewRequest } from './request';
import type { ReviewState } from './state';
import { payloadOf } from './state';

/** How many people have said something about what is still open, in its present version. */
export function votesSoFar(state: ReviewState): number {
	const people = state.items.flatMap((item, index) =>
		item.decision === null ? [...currentAnswers(state, item, index).keys()] : [],
	);
	return new Set(people).size;
}

/**
 * What was typed, without data that somebody has changed since and this reviewer had not: sending
 * it again would undo the change of the other one unseen.
 */
export function withoutOldVersions(
	request: ReviewRequest,
	state: ReviewState,
	typed: TypedValues,
): TypedValues {
	const old = state.items.flatMap((_, index) => {
		const name = `value-${index}`;
		const [text] = typed(name);
		return text !== undefined && isOldVersion(request, state, index, text) ? [name] : [];
	});
	return (name) => (old.includes(name) ? [] : typed(name));
}

function isOldVersion(
	request: ReviewRequest,
	state: ReviewState,
	index: number,
	text: string,
): boolean {
	const hash = hashOfText(text, payloadOf(request, state, index));
	if (hash === state.items[index]!.payloadHash) return false;
	return versionsOf(request, state, index).includes(hash);
}

/** Hash of an edited text, as that of the data it would become; empty when it is none. */
function hashOfText(text: string, now: Json): string {
	if (typeof now === 'string') return hashOf(sameLines(text, now));
	try {
		return hashOf(parseJson(text));
	} catch {
		return '';
	}
}

/** Hashes of all versions that an item has had. */
function versionsOf(request: ReviewRequest, { votes }: ReviewState, index: number): string[] {
	const edits = votes.flatMap(({ answers }) =>
		answers.flatMap(({ item, value }) =>
			item === index && value !== undefined ? [hashOf(value)] : [],
		),
	);
	return [request.items[index]!.payloadHash, ...edits];
}
