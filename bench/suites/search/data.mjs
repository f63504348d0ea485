/** The collections that Swarm Search is measured with. They are not part of the project. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

const folder = process.env.SEARCH_DATA;
const inData = (...parts) => path.join(folder, ...parts);

/** Why a measurement cannot be made, or `undefined` when its data is there. */
export const missing = (...parts) =>
	existsSync(inData(...parts))
		? undefined
		: `there is no ${inData(...parts)}; SEARCH_DATA says where the data is (docs/swarm-search.md)`;

const read = (file) => (file.endsWith('.gz') ? gunzipSync(readFileSync(file)) : readFileSync(file));
const linesOf = (file) => read(file).toString('utf8').trim().split('\n');

/** The values of a file of JSON lines, packed. */
export const jsonLines = (...parts) => linesOf(inData(...parts)).map((line) => JSON.parse(line));

/**
 * Every test collection in `ir`: documents, questions, and which documents answer which question.
 *
 * @returns `{ name, documents: [{ id, title, text }], queries: [{ id, text, relevant: Map }] }` each
 */
export const collections = () =>
	readdirSync(inData('ir'))
		.sort()
		.map((name) => ({
			name,
			documents: jsonLines('ir', name, 'corpus.jsonl.gz'),
			queries: judgedQueries(name),
		}));

function judgedQueries(name) {
	const relevant = new Map();
	for (const line of linesOf(inData('ir', name, 'qrels.tsv'))) {
		const [query, document, grade] = line.split('\t');
		if (!relevant.has(query)) relevant.set(query, new Map());
		relevant.get(query).set(document, Math.max(0, Number(grade)));
	}
	return jsonLines('ir', name, 'queries.jsonl.gz')
		.filter(({ id }) => [...(relevant.get(id)?.values() ?? [])].some((grade) => grade > 0))
		.map(({ id, text }) => ({ id, text, relevant: relevant.get(id) }));
}

/**
 * Pages and the articles on them, as people marked them.
 *
 * @returns `{ html, text }` each
 */
export function articles() {
	const name = 'article-extraction-benchmark';
	const truth = JSON.parse(read(inData(name, 'ground-truth.json.gz')).toString('utf8'));
	return Object.entries(truth).map(([id, { articleBody }]) => ({
		html: read(inData(name, 'html', `${id}.html.gz`)).toString('utf8'),
		text: articleBody,
	}));
}
