import { startGraph } from '../../engine/lib/index.js';
import { chainGraph } from '../../support/chain.mjs';
import { retainedBytes } from '../../support/measure.mjs';
import { atMost, row } from '../../support/rows.mjs';
import { runtime } from '../../support/runtime.mjs';

const N = 100_000;

/** What a finished step still occupies, with events off, as long as its run is kept. */
export async function memory() {
	const graph = chainGraph(N);
	const { bytes, kept } = await retainedBytes(async () => {
		const run = startGraph(graph, { runtime });
		return { run, result: await run.result };
	});
	if (kept.result.status !== 'completed') throw new Error(`Ended as ${kept.result.status}.`);
	return [row('memory', 'bytes/finished step', { ours: bytes / N }, [atMost(1024)])];
}
