import type { ReviewDesk } from './desk';
import { changeReview } from './ledger';
import { pinCode } from './links';
import { equalInConstantTime } from './secret';
import type { ReviewState } from './state';
import type { Person } from './visitor';

/** More wrong PINs lock the link. */
const MAX_WRONG_PINS = 5;

/** What a PIN that was typed is worth; `state` is that after it was counted. */
export interface PinCheck {
	result: 'right' | 'wrong' | 'locked';
	state: ReviewState;
}

/**
 * Checks a PIN. A try is counted before it is looked at, so that many at the same moment are not
 * more than five.
 */
export async function checkPin(
	desk: ReviewDesk,
	{ id, pinCode: expected }: Person,
	typed: string,
): Promise<PinCheck> {
	const state = await countTry(desk, id, (tries) => tries + 1);
	const tries = state.wrongPins[id] ?? 0;
	if (tries > MAX_WRONG_PINS) return { result: 'locked', state };
	if (equalInConstantTime(pinCode(desk.secret, id, typed), expected ?? '')) {
		return { result: 'right', state: await countTry(desk, id, () => 0) };
	}
	return { result: tries === MAX_WRONG_PINS ? 'locked' : 'wrong', state };
}

async function countTry(
	{ store, request, runId }: ReviewDesk,
	id: string,
	next: (tries: number) => number,
): Promise<ReviewState> {
	return await changeReview(store, request, runId, (current) => {
		const tries = current.wrongPins[id] ?? 0;
		// Locked stays locked.
		const counted = tries > MAX_WRONG_PINS ? tries : next(tries);
		const state = { ...current, wrongPins: { ...current.wrongPins, [id]: counted } };
		return { state, result: state };
	});
}
