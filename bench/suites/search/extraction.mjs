/** The article out of a page, compared with what people marked as the article. */
import { extractArticle } from '../../engine/lib/search/index.js';
import { atLeast, atMost, row } from '../../support/rows.mjs';
import { articles, missing } from './data.mjs';
import { mean } from './ndcg.mjs';

const SHINGLE = 4;
/** What Python's `\w+` finds, which the benchmark counts with. */
const tokensOf = (text) => text.match(/[\p{L}\p{N}_]+/gu) ?? [];

/** How often each run of four words occurs; fewer words are one run. */
function shinglesOf(text) {
	const tokens = tokensOf(text);
	const counts = new Map();
	for (let at = 0; at < Math.max(1, tokens.length - SHINGLE + 1); at++) {
		const shingle = tokens.slice(at, at + SHINGLE).join(' ');
		if (shingle !== '') counts.set(shingle, (counts.get(shingle) ?? 0) + 1);
	}
	return counts;
}

const total = (counts) => [...counts.values()].reduce((sum, count) => sum + count, 0);

/** Share of what was found that belongs to the article, and share of the article that was found. */
function compared(found, truth) {
	const [ours, theirs] = [shinglesOf(found), shinglesOf(truth)];
	let shared = 0;
	for (const [shingle, count] of ours) shared += Math.min(count, theirs.get(shingle) ?? 0);
	return { precision: ratio(shared, total(ours)), recall: ratio(shared, total(theirs)) };
}

/** `undefined` for nothing of nothing, which the benchmark leaves out of the mean. */
const ratio = (part, whole) => (whole === 0 ? undefined : part / whole);
const meanOf = (values) => mean(values.filter((value) => value !== undefined));

/** @see https://github.com/scrapinghub/article-extraction-benchmark, whose figures these are */
export async function extraction() {
	const skipped = missing('article-extraction-benchmark');
	if (skipped) return { skipped };
	const results = articles().map(({ html, text }) => {
		const startedAt = performance.now();
		const article = extractArticle(html);
		return { ms: performance.now() - startedAt, ...compared(article.text, text) };
	});
	const precision = meanOf(results.map((result) => result.precision));
	const recall = meanOf(results.map((result) => result.recall));
	const f1 = (2 * precision * recall) / (precision + recall);
	const published = { 'trafilatura 2': 0.958, 'readability.js': 0.947, 'best published': 0.97 };
	const times = results.map(({ ms }) => ms);
	return [
		row('extraction/precision', 'share', { ours: precision }, []),
		row('extraction/recall', 'share', { ours: recall }, []),
		row('extraction/F1', 'share', { ours: f1, ...published }, [atLeast(0.965)]),
		row('extraction/mean time', 'ms/page', { ours: mean(times) }, []),
		row('extraction/slowest page', 'ms', { ours: Math.max(...times) }, [atMost(300)]),
	];
}
