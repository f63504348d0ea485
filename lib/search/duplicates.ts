import { words } from './tokens';

const SHINGLE_WORDS = 3;
/** Share of the shorter text's shingles found in the longer one, from which it is a copy. */
const CONTAINMENT = 0.5;
/** A run of words in more texts than this is a turn of phrase, and tells copies from nothing. */
const MAX_SHARING = 100;

/**
 * For each text the index of the earlier text it repeats, or `undefined` when it is the first of
 * its kind. Give the best text first: it is the one that is kept.
 *
 * A copy has half of the shorter text's shingles (runs of three words) in common: a reprint with
 * another frame, an excerpt, an edited or reordered version. Time grows with the length of the
 * texts, not with the number of pairs: only texts that share a shingle are compared.
 *
 * @see Broder, "On the resemblance and containment of documents", 1997
 */
export function duplicatesOf(texts: readonly string[]): Array<number | undefined> {
	const originals = new Originals();
	return texts.map((text, index) => {
		const shingles = shinglesOf(text);
		const original = originals.containing(shingles);
		if (original === undefined) originals.add(index, shingles);
		return original;
	});
}

/** The texts that repeat no other, found by what they consist of. */
class Originals {
	/** Which texts have a shingle. */
	private readonly having = new Map<number, number[]>();
	private readonly sizes = new Map<number, number>();

	add(index: number, shingles: ReadonlySet<number>): void {
		this.sizes.set(index, shingles.size);
		for (const shingle of shingles) {
			const others = this.having.get(shingle);
			if (others === undefined) this.having.set(shingle, [index]);
			else if (others.length < MAX_SHARING) others.push(index);
		}
	}

	/** The earliest text of which these are the shingles, or which has most of its own among them. */
	containing(shingles: ReadonlySet<number>): number | undefined {
		const shared = new Map<number, number>();
		for (const shingle of shingles) {
			for (const index of this.having.get(shingle) ?? []) {
				shared.set(index, (shared.get(index) ?? 0) + 1);
			}
		}
		const copied = [...shared]
			.filter(([index, count]) => {
				const shorter = Math.min(shingles.size, this.sizes.get(index)!);
				return count >= CONTAINMENT * shorter;
			})
			.map(([index]) => index);
		return copied.length === 0 ? undefined : Math.min(...copied);
	}
}

/** Hashes of all runs of three words; a text of fewer words is one run. */
function shinglesOf(text: string): Set<number> {
	const hashes = words(text).map(hash);
	if (hashes.length > 0 && hashes.length < SHINGLE_WORDS) return new Set([mix(hashes)]);
	const all = new Set<number>();
	for (let at = 0; at + SHINGLE_WORDS <= hashes.length; at++) {
		all.add(mix(hashes.slice(at, at + SHINGLE_WORDS)));
	}
	return all;
}

/** A 32-bit FNV-1a hash. */
function hash(word: string): number {
	let value = 2166136261;
	for (let at = 0; at < word.length; at++) {
		value = Math.imul(value ^ word.charCodeAt(at), 16777619);
	}
	return value;
}

/** One hash for several in their order, finished as MurmurHash3 does. */
function mix(hashes: readonly number[]): number {
	let value = 0;
	for (const each of hashes) value = Math.imul(value, 31) + each;
	value = Math.imul(value ^ (value >>> 16), 2246822507);
	value = Math.imul(value ^ (value >>> 13), 3266489909);
	return (value ^ (value >>> 16)) >>> 0;
}
