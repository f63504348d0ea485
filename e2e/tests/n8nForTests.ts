/** An n8n of a test file's own, with an owner who is signed in. */
import { copyFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { N8nClient, newOwner } from '../n8n/client.ts';
import { root } from '../n8n/paths.ts';
import { startN8n } from '../n8n/server.ts';
import type { N8nServer } from '../n8n/server.ts';
import type { Owner } from '../n8n/types.ts';

export interface TestN8n {
	server: N8nServer;
	client: N8nClient;
	owner: Owner;
	/** Stops it and removes its data; its log stays as `.cache/e2e/<name>.log`. */
	close(): Promise<void>;
}

/** @param name - of the test file; names the log */
export async function n8nForTests(
	name: string,
	env: Record<string, string> = {},
): Promise<TestN8n> {
	const folder = path.join(root, '.cache/e2e');
	const userFolder = path.join(folder, `${name}-${process.pid}`);
	const server = await startN8n({ userFolder, env });
	const client = new N8nClient(server.url);
	const owner = newOwner();
	await client.signIn(owner);
	return {
		server,
		client,
		owner,
		close: async () => {
			await server.stop();
			await copyFile(server.logFile, path.join(folder, `${name}.log`));
			await rm(userFolder, { recursive: true, force: true });
		},
	};
}
