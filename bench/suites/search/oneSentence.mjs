/** One sentence of an abstract to stand for a paper, compared with what its authors wrote. */
import { summarize } from '../../engine/lib/search/summarize.js';
import { stem } from '../../engine/lib/search/stem.js';
import { atLeast, row } from '../../support/rows.mjs';
import { jsonLines, missing } from './data.mjs';
import { mean } from './ndcg.mjs';

const tokensOf = (text) => (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).map(stem);

function countsOf(text) {
	const counts = new Map();
	for (const token of tokensOf(text)) counts.set(token, (counts.get(token) ?? 0) + 1);
	return counts;
}

const total = (counts) => [...counts.values()].reduce((sum, count) => sum + count, 0);

/** ROUGE-1: F1 of the stemmed words two texts share. */
function rouge1(text, reference) {
	const [ours, theirs] = [countsOf(text), countsOf(reference)];
	let shared = 0;
	for (const [token, count] of ours) shared += Math.min(count, theirs.get(token) ?? 0);
	return shared === 0 ? 0 : (2 * shared) / (total(ours) + total(theirs));
}

const bestOf = (text, targets) => Math.max(...targets.map((target) => rouge1(text, target)));

/**
 * The sentence that Swarm Search quotes when it is asked by the title and may quote one. Many of the
 * pieces in the data are lines, not sentences ("We show that" / "this works."), so the abstract
 * is given line by line, as its authors wrapped it, and not as a paragraph for each piece.
 */
function quoted({ title, source }) {
	const text = source.map((line) => line.trim()).join('\n');
	const hit = { n: 1, url: null, title, snippet: '', text, score: 1, engines: [] };
	return summarize(title, [hit], 1)[0]?.text ?? '';
}

const measured = (papers) => {
	const rouge = (pick) => mean(papers.map((paper) => bestOf(pick(paper), paper.target)));
	return {
		ours: rouge(quoted),
		'first sentence': rouge(({ source }) => source[0]),
		'best possible sentence': mean(
			papers.map(({ source, target }) => Math.max(...source.map((each) => bestOf(each, target)))),
		),
	};
};

/** @see Cachola et al., "TLDR: Extreme Summarization of Scientific Documents", EMNLP 2020 */
export async function oneSentence() {
	const skipped = missing('scitldr');
	if (skipped) return { skipped };
	return ['dev', 'test'].map((part) =>
		row(
			`one-sentence/${part}`,
			'ROUGE-1',
			measured(jsonLines('scitldr', `${part}.jsonl.gz`)),
			part === 'test' ? [atLeast(0.42)] : [],
		),
	);
}
