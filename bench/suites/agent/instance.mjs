/** One n8n and one model for all measurements of the suite. */
import { startModel } from '../../../e2e/model/server.ts';
import { benchN8n } from '../../support/n8n.mjs';
import { contenders, SPLIT, tickets } from './contenders.mjs';

let instance;
const ready = new Map();

async function start() {
	const model = await startModel();
	const n8n = await benchN8n();
	const key = 'stand-in';
	const api = await n8n.client.saveCredential('API', 'agentSwarmModelApi', {
		api: 'openAi',
		baseUrl: model.url,
		apiKey: key,
	});
	const openAi = await n8n.client.saveCredential('OpenAI', 'openAiApi', {
		url: model.url,
		apiKey: key,
	});
	return { model, n8n, credentials: { api, openAi } };
}

/** n8n, the model that its agents ask, and the credentials for it. */
export const theInstance = () => (instance ??= start());

/** Runs a published workflow with so many tickets; see `benchN8n`. */
export async function runAgent(name, count) {
	const { n8n } = await theInstance();
	return await n8n.run(name, { tickets: tickets(count) }, SPLIT);
}

/** Publishes a workflow and runs it once: the first execution of a node also loads it. */
export async function publish(file, count = 1) {
	const { n8n } = await theInstance();
	await n8n.publish(file);
	await runAgent(file.name, count);
	return file.name;
}

/** The names of the contenders' workflows, ready to run. */
export async function published(concurrency) {
	if (!ready.has(concurrency)) {
		const { credentials } = await theInstance();
		const names = {};
		for (const [who, file] of Object.entries(contenders(credentials, concurrency))) {
			names[who] = await publish(file, concurrency);
		}
		ready.set(concurrency, names);
	}
	return ready.get(concurrency);
}

export async function closeInstance() {
	if (instance === undefined) return;
	const { model, n8n } = await instance;
	await n8n.close();
	await model.close();
}
