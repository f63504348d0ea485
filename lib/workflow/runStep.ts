import { AbortError, EngineError, parse, TimeoutError, type Json, type JsonObject } from '../core';
import { goTo, startGraph } from '../scheduler';
import { FlowResult } from '../scheduler/definition';
import type { BodyContext, CompensationContext, RunResult } from '../scheduler';
import { contextView, holdsIn, nested, type Compiled } from './compiled';
import type { StepDefinition, StepWork, WorkflowDefinition } from './definition';
import { prefixedJournal } from './prefixedJournal';
import { askingForMore, innerBudget } from './workflowBudget';
import { prepareWork, type PreparedWork } from './prepareWork';
import type { OwnSteps } from './scope';
import type { KindContext, StepKind } from './stepKind';

/** Does the work of a step and says where to go on, when the step or its kind says so. */
export async function runStep(
	step: StepDefinition,
	context: BodyContext,
	compiled: Compiled,
): Promise<unknown> {
	const view = contextView(compiled, context);
	const inner = new InnerRuns(context, view, compiled);
	const kindContext: KindContext<unknown> = {
		...prepared(step, step, context.input as PreparedWork, compiled),
		attempt: context,
		holds: (predicate, more) => holdsIn(predicate, view, compiled, more),
		waitFor: async (name, options) => await inner.waitFor(name, options),
		runSteps: async (workflow, name, more) => await inner.run(workflow, name, more),
	};
	const execute = async (): Promise<unknown> => await kindOf(step, compiled).execute(kindContext);
	const asks = context.budget !== undefined && compiled.definition.budget?.onHard === 'ask';
	const output = await (asks ? askingForMore(execute, kindContext) : execute());
	if (output instanceof FlowResult || step.next === undefined) return output;
	return goTo(step.next, output);
}

/** Does the work that undoes a step; its templates see `step.input` and `step.output`. */
export async function runCompensation(
	step: StepDefinition,
	work: StepWork,
	context: CompensationContext,
	compiled: Compiled,
): Promise<unknown> {
	const { input, output, path } = context;
	const before = { input: (input as PreparedWork).input, output: (output ?? null) as Json };
	const more: JsonObject = { step: before };
	const view = compensationView(step.id, before.output);
	const refuse = async (): Promise<never> => await Promise.reject(notWhenUndoing(path));
	const nothing = (): void => undefined;
	const filled = prepareWork(work, [], compiled)(nested(compiled, view), more);
	return await kindOf(work, compiled).execute({
		...prepared(step, work, filled, compiled),
		input: work.input === undefined ? before.output : filled.input,
		attempt: {
			...{ runId: context.runId, path, attempt: context.attempt, signal: context.signal },
			idempotencyKey: context.idempotencyKey,
			...{ lastHeartbeat: undefined, budget: undefined },
			...{ progress: nothing, activity: nothing, heartbeat: nothing },
			...{ blocked: nothing, breakerChanged: nothing },
			effect: async (_, does) => await does({ idempotencyKey: context.idempotencyKey }),
		},
		holds: (predicate, names) => holdsIn(predicate, view, compiled, { ...more, ...names }),
		waitFor: refuse,
		runSteps: refuse,
	});
}

function kindOf(work: StepWork, { options }: Compiled): StepKind<unknown> {
	return options.kinds.get(work.kind)!;
}

function prepared(
	step: StepDefinition,
	work: StepWork,
	{ parameters, task, input }: PreparedWork,
	compiled: Compiled,
): Pick<KindContext<unknown>, 'step' | 'parameters' | 'task' | 'input' | 'runtime'> {
	const { id, name, threadId, metadata } = step;
	const what = `Step "${id}": parameters`;
	return {
		step: { ...work, id, metadata, ...(name && { name }), ...(threadId && { threadId }) },
		parameters: parse(kindOf(work, compiled).parameters, parameters, what),
		task: task ?? undefined,
		input,
		runtime: compiled.options.runtime,
	};
}

/** Runs inside one attempt of a step. */
class InnerRuns {
	constructor(
		private readonly context: BodyContext,
		private readonly view: OwnSteps,
		private readonly compiled: Compiled,
	) {}

	/** What waits inside a step is asked by the outermost one, which holds no place meanwhile. */
	async waitFor(name: string, options: Parameters<BodyContext['waitFor']>[1]): Promise<unknown> {
		const { outer } = this.compiled;
		if (outer === undefined) return await this.context.waitFor(name, options);
		const asked = `${this.context.path}/${name}`;
		return await this.context.waitElsewhere(() => outer.waitFor(asked, options ?? {}));
	}

	async run(workflow: WorkflowDefinition, name: string, more: JsonObject = {}): Promise<Json> {
		const { context, compiled } = this;
		const { options } = compiled;
		const prefix = `${context.path}/${name}/`;
		const journal = options.journal && prefixedJournal(options.journal, prefix);
		const inner = compiled.compileInner(
			workflow,
			{ ...options, names: { ...options.names, ...more }, ...(journal && { journal }) },
			{
				view: nested(compiled, this.view),
				ids: [...compiled.ids, ...(compiled.outer?.ids ?? [])],
				waitFor: async (asked, how) => await this.waitFor(`${name}/${asked}`, how),
			},
		);
		const { maxConcurrent, timeoutMs } = workflow;
		const budget = innerBudget(workflow, context.budget, name);
		const { result } = startGraph(inner.graph, {
			runtime: options.runtime,
			runId: `${context.runId}/${prefix}`,
			input: options.input ?? null,
			scope: context.scope,
			sinks: [(event) => context.tell(event, name)],
			fairnessKey: context.fairnessKey,
			...(journal && { journal }),
			...(budget && { budget }),
			...(options.pool && { pool: options.pool }),
			...(options.logger && { logger: options.logger }),
			...(maxConcurrent !== undefined && { maxConcurrent }),
			...(timeoutMs !== undefined && { timeoutMs }),
		});
		return outcomeOf(await result, inner.outputOf);
	}
}

function outcomeOf(
	result: RunResult,
	outputOf: (outputs: Readonly<Record<string, unknown>>) => Json,
): Json {
	const { status, outputs, error, cause } = result;
	if (status === 'completed') return outputOf(outputs);
	if (status === 'timed_out') throw new TimeoutError(cause!.message);
	if (status === 'cancelled') throw new AbortError(cause!.message, { details: { cause } });
	const { code, message, ...info } = error!;
	throw new EngineError(code, message, info);
}

function compensationView(stepId: string, output: Json): OwnSteps {
	return {
		has: (id) => id === stepId,
		output: (id) => (id === stepId ? output : undefined),
		status: (id) => (id === stepId ? 'completed' : undefined),
		error: () => undefined,
	};
}

function notWhenUndoing(path: string): EngineError {
	return new EngineError('NOT_WHEN_UNDOING', `Undoing "${path}" can neither ask nor run steps.`, {
		errorClass: 'validation',
		hint: 'Use a step kind that does its work at once.',
	});
}
