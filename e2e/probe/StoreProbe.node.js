/**
 * Calls the methods of a store on a Data Table from inside a workflow, all of one request at once,
 * and answers with what they give or throw. Lies beside our package where n8n keeps packages.
 */
const { tableStore } = require('../n8n-nodes-agent-swarm/dist/lib/index.js');
const { dataTable } = require('../n8n-nodes-agent-swarm/dist/nodes/shared/dataTable/dataTable.js');
const { n8nRuntime } = require('../n8n-nodes-agent-swarm/dist/nodes/shared/runtime.js');

const answerOf = (call) =>
	call.then(
		(value) => ({ value: value ?? null }),
		({ code, message, retryable, cause }) => ({
			error: { code, message: `${message} ${cause?.message ?? ''}`, retryable },
		}),
	);

class StoreProbe {
	description = {
		displayName: 'Store Probe',
		name: 'storeProbe',
		group: ['transform'],
		version: 1,
		description: 'Calls the methods of a store',
		defaults: { name: 'Store Probe' },
		inputs: ['main'],
		outputs: ['main'],
		properties: [],
	};

	async execute() {
		const { table, now, calls } = this.getInputData()[0].json.body;
		const runtime = { ...n8nRuntime, now: () => now };
		const store = tableStore({ table: dataTable(this, table), runtime });
		const answers = await Promise.all(
			calls.map(({ method, args }) => answerOf(store[method](...args))),
		);
		return [[{ json: { answers, pid: process.pid } }]];
	}
}

module.exports = { StoreProbe };
