import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bundleWorker } from './bundle';
import { crashCampaign } from './campaign';

/** A small share of `npm run test:crash`, which kills thousands, also on PostgreSQL and Redis. */
describe('killed processes', () => {
	it('lose no recorded result and repeat no recorded step', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'agent-swarm-crash-'));
		const worker = await bundleWorker(folder);
		const target = { kind: 'sqlite' as const, path: join(folder, 'store.sqlite') };
		const result = await crashCampaign({ target, worker, folder, kills: 12, seed: 1 });
		expect(result).toMatchObject({ lost: 0, repeated: 0, wrongKeys: 0, wrongResults: 0 });
		expect(result.kills).toBe(12);
		rmSync(folder, { recursive: true });
	}, 60_000);
});
