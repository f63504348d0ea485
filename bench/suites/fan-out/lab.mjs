/** What the measurements of Parallel Fan-out share. */
import { chain, node, webhook } from '../../../e2e/n8n/build.ts';
import { quickest } from '../../support/n8n.mjs';

/** The trigger of a sub-workflow. */
export const called = () =>
	node(
		'Called',
		'n8n-nodes-base.executeWorkflowTrigger',
		{ inputSource: 'passthrough' },
		{ typeVersion: 1.1 },
	);

/** A published webhook that gives the elements of its list, one by one, to a node. */
export const splitting = (name, last) =>
	chain(
		name,
		webhook(name),
		node('Split', 'n8n-nodes-base.splitOut', { fieldToSplitOut: 'body.list', options: {} }),
		last,
	);

/**
 * Runs every workflow in turn, round after round.
 *
 * @param files - by name; `rounds` of them for each, the first to warm up when there are several
 * @returns by name: `{ ms, stored }` of the quickest round
 */
export async function compare(n8n, files, list) {
	const runs = Object.fromEntries(Object.keys(files).map((name) => [name, []]));
	for (const { file } of Object.values(files)) await n8n.publish(file);
	const most = Math.max(...Object.values(files).map(({ rounds }) => rounds));
	for (let round = 0; round < most; round++) {
		for (const [name, { file, rounds }] of Object.entries(files)) {
			if (round >= rounds) continue;
			const run = await n8n.run(file.name, { list }, 'Split');
			if (run.answer.length !== list.length) {
				throw new Error(`${name} gave ${run.answer.length} of ${list.length} results`);
			}
			runs[name].push(run);
		}
	}
	return Object.fromEntries(
		Object.entries(runs).map(([name, all]) => [
			name,
			{ ms: quickest(all.map(({ ms }) => ms)), stored: all[0].stored },
		]),
	);
}

/** One figure of each, e.g. seconds. */
export const each = (results, figure) =>
	Object.fromEntries(Object.entries(results).map(([name, result]) => [name, figure(result)]));
