/** What n8n keeps of an execution in its database. */
import { row, timesFasterThan } from '../../support/rows.mjs';
import { published, runAgent } from './instance.mjs';

const ITEMS = 100;

const timesSmallerThan = (peer, times) => ({
	...timesFasterThan(peer, times),
	text: `>= ${times} x smaller than ${peer}`,
});

/** Characters of the execution's data: every node's items, and every call of a sub-node. */
export async function stored() {
	const sizes = {};
	for (const [who, name] of Object.entries(await published(10))) {
		sizes[who] = (await runAgent(name, ITEMS)).stored;
	}
	const { 'ours, Chat Model attached': attached, ours, ...peers } = sizes;
	const goal = [timesSmallerThan('AI Agent', 5)];
	return [
		row(`execution data, ${ITEMS} items`, 'bytes', { ours, ...peers }, goal),
		row(
			`execution data, ${ITEMS} items, Chat Model attached`,
			'bytes',
			{ ours: attached, ...peers },
			goal,
		),
	];
}
