import { EngineError, serializeError, type Runtime } from '../core';
import {
	acquireLease,
	isLeaseHeld,
	leaseHolder,
	type Lease,
	type LeaseHeldError,
	type Store,
} from '../store';
import { joinRunId, type JoinEnd, JoinLog, type JoinTask } from './joinLog';

/** How a task that was started came out. */
export type TaskStart = (JoinEnd | { status: 'waiting' }) & { executionId?: string };

/** What a runner can do in the world around it. */
export interface JoinPorts {
	/** Does a task. Must not throw: a failure is an end. */
	start(index: number): Promise<TaskStart>;
	/**
	 * How a waiting task stands; `crashed` when its execution died with its process. One whose end
	 * others record is `open` until they have.
	 */
	look(index: number, task: Readonly<JoinTask>): Promise<JoinEnd | 'open' | 'crashed'>;
	/** Tells whoever waits that all is done. @returns whether it has listened, or never will */
	tell(): Promise<boolean>;
	/** Whether nobody waits any more. */
	isAbandoned(): Promise<boolean>;
}

export interface JoinOptions {
	store: Store;
	runtime: Runtime;
	joinId: string;
	/** How many tasks there are. */
	total: number;
	/** Most tasks started and not waiting at the same time. */
	atOnce: number;
	/** Whether waiting tasks count as well: they work elsewhere, and do not crash. Default false. */
	countWaiting?: boolean;
	/** How often a task may be started: more than once only when a process died over it. */
	maxRuns: number;
	/** Names this runner to others. */
	owner: string;
	ports: JoinPorts;
	/** Told once, when nothing is left but to wait. */
	onWaiting?: () => void;
	/** Pauses between looks at waiting tasks, in milliseconds. Default 250, growing to 10000. */
	firstPauseMs?: number;
	longestPauseMs?: number;
}

/** `over`: nobody has to do anything any more; `busy`: another runner is at it. */
export type JoinOutcome = 'over' | 'busy';

const PAUSE_GROWTH = 1.5;

/** How long a dead runner keeps others out, in milliseconds. One that lives renews at a third. */
const TTL_MS = 15_000;

/** A runner with less time left than this has not renewed when it should have. */
const LIVELY_MS = (2 / 3) * TTL_MS;

const leaseName = (joinId: string): string => `join:${joinId}`;

/** Whether a runner is at work on a join. One that is late with its sign of life may be dead. */
export async function isJoinRunning(
	store: Store,
	runtime: Pick<Runtime, 'now'>,
	joinId: string,
): Promise<boolean> {
	const holder = await leaseHolder(store, runtime, leaseName(joinId));
	return holder !== undefined && holder.expiresAt - runtime.now() >= LIVELY_MS;
}

/**
 * Brings a join to its end: starts what was not started, starts again what died with its process,
 * collects what had waited, and tells whoever waits. Any number of runners may try at any time, in
 * any process; one is at work, and what one has recorded none does again.
 *
 * It can be killed at any moment: the next one goes on from the log.
 */
export async function runJoin(options: JoinOptions): Promise<JoinOutcome> {
	const lease = await takeLease(options);
	if (lease === undefined) return 'busy';
	return await new JoinRunner(options, lease)
		.run()
		.catch((error: Error) => (lease.lost.aborted ? 'busy' : Promise.reject(error)))
		.finally(async () => await lease.release());
}

/** Undefined when another runner lives: it was given the time to renew its lease, and has. */
async function takeLease({
	store,
	runtime,
	joinId,
	owner,
}: JoinOptions): Promise<Lease | undefined> {
	const name = leaseName(joinId);
	const claim = async (): Promise<Lease | LeaseHeldError> =>
		await acquireLease({
			store,
			runtime,
			name,
			owner,
			runId: joinRunId(joinId),
			ttlMs: TTL_MS,
		}).catch((error: Error) => (isLeaseHeld(error) ? error : Promise.reject(error)));
	const first = await claim();
	if (!isLeaseHeld(first)) return first;
	await runtime.sleep(first.retryAfterMs ?? TTL_MS);
	const second = await claim();
	return isLeaseHeld(second) ? undefined : second;
}

class JoinRunner {
	private readonly log: JoinLog;
	/** Tasks that nobody runs: new, or left behind by a runner or an execution that died. */
	private readonly toStart: number[] = [];
	private started = 0;
	/** How many tasks are just being started. */
	private starting = 0;

	constructor(
		private readonly options: JoinOptions,
		private readonly lease: Lease,
	) {
		this.log = new JoinLog(options.store, options.joinId, options.total);
	}

	async run(): Promise<JoinOutcome> {
		const { ports, runtime, onWaiting, firstPauseMs = 250, longestPauseMs = 10_000 } = this.options;
		await this.log.refresh();
		for (const [index, { status }] of this.log.tasks.entries()) {
			if (status === 'new' || status === 'claimed') this.toStart.push(index);
		}
		let told: (() => void) | undefined = onWaiting;
		for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * PAUSE_GROWTH)) {
			if (await ports.isAbandoned()) return 'over';
			await this.log.refresh();
			const before = this.started;
			await this.startAll();
			await this.lookAtAll();
			if (this.log.isOver && (await ports.tell())) return 'over';
			if (this.started > before) pauseMs = firstPauseMs;
			if (this.mayStart()) continue;
			if (this.started === this.toStart.length) {
				told?.();
				told = undefined;
			}
			await runtime.sleep(pauseMs, this.lease.lost);
		}
	}

	/** Starts tasks, `atOnce` at a time, until none is left to start. */
	private async startAll(): Promise<void> {
		const worker = async (): Promise<void> => {
			for (let index = this.next(); index !== undefined; index = this.next()) {
				await this.start(index);
			}
		};
		await Promise.all(Array.from({ length: this.options.atOnce }, worker));
	}

	private next(): number | undefined {
		return this.mayStart() ? this.toStart[this.started++] : undefined;
	}

	private mayStart(): boolean {
		if (this.started === this.toStart.length) return false;
		const { countWaiting = false, atOnce } = this.options;
		return !countWaiting || this.underWay() < atOnce;
	}

	private underWay(): number {
		let count = this.starting;
		for (const { status } of this.log.tasks) if (status === 'waiting') count++;
		return count;
	}

	private async start(index: number): Promise<void> {
		const { ports, maxRuns } = this.options;
		// One that was started before may have told its end in the meantime.
		if (this.log.tasks[index]!.runs > 0) await this.log.refresh();
		if (this.log.tasks[index]!.status === 'ended') return;
		if (this.log.tasks[index]!.runs >= maxRuns) {
			await this.record({ index, what: 'ended', end: crashedEnd(maxRuns) });
			return;
		}
		this.starting++;
		await this.record({ index, what: 'claimed' });
		const { executionId, ...came } = await ports.start(index);
		const known = executionId === undefined ? {} : { executionId };
		if (came.status === 'waiting') await this.record({ index, what: 'waiting', ...known });
		else await this.record({ index, what: 'ended', end: came, ...known });
		this.starting--;
	}

	/** Collects what has ended in the meantime; what died with its process is to be started again. */
	private async lookAtAll(): Promise<void> {
		for (const [index, task] of this.log.tasks.entries()) {
			if (task.status !== 'waiting' || this.toStart.includes(index, this.started)) continue;
			const seen = await this.options.ports.look(index, task);
			if (seen === 'open') continue;
			if (seen === 'crashed') this.toStart.push(index);
			else await this.record({ index, what: 'ended', end: seen });
		}
	}

	private async record(event: Unstamped): Promise<void> {
		const stamped = { ...event, at: this.options.runtime.now() };
		await this.log.record(stamped, async (entries) => await this.lease.append(entries));
	}
}

type Unstamped =
	| { index: number; what: 'claimed' }
	| { index: number; what: 'waiting'; executionId?: string }
	| { index: number; what: 'ended'; end: JoinEnd; executionId?: string };

function crashedEnd(runs: number): JoinEnd {
	const error = new EngineError(
		'TASK_CRASHED',
		`The task was cut short ${runs === 1 ? 'once' : `${runs} times`}, each time with its process.`,
		{
			errorClass: 'server',
			retryable: false,
			hint: 'See the log of n8n for why it ended; a task may be started again after a crash when Max Starts After Crashes allows it',
		},
	);
	return { status: 'failed', error: serializeError(error) };
}
