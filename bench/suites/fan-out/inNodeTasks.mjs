import { node } from '../../../e2e/n8n/build.ts';
import { benchN8n } from '../../support/n8n.mjs';
import { atMost, row } from '../../support/rows.mjs';
import { compare, each, splitting } from './lab.mjs';

const COUNT = 10_000;

/** Ten thousand tasks inside the node, each recorded: a graph of as many independent steps. */
export async function inNodeTasks() {
	const n8n = await benchN8n({ N8N_PAYLOAD_SIZE_MAX: '64' });
	const list = Array.from({ length: COUNT }, (_, n) => ({
		id: `task-${n}`,
		type: 'transform',
		parameters: { value: n },
	}));
	const parameters = { work: 'taskGraph', graphFrom: 'items', atOnce: 50, options: {} };
	const file = splitting('tiny', node('Fan', 'parallelFanOut', parameters));
	const results = await compare(n8n, { ours: { rounds: 4, file } }, list);
	await n8n.close();
	return [
		row(
			'in-node-tasks-10000',
			'us/task',
			each(results, ({ ms }) => (ms * 1000) / COUNT),
			[atMost(50)],
		),
	];
}
