/**
 * Search engines of different kinds, each of which knows a random part of a collection, as engines
 * of the web hardly overlap. They share nothing with what is measured but the stemmer.
 */
import { createHash } from 'node:crypto';
import { stem } from '../../engine/lib/search/stem.js';

const STOP = new Set(
	'a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with'.split(
		' ',
	),
);
const plain = (text) =>
	(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !STOP.has(word));
const stems = new Map();
const stemOf = (word) => {
	if (!stems.has(word)) stems.set(word, stem(word));
	return stems.get(word);
};
const stemmed = (text) => plain(text).map(stemOf);

function pieces(text) {
	return plain(text).flatMap((word) => {
		const marked = `_${word}_`;
		return Array.from({ length: Math.max(0, marked.length - 3) }, (_, at) =>
			marked.slice(at, at + 4),
		);
	});
}

const whole = ({ title, text }) => `${title} ${text}`;
const titleOnly = ({ title, text }) => title || text.slice(0, 80);

/** BM25 as most engines have it. */
const bm25 =
	(k1, b) =>
	({ count, length, averageLength, documents, total }) =>
		(Math.log(1 + (total - documents + 0.5) / (documents + 0.5)) * count * (k1 + 1)) /
		(count + k1 * (1 - b + (b * length) / averageLength));

/** A language model with Dirichlet smoothing, without what all documents of a length share. */
const languageModel =
	(mu) =>
	({ count, occurrences, words }) =>
		Math.log(1 + count / ((mu * occurrences) / words));

/** The kinds, as the research behind the design had them. */
const KINDS = [
	{ name: 'A', split: stemmed, part: whole, weigh: bm25(0.9, 0.4) },
	{ name: 'B', split: stemmed, part: titleOnly, weigh: bm25(1.2, 0.75) },
	{ name: 'C', split: pieces, part: whole, weigh: bm25(1.2, 0.75) },
	{
		name: 'D',
		split: plain,
		part: whole,
		weigh: languageModel(500),
		lengthScore: (queryLength, length) => queryLength * Math.log(500 / (500 + length)),
	},
];

class Engine {
	constructor({ name, split, part, weigh, lengthScore = () => 0 }, documents) {
		Object.assign(this, { name, split, weigh, lengthScore, documents });
		this.postings = new Map();
		this.answers = new Map();
		this.lengths = documents.map((document, index) => {
			const words = split(part(document));
			for (const word of words) this.note(word, index);
			return words.length;
		});
		this.words = this.lengths.reduce((sum, length) => sum + length, 0);
	}

	note(word, index) {
		if (!this.postings.has(word)) this.postings.set(word, new Map());
		const list = this.postings.get(word);
		list.set(index, (list.get(index) ?? 0) + 1);
	}

	/** @returns the best documents, best first */
	find(text, limit) {
		const key = `${limit} ${text}`;
		if (!this.answers.has(key)) this.answers.set(key, this.search(text, limit));
		return this.answers.get(key);
	}

	search(text, limit) {
		const scores = new Map();
		const query = this.split(text);
		for (const word of query) this.addScores(word, scores);
		return [...scores]
			.map(([index, score]) => [index, score + this.lengthScore(query.length, this.lengths[index])])
			.sort(([i, a], [j, b]) => b - a || i - j)
			.slice(0, limit)
			.map(([index]) => this.documents[index]);
	}

	addScores(word, scores) {
		const list = this.postings.get(word);
		if (list === undefined) return;
		const occurrences = [...list.values()].reduce((sum, count) => sum + count, 0);
		const averageLength = this.words / this.lengths.length;
		for (const [index, count] of list) {
			const score = this.weigh({
				count,
				occurrences,
				averageLength,
				length: this.lengths[index],
				documents: list.size,
				total: this.lengths.length,
				words: this.words,
			});
			scores.set(index, (scores.get(index) ?? 0) + score);
		}
	}
}

const chance = (text) => createHash('md5').update(text).digest().readUInt32BE(0) / 2 ** 32;

/** The four engines, each of which knows this share of the documents, drawn by a fixed lot. */
export const enginesOver = (documents, share) =>
	KINDS.map(
		(kind) =>
			new Engine(
				kind,
				documents.filter(({ id }) => chance(`${kind.name}|${id}`) < share),
			),
	);

const SNIPPET_WORDS = 45;
const SNIPPET_CHARS = 300;

/** The 45 words of a text that hold the most words of the query, at most 300 characters. */
export function snippetOf(text, query) {
	if (text.length <= SNIPPET_CHARS) return text;
	const wanted = new Set(stemmed(query));
	const words = text.split(/\s+/);
	let [best, bestAt, hits] = [-1, 0, 0];
	const isHit = (word) => wanted.has(stemOf(word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')));
	const marks = words.map((word) => (isHit(word) ? 1 : 0));
	marks.forEach((mark, at) => {
		hits += mark - (at >= SNIPPET_WORDS ? marks[at - SNIPPET_WORDS] : 0);
		if (hits > best) [best, bestAt] = [hits, Math.max(0, at - SNIPPET_WORDS + 1)];
	});
	return words
		.slice(bestAt, bestAt + SNIPPET_WORDS)
		.join(' ')
		.slice(0, SNIPPET_CHARS);
}
