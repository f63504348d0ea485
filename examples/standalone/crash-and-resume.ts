/**
 * Work that survives its process. The program runs itself twice on one SQLite file: the first time
 * it dies in the middle, the second time it does only what is left.
 *
 *     node examples/standalone/crash-and-resume.ts
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { openSqliteStore, WorkflowManager } from '../../dist/lib/index.js';
import { nodeRuntime } from '../../dist/lib/host/index.js';

const [role, folder = ''] = process.argv.slice(2);

if (role === undefined) {
	const place = mkdtempSync(join(tmpdir(), 'agent-swarm-'));
	for (const life of ['first', 'second']) {
		console.log(`--- ${life} process`);
		const program = fileURLToPath(import.meta.url);
		spawnSync(process.execPath, [program, life, place], { stdio: 'inherit' });
	}
	rmSync(place, { recursive: true });
} else {
	const runtime = nodeRuntime();
	const store = await openSqliteStore({ path: join(folder, 'runs.sqlite'), clock: runtime });
	// One name for both lives: the second one is the first one again, not somebody else.
	const manager = new WorkflowManager({ runtime, store, owner: 'example' });
	manager.agents.register({
		name: 'worker',
		run: ({ stepId }) => {
			if (stepId === 'ship' && role === 'first') {
				console.log('ship     … the power goes out');
				process.kill(process.pid, 'SIGKILL');
			}
			console.log(`${stepId.padEnd(8)} done, at a price`);
			return `${stepId} is done`;
		},
	});
	if (role === 'first') {
		const steps = ['collect', 'pack', 'ship', 'thank'].map((id) => ({ id, agent: 'worker' }));
		await manager.run({ name: 'order', steps }, { runId: 'order-17' });
	} else {
		await manager.resume('order-17');
		const { status, output } = await manager.wait('order-17');
		console.log(`${status}: ${output}`);
	}
	await store.close();
}
