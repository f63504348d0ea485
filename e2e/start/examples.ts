/** Imports the workflows of `examples/` and publishes them, once each. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { N8nClient } from '../n8n/client.ts';
import { root } from '../n8n/paths.ts';
import type { Workflow, WorkflowFile } from '../n8n/types.ts';
import { withModel } from './model.ts';
import { say } from './say.ts';
import type { State } from './state.ts';

export interface Example {
	/** File name without its end, e.g. `research-brief`. */
	name: string;
	content: WorkflowFile;
}

const folder = path.join(root, 'examples');

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

export function readExample(name: string): Example {
	const text = readFileSync(path.join(folder, `${name}.json`), 'utf8');
	return { name, content: JSON.parse(text) as WorkflowFile };
}

export const exampleNames = (): string[] =>
	readdirSync(folder)
		.filter((file) => file.endsWith('.json'))
		.map((file) => path.basename(file, '.json'))
		.sort();

/** What the files leave open. */
export interface Setup {
	/** Data of the credentials that can be made here, by their type. */
	credentials: Record<string, Record<string, unknown>>;
	/** Name of the model that the endpoint has. */
	model: string;
}

/** Credentials are named in the files; their ids are known only here. */
async function withCredentials(
	client: N8nClient,
	file: WorkflowFile,
	data: Setup['credentials'],
): Promise<WorkflowFile> {
	const nodes = structuredClone(file.nodes);
	for (const node of nodes) {
		for (const [type, credential] of Object.entries(node.credentials ?? {})) {
			const known = data[type];
			if (known) credential.id = (await client.saveCredential(credential.name, type, known)).id;
			else delete node.credentials?.[type];
		}
	}
	return { ...file, nodes };
}

/** The file's workflow, ready to run here. */
export const fitted = async (
	client: N8nClient,
	{ content }: Example,
	setup: Setup,
): Promise<WorkflowFile> => {
	const { name, nodes, connections, settings } = content;
	const file = withModel({ name, nodes, connections, settings }, setup.model);
	return withCredentials(client, file, setup.credentials);
};

async function importOne(
	client: N8nClient,
	example: Example,
	state: State,
	setup: Setup,
): Promise<Workflow> {
	// Even when the file has not changed: the endpoint's address may have.
	const file = await fitted(client, example, setup);
	const known = state.imported[example.name];
	const existing = known && (await client.workflow(known.workflowId).catch(() => undefined));
	const contentHash = hashOf(JSON.stringify(file));
	if (existing && known.contentHash === contentHash) return existing;
	// Publishing is asynchronous: the old version would answer for a while.
	if (existing?.activeVersionId) await client.unpublish(existing.id);
	const workflow = existing
		? await client.updateWorkflow(existing.id, file)
		: await client.createWorkflow(file);
	state.imported[example.name] = { workflowId: workflow.id, contentHash };
	return workflow;
}

const isPublished = ({ activeVersionId, versionId }: Workflow): boolean =>
	activeVersionId === versionId;

/** Whether there is something to publish: a workflow started by hand alone has no address or clock. */
const startsByItself = ({ nodes }: WorkflowFile): boolean =>
	nodes.some(
		({ type }) =>
			/(webhook|trigger)$/i.test(type) && !type.toLowerCase().endsWith('.manualtrigger'),
	);

/**
 * Brings n8n to what `examples/` says. A file that has not changed since the last start is left
 * alone, with whatever the person has changed in it.
 *
 * @returns the workflows by file name
 */
export async function importExamples(
	client: N8nClient,
	state: State,
	setup: Setup,
): Promise<Map<string, Workflow>> {
	const workflows = new Map<string, Workflow>();
	for (const name of exampleNames()) {
		const example = readExample(name);
		const workflow = await importOne(client, example, state, setup);
		workflows.set(name, workflow);
		if (isPublished(workflow) || !startsByItself(example.content)) continue;
		await client.publish(workflow).catch((error: unknown) => {
			say(
				`  ${name} is imported but not published: ${error instanceof Error ? error.message : String(error)}`,
			);
		});
	}
	return workflows;
}
