import { isGenuine, pinCode, reviewLink } from '../../../lib';
import { NONCE_LIFETIME_MS, checkNonce, issueNonce } from '../../../lib/human/nonce';
import { NOON } from './desk';

/** How many forgeries; `REVIEW_FULL=1` gives the million of the docs. */
const FORGERIES = process.env.REVIEW_FULL === '1' ? 1_000_000 : 20_000;

const SECRET = 'key of this n8n';
const REQUEST = 'review-1';
const NAMES = ['', 'Ann', 'Ben', '@owner', '@clock', '@for-1'];
const SHOWN = ['aa', 'bb'];

/** The same numbers in every run. */
function numbers(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
}

const next = numbers(20_261_120);
const HEX = '0123456789abcdef';
const LETTERS = `${HEX}ghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_% `;

const pick = <T>(values: readonly T[] | string): T => values[next(values.length)] as T;
const text = (length: number, letters: string) =>
	Array.from({ length }, () => pick<string>(letters)).join('');

/** A text that is like another one, but not the same. */
function altered(original: string): string {
	const at = next(original.length + 1);
	const changed = [
		() => original.slice(0, at) + pick<string>(LETTERS) + original.slice(at + 1),
		() => original.slice(0, at) + pick<string>(LETTERS) + original.slice(at),
		() => original.slice(0, at) + original.slice(at + 1),
		() => original.slice(0, at),
		() => text(original.length, HEX),
		() => original.toUpperCase(),
	][next(6)]!();
	return changed === original ? `${original}0` : changed;
}

const forgeries: Record<string, () => boolean> = {
	'a link with a changed code': () => {
		const link = reviewLink(SECRET, REQUEST, pick(NAMES));
		return isGenuine(SECRET, REQUEST, { ...link, code: altered(link.code) });
	},
	'a link of somebody else': () => {
		const [mine, other] = [pick<string>(NAMES), pick<string>(NAMES)];
		const { code } = reviewLink(SECRET, REQUEST, mine);
		const reviewer = mine === other ? `${other} ` : other;
		return isGenuine(SECRET, REQUEST, { reviewer, code });
	},
	'a link of another request, or of another n8n': () => {
		const reviewer = pick<string>(NAMES);
		const other = reviewLink(SECRET, altered(REQUEST), reviewer);
		const foreign = reviewLink(altered(SECRET), REQUEST, reviewer);
		return isGenuine(SECRET, REQUEST, pick([other, foreign]));
	},
	'a page number that was changed, or made elsewhere': () => {
		const scope = { requestId: REQUEST, reviewerId: 'Ann', shown: SHOWN };
		const other = pick([
			{ ...scope, requestId: altered(REQUEST) },
			{ ...scope, reviewerId: altered('Ann') },
			{ ...scope, shown: [altered('aa'), 'bb'] },
			scope,
		]);
		const issued = issueNonce(SECRET, other, NOON, text(32, HEX));
		const nonce = other === scope ? altered(issued) : issued;
		return checkNonce(SECRET, scope, nonce, NOON) !== 'forged';
	},
	'a page number that is a millisecond too old': () => {
		const scope = { requestId: REQUEST, reviewerId: 'Ann', shown: SHOWN };
		const nonce = issueNonce(SECRET, scope, NOON + next(1e9), text(32, HEX));
		const issuedAt = parseInt(nonce.split('.')[0]!, 36);
		const inTime = checkNonce(SECRET, scope, nonce, issuedAt + NONCE_LIFETIME_MS);
		const late = checkNonce(SECRET, scope, nonce, issuedAt + NONCE_LIFETIME_MS + 1);
		return inTime !== 'fresh' || late !== 'stale';
	},
	'a PIN that was changed, or is of somebody else': () => {
		const pin = text(4, '0123456789');
		const code = pinCode(SECRET, 'Ann', pin);
		const other = pick([
			pinCode(SECRET, 'Ann', altered(pin)),
			pinCode(SECRET, 'Ben', pin),
			pinCode(altered(SECRET), 'Ann', pin),
		]);
		return code === other;
	},
};

describe('of many forged and altered links, page numbers and PINs', () => {
	const kinds = Object.keys(forgeries);

	it.each(kinds)('%s is never accepted', (kind) => {
		const tries = Math.ceil(FORGERIES / kinds.length);
		let accepted = 0;
		for (let i = 0; i < tries; i++) if (forgeries[kind]!()) accepted++;
		expect(accepted).toBe(0);
	});

	it('but the genuine ones are', () => {
		for (const name of NAMES) {
			expect(isGenuine(SECRET, REQUEST, reviewLink(SECRET, REQUEST, name))).toBe(true);
		}
	});
});
