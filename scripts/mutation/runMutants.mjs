/** Hands batches of mutants to processes that run the tests, and gathers what became of them. */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { at } from '../support/paths.mjs';
import { node24 } from '../toolchain.mjs';

/** Mutants between two checks that the tests still pass without any. */
const BATCH = 100;
/** A process that says nothing for so long is in an endless loop. */
const SILENCE_MS = 15_000;

const MEMORY = '--max-old-space-size=1500';

/**
 * @param bundle - see `bundle.mjs`
 * @param ids - of the mutants
 * @returns by id: `Killed`, `Timeout`, `Survived`, `NoCoverage`, or `Static` for a mutant that only
 * code outside of every test reaches
 * @throws when a test fails although no mutant acts
 */
export async function runMutants(bundle, ids) {
	const statuses = new Map();
	const queue = [];
	for (let from = 0; from < ids.length; from += BATCH) queue.push(ids.slice(from, from + BATCH));
	const lanes = Array.from({ length: availableParallelism() }, async () => {
		while (queue.length > 0) await serve(bundle, queue, statuses);
	});
	await Promise.all(lanes);
	return statuses;
}

/** One process works on batches until the queue is empty, or until it must be replaced. */
function serve(bundle, queue, statuses) {
	const worker = fork(at('scripts/mutation/worker.mjs'), [bundle], {
		execPath: node24,
		execArgv: [MEMORY],
		stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
	});
	let isReady = false;
	let batch = [];
	let current;
	let silence;

	const next = () => {
		batch = queue.shift() ?? [];
		if (batch.length === 0) worker.disconnect();
		else worker.send({ ids: batch });
	};
	/** What a mutant left behind spoilt tests after it: each half gets a process of its own. */
	const splitBatch = () => {
		if (batch.length > 1) {
			const half = batch.length >> 1;
			for (const id of batch) statuses.delete(id);
			queue.push(batch.slice(0, half), batch.slice(half));
		}
		batch = [];
		worker.disconnect();
	};

	return new Promise((resolve, reject) => {
		const giveUp = (message) => {
			queue.length = 0;
			reject(new Error(message));
			worker.kill();
		};
		worker.on('message', ({ ready, failed, id, status, clean }) => {
			clearTimeout(silence);
			silence = setTimeout(() => worker.kill('SIGKILL'), SILENCE_MS);
			if (failed) giveUp(`Tests fail although nothing is mutated:\n  ${failed.join('\n  ')}`);
			else if (ready || clean) next();
			else if (clean === false) splitBatch();
			else if (status) statuses.set(id, status);
			isReady ||= ready !== undefined;
			current = status === undefined ? id : undefined;
		});
		worker.on('exit', () => {
			clearTimeout(silence);
			if (!isReady) giveUp('The tests could not be loaded; see above.');
			if (current !== undefined) statuses.set(current, 'Timeout');
			const rest = batch.filter((id) => !statuses.has(id));
			if (rest.length > 0) queue.push(rest);
			resolve();
		});
	});
}
