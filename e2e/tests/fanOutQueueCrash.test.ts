import { after, before, describe, it } from 'node:test';
import { answeringService, killAndCheck, killedFan } from './fanOutKills.ts';
import { queueModeForTests } from './queueModeForTests.ts';
import type { TestQueueMode } from './queueModeForTests.ts';

/** How often each of the three processes is killed; `FAN_OUT_QUEUE_KILLS=10` for a longer series. */
const KILLS = Number(process.env.FAN_OUT_QUEUE_KILLS ?? 1);

/** A kill and what comes after it takes half a minute, or more on a busy machine. */
const TIMEOUT_MS = 120_000 * (3 * KILLS + 2);

describe('Parallel Fan-out in queue mode', () => {
	let n8n: TestQueueMode;
	let service: Awaited<ReturnType<typeof answeringService>>;

	before(async () => {
		n8n = await queueModeForTests('fanOutQueueCrash');
		service = await answeringService();
	});
	after(async () => {
		service.close();
		await n8n.close();
	});

	it(
		`has all results, each once, when main or a worker is killed (${KILLS} kills each)`,
		{ timeout: TIMEOUT_MS },
		async (test) => {
			const { client, main, workers } = n8n;
			const data = { kind: 'postgres', url: n8n.postgres.url, password: '' };
			const { id, name } = await client.saveCredential('Store', 'agentSwarmStoreApi', data);
			const workflow = await killedFan(client, service.url, {
				parameters: { store: 'credential' },
				node: { credentials: { agentSwarmStoreApi: { id, name } } },
			});
			const processes = [workers[0]!, main, workers[1]!];
			await killAndCheck({
				client,
				workflow,
				kills: KILLS * processes.length,
				victim: (kill) => processes[kill % processes.length]!,
				tell: (text) => test.diagnostic(text),
			});
		},
	);
});
