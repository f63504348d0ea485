/** All documents of a collection in one index: how good is the list for a question? */
import { TextRanker } from '../../engine/lib/search/rank.js';
import { atLeast, row } from '../../support/rows.mjs';
import { collections, missing } from './data.mjs';
import { enginesOver } from './engines.mjs';
import { meanOf } from './federated.mjs';
import { mean, ndcgOfTen } from './ndcg.mjs';

const best = (documents, scores) =>
	documents
		.map(({ id }, index) => ({ id, score: scores[index] }))
		.filter(({ score }) => score > 0)
		.sort((a, b) => b.score - a.score)
		.slice(0, 10)
		.map(({ id }) => id);

function measured({ documents, queries }) {
	const [bm25] = enginesOver(documents, 1);
	const ranker = new TextRanker(documents, { feedback: true });
	const ndcg = (idsFor) =>
		mean(queries.map((query) => ndcgOfTen(idsFor(query.text), query.relevant)));
	return {
		ours: ndcg((text) => best(documents, ranker.scores(text))),
		BM25: ndcg((text) => bm25.find(text, 10).map(({ id }) => id)),
	};
}

export async function oneIndex() {
	const skipped = missing('ir');
	if (skipped) return { skipped };
	const all = collections().map((collection) => ({
		name: collection.name,
		...measured(collection),
	}));
	return [
		...all.map(({ name, ...values }) => row(`one-index/${name}`, 'nDCG@10', values, [])),
		row('one-index/mean', 'nDCG@10', meanOf(all.map(({ name: _, ...values }) => values)), [
			atLeast(0.475),
		]),
	];
}
