import { VirtualRuntime, WorkflowManager, type WorkflowManagerOptions } from '../../../lib';

/** Timers a test lets fire before it takes a promise for lost: leases are renewed for ever. */
const PATIENCE = 2000;

/** Lets time pass until a promise settles. */
export async function until<Value>(runtime: VirtualRuntime, work: Promise<Value>): Promise<Value> {
	let settled = false;
	const settle = (): void => void (settled = true);
	work.then(settle, settle);
	await runtime.drain();
	for (let fired = 0; !settled && fired < PATIENCE && runtime.fireNext(); fired++) {
		await runtime.drain();
	}
	if (settled) return await work;
	throw new Error('The promise does not settle.');
}

/** A manager in virtual time, on a store in memory. */
export function managerInVirtualTime(options: Partial<WorkflowManagerOptions> = {}) {
	const runtime = new VirtualRuntime({ drainRounds: 500 });
	const manager = new WorkflowManager({ runtime, ...options });
	const soon = async <Value>(work: Promise<Value>) => await until(runtime, work);
	return { runtime, manager, soon };
}
