import { node } from '../../../e2e/n8n/build.ts';
import { startModel } from '../../../e2e/model/server.ts';
import { benchN8n } from '../../support/n8n.mjs';
import { atMost, row } from '../../support/rows.mjs';
import { compare, each, splitting } from './lab.mjs';

const COUNT = 20;
const list = Array.from({ length: COUNT }, (_, n) => ({ n }));

/** Twenty prompts at once, to a model that answers after 200 ms. */
export async function agentPrompts() {
	const model = await startModel({ latencyMs: 200 });
	const n8n = await benchN8n();
	const name = 'agentSwarmModelApi';
	const fields = { api: 'openAi', baseUrl: model.url, apiKey: 'bench' };
	const { id } = await n8n.client.saveCredential('Model', name, fields);
	const parameters = {
		work: 'agentPrompt',
		modelSource: 'api',
		model: { __rl: true, mode: 'id', value: 'stand-in' },
		task: '=Say {{ $json.n }}',
		atOnce: COUNT,
		options: {},
	};
	const credentials = { [name]: { id, name: 'Model' } };
	const file = splitting('prompts', node('Fan', 'parallelFanOut', parameters, { credentials }));
	const results = await compare(n8n, { ours: { rounds: 5, file } }, list);
	await n8n.close();
	await model.close();
	return [
		row(
			'agent-prompts-20x200ms',
			's',
			each(results, ({ ms }) => ms / 1000),
			[atMost(0.45)],
		),
	];
}
