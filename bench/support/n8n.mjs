/** A real n8n for measurements, and what its executions tell. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'flatted';
import { N8nClient, newOwner } from '../../e2e/n8n/client.ts';
import { startN8n } from '../../e2e/n8n/server.ts';

/** Linux counts processor time in hundredths of a second. */
const MS_PER_TICK = 10;

/** The quickest of several runs is the one that was disturbed least. */
export const quickest = (values) => Math.min(...values);

/**
 * Starts an n8n with our package in a folder of its own.
 *
 * @returns `publish(file)`, `run(webhook, body)` and `close()`; see there
 */
export async function benchN8n(env = {}) {
	const userFolder = mkdtempSync(path.join(tmpdir(), 'agent-swarm-bench-n8n-'));
	const server = await startN8n({ userFolder, env });
	const client = new N8nClient(server.url);
	await client.signIn(newOwner());
	const published = new Map();

	return {
		client,
		server,

		/** Milliseconds of processor time that n8n has taken so far, which other work hardly changes. */
		cpuMs: () => {
			const [, fields] = readFileSync(`/proc/${server.pid()}/stat`, 'utf8').split(') ');
			const [user, system] = fields.split(' ').slice(11, 13).map(Number);
			return (user + system) * MS_PER_TICK;
		},

		/** Makes a workflow callable by the path of its webhook, which is also its name. */
		publish: async (file) => {
			const workflow = await client.createWorkflow(file);
			await client.publish(workflow);
			published.set(file.name, workflow.id);
		},

		/**
		 * Calls a published workflow and waits for its end.
		 *
		 * @param after - name of the node with whose end the measured time begins
		 * @returns the answer, the milliseconds from then on to the end of the last node, and the
		 * characters that n8n keeps of the execution
		 */
		run: async (name, body, after) => {
			const { status, data: answer } = await client.callWebhook(name, body);
			if (status !== 200) throw new Error(`${name} answered ${status}: ${JSON.stringify(answer)}`);
			const [{ id }] = await client.executions(published.get(name), 1);
			const { data } = await client.request('GET', `/executions/${id}`);
			const { runData } = parse(data).resultData;
			const endOf = (runs) =>
				Math.max(...runs.map(({ startTime, executionTime }) => startTime + executionTime));
			const ms = Math.max(...Object.values(runData).map(endOf)) - endOf(runData[after]);
			return { answer, ms, stored: data.length };
		},

		close: async () => {
			await server.stop();
			rmSync(userFolder, { recursive: true, force: true });
		},
	};
}
