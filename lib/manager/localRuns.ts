import type { Runtime, Timer } from '../core';
import type { ActiveRun } from './activeRun';
import { WrongStateError } from './errors';
import type { ExecutionRecord } from './executionRecord';
import { Waiters } from './waiters';

/**
 * The executions that run in this process. Managers of one process and one store share it, so that
 * each of them can reach what another one has started.
 */
export class LocalRuns {
	private readonly runs = new Map<string, ActiveRun>();
	private readonly launching = new Set<string>();
	private readonly leaving = new Map<string, Promise<ExecutionRecord>>();
	private readonly ends = new Waiters<ExecutionRecord>();
	private readonly rests = new Waiters<ExecutionRecord>();
	private readonly alarms = new Map<string, Timer>();
	private readonly tasks = new Set<string>();
	private watching: Timer | undefined;

	get runIds(): string[] {
		return [...this.runs.keys()];
	}

	get(runId: string): ActiveRun | undefined {
		return this.runs.get(runId);
	}

	/** Waits while an execution is being let go of. */
	async settled(runId: string): Promise<void> {
		await this.leaving.get(runId);
	}

	/**
	 * Keeps a second launch of the same execution out while the first one is under way.
	 *
	 * @throws {WrongStateError} when it runs here, or is about to
	 */
	async launch(
		{ runId, status }: ExecutionRecord,
		start: () => Promise<ActiveRun>,
	): Promise<ActiveRun> {
		if (this.runs.has(runId) || this.launching.has(runId)) {
			throw new WrongStateError(runId, status, 'resumed');
		}
		this.launching.add(runId);
		try {
			const active = await start();
			this.silence(runId);
			this.runs.set(runId, active);
			return active;
		} finally {
			this.launching.delete(runId);
		}
	}

	/** The execution is not run here any more, because it is paused or waits. */
	async leave(runId: string, store: () => Promise<ExecutionRecord>): Promise<ExecutionRecord> {
		this.forget(runId);
		const storing = store();
		this.leaving.set(runId, storing);
		try {
			const record = await storing;
			this.rests.tell(runId, record);
			return record;
		} finally {
			this.leaving.delete(runId);
		}
	}

	/** Tells everybody who waits for it that the execution has ended. */
	tellEnd(record: ExecutionRecord): void {
		this.forget(record.runId);
		this.rests.tell(record.runId, record);
		this.ends.tell(record.runId, record);
	}

	/** The execution is run by somebody else now. */
	forget(runId: string): void {
		this.runs.delete(runId);
		if (this.runs.size > 0) return;
		this.watching?.cancel();
		this.watching = undefined;
	}

	/** The next time the execution ends here. */
	async end(runId: string): Promise<ExecutionRecord> {
		return await this.ends.next(runId);
	}

	/** The next time the execution ends or is let go of here. */
	async rest(runId: string): Promise<ExecutionRecord> {
		return await this.rests.next(runId);
	}

	/** Calls back at a time, unless the execution is launched here before. */
	wakeAt(
		runId: string,
		at: number,
		runtime: Pick<Runtime, 'now' | 'setTimer'>,
		wake: () => void,
	): void {
		this.silence(runId);
		const timer = runtime.setTimer(at - runtime.now(), () => {
			this.alarms.delete(runId);
			wake();
		});
		this.alarms.set(runId, timer);
	}

	/** Does something now and then, as long as there is an execution here. */
	watch(runtime: Pick<Runtime, 'setTimer'>, everyMs: number, look: () => Promise<void>): void {
		if (this.watching !== undefined || this.runs.size === 0) return;
		this.watching = runtime.setTimer(everyMs, () => {
			const again = (): void => {
				this.watching = undefined;
				this.watch(runtime, everyMs, look);
			};
			void look().then(again, again);
		});
	}

	/** Does a piece of work unless it is under way already. */
	async once(name: string, work: () => Promise<void>): Promise<void> {
		if (this.tasks.has(name)) return;
		this.tasks.add(name);
		try {
			await work();
		} finally {
			this.tasks.delete(name);
		}
	}

	private silence(runId: string): void {
		this.alarms.get(runId)?.cancel();
		this.alarms.delete(runId);
	}
}
