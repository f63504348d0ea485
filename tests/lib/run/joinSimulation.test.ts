import { VirtualRuntime } from '../../../lib/core/virtualRuntime';
import {
	beat,
	JOIN_WATCHERS,
	JoinLog,
	runJoin,
	watchJoin,
	type JoinEnd,
	type JoinWatcher,
	type TaskStart,
} from '../../../lib/run';
import { memoryStore, type Store } from '../../../lib/store';

/** `FAN_OUT_SCHEDULES=100000 npx jest joinSimulation` for more than the daily share. */
const SCHEDULES = Number(process.env.FAN_OUT_SCHEDULES ?? 300);
const FIRST_SEED = Number(process.env.FAN_OUT_SEED ?? 1);

const never = new Promise<never>(() => undefined);

/** What a host process can do; nothing happens in it any more once it is dead. */
class Process {
	alive = true;

	async guard<Value>(work: Promise<Value>): Promise<Value> {
		const value = await work;
		return this.alive ? value : await never;
	}
}

/** An execution of a task: runs in a process, or waits in the database. */
interface Child {
	index: number;
	status: 'running' | 'waiting' | 'completed' | 'failed' | 'crashed';
	process: Process;
}

/** A host that runs and saves executions as n8n does, with one join in it. */
class Host {
	readonly runtime: VirtualRuntime;
	readonly store: Store;
	readonly children = new Map<string, Child>();
	readonly watchers = new Map<JoinWatcher, { dueAt: number; looking: boolean }>();
	process = new Process();
	resumed = 0;
	resumedWith: JoinEnd[] = [];
	crashes = 0;
	starts = 0;
	watchersKilled = 0;
	private onLook: () => void = () => undefined;
	/** A crash hit both watchers at the same moment: the one case that nobody repairs. */
	unwatched = false;
	readonly violations: string[] = [];

	constructor(
		seed: number,
		readonly total: number,
		readonly atOnce: number,
		/** Whether tasks are worked on outside of the host, and tell their ends by calls. */
		readonly callsBack: boolean,
	) {
		this.runtime = new VirtualRuntime({ seed, shuffle: true, drainRounds: 60 });
		this.store = memoryStore(this.runtime);
	}

	chance(share: number): boolean {
		return this.runtime.random() < share;
	}

	private ms(most: number): number {
		return Math.floor(this.runtime.random() * most);
	}

	/** The store as a process sees it: slow, and silent once the process is dead. */
	private storeOf(process: Process): Store {
		const call =
			<Args extends unknown[], Value>(method: (...args: Args) => Promise<Value>) =>
			async (...args: Args): Promise<Value> => {
				await process.guard(this.runtime.sleep(this.ms(4)));
				// Done, though a dead caller never hears of it.
				const value = await method(...args);
				return await process.guard(this.runtime.sleep(this.ms(4)).then(() => value));
			};
		const { store } = this;
		return new Proxy(store, {
			get: (target, name) => {
				const value = Reflect.get(target, name) as unknown;
				return typeof value === 'function'
					? call((value as (...args: unknown[]) => Promise<unknown>).bind(target))
					: value;
			},
		});
	}

	private runtimeOf(process: Process): VirtualRuntime {
		const { runtime } = this;
		return new Proxy(runtime, {
			get: (target, name) => {
				if (name === 'sleep') {
					return async (ms: number, signal?: AbortSignal) =>
						await process.guard(target.sleep(ms, signal));
				}
				if (name === 'setTimer') {
					return (ms: number, callback: () => void) =>
						target.setTimer(ms, () => (process.alive ? callback() : undefined));
				}
				const value = Reflect.get(target, name) as unknown;
				return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
			},
		});
	}

	/** Work of an execution inside its process, and how it ends there. */
	private async work(id: string, child: Child): Promise<JoinEnd> {
		await child.process.guard(this.runtime.sleep(this.ms(2000)));
		const failed = this.chance(0.1);
		child.status = failed ? 'failed' : 'completed';
		return this.endOf(id, child);
	}

	private endOf(id: string, { index, status }: Child): JoinEnd {
		if (status === 'completed') return { status: 'completed', result: { index, by: id } };
		const error = { code: 'X', errorClass: 'unknown', message: 'no', retryable: false } as const;
		return { status: 'failed', error };
	}

	/** A task outside of the host: it tells its end as soon as somebody listens, and repeats itself. */
	private async workElsewhere(index: number): Promise<void> {
		const id = this.runtime.newId();
		const child: Child = { index, status: 'running', process: this.process };
		this.children.set(id, child);
		await this.runtime.sleep(this.ms(60_000));
		child.status = 'completed';
		const calls = this.chance(0.3) ? 2 : 1;
		for (let call = 0; call < calls; call++) {
			// A caller without an answer calls again.
			for (let heard = false; !heard; ) {
				while (!this.process.alive) await this.runtime.sleep(1000);
				const calling = this.calledBack(index, this.endOf(id, child), this.process);
				await Promise.race([calling.then(() => (heard = true)), this.runtime.sleep(1000)]);
			}
			await this.runtime.sleep(this.ms(5000));
		}
	}

	/** The signed address of a task: records its end, and resumes when it was the last. */
	private async calledBack(index: number, end: JoinEnd, process: Process): Promise<void> {
		const store = this.storeOf(process);
		const read = async (): Promise<JoinLog> => {
			const log = new JoinLog(store, 'j', this.total);
			await log.refresh();
			return log;
		};
		if (this.resumed > 0) return;
		const before = await read();
		if (before.tasks[index]!.status === 'ended') return;
		await before.record({ index, at: this.runtime.now(), what: 'ended', end });
		const log = await read();
		if (log.isOver && log.lastEnded === index) await this.post();
	}

	private async startChild(index: number, process: Process): Promise<TaskStart> {
		this.starts++;
		if (this.callsBack) {
			void this.workElsewhere(index);
			await process.guard(this.runtime.sleep(this.ms(50)));
			return { status: 'waiting' };
		}
		const known = new JoinLog(this.store, 'j', this.total);
		await known.refresh();
		if (known.tasks[index]!.status === 'ended') this.violations.push(`${index} repeated`);
		const id = this.runtime.newId();
		const child: Child = { index, status: 'running', process };
		this.children.set(id, child);
		if (!this.chance(0.5)) return { ...(await this.work(id, child)), executionId: id };
		await process.guard(this.runtime.sleep(this.ms(500)));
		child.status = 'waiting';
		void this.answerLater(id, child);
		// Saved, though the caller may die before it hears of it.
		await process.guard(this.runtime.sleep(this.ms(20)));
		return { status: 'waiting', executionId: id };
	}

	/** Somebody answers; the execution goes on in whatever process lives then. */
	private async answerLater(id: string, child: Child): Promise<void> {
		await this.runtime.sleep(this.ms(120_000));
		while (!this.process.alive) await this.runtime.sleep(1000);
		child.status = 'running';
		child.process = this.process;
		await this.work(id, child);
	}

	/** The signed address of the parent. */
	private async post(): Promise<boolean> {
		if (this.resumed > 0) return true;
		const log = new JoinLog(this.store, 'j', this.total);
		await log.refresh();
		if (!log.isOver) return false;
		// n8n lets one of several requests of the same moment through.
		if (this.resumed > 0) return true;
		this.resumed++;
		this.resumedWith = log.tasks.map(({ end }) => end!);
		return true;
	}

	/** A runner in a process; it may die at any time. */
	async run(process: Process): Promise<void> {
		await process.guard(this.runtime.sleep(this.ms(100)));
		const { total, atOnce } = this;
		await runJoin({
			store: this.storeOf(process),
			runtime: this.runtimeOf(process),
			joinId: 'j',
			total,
			atOnce,
			countWaiting: this.callsBack,
			maxRuns: 1000,
			owner: this.runtime.newId(),
			ports: {
				start: async (index) => await this.startChild(index, process),
				look: async (_, { executionId: id }) => {
					if (id === undefined) return 'open';
					const child = await process.guard(Promise.resolve(this.children.get(id)!));
					if (child.status === 'crashed') return 'crashed';
					if (child.status === 'running' || child.status === 'waiting') return 'open';
					return this.endOf(id, child);
				},
				tell: async () => {
					await process.guard(this.runtime.sleep(this.ms(50)));
					const heard = await this.post();
					// Requests are repeated on the way, and answers get lost.
					if (this.chance(0.3)) void this.runtime.sleep(this.ms(5000)).then(() => this.post());
					await process.guard(this.runtime.sleep(this.ms(50)));
					return heard && !this.chance(0.2);
				},
				isAbandoned: async () => await process.guard(Promise.resolve(this.resumed > 0)),
			},
		});
	}

	startWatcher(name: JoinWatcher): void {
		this.watchers.set(name, {
			dueAt: this.runtime.now() + JOIN_WATCHERS[name],
			looking: false,
		});
	}

	/** The host's clock: wakes watchers that are due, in the process that lives. */
	async tick(process: Process): Promise<void> {
		while (process.alive && this.resumed === 0) {
			for (const [name, watcher] of this.watchers) {
				if (!watcher.looking && watcher.dueAt <= this.runtime.now()) {
					void this.look(name, watcher, process);
				}
			}
			await this.runtime.sleep(this.untilDue());
		}
	}

	/** Nothing happens sooner; a watcher that is started meanwhile is due later. */
	private untilDue(): number {
		const waiting = [...this.watchers.values()].filter(({ looking }) => !looking);
		const nextAt = Math.min(...waiting.map(({ dueAt }) => dueAt), this.runtime.now() + 30_000);
		return Math.max(100, nextAt - this.runtime.now());
	}

	private async look(
		name: JoinWatcher,
		watcher: { dueAt: number; looking: boolean },
		process: Process,
	): Promise<void> {
		watcher.looking = true;
		if (this.watchers.size === 2) this.onLook();
		const outcome = await watchJoin({
			store: this.storeOf(process),
			runtime: this.runtime,
			joinId: 'j',
			watcher: name,
			ports: {
				isAbandoned: async () => await process.guard(Promise.resolve(this.resumed > 0)),
				startRunner: async () => void this.run(process),
				startWatcher: async (other) => {
					await process.guard(this.runtime.sleep(this.ms(40)));
					this.startWatcher(other);
				},
			},
		});
		await process.guard(this.runtime.sleep(this.ms(40)));
		if (outcome === 'over') this.watchers.delete(name);
		else this.startWatcher(name);
	}

	/** Kills the process, and starts another one a few seconds later. */
	async crash(): Promise<void> {
		this.crashes++;
		const dead = this.process;
		dead.alive = false;
		for (const child of this.children.values()) {
			if (child.process === dead && child.status === 'running') child.status = 'crashed';
		}
		for (const [name, { looking }] of this.watchers) {
			if (looking && this.watchers.delete(name)) this.watchersKilled++;
		}
		if (this.watchers.size === 0) this.unwatched = true;
		await this.runtime.sleep(1000 + this.ms(20_000));
		this.process = new Process();
		void this.tick(this.process);
	}

	/** Waits until one of two watchers is just looking: the moment in which a kill hits it. */
	private async untilLooking(): Promise<void> {
		const looking = new Promise<void>((resolve) => (this.onLook = resolve));
		await Promise.race([looking, this.runtime.sleep(400_000)]);
		await this.runtime.sleep(this.ms(30));
	}

	async play(crashes: number): Promise<void> {
		for (const name of ['first', 'second'] as const) {
			await beat({ store: this.store, runtime: this.runtime, joinId: 'j' }, name);
			this.startWatcher(name);
		}
		void this.tick(this.process);
		void this.run(this.process);
		for (let crash = 0; crash < crashes; crash++) {
			// Often in the thick of it, sometimes in the middle of nowhere.
			if (this.chance(0.4)) await this.untilLooking();
			else await this.runtime.sleep(this.chance(0.7) ? this.ms(3000) : this.ms(150_000));
			if (this.resumed > 0) return;
			await this.crash();
			if (this.unwatched) return;
		}
		const deadline = this.runtime.now() + 3_600_000;
		while (this.resumed === 0 && this.runtime.now() < deadline) await this.runtime.sleep(10_000);
	}
}

function judge(host: Host): string[] {
	const problems = [...host.violations];
	if (host.unwatched) return problems;
	if (host.resumed !== 1) problems.push(`resumed ${host.resumed} times`);
	if (host.resumedWith.length !== host.total) problems.push('results are missing');
	for (const [index, end] of host.resumedWith.entries()) {
		if (end?.status !== 'completed') continue;
		const { index: of, by } = end.result as { index: number; by: string };
		if (of !== index) problems.push(`${index} has the result of ${of}`);
		if (host.children.get(by)?.status !== 'completed') problems.push(`${index} is invented`);
	}
	return problems;
}

describe('the join, in thousands of schedules with kills at any moment', () => {
	it('resumes once, with one result of each task, and repeats nothing that is recorded', async () => {
		const found: string[] = [];
		const met = { crashes: 0, again: 0, unwatched: 0, watchersKilled: 0 };
		for (let seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed++) {
			const host = new Host(seed, 1 + (seed % 7), 1 + (seed % 4), seed % 3 === 0);
			await host.runtime.until(host.play(seed % 6));
			for (const problem of judge(host)) found.push(`seed ${seed}: ${problem}`);
			met.crashes += host.crashes;
			met.watchersKilled += host.watchersKilled;
			met.again += host.starts - host.total;
			met.unwatched += host.unwatched ? 1 : 0;
		}
		expect(found.slice(0, 5)).toEqual([]);
		// The schedules reach what they are for.
		expect(met.crashes).toBeGreaterThan(SCHEDULES);
		expect(met.again).toBeGreaterThan(0);
		expect(met.watchersKilled).toBeGreaterThan(0);
		expect(met.unwatched).toBeLessThan(SCHEDULES / 50);
	}, 600_000);
});
