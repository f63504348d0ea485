import { LIMIT, criticalPath, layeredGraph, ourDag, pGraphDag } from '../../support/dag.mjs';
import { langGraphDag } from '../../support/langgraph.mjs';
import { mastraLayers } from '../../support/mastra.mjs';
import { growthExponent, interleave } from '../../support/measure.mjs';
import { aheadOf, atMost, row, timesFasterThan } from '../../support/rows.mjs';

const sized = (n, run, rounds) => ({ ops: n, run: () => run().then(() => undefined), rounds });

/** How the time per step grows from a thousand steps to a hundred thousand. */
export async function growth() {
	const rows = [];
	const points = [];
	for (const n of [1000, 3000, 10_000, 30_000, 100_000]) {
		const layers = layeredGraph(n);
		const measured = await interleave(
			{ ours: sized(n, ourDag(layers)), 'p-graph': sized(n, pGraphDag(layers)) },
			n <= 3000 ? 25 : 7,
		);
		points.push({ n, us: measured.ours });
		rows.push(row(`graph-${n}`, 'us/step', measured, [atMost(2), aheadOf('p-graph')]));
	}
	const exponent = growthExponent(points);
	rows.push(row('graph-growth', 'exponent', { ours: exponent }, [atMost(1.1)]));
	return rows;
}

/** Ten thousand steps; one round each for the frameworks, which need most of a minute. */
export async function graph() {
	const n = 10_000;
	const layers = layeredGraph(n);
	const measured = await interleave(
		{
			ours: sized(n, ourDag(layers), 7),
			langgraph: sized(n, langGraphDag(layers.flat()), 1),
			mastra: sized(n, mastraLayers(layers), 1),
		},
		7,
	);
	return [
		row('graph-10000-frameworks', 'us/step', measured, [
			timesFasterThan('langgraph', 800),
			timesFasterThan('mastra', 800),
		]),
	];
}

/** Steps of 1 to 10 ms, some of 40: a scheduler that waits for whole layers loses here. */
export async function makespan() {
	const durationOf = (random) => (random() < 0.15 ? 40 : 1 + Math.floor(random() * 10));
	const layers = layeredGraph(400, 20, durationOf);
	if (layers[0].length > LIMIT) throw new Error('The limit must not be what holds the steps up.');
	const ideal = criticalPath(layers);
	const timed = (run) => ({
		ops: 1,
		run: async () => {
			const startedAt = performance.now();
			await run();
			return (performance.now() - startedAt) / ideal;
		},
	});
	const measured = await interleave(
		{
			ours: timed(ourDag(layers)),
			'p-graph': timed(pGraphDag(layers)),
			langgraph: timed(langGraphDag(layers.flat())),
			mastra: timed(mastraLayers(layers)),
		},
		5,
	);
	return [
		row('makespan', 'x critical path', measured, [atMost(1.02), aheadOf('langgraph', 'mastra')]),
	];
}
