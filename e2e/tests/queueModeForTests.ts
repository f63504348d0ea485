/** An n8n in queue mode of a test file's own, with an owner who is signed in. */
import { copyFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { N8nClient, newOwner } from '../n8n/client.ts';
import { root } from '../n8n/paths.ts';
import { startQueueMode } from '../n8n/queueMode.ts';
import type { QueueMode } from '../n8n/queueMode.ts';
import type { Owner } from '../n8n/types.ts';

export interface TestQueueMode extends QueueMode {
	/** Of the main process. */
	client: N8nClient;
	owner: Owner;
	/** Stops everything and removes its data; logs stay as `.cache/e2e/<name>-<process>.log`. */
	close(): Promise<void>;
}

/** @param name - of the test file; names the logs */
export async function queueModeForTests(
	name: string,
	env: Record<string, string> = {},
): Promise<TestQueueMode> {
	const logs = path.join(root, '.cache/e2e');
	const folder = path.join(logs, `${name}-${process.pid}`);
	const n8n = await startQueueMode({ folder, env });
	const client = new N8nClient(n8n.main.url);
	const owner = newOwner();
	await client.signIn(owner);
	return {
		...n8n,
		client,
		owner,
		close: async () => {
			await n8n.close();
			for (const { logFile } of [n8n.main, ...n8n.workers]) {
				const process = path.basename(path.dirname(logFile));
				await copyFile(logFile, path.join(logs, `${name}-${process}.log`));
			}
			await rm(folder, { recursive: true, force: true });
		},
	};
}
