/** How fast many items go through, when the model answers at once and when it takes its time. */
import { quickest } from '../../support/n8n.mjs';
import { aheadOf, atMost, row } from '../../support/rows.mjs';
import { published, runAgent, theInstance } from './instance.mjs';

const ITEMS = 100;
const CONCURRENCIES = [1, 10, 100];
const LATENCY_MS = 200;

/** Milliseconds of the node for all items: by contender, the quickest of several rounds. */
async function measure(concurrency, latencyMs, rounds) {
	const { model } = await theInstance();
	const files = Object.entries(await published(concurrency));
	const times = Object.fromEntries(files.map(([who]) => [who, []]));
	for (let round = 0; round < rounds; round++) {
		for (const [who, name] of files) {
			model.forget();
			model.script({ delayMs: latencyMs, times: ITEMS });
			const { ms } = await runAgent(name, ITEMS);
			if (model.calls.length !== ITEMS) throw new Error(`${who}: ${model.calls.length} calls`);
			times[who].push(ms);
		}
	}
	return Object.fromEntries(Object.entries(times).map(([who, list]) => [who, quickest(list)]));
}

const mapValues = (values, change) =>
	Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));

/** The model answers at once: what is left is what the nodes themselves cost. */
export async function atOnce() {
	const rows = [];
	for (const concurrency of CONCURRENCIES) {
		const times = await measure(concurrency, 0, 6);
		const perItem = mapValues(times, (ms) => ms / ITEMS);
		const { 'ours, Chat Model attached': attached, ...others } = perItem;
		const { ours, ...peers } = others;
		const goals = [aheadOf('AI Agent', 'Basic LLM Chain')];
		const name = `${ITEMS} items, ${concurrency} at once, model at once`;
		rows.push(
			row(name, 'ms/item', { ours, ...peers }, goals),
			row(`${name}, Chat Model attached`, 'ms/item', { ours: attached, ...peers }, goals),
		);
	}
	return rows;
}

/** The model takes its time: how near the nodes come to what is possible at all. */
export async function waiting() {
	const rows = [];
	for (const concurrency of CONCURRENCIES) {
		const ideal = (ITEMS / concurrency) * LATENCY_MS;
		const times = await measure(concurrency, LATENCY_MS, concurrency === 1 ? 1 : 5);
		const { ours, 'ours, Chat Model attached': attached, ...others } = times;
		const peers = { ideal, ...others };
		const goals = [aheadOf('AI Agent'), atMost(ideal * 1.1)];
		const name = `${ITEMS} items, ${concurrency} at once, model in ${LATENCY_MS} ms`;
		rows.push(
			row(name, 'ms', { ours, ...peers }, goals),
			row(`${name}, Chat Model attached`, 'ms', { ours: attached, ...peers }, goals),
		);
	}
	return rows;
}
