import { homedir } from 'node:os';
import { join } from 'node:path';

/** The file of the embedded store: inside n8n's own folder, so that it is backed up with it. */
export function defaultStorePath(): string {
	const userFolder = process.env.N8N_USER_FOLDER ?? homedir();
	return join(userFolder, '.n8n', 'agent-swarm', 'store.sqlite');
}
