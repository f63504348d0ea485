/** One process of a crash campaign: works on a run until it is done, or dies as planned. */
import { appendFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { openLedger, Steps, type Store } from '../../lib';
import { nodeRuntime } from '../../lib/host';
import { openTarget, type CrashPlan, type TraceLine } from './plan';

const plan = JSON.parse(process.argv[2]!) as CrashPlan;
const runtime = nodeRuntime();
const AT_ONCE = 3;

const trace = (line: TraceLine) => appendFileSync(plan.trace, `${JSON.stringify(line)}\n`);
const die = () => process.kill(process.pid, 'SIGKILL');

/** The store, with death at the planned write. */
function mortal(store: Store): Store {
	let writes = 0;
	const around = async <T>(write: () => Promise<T>): Promise<T> => {
		const due = ++writes === plan.write;
		if (!due) return await write();
		if (plan.moment === 'before') die();
		if (plan.moment === 'torn') return await tear(write);
		const result = await write();
		die();
		return result;
	};
	const { append, put } = store;
	store.append = async (...args) => await around(async () => await append.apply(store, args));
	store.put = async (...args) => await around(async () => await put.apply(store, args));
	return store;
}

/** Dies when the request is on its way, or when the transaction is open. */
async function tear<T>(write: () => Promise<T>): Promise<T> {
	if (plan.target.kind === 'sqlite') {
		const { exec } = DatabaseSync.prototype;
		DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
			if (sql === 'COMMIT') die();
			exec.call(this, sql);
		};
	} else setImmediate(die);
	const result = await write();
	// A write of a single statement has no middle: then death comes right after it.
	die();
	return result;
}

async function work(): Promise<void> {
	const store = mortal(await openTarget(plan.target, runtime));
	const ledger = await openLedger({ store, runtime, runId: plan.runId });
	const steps = new Steps({ ledger, store, runtime });
	const queue = Array.from({ length: plan.steps }, (_, index) => index).values();
	const worker = async () => {
		for (const index of queue) {
			const path = `step/${index}`;
			const body = async ({ idempotencyKey }: { idempotencyKey: string }) => {
				trace({ event: 'ran', path, key: idempotencyKey });
				return await Promise.resolve({ index, filler: 'x'.repeat(200) });
			};
			const { result, reused } = await steps.run(path, { index }, body);
			trace({ event: reused ? 'reused' : 'recorded', path, value: result.index });
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, worker));
	await store.close();
	trace({ event: 'ended' });
}

void work();
