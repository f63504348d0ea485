import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chain, node } from '../../../e2e/n8n/build.ts';
import { benchN8n } from '../../support/n8n.mjs';
import { atMost, row } from '../../support/rows.mjs';
import { called, compare, each, splitting } from './lab.mjs';

const COUNT = 100;
const AT_ONCE = 50;
const list = Array.from({ length: COUNT }, (_, n) => ({ n }));

/** n8n's own node, with its way of calling. */
const executeWorkflow = (workflowId, mode) =>
	node(
		'Call',
		'n8n-nodes-base.executeWorkflow',
		{ workflowId: { __rl: true, mode: 'id', value: workflowId }, mode, options: {} },
		{ typeVersion: 1.2 },
	);

const fan = (workflowId) =>
	node('Fan', 'parallelFanOut', { work: 'subWorkflow', workflowId, atOnce: AT_ONCE, options: {} });

const probe = (workflow) => node('Probe', 'CUSTOM.fanProbe', { workflow, atOnce: AT_ONCE });

/** The replacement that n8n documents for "each": a loop around one call. */
function loop(name, workflowId) {
	const batches = node(
		'Loop',
		'n8n-nodes-base.splitInBatches',
		{ options: {} },
		{ typeVersion: 3 },
	);
	const file = splitting(name, batches);
	const to = (target) => [{ node: target, type: 'main', index: 0 }];
	return {
		...file,
		nodes: [...file.nodes, executeWorkflow(workflowId, 'once')],
		connections: {
			...file.connections,
			Loop: { main: [[], to('Call')] },
			Call: { main: [to('Loop')] },
		},
	};
}

/** All four ways to run a workflow for each item. */
const ways = (name, { id }) => ({
	ours: { rounds: 4, file: splitting(`ours-${name}`, fan(id)) },
	'bare executeWorkflow': { rounds: 4, file: splitting(`bare-${name}`, probe(id)) },
	'Execute Sub-workflow, each': {
		rounds: 1,
		file: splitting(`each-${name}`, executeWorkflow(id, 'each')),
	},
	'Loop Over Items': { rounds: 1, file: loop(`loop-${name}`, id) },
});

function probeFolder() {
	const folder = mkdtempSync(path.join(tmpdir(), 'agent-swarm-probe-'));
	const name = 'FanProbe.node.js';
	cpSync(path.join(import.meta.dirname, name), path.join(folder, name));
	return folder;
}

/** A hundred sub-workflows: of 200 ms, and of nothing, where only the call itself costs. */
export async function subWorkflows({ lazy, limitS }) {
	const probes = probeFolder();
	const n8n = await benchN8n({
		N8N_CUSTOM_EXTENSIONS: probes,
		...(lazy ? { N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' } : {}),
	});
	const publish = async (name, ...nodes) => {
		const workflow = await n8n.client.createWorkflow(chain(name, called(), ...nodes));
		await n8n.client.publish(workflow);
		return workflow;
	};
	const pause = node('Wait', 'n8n-nodes-base.wait', { amount: 0.2 }, { typeVersion: 1.1 });
	const slow = await publish('Slow', { ...pause, webhookId: 'bench' });
	const quick = await publish('Quick', node('Nothing', 'n8n-nodes-base.noOp'));
	const label = lazy ? '-lazy' : '';
	const slowTimes = await compare(n8n, ways(`slow${label}`, slow), list);
	const quickTimes = await compare(n8n, ways(`quick${label}`, quick), list);
	await n8n.close();
	rmSync(probes, { recursive: true, force: true });
	return [
		row(
			`sub-workflows-100x200ms${label}`,
			's',
			each(slowTimes, ({ ms }) => ms / 1000),
			[atMost(limitS)],
		),
		row(
			`sub-workflow-overhead${label}`,
			'ms/task',
			each(quickTimes, ({ ms }) => ms / COUNT),
			[
				{
					text: 'within 10 % of the bare call',
					holds: ({ ours, peers }) => ours <= peers['bare executeWorkflow'] * 1.1,
				},
			],
		),
	];
}
