/** Copies of an article with what happens to them on the web: are they found, and nothing else? */
import { duplicatesOf } from '../../engine/lib/search/duplicates.js';
import { atLeast, atMost, row } from '../../support/rows.mjs';
import { lots } from './chance.mjs';
import { articles, missing } from './data.mjs';
import { mean } from './ndcg.mjs';

const MIN_WORDS = 120;
const FRAME = [
	'Share this article on Facebook Twitter LinkedIn',
	'Sign up for our daily newsletter',
	'Advertisement',
	'Read more from our partners',
	'All rights reserved',
	'This story was originally published by the wire service and is republished with permission.',
];

const wordsOf = (text) => text.split(/\s+/);
const beginning = (text, share) => {
	const words = wordsOf(text);
	return words.slice(0, Math.floor(words.length * share)).join(' ');
};
const edited = (text, share, chance) =>
	wordsOf(text)
		.map((word) => (chance() < share ? `edited${Math.floor(chance() * 99)}` : word))
		.join(' ');

const MUTATIONS = {
	'frame around it': (text) => `${FRAME.slice(0, 3).join('. ')}. ${text} ${FRAME.join('. ')}`,
	'first 60 %': (text) => beginning(text, 0.6),
	'first 30 %': (text) => beginning(text, 0.3),
	'5 % of words edited': (text, chance) => edited(text, 0.05, chance),
	'15 % of words edited': (text, chance) => edited(text, 0.15, chance),
	'20 % of sentences dropped': (text, chance) =>
		text
			.split(/(?<=[.!?])\s+/)
			.filter(() => chance() > 0.2)
			.join(' '),
	'paragraphs shuffled': (text, chance) =>
		text
			.split('\n')
			.map((paragraph) => ({ paragraph, place: chance() }))
			.sort((a, b) => a.place - b.place)
			.map(({ paragraph }) => paragraph)
			.join('\n'),
};

const isFound = (original, copy) => duplicatesOf([original, copy])[1] === 0;

export async function duplicates() {
	const skipped = missing('article-extraction-benchmark');
	if (skipped) return { skipped };
	const texts = articles()
		.map(({ text }) => text)
		.filter((text) => (text.match(/[\p{L}\p{N}]+/gu) ?? []).length > MIN_WORDS);
	const chance = lots(12345);
	const recalls = Object.entries(MUTATIONS).map(([name, change]) => ({
		name,
		recall: mean(texts.map((text) => (isFound(text, change(text, chance)) ? 1 : 0))),
	}));
	let pairs = 0;
	let falsePairs = 0;
	texts.forEach((text, index) => {
		for (const other of texts.slice(index + 1)) {
			pairs++;
			if (isFound(text, other)) falsePairs++;
		}
	});
	return [
		...recalls.map(({ name, recall }) => row(`duplicates/${name}`, 'recall', { ours: recall }, [])),
		row('duplicates/mean of seven', 'recall', { ours: mean(recalls.map(({ recall }) => recall)) }, [
			atLeast(0.97),
		]),
		row('duplicates/pairs of different articles', 'pairs', { ours: pairs }, [atLeast(10_000)]),
		row('duplicates/false pairs', 'pairs', { ours: falsePairs }, [atMost(0)]),
	];
}
