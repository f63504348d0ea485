/** One of two processes that want the same run: takes it, says so, and records one thing. */
import { acquireLease, openSqliteStore } from '../../lib';
import { nodeRuntime } from '../../lib/host';

const [path, owner] = process.argv.slice(2) as [string, string];
const runtime = nodeRuntime();
const TTL_MS = 300;

const say = (line: string) => process.stdout.write(`${line}\n`);

async function work(): Promise<void> {
	const store = await openSqliteStore({ path, clock: runtime });
	const lease = await acquireLease({
		store,
		runtime,
		name: 'run',
		owner,
		runId: 'r',
		ttlMs: TTL_MS,
	});
	say('has the run');
	// Whoever started it says when.
	await new Promise((resolve) => process.stdin.once('data', resolve));
	await lease.append([{ runId: 'r', body: `recorded by ${owner}` }]).then(
		() => say('recorded'),
		(error: { code?: string }) => say(`refused: ${error.code}`),
	);
	await lease.release().catch(() => undefined);
	await store.close();
	process.stdin.destroy();
}

void work().catch((error: { code?: string }) => {
	say(`failed: ${error.code}`);
	process.exit(1);
});
