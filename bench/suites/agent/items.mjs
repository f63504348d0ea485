/** How fast many items go through, when the model answers at once and when it takes its time. */
import { quickest } from '../../support/n8n.mjs';
import { aheadOf, atMost, row } from '../../support/rows.mjs';
import { published, runAgent, theInstance } from './instance.mjs';

const ITEMS = 100;
const CONCURRENCIES = [1, 10, 100];
const LATENCY_MS = 200;

/**
 * Milliseconds for all items: by contender, of the node the quickest of several rounds, and the
 * mean of the processor time that n8n takes for the whole execution.
 */
async function measure(concurrency, latencyMs, rounds) {
	const { model, n8n } = await theInstance();
	const files = Object.entries(await published(concurrency));
	const times = Object.fromEntries(files.map(([who]) => [who, []]));
	const cpu = Object.fromEntries(files.map(([who]) => [who, 0]));
	for (let round = 0; round < rounds; round++) {
		for (const [who, name] of files) {
			model.forget();
			model.script({ delayMs: latencyMs, times: ITEMS });
			const before = n8n.cpuMs();
			const { ms } = await runAgent(name, ITEMS);
			cpu[who] += (n8n.cpuMs() - before) / rounds;
			if (model.calls.length !== ITEMS) throw new Error(`${who}: ${model.calls.length} calls`);
			times[who].push(ms);
		}
	}
	return { times: mapValues(times, quickest), cpu };
}

const mapValues = (values, change) =>
	Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));

/** The model answers at once: what is left is what the nodes themselves cost. */
export async function atOnce() {
	const rows = [];
	for (const concurrency of CONCURRENCIES) {
		const { times, cpu } = await measure(concurrency, 0, 8);
		const name = `${ITEMS} items, ${concurrency} at once, model at once`;
		rows.push(
			...bothOurs(name, 'ms/item', mapValues(times, perItem), GOALS),
			...bothOurs(`${name}, processor`, 'ms/item', mapValues(cpu, perItem), GOALS),
		);
	}
	return rows;
}

const GOALS = [aheadOf('AI Agent', 'Basic LLM Chain')];

const perItem = (ms) => ms / ITEMS;

/** A row for our node with its own credential, and one with n8n's model node attached. */
function bothOurs(name, unit, { ours, 'ours, Chat Model attached': attached, ...peers }, goals) {
	return [
		row(name, unit, { ours, ...peers }, goals),
		row(`${name}, Chat Model attached`, unit, { ours: attached, ...peers }, goals),
	];
}

/** The model takes its time: how near the nodes come to what is possible at all. */
export async function waiting() {
	const rows = [];
	for (const concurrency of CONCURRENCIES) {
		const ideal = (ITEMS / concurrency) * LATENCY_MS;
		const { times } = await measure(concurrency, LATENCY_MS, concurrency === 1 ? 1 : 5);
		const name = `${ITEMS} items, ${concurrency} at once, model in ${LATENCY_MS} ms`;
		const goals = [aheadOf('AI Agent'), atMost(Math.round(ideal * 1.1))];
		rows.push(...bothOurs(name, 'ms', { ...times, ideal }, goals));
	}
	return rows;
}
