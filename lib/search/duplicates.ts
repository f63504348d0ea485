import { words } from './tokens';

const HASHES = 64;
const SHINGLE_WORDS = 3;
/** Share of the smaller text's shingles found in the larger one, from which it is a copy. */
const CONTAINMENT = 0.5;

/** A small fingerprint of a text; texts that share wording have similar ones. */
export interface Fingerprint {
	/** The smallest hash of any shingle, for each of 64 hash functions. */
	minima: Uint32Array;
	/** How many different shingles (runs of three words) the text has. */
	shingles: number;
}

/**
 * The MinHash fingerprint of a text.
 *
 * @see Broder, "On the resemblance and containment of documents", 1997
 */
export function fingerprint(text: string): Fingerprint {
	const shingles = shinglesOf(text);
	const minima = new Uint32Array(HASHES).fill(0xffffffff);
	for (const shingle of shingles) {
		const base = hash(shingle, 0);
		// Odd, so that the 64 derived hashes walk through all 32-bit values.
		const stride = hash(shingle, 0x9e3779b9) | 1;
		for (let i = 0; i < HASHES; i++) {
			const value = (base + Math.imul(i, stride)) >>> 0;
			if (value < minima[i]!) minima[i] = value;
		}
	}
	return { minima, shingles: shingles.size };
}

/** Whether one text is, for the most part, contained in the other: a copy, an excerpt, a reprint. */
export function isNearDuplicate(first: Fingerprint, second: Fingerprint): boolean {
	if (first.shingles === 0 || second.shingles === 0) return false;
	let equal = 0;
	for (let i = 0; i < HASHES; i++) if (first.minima[i] === second.minima[i]) equal++;
	const jaccard = equal / HASHES;
	const shared = (jaccard * (first.shingles + second.shingles)) / (1 + jaccard);
	return shared / Math.min(first.shingles, second.shingles) >= CONTAINMENT;
}

/**
 * For each text the index of the earlier text it repeats, or `undefined` when it is the first of
 * its kind. Give the best text first: it is the one that is kept.
 */
export function duplicatesOf(texts: readonly string[]): Array<number | undefined> {
	const prints = texts.map(fingerprint);
	const duplicateOf: Array<number | undefined> = [];
	prints.forEach((print, index) => {
		const original = prints.findIndex(
			(other, earlier) =>
				earlier < index && duplicateOf[earlier] === undefined && isNearDuplicate(other, print),
		);
		duplicateOf.push(original === -1 ? undefined : original);
	});
	return duplicateOf;
}

/** Runs of three words; a text of fewer words is one shingle. */
function shinglesOf(text: string): Set<string> {
	const all = words(text);
	const shingles = new Set<string>();
	if (all.length > 0 && all.length < SHINGLE_WORDS) shingles.add(all.join(' '));
	for (let i = 0; i + SHINGLE_WORDS <= all.length; i++) {
		shingles.add(all.slice(i, i + SHINGLE_WORDS).join(' '));
	}
	return shingles;
}

/** A 32-bit FNV-1a hash, finished as MurmurHash3 does. */
function hash(text: string, seed: number): number {
	let value = 2166136261 ^ seed;
	for (let i = 0; i < text.length; i++) {
		value ^= text.charCodeAt(i);
		value = Math.imul(value, 16777619);
	}
	value ^= value >>> 15;
	value = Math.imul(value, 2246822507);
	value ^= value >>> 13;
	return value >>> 0;
}
