import { homedir } from 'node:os';
import { join } from 'node:path';

/** The file of the embedded store: inside n8n's own folder, so that it is backed up with it. */
export function defaultStorePath(): string {
	const userFolder = process.env.N8N_USER_FOLDER ?? homedir();
	return join(userFolder, '.n8n', 'agent-swarm', 'store.sqlite');
}

/**
 * Whether this n8n spreads its executions over several processes, which may be on several machines:
 * then a file of one of them is not the others'. Workers and webhook processes always belong to
 * such an n8n, whatever their settings say.
 */
export function isQueueMode(
	settings: Readonly<Record<string, string | undefined>> = process.env,
	command: readonly string[] = process.argv,
): boolean {
	return settings.EXECUTIONS_MODE === 'queue' || ['worker', 'webhook'].includes(command[2] ?? '');
}
