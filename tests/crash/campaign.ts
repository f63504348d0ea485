import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { openLedger, type Store } from '../../lib';
import { nodeRuntime } from '../../lib/host';
import {
	openTarget,
	type CrashMoment,
	type CrashPlan,
	type StoreTarget,
	type TraceLine,
} from './plan';

/** How to run a campaign. */
export interface CampaignOptions {
	target: StoreTarget;
	/** The compiled worker. */
	worker: string;
	/** An empty folder for traces. */
	folder: string;
	/** How many processes to kill. */
	kills: number;
	/** Names the runs; the same seed plans the same deaths. */
	seed: number;
}

/** What a campaign has found; the last four must be 0. */
export interface CampaignResult {
	kills: number;
	runs: number;
	/** Results that were recorded and are not in the store. */
	lost: number;
	/** Steps whose result was in the store and that ran again. */
	repeated: number;
	/** Steps that used the idempotency key of another one, or more than one. */
	wrongKeys: number;
	/** Results that are not those of their step. */
	wrongResults: number;
}

const STEPS = 24;
const MOMENTS: readonly CrashMoment[] = ['before', 'torn', 'after'];

/**
 * Kills processes at writes to the store, one after the other on the same run until the run is
 * done, and looks after each death at what is in the store and at what the next one does again.
 */
export async function crashCampaign(options: CampaignOptions): Promise<CampaignResult> {
	const result = { kills: 0, runs: 0, lost: 0, repeated: 0, wrongKeys: 0, wrongResults: 0 };
	const store = await openTarget(options.target, nodeRuntime());
	const random = generator(options.seed);
	while (result.kills < options.kills) {
		await crashOneRun(options, store, random, result);
		result.runs++;
	}
	await store.close();
	return result;
}

async function crashOneRun(
	{ target, worker, folder, seed, kills }: CampaignOptions,
	store: Store,
	random: () => number,
	result: CampaignResult,
): Promise<void> {
	const runId = `${target.kind}-${seed}-${result.runs}`;
	const trace = join(folder, `${runId}.jsonl`);
	for (let seen = 0; ; ) {
		const before = await recorded(store, runId);
		const enough = result.kills >= kills;
		const plan: CrashPlan = {
			target,
			runId,
			steps: STEPS,
			trace,
			// Mostly early: then many deaths fit into one run, also during its recovery.
			write: enough ? Infinity : 1 + Math.floor(random() ** 2 * 6),
			moment: MOMENTS[Math.floor(random() * MOMENTS.length)]!,
		};
		const killed = await live(worker, plan);
		const lines = linesOf(trace).slice(seen);
		seen += lines.length;
		if (killed) result.kills++;
		judge(lines, before, await recorded(store, runId), result);
		if (lines.some(({ event }) => event === 'ended')) break;
		if (!killed) throw new Error(`A process of ${runId} ended by itself without finishing.`);
	}
	judgeKeys(linesOf(trace), result);
}

/** Results in the store by path. */
async function recorded(store: Store, runId: string): Promise<Map<string, unknown>> {
	const ledger = await openLedger({ store, runtime: nodeRuntime(), runId });
	const found = new Map<string, unknown>();
	for (const { record } of ledger.entries()) {
		if (record.status !== 'completed') continue;
		const entry = await ledger.find(record.path, record.inputHash);
		found.set(record.path, (entry?.result?.output as { index?: number } | undefined)?.index);
	}
	return found;
}

/** Whether the process was killed; it may also have come to its end. */
async function live(worker: string, plan: CrashPlan): Promise<boolean> {
	const argument = JSON.stringify({
		...plan,
		write: Number.isFinite(plan.write) ? plan.write : 1e9,
	});
	const child = spawn(process.execPath, ['--no-warnings', worker, argument], {
		stdio: ['ignore', 'ignore', 'inherit'],
	});
	const signal = await new Promise<NodeJS.Signals | null>((resolve) =>
		child.once('exit', (_code, by) => resolve(by)),
	);
	return signal === 'SIGKILL';
}

function linesOf(trace: string): TraceLine[] {
	if (!existsSync(trace)) return [];
	const text = readFileSync(trace, 'utf8');
	return text
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => JSON.parse(line) as TraceLine);
}

function judge(
	lines: readonly TraceLine[],
	before: ReadonlyMap<string, unknown>,
	after: ReadonlyMap<string, unknown>,
	result: CampaignResult,
): void {
	for (const { event, path = '', value } of lines) {
		if (event === 'ran' && before.has(path)) result.repeated++;
		if (event === 'recorded' && !after.has(path)) result.lost++;
		if (value !== undefined && path !== `step/${String(value)}`) result.wrongResults++;
	}
	for (const [path, index] of after) {
		if (path !== `step/${String(index)}`) result.wrongResults++;
	}
	for (const path of before.keys()) if (!after.has(path)) result.lost++;
}

/** One key for all attempts of a step, and another one for every other step. */
function judgeKeys(lines: readonly TraceLine[], result: CampaignResult): void {
	const keys = new Map<string, Set<string>>();
	for (const { event, path = '', key = '' } of lines) {
		if (event === 'ran') keys.set(path, (keys.get(path) ?? new Set()).add(key));
	}
	const all = [...keys.values()];
	result.wrongKeys += all.filter((own) => own.size !== 1).length;
	result.wrongKeys += all.length - new Set(all.flatMap((own) => [...own])).size;
}

/** Numbers in [0, 1) that follow from a seed (mulberry32). */
function generator(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
