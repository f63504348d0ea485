import { ValidationError, type Json, type Runtime } from '../core';
import { isRunEnded } from '../run';
import type { AnswerReceipt, RunCheckpoint } from '../scheduler';
import {
	addStep,
	parseDefinition,
	type StepKinds,
	type VersionPolicy,
	type WorkflowDefinition,
} from '../workflow';
import type { ActiveRun } from './activeRun';
import type { ActiveRuns } from './activeRuns';
import type { Catalog } from './catalog';
import type { Command, Commands } from './commands';
import { WrongStateError } from './errors';
import type { ExecutionRecord } from './executionRecord';
import type { Executions } from './executions';
import type { LocalRuns } from './localRuns';
import { overStore } from './remoteCommand';
import { refusalOf } from './restingCommand';
import { namesOf, planOf, type RunPlan } from './runPlan';

/** What the controls work with. */
export interface ControlsOptions {
	runtime: Runtime;
	kinds: StepKinds;
	executions: Executions;
	catalog: Catalog;
	commands: Commands;
	runs: ActiveRuns;
	local: LocalRuns;
	/** How often an execution whose process died may be taken up again. */
	maxRecoveries: number;
}

/** What each command gives back. */
interface Replies {
	/** The checkpoint, unless the execution is still on its way to its pause. */
	pause: RunCheckpoint | null;
	/** Nothing: how it ended is in its record. */
	cancel: null;
	/** Whether there was something to stop. */
	cancelStep: boolean;
	answer: AnswerReceipt;
	addStep: null;
}

type CommandOf<Type extends Command['type']> = Extract<Command, { type: Type }>;

/** How each command is called in "… cannot be …". */
const PARTICIPLES: Readonly<Record<Command['type'], string>> = {
	pause: 'paused',
	cancel: 'cancelled',
	cancelStep: 'changed',
	answer: 'answered',
	addStep: 'changed',
};

/** How often a process looks for commands to what it runs, in milliseconds. */
const WATCH_MS = 500;

/**
 * Carries out commands to executions: at once when this process runs them, through the store when
 * another one does, and by taking them up here when nobody does.
 */
export class Controls {
	constructor(private readonly options: ControlsOptions) {}

	/**
	 * @throws {UnknownError} when there is no such execution
	 * @throws {WrongStateError} when it has ended
	 */
	async perform<Type extends Command['type']>(
		runId: string,
		command: CommandOf<Type>,
	): Promise<Replies[Type]> {
		const { local, runs } = this.options;
		for (;;) {
			await local.settled(runId);
			const record = await this.open(runId, PARTICIPLES[command.type]);
			const active = local.get(runId);
			if (active !== undefined) return (await this.carryOut(active, command)) as Replies[Type];
			if ((await runs.holder(runId)) === undefined) {
				return (await this.atRest(record, command)) as Replies[Type];
			}
			const answered = await overStore(runId, command, this.options);
			if (answered !== undefined) return answered.reply as Replies[Type];
		}
	}

	/**
	 * Goes on with an execution that is paused, waits, or whose process died.
	 *
	 * @throws {WrongStateError} when it has ended or runs here already
	 * @throws {EngineError} `LEASE_HELD` while another process runs it
	 */
	async resume(runId: string, versions: VersionPolicy): Promise<void> {
		const { local } = this.options;
		await local.settled(runId);
		const record = await this.open(runId, 'resumed');
		if (local.get(runId) !== undefined) throw new WrongStateError(runId, record.status, 'resumed');
		await this.untilFree(runId);
		await this.takeUp(await this.open(runId, 'resumed'), versions);
	}

	/** Obeys what other processes want of the executions here, as long as there are any. */
	watch(): void {
		const { local, runtime } = this.options;
		local.watch(runtime, WATCH_MS, async () => await this.obey());
	}

	/** Looks once for commands that were left for executions of this process. */
	private async obey(): Promise<void> {
		const { commands, local } = this.options;
		for (const open of await commands.open()) {
			const active = local.get(open.runId);
			if (active === undefined) continue;
			await local.once(open.id, async () => {
				await commands.carryOut(open, async (command) => {
					const done = this.carryOut(active, command);
					if (command.type !== 'cancel' && command.type !== 'pause') return await done;
					// These take their time: whoever asked looks at the record.
					done.catch(() => undefined);
					return null;
				});
			});
		}
	}

	/** Carries out a command on a run of this process. */
	private async carryOut(active: ActiveRun, command: Command): Promise<Replies[Command['type']]> {
		active.hold();
		try {
			await active.begun;
			return await this.change(active, command);
		} finally {
			active.free();
		}
	}

	private async change(active: ActiveRun, command: Command): Promise<Replies[Command['type']]> {
		const { local, runs } = this.options;
		const { run } = active;
		switch (command.type) {
			case 'pause': {
				const checkpoint = await run.pause(command.mode);
				if (!isRunEnded(run.status)) await runs.unload(active, checkpoint);
				return checkpoint;
			}
			case 'cancel': {
				const ended = local.end(run.runId);
				void run.cancel(command.message);
				await ended;
				return null;
			}
			case 'cancelStep':
				return run.cancelStep(command.stepId);
			case 'answer':
				return await run.answer(command.requestId, command.value);
			case 'addStep':
				await this.addTo(active, command.step);
				return null;
		}
	}

	private async addTo(active: ActiveRun, step: unknown): Promise<void> {
		const { executions } = this.options;
		const record = active.view(await executions.get(active.run.runId));
		const definition = this.withStep(record, step);
		const { id } = definition.steps.at(-1)!;
		const { graph, outputOf } = this.plan(record, definition);
		active.run.addStep(id, graph.steps.get(id)!);
		await active.extend(definition, outputOf);
	}

	/** @throws {ValidationError} when the step does not fit */
	private withStep(record: ExecutionRecord, step: unknown): WorkflowDefinition {
		const { runId, definition: before } = record;
		if (before === undefined) throw new ValidationError(`Execution "${runId}" is written in code.`);
		const definition = addStep(parseDefinition(before), step);
		this.plan(record, definition);
		return definition;
	}

	private plan(record: ExecutionRecord, definition: WorkflowDefinition): RunPlan {
		const { kinds, runtime } = this.options;
		const names = namesOf(record);
		return planOf({ definition }, { kinds, runtime, names, input: record.input as Json });
	}

	/** A command to an execution that no process runs. */
	private async atRest(
		record: ExecutionRecord,
		command: Command,
	): Promise<Replies[Command['type']]> {
		const { executions, commands } = this.options;
		const { runId, status } = record;
		const paused = status === 'paused';
		if (command.type === 'pause') {
			const still = { status: 'paused' as const, wakeAt: undefined };
			if (!paused) await executions.change(runId, (now) => ({ ...now, ...still }));
			return (record.checkpoint ?? null) as RunCheckpoint | null;
		}
		if (command.type === 'cancel' || !paused) {
			return await this.takeUp(
				record,
				'pinned',
				async (active) => await this.carryOut(active, command),
			);
		}
		if (command.type === 'addStep') {
			const definition = this.withStep(record, command.step);
			await executions.change(runId, (now) => ({ ...now, definition }));
			return null;
		}
		const refusal = await refusalOf(record, command, commands);
		if (refusal !== undefined) return refusal;
		await commands.send(runId, command);
		return command.type === 'answer' ? { accepted: true } : true;
	}

	/** Takes up an execution that nobody runs, and does something with it before it may rest. */
	private async takeUp<Value = void>(
		record: ExecutionRecord,
		versions: VersionPolicy,
		work?: (active: ActiveRun) => Promise<Value>,
	): Promise<Value> {
		const { catalog, runs, maxRecoveries } = this.options;
		const found = await catalog.workOf(record, versions);
		const died = record.checkpoint === undefined && record.status !== 'paused';
		const recoveries = record.recoveries + (died ? 1 : 0);
		if (recoveries > maxRecoveries) {
			throw new ValidationError(
				`Execution "${record.runId}" has been taken up ${record.recoveries} times and is left alone now.`,
				{ hint: 'Find out what ends its process, then start a new execution.' },
			);
		}
		const checkpoint = found.restart ? undefined : record.checkpoint;
		const active = await runs.launch(
			{ ...record, ...found.version, recoveries },
			found.work,
			checkpoint,
		);
		try {
			await active.begun;
			await this.obey();
			return (await work?.(active)) as Value;
		} finally {
			active.free();
		}
	}

	/**
	 * A process that died holds its lease for a while; one that lives renews it.
	 *
	 * @throws {EngineError} `LEASE_HELD` by the launch that follows, when somebody lives
	 */
	private async untilFree(runId: string): Promise<void> {
		const { runs, runtime } = this.options;
		const first = await runs.holder(runId);
		for (let now = first; now !== undefined; now = await runs.holder(runId)) {
			if (now.expiresAt !== first!.expiresAt) return;
			await runtime.sleep(WATCH_MS);
		}
	}

	private async open(runId: string, what: string): Promise<ExecutionRecord> {
		const record = await this.options.executions.get(runId);
		if (isRunEnded(record.status)) throw new WrongStateError(runId, record.status, what);
		return record;
	}
}
