import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import axios from 'axios';
import { chain, node, webhook } from '../n8n/build.ts';
import { outputOf } from '../n8n/client.ts';
import { root } from '../n8n/paths.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';

interface NodeType {
	name: string;
	iconUrl?: string | { light: string; dark: string };
}

const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
	n8n: { nodes: string[]; credentials: string[] };
};

/** `dist/nodes/AgentTask/AgentTask.node.js` → `agentTask` */
const nameOf = (file: string): string => {
	const name = path.basename(file).split('.')[0] ?? '';
	return name.charAt(0).toLowerCase() + name.slice(1);
};

const search = () =>
	node('Search', 'swarmSearch', {
		query: '={{ $json.body.question }}',
		engines: ['documents'],
		documents: '={{ $json.body.documents }}',
		output: 'report',
		options: {},
	});

const question = {
	question: 'How long is the North Bridge?',
	documents: [
		{ title: 'North Bridge', text: 'The North Bridge is 640 metres long. It opened in 1932.' },
		{ title: 'Cheese', text: 'Cheese is made from milk and keeps for months.' },
	],
};

describe('the package in a real n8n', () => {
	let n8n: TestN8n;

	before(async () => {
		n8n = await n8nForTests('n8n');
	});
	after(() => n8n.close());

	it('shows every node and credential under its real type name, with icons that load', async () => {
		const types = await axios.get<NodeType[]>(`${n8n.server.url}/types/nodes.json`, {
			headers: { cookie: `n8n-auth=${n8n.client.session}`, 'browser-id': n8n.client.browserId },
		});
		const ours = types.data.filter(({ name }) => name.startsWith('n8n-nodes-agent-swarm.'));
		const names = ours.map(({ name }) => name.replace('n8n-nodes-agent-swarm.', ''));
		for (const file of manifest.n8n.nodes) assert.ok(names.includes(nameOf(file)), nameOf(file));
		for (const { name, iconUrl } of ours) {
			assert.equal(typeof iconUrl, 'object', `${name} needs a light and a dark icon`);
			for (const url of Object.values(iconUrl ?? {})) {
				const icon = await axios.get(`${n8n.server.url}/${url}`);
				assert.match(String(icon.headers['content-type']), /svg/, url);
			}
		}
	});

	it('answers a production webhook, and still does after n8n was killed and started again', async () => {
		const file = chain('Search by webhook', webhook('search'), search());
		const workflow = await n8n.client.createWorkflow(file);
		await n8n.client.publish(workflow);
		const first = await n8n.client.callWebhook('search', question);
		assert.equal(first.status, 200);
		assert.match(JSON.stringify(first.data), /640 metres long/);

		await n8n.server.kill();
		assert.equal(n8n.server.pid(), undefined);
		await n8n.server.start();
		const second = await n8n.client.callWebhook('search', question);
		assert.match(JSON.stringify(second.data), /640 metres long/);
	});

	it('says on the item what is wrong with a request, and goes on', async () => {
		const failing = { ...search(), onError: 'continueRegularOutput' };
		const file = chain('Search without a question', webhook('empty'), failing);
		const workflow = await n8n.client.createWorkflow(file);
		await n8n.client.publish(workflow);
		await n8n.client.callWebhook('empty', { ...question, question: '' });
		const [execution] = await n8n.client.executions(workflow.id);
		const finished = await n8n.client.waitForExecution(execution?.id ?? '');
		assert.equal(finished.status, 'success');
		assert.match(JSON.stringify(outputOf(finished, 'Search')), /[Qq]uery/);
	});
});
