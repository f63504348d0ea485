/** Puts our package where n8n's own installer puts community packages. */
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { root, unpackedPackage } from './paths.ts';

const NAME = 'n8n-nodes-agent-swarm';

const folderOf = (userFolder: string, name: string): string =>
	path.join(userFolder, '.n8n/nodes/node_modules', name);

async function install(source: string, folder: string): Promise<void> {
	await rm(folder, { recursive: true, force: true });
	await mkdir(path.dirname(folder), { recursive: true });
	await cp(source, folder, { recursive: true });
}

/**
 * Installs the packed package under its real type names (`n8n-nodes-agent-swarm.agentTask`).
 * A copy, not a link: a link would resolve `n8n-workflow` in this project instead of in n8n.
 *
 * @param userFolder - the folder that holds n8n's `.n8n`
 */
export async function installPackage(userFolder: string): Promise<void> {
	await install(unpackedPackage, folderOf(userFolder, NAME));
}

/** Installs the node of `e2e/probe`, which tests use to look at a store from inside n8n. */
export async function installProbe(userFolder: string): Promise<void> {
	await install(path.join(root, 'e2e/probe'), folderOf(userFolder, `${NAME}-probe`));
}
