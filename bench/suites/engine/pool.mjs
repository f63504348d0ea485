import async from 'async';
import Bottleneck from 'bottleneck';
import PQueue from 'p-queue';

import { ResourcePool } from '../../engine/lib/index.js';
import { interleave } from '../../support/measure.mjs';
import { aheadOf, atMost, row } from '../../support/rows.mjs';
import { noop, runtime, seeded } from '../../support/runtime.mjs';

const N = 100_000;
const CAPACITY = 50;
const PRIORITIES = ['low', 'normal', 'high', 'critical'];

/** Tasks with random needs in five dimensions and a random priority. */
function tasks() {
	const random = seeded();
	const upTo = (max) => 1 + Math.floor(random() * max);
	return Array.from({ length: N }, (_, index) => ({
		path: `task[${index}]`,
		requirements: {
			cpu: upTo(4),
			memoryMb: 100 * upTo(4),
			io: upTo(4),
			network: upTo(4),
			gpu: Math.floor(random() * 2),
			priority: PRIORITIES[Math.floor(random() * 4)],
		},
	}));
}

const all = tasks();
const rankOf = ({ requirements }) => PRIORITIES.indexOf(requirements.priority);

const newPool = () =>
	new ResourcePool(
		{
			maxConcurrent: CAPACITY,
			totals: { cpu: 50, memoryMb: 5000, io: 50, network: 50, gpu: 50 },
		},
		runtime,
	);

function ours() {
	const pool = newPool();
	return new Promise((resolve) => {
		let left = N;
		const end = (allocation) => {
			allocation.release();
			if (--left === 0) resolve();
		};
		const handlers = {
			granted: (allocation) => void noop().then(() => end(allocation)),
			refused: () => {},
		};
		for (const task of all) pool.request(task, handlers);
	});
}

async function oursWithPromises() {
	const pool = newPool();
	const run = async (task) => {
		const allocation = await pool.acquire(task);
		await noop();
		allocation.release();
	};
	await Promise.all(all.map(run));
}

async function asyncPriorityQueue() {
	const queue = async.priorityQueue(async () => await noop(), CAPACITY);
	const drained = new Promise((resolve) => queue.drain(resolve));
	for (const task of all) queue.push(task, PRIORITIES.length - rankOf(task));
	await drained;
}

async function pQueue() {
	const queue = new PQueue({ concurrency: CAPACITY });
	for (const task of all) void queue.add(noop, { priority: rankOf(task) });
	await queue.onIdle();
}

/** Starts one job a millisecond at best, so a hundredth of the tasks tells its pace. */
async function bottleneck() {
	const limiter = new Bottleneck({ maxConcurrent: CAPACITY });
	const some = all.slice(0, N / 100);
	await Promise.all(some.map((task) => limiter.schedule({ priority: 9 - rankOf(task) }, noop)));
}

/** A hundred thousand tasks through a pool with five dimensions and priorities, all queued first. */
export async function pool() {
	const measured = await interleave(
		{
			ours: { ops: N, run: ours },
			'ours, a promise each': { ops: N, run: oursWithPromises },
			'async.priorityQueue (one dimension)': { ops: N, run: asyncPriorityQueue },
			'p-queue (one dimension)': { ops: N, run: pQueue, rounds: 3 },
			'bottleneck (one dimension)': { ops: N / 100, run: bottleneck, rounds: 1, waits: true },
		},
		7,
	);
	return [
		row('pool-100000', 'us/task', measured, [
			atMost(2),
			aheadOf(
				'async.priorityQueue (one dimension)',
				'p-queue (one dimension)',
				'bottleneck (one dimension)',
			),
		]),
	];
}
