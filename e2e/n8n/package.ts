/** Puts our package where n8n's own installer puts community packages. */
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { unpackedPackage } from './paths.ts';

const NAME = 'n8n-nodes-agent-swarm';

/**
 * Installs the packed package under its real type names (`n8n-nodes-agent-swarm.agentTask`).
 * A copy, not a link: a link would resolve `n8n-workflow` in this project instead of in n8n.
 *
 * @param userFolder - the folder that holds n8n's `.n8n`
 */
export async function installPackage(userFolder: string): Promise<void> {
	const folder = path.join(userFolder, '.n8n/nodes/node_modules', NAME);
	await rm(folder, { recursive: true, force: true });
	await mkdir(path.dirname(folder), { recursive: true });
	await cp(unpackedPackage, folder, { recursive: true });
}
