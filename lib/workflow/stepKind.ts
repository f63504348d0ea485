import type { Json, JsonObject, Runtime } from '../core';
import type { BodyContext, WaitForOptions } from '../scheduler';
import type { Schema } from './chosen';
import type { StepDefinition, StepWork, WorkflowDefinition } from './definition';
import type { Predicate } from './predicate';

/** What a step of some kind can see and do when it runs. Templates are filled in already. */
export interface KindContext<Parameters = JsonObject> {
	/** The step as it is defined; what undoes a step is shown as a step of its own. */
	readonly step: StepWork & Pick<StepDefinition, 'id' | 'name' | 'threadId' | 'metadata'>;
	readonly parameters: Parameters;
	/** What is to be done, when the step says so. */
	readonly task: string | undefined;
	/**
	 * What the step works on. Without an `input` of its own: the output of the step it depends on,
	 * an object of outputs when there are several, the run's input when there is none.
	 */
	readonly input: Json;
	/** Attempt, signal, progress, heartbeat and the rest of what the scheduler offers. */
	readonly attempt: Pick<
		BodyContext,
		'runId' | 'path' | 'attempt' | 'signal' | 'idempotencyKey' | 'lastHeartbeat' | 'budget'
	> &
		Pick<
			BodyContext,
			'progress' | 'activity' | 'heartbeat' | 'blocked' | 'breakerChanged' | 'effect'
		>;
	readonly runtime: Runtime;

	/** Whether a predicate holds for what templates can see, with more names added. */
	readonly holds: (predicate: Predicate, more?: JsonObject) => boolean;

	/** See `BodyContext.waitFor`; also in the steps of loops and groups. */
	readonly waitFor: (name: string, options?: WaitForOptions) => Promise<unknown>;

	/**
	 * Runs steps inside this one: their paths begin with this step's, they are cancelled with it, and
	 * they see the outputs of the steps around it.
	 *
	 * @param name - tells several inner runs of one step apart; stable over restarts
	 * @param more - names that their templates can use besides the usual ones
	 * @returns what the inner workflow gives back
	 * @throws the error of the first inner step that failed, when the inner run fails
	 */
	readonly runSteps: (
		workflow: WorkflowDefinition,
		name: string,
		more?: JsonObject,
	) => Promise<Json>;
}

/**
 * A kind of step: what its parameters are and what it does. A short file each; see the built-in
 * kinds, and `docs/definitions.md` for how to add one.
 */
export interface StepKind<Parameters = JsonObject> {
	/** The word that definitions use. */
	kind: string;
	parameters: Schema<Parameters>;
	/**
	 * Parameters that are not templates, because they are predicates or hold steps of their own.
	 * They are checked when the workflow is compiled. Default: none.
	 */
	raw?: readonly string[];
	/** Steps that this one may name as its successors. Default: none. */
	targets?(parameters: Parameters): readonly string[];
	/** Workflows inside the step, to be checked with the one around it. Default: none. */
	inner?(parameters: Parameters): readonly WorkflowDefinition[];
	/**
	 * Does the work.
	 *
	 * @returns the step's output; `goTo(…)` to also say where to go on
	 */
	execute(context: KindContext<Parameters>): unknown;
}

/** A kind whose parameters are nobody's business but its own. */
export type AnyStepKind = Omit<StepKind<never>, 'parameters'> & { parameters: Schema<unknown> };

/** The kinds a workflow may use, by name. */
export type StepKinds = ReadonlyMap<string, StepKind<unknown>>;

/** Puts kinds together; of two with one name the later one counts. */
export function stepKinds(...kinds: readonly AnyStepKind[]): StepKinds {
	return new Map(kinds.map((kind) => [kind.kind, kind as unknown as StepKind<unknown>]));
}
