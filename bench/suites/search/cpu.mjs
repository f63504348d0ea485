/** Processor time of one whole search, without the network: engines and pages answer at once. */
import { search } from '../../engine/lib/search/index.js';
import { growthExponent, interleave } from '../../support/measure.mjs';
import { atMost, row } from '../../support/rows.mjs';
import { articles, collections, missing } from './data.mjs';
import { runtime } from './runtime.mjs';

const QUERIES_A_ROUND = 3;

/** Ten engines that find different abstracts, some of them the same. */
const enginesOf = (documents, hits) =>
	Array.from({ length: 10 }, (_, engine) => ({
		name: `Engine ${engine}`,
		search: ({ text, limit }) => {
			const start = (text.length * 31 + engine * hits * 0.8) % documents.length;
			const found = Array.from(
				{ length: limit },
				(_, rank) => documents[Math.floor(start + rank) % documents.length],
			);
			return Promise.resolve(
				found.map(({ id, title, text: body }) => ({
					url: `https://host${id % 97}.org/${id}`,
					title,
					snippet: body.slice(0, 300),
					text: body,
				})),
			);
		},
	}));

/** Every page is one of the benchmark's. */
const pagesOf = (pages) => {
	let asked = 0;
	return {
		request: () =>
			Promise.resolve({
				status: 200,
				headers: { 'content-type': 'text/html; charset=utf-8' },
				text: pages[asked++ % pages.length].html,
			}),
	};
};

function searches(data, { hits, maxPages }) {
	const engines = enginesOf(data.documents, hits);
	const http = pagesOf(data.pages);
	return {
		ops: QUERIES_A_ROUND,
		run: async () => {
			for (const { text: query } of data.queries.slice(0, QUERIES_A_ROUND)) {
				await search({ query, resultsPerEngine: hits, maxPages }, { engines, http, runtime });
			}
		},
	};
}

export async function cpu() {
	const skipped = missing('ir', 'scifact') ?? missing('article-extraction-benchmark');
	if (skipped) return { skipped };
	const { documents, queries } = collections().find(({ name }) => name === 'scifact');
	const data = { documents, queries, pages: articles() };
	const times = await interleave(
		{
			usual: searches(data, { hits: 20, maxPages: 8 }),
			'half the hits': searches(data, { hits: 10, maxPages: 8 }),
			'twice the hits': searches(data, { hits: 40, maxPages: 8 }),
			'no pages': searches(data, { hits: 20, maxPages: 0 }),
			'three times the pages': searches(data, { hits: 20, maxPages: 24 }),
		},
		5,
	);
	const ms = Object.fromEntries(Object.entries(times).map(([name, us]) => [name, us / 1000]));
	const hits = growthExponent([
		{ n: 10, us: ms['half the hits'] / 10 },
		{ n: 20, us: ms.usual / 20 },
		{ n: 40, us: ms['twice the hits'] / 40 },
	]);
	const pages = (ms['three times the pages'] - ms['no pages']) / (ms.usual - ms['no pages']);
	return [
		row('cpu/10 engines, 20 hits, 8 pages', 'ms/search', { ours: ms.usual }, [atMost(150)]),
		...Object.entries(ms)
			.filter(([name]) => name !== 'usual')
			.map(([name, value]) => row(`cpu/${name}`, 'ms/search', { ours: value }, [])),
		row('cpu/growth with hits', 'exponent', { ours: hits }, [atMost(1.1)]),
		row('cpu/three times the pages', 'times the cost of pages', { ours: pages }, [atMost(3.6)]),
	];
}
