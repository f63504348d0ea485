import pLimit from 'p-limit';
import pMap from 'p-map';
import PQueue from 'p-queue';

import { fanOut } from '../../engine/lib/index.js';
import { interleave, retainedBytes } from '../../support/measure.mjs';
import { aheadOf, atMost, levelWith, row } from '../../support/rows.mjs';
import { noop, runtime } from '../../support/runtime.mjs';

const LIMIT = 50;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Each runs one task for each input, at most `LIMIT` at once. */
const engines = {
	ours: (inputs, body) => fanOut(inputs, body, { maxConcurrent: LIMIT }, runtime),
	'p-map': (inputs, body) => pMap(inputs, body, { concurrency: LIMIT }),
	'p-limit': (inputs, body) => {
		const limit = pLimit(LIMIT);
		return Promise.all(inputs.map((input) => limit(body, input)));
	},
	'p-queue': (inputs, body) => {
		const queue = new PQueue({ concurrency: LIMIT });
		return Promise.all(inputs.map((input) => queue.add(() => body(input))));
	},
};

const variants = (names, inputs, body, measured) =>
	Object.fromEntries(
		names.map((name) => [
			name,
			{
				ops: inputs.length,
				run: async () => {
					const startedAt = performance.now();
					await engines[name](inputs, body);
					return measured?.(performance.now() - startedAt);
				},
			},
		]),
	);

/** Bytes that one queued task keeps alive while the first ones run. */
async function bytesPerQueuedTask(name) {
	const inputs = Array.from({ length: 100_000 }, (_, index) => index);
	let open;
	const gate = new Promise((resolve) => (open = resolve));
	const { bytes, kept } = await retainedBytes(async () => {
		const running = engines[name](inputs, async () => {
			await gate;
		});
		await sleep(20);
		return { running };
	});
	open();
	await kept.running;
	return bytes / inputs.length;
}

/** A hundred thousand tasks that do nothing. */
export async function fanOutNoop() {
	const inputs = Array.from({ length: 100_000 }, (_, index) => index);
	const names = Object.keys(engines);
	const time = await interleave(variants(names, inputs, noop), 7);
	const bytes = {};
	for (const name of names) bytes[name] = await bytesPerQueuedTask(name);
	return [
		row('fan-out-100000', 'us/task', time, [
			atMost(1),
			aheadOf('p-queue', 'p-limit'),
			levelWith('p-map', 0.1),
		]),
		row('fan-out-100000-memory', 'bytes/queued task', bytes, [atMost(64)]),
	];
}

/** Ten thousand tasks of five milliseconds, against the ideal of one second. */
export async function fanOutTimers() {
	const inputs = Array.from({ length: 10_000 }, (_, index) => index);
	const idealMs = (inputs.length * 5) / LIMIT;
	const times = (elapsedMs) => elapsedMs / idealMs;
	const measured = await interleave(
		variants(['ours', 'p-map', 'p-queue'], inputs, () => sleep(5), times),
		3,
	);
	return [row('fan-out-10000x5ms', 'x ideal', measured, [atMost(1.05), levelWith('p-map', 0.02)])];
}
