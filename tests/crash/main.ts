/** `npm run test:crash [-- --kills=2100 --seed=7]`: see scripts/crash.mjs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startPostgres } from '../support/postgresServer';
import { startRedis } from '../support/redisServer';
import { crashCampaign, type CampaignResult } from './campaign';
import type { StoreTarget } from './plan';

/** Kills at least this many by default: SQLite, the default store, gets most of them. */
const DEFAULT_KILLS = 2100;
const DEFAULT_SEED = 7;
const SHARES: ReadonlyArray<[StoreTarget['kind'], number]> = [
	['sqlite', 0.6],
	['postgres', 0.2],
	['redis', 0.2],
];

/** Runs all campaigns and tells how they went. @returns whether nothing was lost or repeated */
export async function main(worker: string, args: readonly string[]): Promise<boolean> {
	const kills = numberOf('kills', args) ?? DEFAULT_KILLS;
	const seed = numberOf('seed', args) ?? DEFAULT_SEED;
	const folder = mkdtempSync(join(tmpdir(), 'agent-swarm-crash-'));
	const total = { kills: 0, runs: 0, lost: 0, repeated: 0, wrongKeys: 0, wrongResults: 0 };
	for (const [kind, share] of SHARES) {
		const begun = performance.now();
		const result = await campaign(kind, {
			worker,
			folder,
			kills: Math.ceil(kills * share),
			seed,
		});
		const seconds = ((performance.now() - begun) / 1000).toFixed(0);
		process.stdout.write(`${kind.padEnd(10)}${JSON.stringify(result)} in ${seconds} s\n`);
		for (const key of Object.keys(total) as Array<keyof CampaignResult>) total[key] += result[key];
	}
	rmSync(folder, { recursive: true });
	const ok = total.lost + total.repeated + total.wrongKeys + total.wrongResults === 0;
	process.stdout.write(`RESULT ${JSON.stringify({ suite: 'crash', ...total, ok })}\n`);
	return ok;
}

function numberOf(name: string, args: readonly string[]): number | undefined {
	const text = args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
	return text === undefined ? undefined : Number(text);
}

type Common = { worker: string; folder: string; kills: number; seed: number };

async function campaign(kind: StoreTarget['kind'], common: Common): Promise<CampaignResult> {
	if (kind === 'sqlite') {
		const path = join(common.folder, 'store.sqlite');
		return await crashCampaign({ ...common, target: { kind, path } });
	}
	const server = kind === 'postgres' ? await startPostgres() : await startRedis();
	const target = { kind, url: server.url } as StoreTarget;
	return await crashCampaign({ ...common, target }).finally(async () => await server.remove());
}
