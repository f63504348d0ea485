import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

import { openSqliteStore } from '../../lib';
import { nodeRuntime } from '../../lib/host';
import { bundleWorker } from './bundle';

/** A process of `zombieWorker.ts` and the lines it says. */
function start(worker: string, path: string, owner: string) {
	const child = spawn(process.execPath, [worker, path, owner]);
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	return {
		says: async () => (await lines.next()).value as string | undefined,
		goOn: () => child.stdin.write('\n'),
		signal: (signal: NodeJS.Signals) => child.kill(signal),
	};
}

/** Longer than the leases of the workers. */
const LEASE_IS_OVER_MS = 600;

describe('two processes on one run', () => {
	it('the one that stood still too long records nothing once the other has taken over', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'agent-swarm-zombie-'));
		const worker = await bundleWorker(folder, 'zombieWorker');
		const path = join(folder, 'store.sqlite');
		const first = start(worker, path, 'first');
		expect(await first.says()).toBe('has the run');
		expect(await start(worker, path, 'early').says()).toBe('failed: LEASE_HELD');

		first.signal('SIGSTOP');
		await pause(LEASE_IS_OVER_MS);
		const second = start(worker, path, 'second');
		expect(await second.says()).toBe('has the run');
		first.goOn();
		first.signal('SIGCONT');
		expect(await first.says()).toBe('refused: LEASE_LOST');
		second.goOn();
		expect(await second.says()).toBe('recorded');

		const store = await openSqliteStore({ path, clock: nodeRuntime() });
		expect(await store.read('r')).toEqual([{ seq: 1, body: 'recorded by second' }]);
		await store.close();
		rmSync(folder, { recursive: true });
	}, 60_000);
});
