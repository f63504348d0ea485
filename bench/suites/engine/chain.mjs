import { interleave } from '../../support/measure.mjs';
import { chainGraph, recorded, runGraph } from '../../support/chain.mjs';
import { langGraphLoop } from '../../support/langgraph.mjs';
import { mastraLoop } from '../../support/mastra.mjs';
import { atMost, row, timesFasterThan } from '../../support/rows.mjs';

const N = 100_000;
/** Enough for the frameworks: their time per step only grows with the length. */
const PEER_N = 5000;

/** A chain of steps that do nothing, with events and ledger on, against loops of the frameworks. */
export async function chain() {
	const graph = chainGraph(N);
	const [langGraph, mastra] = [langGraphLoop(PEER_N), mastraLoop(PEER_N)];
	const measured = await interleave(
		{
			ours: { ops: N, run: () => runGraph(graph, recorded()) },
			langgraph: { ops: PEER_N, run: () => langGraph().then(() => undefined) },
			mastra: { ops: PEER_N, run: mastra },
		},
		5,
	);
	return [
		row('chain-100000', 'us/step', measured, [
			atMost(4),
			timesFasterThan('langgraph', 100),
			timesFasterThan('mastra', 6),
		]),
	];
}
