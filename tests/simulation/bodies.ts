import {
	EngineError,
	goTo,
	type BodyContext,
	type DependencyConfig,
	type GraphStep,
	type ResourcePool,
	type VirtualRuntime,
} from '../../lib';
import type { StateStore } from '../../lib/agent/stateStore';
import type { Checker } from './checker';
import type { PlanDependency, PlanStep } from './plan';
import { newState, writesFor } from './state';

/** What the steps of a simulated run do, over all its processes. */
export class Bodies {
	private readonly starts = new Map<string, number>();
	/** Steps that wait for others. */
	private readonly dependents = new Set<string>();
	private process = 0;
	private pool!: ResourcePool;
	private state = newState();

	constructor(
		private readonly runtime: VirtualRuntime,
		private readonly checker: Checker,
	) {}

	/** A process begins. @returns the shared state, as it was at the checkpoint */
	boot(process: number, pool: ResourcePool, snapshot: unknown): StateStore {
		this.process = process;
		this.pool = pool;
		this.state = newState();
		if (snapshot !== undefined) this.state.load(snapshot);
		return this.state;
	}

	/** The shared state after the end of the run. */
	finalState(): Record<string, unknown> {
		return this.state.finalState();
	}

	step(plan: PlanStep): GraphStep {
		if (plan.dependsOn.length > 0) this.dependents.add(plan.id);
		const { dependsOn, onDemand, maxAttempts, cpu, compensate, optional } = plan;
		const { priority, preemptible, startToCloseMs, scheduleToCloseMs } = plan;
		return {
			run: (context) => this.body(plan, context),
			dependsOn: dependsOn.map(({ on, ...rest }) => ({ on, ...configOf(on, rest) })),
			onDemand,
			optional,
			preemptible,
			next: plan.names,
			maxIterations: 4,
			...(maxAttempts > 1
				? { retry: { maxAttempts, initialDelayMs: 5, maxDelayMs: 40, jitter: 'full' } }
				: {}),
			timeouts: {
				...(startToCloseMs === undefined ? {} : { startToCloseMs }),
				...(scheduleToCloseMs === undefined ? {} : { scheduleToCloseMs }),
			},
			...(cpu === 0 ? {} : { resources: { cpu, priority, resourceTypes: ['cpu'] } }),
			...(compensate === undefined ? {} : this.undoing(compensate)),
		};
	}

	private undoing(compensate: 'works' | 'fails'): Partial<GraphStep> {
		return {
			compensate: async (context) => {
				this.checker.onCompensate(context);
				await this.wait(10);
				if (compensate === 'fails') throw new Error('cannot be undone');
			},
			compensateRetry: { maxAttempts: 2, initialDelayMs: 3, jitter: 'none' },
		};
	}

	private body(plan: PlanStep, context: BodyContext): unknown {
		const { checker } = this;
		const starts = (this.starts.get(context.path) ?? 0) + 1;
		checker.onStart(context, this.process, starts === 1);
		this.starts.set(context.path, starts);
		this.checkView(plan, context);
		const fails = starts <= plan.failures;
		if (plan.sync) {
			if (fails) throw this.failure(plan);
			return this.finish(plan, context);
		}
		return this.work(plan, context, fails);
	}

	/** An execution sees what its dependencies wrote. */
	private checkView({ dependsOn }: PlanStep, { deps, parents, path }: BodyContext): void {
		const view = this.state.viewFor(parents);
		for (const { on, type } of dependsOn) {
			if (type !== 'required' || deps[on]!.status !== 'completed') continue;
			const seen = view.get(on) as string | undefined;
			if (seen?.split('#')[0] !== on) {
				this.checker.violate(`I25 ${path} starts without what ${on} wrote`);
			}
		}
	}

	private async work(plan: PlanStep, context: BodyContext, fails: boolean): Promise<unknown> {
		const aborted = plan.stubborn ? undefined : context.signal;
		if (plan.maxDelayMs > 0) await this.wait(plan.maxDelayMs, aborted);
		context.progress(0.5);
		if (plan.takesInside === true) await this.inside(context);
		const { asks, parts = [] } = plan;
		if (asks !== undefined) {
			const beside = parts.map(
				async (part, index) => await this.part(plan, part, `part ${index}`, context, aborted),
			);
			await Promise.all([context.waitFor('question', asks), ...beside]);
		}
		if (fails) throw this.failure(plan);
		return this.finish(plan, context);
	}

	/** What a step inside this one would do: it needs a place in the pool of the run. */
	private async inside({ path, signal, fairnessKey }: BodyContext): Promise<void> {
		const requirements = { cpu: 1, resourceTypes: ['cpu' as const] };
		const request = { path: `${path}/inside`, requirements, fairnessKey };
		const allocation = await this.pool.acquire(request, signal);
		this.checker.sometimes('step inside');
		await this.wait(20, signal).finally(() => allocation.release());
	}

	/** One of several things a body waits for at the same time. */
	private async part(
		plan: PlanStep,
		part: 'asks' | 'fails' | 'works',
		name: string,
		context: BodyContext,
		aborted: AbortSignal | undefined,
	): Promise<void> {
		await this.wait(40, aborted);
		if (part === 'asks') await context.waitFor(name, {});
		if (part === 'fails' && context.attempt < plan.maxAttempts) throw this.failure(plan);
	}

	private finish(plan: PlanStep, { iteration, path }: BodyContext): unknown {
		const names = iteration <= plan.rounds ? plan.names : [];
		if (names.some((name) => this.dependents.has(name))) {
			this.checker.sometimes('named by what it needs');
		}
		return goTo(names, { text: `output of ${path}`, writes: writesFor(plan.id, path) });
	}

	private failure(plan: PlanStep): EngineError {
		return new EngineError('PLANNED', `${plan.id} was to fail.`, {
			errorClass: plan.fatal ? 'validation' : 'server',
		});
	}

	/** Takes a random time. A crash means that it never ends. */
	private async wait(maxMs: number, signal?: AbortSignal): Promise<void> {
		const { runtime } = this;
		await new Promise<void>((resolve, reject) => {
			if (signal?.aborted === true) return reject(signal.reason as Error);
			const onAbort = (): void => {
				timer.cancel();
				reject(signal!.reason as Error);
			};
			const timer = runtime.setTimer(Math.floor(runtime.random() * maxMs), () => {
				signal?.removeEventListener('abort', onAbort);
				resolve();
			});
			signal?.addEventListener('abort', onAbort);
		});
	}
}

function configOf(on: string, { when, ...rest }: Omit<PlanDependency, 'on'>): DependencyConfig {
	return when === undefined ? rest : { ...rest, condition: ({ status }) => status(on) === when };
}
