/** What n8n keeps of an execution in its database. */
import { row, timesFasterThan } from '../../support/rows.mjs';
import { published, runAgent, theInstance } from './instance.mjs';

const ITEMS = 100;

const timesSmallerThan = (peer, times) => ({
	...timesFasterThan(peer, times),
	text: `>= ${times} x smaller than ${peer}`,
});

/** The one short sentence that the instructions ask for, of each ticket. */
const SENTENCES = Array.from({ length: ITEMS }, (_entry, ticket) => ({
	match: `Ticket ${ticket}:`,
	reply: {
		content: `Billing, This week: ticket ${ticket} was charged twice for tubes and a pump.`,
	},
}));

/** Characters of the execution's data: every node's items, and every call of a sub-node. */
async function sizes(script) {
	const { model } = await theInstance();
	const stored = {};
	for (const [who, name] of Object.entries(await published(10))) {
		model.forget();
		model.script(...script);
		stored[who] = (await runAgent(name, ITEMS)).stored;
	}
	model.forget();
	return stored;
}

function rowsOf(answers, { ours, 'ours, Chat Model attached': attached, ...peers }, goals) {
	const name = `execution data, ${ITEMS} items, ${answers}`;
	return [
		row(name, 'bytes', { ours, ...peers }, goals),
		row(`${name}, Chat Model attached`, 'bytes', { ours: attached, ...peers }, goals),
	];
}

/** The tickets and the answers are the same for all; what is stored besides is not. */
export async function stored() {
	const goals = [timesSmallerThan('AI Agent', 5)];
	return [
		...rowsOf('answers as asked for', await sizes(SENTENCES), goals),
		...rowsOf('answers longer than the tickets', await sizes([]), []),
	];
}
