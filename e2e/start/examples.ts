/** Imports the workflows of `examples/` and publishes them, once each. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { N8nClient } from '../n8n/client.ts';
import { root } from '../n8n/paths.ts';
import type { Workflow, WorkflowFile } from '../n8n/types.ts';
import { say } from './say.ts';
import type { State } from './state.ts';

export interface Example {
	/** File name without its end, e.g. `research-brief`. */
	name: string;
	content: WorkflowFile;
	contentHash: string;
}

const folder = path.join(root, 'examples');

export function readExample(name: string): Example {
	const text = readFileSync(path.join(folder, `${name}.json`), 'utf8');
	return {
		name,
		content: JSON.parse(text) as WorkflowFile,
		contentHash: createHash('sha256').update(text).digest('hex'),
	};
}

export const exampleNames = (): string[] =>
	readdirSync(folder)
		.filter((file) => file.endsWith('.json'))
		.map((file) => path.basename(file, '.json'))
		.sort();

/** A credential that the start can make itself: its data by its type. */
export type CredentialData = Record<string, Record<string, unknown>>;

/** Credentials are named in the files; their ids are known only here. */
export async function withCredentials(
	client: N8nClient,
	file: WorkflowFile,
	data: CredentialData,
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

async function importOne(
	client: N8nClient,
	{ name, content, contentHash }: Example,
	state: State,
	data: CredentialData,
): Promise<Workflow> {
	const file = await withCredentials(client, content, data);
	const known = state.imported[name];
	const existing = known && (await client.workflow(known.workflowId).catch(() => undefined));
	if (existing && known.contentHash === contentHash) return existing;
	const { name: title, nodes, connections, settings } = file;
	const imported = { name: title, nodes, connections, settings };
	const workflow = existing
		? await client.updateWorkflow(existing.id, imported)
		: await client.createWorkflow(imported);
	state.imported[name] = { workflowId: workflow.id, contentHash };
	return workflow;
}

const isPublished = ({ activeVersionId, versionId }: Workflow): boolean =>
	activeVersionId === versionId;

/**
 * Brings n8n to what `examples/` says. A file that has not changed since the last start is left
 * alone, with whatever the person has changed in it.
 *
 * @returns the workflows by file name
 */
export async function importExamples(
	client: N8nClient,
	state: State,
	data: CredentialData,
): Promise<Map<string, Workflow>> {
	const workflows = new Map<string, Workflow>();
	for (const name of exampleNames()) {
		const workflow = await importOne(client, readExample(name), state, data);
		workflows.set(name, workflow);
		if (isPublished(workflow)) continue;
		await client.publish(workflow).catch((error: unknown) => {
			say(
				`  ${name} is imported but not published: ${error instanceof Error ? error.message : String(error)}`,
			);
		});
	}
	return workflows;
}
