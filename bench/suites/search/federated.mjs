/** Four engines that each know a part of a collection: how good is the one list made of theirs? */
import { search } from '../../engine/lib/search/index.js';
import { atLeast, row } from '../../support/rows.mjs';
import { collections, missing } from './data.mjs';
import { enginesOver, snippetOf } from './engines.mjs';
import { mean, ndcgOfTen } from './ndcg.mjs';
import { runtime } from './runtime.mjs';

const HITS = 10;

/** A host of its own for each document, as on the web. */
const urlOf = (id) => `https://h${Buffer.from(id).toString('hex')}.example/`;
const idOf = (url) =>
	Buffer.from(new URL(url).hostname.slice(1, -'.example'.length), 'hex').toString();

/** An engine as Swarm Search knows it. */
const portOf = (engine, giveText) => ({
	name: engine.name,
	search: ({ text, limit }) =>
		Promise.resolve(
			engine.find(text, limit).map(({ id, title, text: body }) => {
				const snippet = snippetOf(body, text);
				return { url: urlOf(id), title, snippet, ...(giveText && { text: body }) };
			}),
		),
});

const ours =
	({ maxVariants, giveText }) =>
	async (engines, { text: query }) => {
		const { sources } = await search(
			{ query, maxVariants, maxSources: 100, maxSentences: 1, resultsPerEngine: HITS },
			{ engines: engines.map((engine) => portOf(engine, giveText)), runtime },
		);
		return sources.map(({ url }) => idOf(url));
	};

/** Orders what the engines found by a sum over the lists, each place worth something. */
const fusedBy = (worth, total) => (engines, query) => {
	const places = new Map();
	for (const engine of engines) {
		engine.find(query.text, HITS).forEach(({ id }, rank) => {
			places.set(id, [...(places.get(id) ?? []), rank]);
		});
	}
	const scoreOf = (ranks) => total(ranks.map(worth), ranks.length);
	return [...places]
		.map(([id, ranks]) => ({ id, score: scoreOf(ranks) }))
		.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
		.map(({ id }) => id);
};

const sum = (values) => values.reduce((all, value) => all + value, 0);

const WAYS = {
	ours: ours({ maxVariants: 3, giveText: true }),
	'ours, one wording': ours({ maxVariants: 1, giveText: true }),
	'ours, snippets only': ours({ maxVariants: 3, giveText: false }),
	'reciprocal rank fusion, k = 60': fusedBy((rank) => 1 / (61 + rank), sum),
	"SearXNG's formula": fusedBy(
		(rank) => 1 / (rank + 1),
		(values, lists) => lists * sum(values),
	),
};

async function measured({ documents, queries }, share, count) {
	const engines = enginesOver(documents, share);
	const values = {};
	for (const [way, rank] of Object.entries(WAYS)) {
		const each = [];
		for (const query of queries.slice(0, count)) {
			each.push(ndcgOfTen(await rank(engines, query), query.relevant));
		}
		values[way] = mean(each);
	}
	return values;
}

/** The mean of each way over several collections. */
export const meanOf = (all) =>
	Object.fromEntries(Object.keys(all[0]).map((way) => [way, mean(all.map((each) => each[way]))]));

const federated = (share, count, goal) => async () => {
	const skipped = missing('ir');
	if (skipped) return { skipped };
	const name = `federated-${share * 100}`;
	const all = [];
	const rows = [];
	for (const collection of collections()) {
		const values = await measured(collection, share, count);
		all.push(values);
		rows.push(row(`${name}/${collection.name}`, 'nDCG@10', values, []));
	}
	return [...rows, row(`${name}/mean`, 'nDCG@10', meanOf(all), [atLeast(goal)])];
};

/** Each engine knows 60 % of the documents; the first 120 questions of each collection. */
export const federated60 = federated(0.6, 120, 0.455);

/** Each engine knows 35 % of the documents; the first 100 questions of each collection. */
export const federated35 = federated(0.35, 100, 0.425);
