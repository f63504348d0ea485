import type { Budget } from '../budget';
import type { Json, JsonObject } from '../core';
import type { RetryOptions, TimeoutPolicy } from '../resilience';
import type { ResourceRequirements } from '../resources';
import type { Predicate } from './predicate';

/** How a step waits for another one; see `docs/engine.md`. */
export const DEPENDENCY_TYPES = [
	'required',
	'optional',
	'parallel',
	'sequential',
	'conditional',
	'timeout',
	'and',
	'or',
	'xor',
] as const;

/** How long a dependency counts as satisfied. */
export const DEPENDENCY_LIFECYCLES = [
	'once',
	'always',
	'session',
	'temporary',
	'periodic',
] as const;

/** One dependency of a stored step. */
export interface StepDependency {
	/** Id of the step that is waited for. */
	on: string;
	type: (typeof DEPENDENCY_TYPES)[number];
	/** Default `always`. */
	lifecycle?: (typeof DEPENDENCY_LIFECYCLES)[number];
	/** Which `and`, `or` and `xor` dependencies belong together. */
	group?: string;
	condition?: Predicate;
	/** With lifecycle `temporary`: how long a completion counts, in milliseconds. */
	expiryMs?: number;
	/** With lifecycle `periodic`: how often the dependency runs again, in milliseconds. */
	intervalMs?: number;
	/** Longest wait for this dependency, in milliseconds. */
	timeoutMs?: number;
}

/** What is common to a step and to the work that undoes it. */
export interface StepWork {
	/** Name of a registered step kind, e.g. `agent`, `http`, `human`, `transform`, `branch`. */
	kind: string;
	/** Name of the agent that does it. */
	agent?: string;
	/** What is to be done, for people and agents; a template. */
	task?: string;
	/** Options of the kind; templates, except where the kind says otherwise. */
	parameters: JsonObject;
	/** What the step works on; a template. Default: the outputs of the steps it depends on. */
	input?: Json;
	/** Attempts and pauses. Default: the workflow's. */
	retry?: RetryOptions;
	/** Time limits. Default: the workflow's. */
	timeout?: TimeoutPolicy;
}

/** One step of a stored workflow, in its one normal form. */
export interface StepDefinition extends StepWork {
	id: string;
	/** For people; may change without making a new version. */
	name?: string;
	dependencies: StepDependency[];
	/** Steps to go on with; what the step itself says at run time wins. */
	next?: string[];
	/** The step is skipped when this does not hold once it could start. */
	condition?: Predicate;
	resources?: ResourceRequirements;
	/** Whether the run may complete although this step fails. */
	optional?: boolean;
	/** Whether it may run again because its result has expired. Default true. */
	restartable?: boolean;
	/** Whether an attempt may be broken off for more urgent work, and repeated. */
	preemptible?: boolean;
	/** Most executions of the step in one run, when something leads back to it. Default 25. */
	maxIterations?: number;
	/** Share of the run's progress. Default 1. */
	weight?: number;
	/** Conversation the step's agent goes on with. */
	threadId?: string;
	/** Undoes the step when the run fails after it has completed. */
	compensate?: StepWork;
	/** Whether it is undone also when it has begun and did not complete. Default false. */
	compensateOnFailure?: boolean;
	/** Quotas of the pool that it counts for besides those of its kind and agent, e.g. `credential:42`. */
	quotas?: string[];
	metadata: JsonObject;
}

/** Limits for the calls of all steps together: models, tools and searches. */
export interface WorkflowBudget extends Budget {
	/**
	 * What happens when a hard limit refuses a step: the run completes as `partial` with what there is
	 * (default), it `fail`s, or it `ask`s people for more, as the step's question `budget`. The answer
	 * `{"raise": {"tokens": 5000}}` lets the step go on; any other refuses it.
	 */
	onHard?: 'partial' | 'fail' | 'ask';
}

/** A workflow as plain JSON, in its one normal form. Made by `parseDefinition`. */
export interface WorkflowDefinition {
	schemaVersion: 1;
	id?: string;
	name: string;
	description?: string;
	/** Name of a registered workflow type that runs it. Default: the steps are run. */
	workflowType?: string;
	/**
	 * How steps follow each other that do not say what they depend on: one after another, or all at
	 * once.
	 */
	order: 'sequence' | 'graph';
	steps: StepDefinition[];
	/** Steps to begin with. Default: those without dependencies that no other step leads to. */
	start?: string[];
	/** What the run gives back; a template. Default: the outputs of the last steps. */
	output?: Json;
	/** What a template becomes when its path leads nowhere: an error, or nothing. Default `error`. */
	missing?: 'error' | 'empty';
	/** For steps that do not say otherwise. */
	defaults?: { retry?: RetryOptions; timeout?: TimeoutPolicy };
	/** Longest time of a run, in milliseconds. */
	timeoutMs?: number;
	/** What a run may use in all. Default: no limits. */
	budget?: WorkflowBudget;
	/** Most steps running at once. */
	maxConcurrent?: number;
	metadata: JsonObject;
}
