import { sentencesOf } from './sentences';
import type { Sentence } from './sentences';

/** Longest stretch, in characters, unless one sentence alone is longer. */
const MAX_CHARS = 700;
/** A longer sentence is no sentence; it is cut. */
const MAX_SENTENCE = 1500;

/** Sentences that follow each other, as many as fit into a passage, in order. */
export function stretchesOf(text: string): Sentence[] {
	const stretches: Sentence[] = [];
	for (const sentence of sentencesOf(text)) {
		const end = Math.min(sentence.end, sentence.start + MAX_SENTENCE);
		const last = stretches.at(-1);
		if (last !== undefined && end - last.start <= MAX_CHARS) last.end = end;
		else stretches.push({ text: '', start: sentence.start, end });
	}
	return stretches.map(({ start, end }) => ({ text: text.slice(start, end), start, end }));
}
