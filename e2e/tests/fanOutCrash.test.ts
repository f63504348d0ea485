import { after, before, describe, it } from 'node:test';
import { answeringService, killAndCheck, killedFan } from './fanOutKills.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';

/** `FAN_OUT_KILLS=40 npm run test:e2e -- e2e/tests/fanOutCrash.test.ts` for the whole series. */
const KILLS = Number(process.env.FAN_OUT_KILLS ?? 2);

/** A kill and what comes after it takes half a minute, or more on a busy machine. */
const TIMEOUT_MS = 120_000 * (KILLS + 2);

describe('Parallel Fan-out when n8n is killed', () => {
	let n8n: TestN8n;
	let service: Awaited<ReturnType<typeof answeringService>>;

	before(async () => {
		n8n = await n8nForTests('fanOutCrash');
		service = await answeringService();
	});
	after(async () => {
		service.close();
		await n8n.close();
	});

	it(
		`has all results, each once, after a kill at any moment (${KILLS} kills)`,
		{ timeout: TIMEOUT_MS },
		async (test) => {
			const { client, server } = n8n;
			const workflow = await killedFan(client, service.url);
			const tell = (text: string) => test.diagnostic(text);
			await killAndCheck({ client, workflow, kills: KILLS, victim: () => server, tell });
		},
	);
});
