/**
 * What `npm start` does once everything is installed and built: n8n with our package, an owner,
 * the examples, one real question. Stays up until it is interrupted; `--once` ends by itself.
 */
import { N8nClient } from '../n8n/client.ts';
import { startN8n } from '../n8n/server.ts';
import type { N8nServer } from '../n8n/server.ts';
import { FLAGSHIP } from '../flagship.ts';
import { asText, askAgain, askAndReview } from './demo.ts';
import { chooseEndpoint, setupFor } from './endpoint.ts';
import type { Endpoint } from './endpoint.ts';
import { importExamples } from './examples.ts';
import { say, secondsSince } from './say.ts';
import { dataFolder, readState, saveState } from './state.ts';

const isOnce = process.argv.includes('--once');

const interrupted = new Promise<'interrupted'>((resolve) => {
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.on(signal, () => resolve('interrupted'));
	}
});

async function startServer(port: number | undefined): Promise<N8nServer> {
	const startedAt = Date.now();
	say('▸ Starting n8n (usually 10 to 20 seconds) …');
	const server = await startN8n({ userFolder: dataFolder, preferredPort: port });
	say(`  up after ${secondsSince(startedAt)}`);
	return server;
}

async function present(server: N8nServer, endpoint: Endpoint): Promise<void> {
	const state = readState();
	const client = new N8nClient(server.url);
	await client.signIn(state.owner);
	saveState({ ...state, port: server.port });
	const workflows = await importExamples(client, state, setupFor(endpoint, state.owner));
	saveState({ ...state, port: server.port });

	say();
	say(`Editor:   ${server.url}/workflow/${workflows.get(FLAGSHIP)?.id ?? ''}`);
	say(`Sign in:  ${state.owner.email}   password: ${state.owner.password}`);
	say(`Runs:     ${server.url}/webhook/agent-runs   with the same name and password`);
	say(`Log:      ${server.logFile}`);
	say(`Examples: ${[...workflows.values()].map(({ name }) => name).join(' · ')}`);
	say();

	const outcome = await askAndReview(client, isOnce);
	say();
	process.stdout.write(`${asText(outcome)}\n`);
	say();
	if (outcome.status === 'approved') await askAgain(client, outcome);
}

async function main(): Promise<void> {
	const endpoint = await chooseEndpoint(process.env);
	const server = await Promise.race([startServer(readState().port), interrupted]);
	// A half-started n8n ends with this process.
	if (server === 'interrupted') return;
	try {
		const first = await Promise.race([present(server, endpoint), interrupted]);
		if (first !== 'interrupted' && !isOnce) {
			say('n8n stays up: try the editor. Press Ctrl-C to end it.');
			await interrupted;
		}
	} finally {
		say('Stopping n8n …');
		await server.stop();
		await endpoint.close();
	}
}

await main().catch((error: unknown) => {
	say(`\n✗ ${error instanceof Error ? error.message : String(error)}`);
	process.exitCode = 1;
});
// What was interrupted may still be polling.
process.exit();
