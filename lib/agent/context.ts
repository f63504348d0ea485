import type { z } from 'zod';

import type { Json } from '../core';
import { parse, TimeoutError, toJson, ValidationError } from '../core';
import type { CallBudget } from '../budget';
import type { AttemptOptions, RetryOptions, TimeoutPolicy } from '../resilience';
import type { ResourceRequirements } from '../resources';
import type {
	BodyContext,
	CompensationContext,
	DependencyConfig,
	DependencyType,
} from '../scheduler';
import type { StateView } from './stateStore';

/** Where to go on: one state, several in parallel, or nowhere. */
export type StateResult = string | readonly string[] | null | undefined | void;

/** A state of an agent. */
export type StateFunction = (context: AgentContext) => StateResult | Promise<StateResult>;

/** A dependency of a state; its condition sees the state shared by all. */
export interface StateDependency extends Omit<DependencyConfig, 'condition'> {
	condition?: (agent: StateReader) => boolean;
}

/** What conditions may look at. */
export interface StateReader {
	get(key: string): unknown;
	has(key: string): boolean;
}

/** Everything a state may say besides its function. */
export interface StateOptions {
	/** Default: none. `{ load: 'required', check: 'OPTIONAL', poll: { type: 'timeout', … } }`. */
	dependencies?: Readonly<
		Record<string, DependencyType | Uppercase<DependencyType> | StateDependency>
	>;
	/** What an attempt takes from the agent's pool. */
	resources?: ResourceRequirements;
	retry?: RetryOptions;
	timeouts?: TimeoutPolicy;
	/** States it may name, when joins should not wait for it in vain. Default: any. */
	next?: readonly string[];
	/** Most executions in one run. Default 25. */
	maxIterations?: number;
	/** Whether the agent may complete although this state fails. */
	optional?: boolean;
	/** Undoes the state when the agent fails or is cancelled afterwards. */
	compensate?: (context: CompensationContext) => unknown;
	/** Whether an attempt may be broken off and repeated. */
	preemptible?: boolean;
	/** Whether its result may be had again by running it again. Default true. */
	restartable?: boolean;
	/** Share of the progress. Default 1. */
	weight?: number;
	description?: string;
}

export interface HumanInputOptions<Answer> {
	/** What the person is asked. */
	prompt: string;
	/** More for the person to look at; JSON. */
	payload?: unknown;
	/** Longest wait, in milliseconds. Default: none. */
	timeoutMs?: number;
	/** Whether an answer is acceptable. If not, the person is asked again; the clock goes on. */
	validator?: (answer: Answer) => boolean;
	/** The answer when nobody gives one in time. Without it the state fails with a `TimeoutError`. */
	default?: Answer;
}

/**
 * What a state function can see and do. What it writes counts only if it succeeds; states that run
 * in parallel to it see nothing of it until they join.
 */
export class AgentContext {
	private asked = 0;

	constructor(
		private readonly view: StateView,
		private readonly body: BodyContext,
		private readonly adder: (name: string, run: StateFunction, options?: StateOptions) => void,
	) {}

	/** Name of the state that runs. */
	get state(): string {
		return this.body.stepId;
	}

	/** 1 for the first attempt of this execution, 2 for the first retry, … */
	get attempt(): number {
		return this.body.attempt;
	}

	/** Which execution of the state this is: 1, 2, … */
	get iteration(): number {
		return this.body.iteration;
	}

	/** The input of the run. */
	get input(): unknown {
		return this.body.runInput;
	}

	/** Aborts on cancel and timeout; hand it to whatever takes a signal. */
	get signal(): AbortSignal {
		return this.body.signal;
	}

	/** The same over retries and restarts, for remote sides that remove duplicates. */
	get idempotencyKey(): string {
		return this.body.idempotencyKey;
	}

	/** What calls of this state are paid from, when the agent has a budget. */
	get budget(): CallBudget | undefined {
		return this.body.budget;
	}

	/** For a `ResiliencePolicy` around a call: what it waits for is shown, circuits are told of. */
	get callOptions(): AttemptOptions {
		return {
			signal: this.body.signal,
			onBlocked: (by) => this.body.blocked(by),
			onBreaker: (change) => this.body.breakerChanged(change),
		};
	}

	/** The value of a key, or the fallback when there is none. Values are frozen copies. */
	get<Value = unknown>(key: string): Value | undefined;
	get<Value = unknown>(key: string, fallback: Value): Value;
	get<Value>(key: string, fallback?: Value): Value | undefined {
		return this.view.has(key) ? (this.view.get(key) as Value) : fallback;
	}

	/** Sets a key to a JSON value; a key with a reducer takes it in instead. */
	set(key: string, value: unknown): void {
		this.view.write({ key, value: frozenCopy(value) });
	}

	has(key: string): boolean {
		return this.view.has(key);
	}

	remove(key: string): void {
		this.view.write({ key, remove: true });
	}

	keys(): string[] {
		return this.view.keys();
	}

	/** Removes every key. */
	clear(): void {
		for (const key of this.keys()) this.remove(key);
	}

	/** @throws {ValidationError} when the value does not fit; the key keeps what it had */
	setTyped<Schema extends z.ZodTypeAny>(key: string, schema: Schema, value: z.input<Schema>): void {
		this.set(key, parse(schema, value, `State "${key}"`));
	}

	/** @throws {ValidationError} when the key is missing or its value does not fit */
	getTyped<Schema extends z.ZodTypeAny>(key: string, schema: Schema): z.infer<Schema> {
		return parse(schema, this.view.get(key), `State "${key}"`);
	}

	/**
	 * Changes some fields of an object.
	 *
	 * @throws {ValidationError} when the result does not fit; the key keeps what it had
	 */
	updateTyped<Schema extends z.AnyZodObject>(
		key: string,
		schema: Schema,
		fields: Partial<z.input<Schema>>,
	): void {
		this.setTyped(key, schema, { ...(this.view.get(key) as object), ...fields });
	}

	/** Says how far the state is, from 0 to 1, and what it is doing. */
	progress(fraction: number, message?: string): void {
		this.body.progress(fraction, message);
	}

	/** A sign of life, with data for the next attempt: see {@link lastHeartbeat}. */
	heartbeat(data?: unknown): void {
		this.body.heartbeat(data);
	}

	/** What an earlier attempt said last. */
	get lastHeartbeat(): unknown {
		return this.body.lastHeartbeat;
	}

	/** Adds a state while the agent runs; see `Agent.addState`. */
	addState(name: string, run: StateFunction, options?: StateOptions): void {
		this.adder(name, run, options);
	}

	/**
	 * Asks a person and waits. Meanwhile the state holds no place and no resources, and the agent can
	 * be checkpointed; after a restart the answer is still expected, or already there.
	 *
	 * @throws {TimeoutError} when nobody answered in time and there is no default
	 * @throws {ValidationError} when the default would not be accepted
	 */
	async humanInTheLoop<Answer = string>(options: HumanInputOptions<Answer>): Promise<Answer> {
		const { prompt, payload, timeoutMs, validator } = options;
		const hasDefault = options.default !== undefined;
		if (hasDefault && !accepts(validator, options.default!)) {
			throw new ValidationError(`The default answer to "${prompt}" is not acceptable itself.`);
		}
		const question = ++this.asked;
		const deadline = timeoutMs === undefined ? undefined : this.body.now() + timeoutMs;
		const request = { prompt, ...(payload === undefined ? {} : { payload }) };
		for (let round = 1; ; round++) {
			const name = round === 1 ? `human-${question}` : `human-${question}.${round}`;
			const rejected = round === 1 ? {} : { error: 'The last answer was not acceptable.' };
			const answer = await this.body
				.waitFor(name, { payload: { ...request, ...rejected }, timeoutMs: this.left(deadline) })
				.then(
					(value) => ({ value: value as Answer }),
					(error: unknown) => ({ error }),
				);
			if ('value' in answer) {
				if (accepts(validator, answer.value)) return answer.value;
			} else {
				if (hasDefault && answer.error instanceof TimeoutError) return options.default!;
				throw answer.error;
			}
		}
	}

	private left(deadline: number | undefined): number | undefined {
		return deadline === undefined ? undefined : deadline - this.body.now();
	}
}

/** A validator that throws does not accept. */
function accepts<Answer>(
	validator: ((answer: Answer) => boolean) | undefined,
	answer: Answer,
): boolean {
	try {
		return validator === undefined || validator(answer);
	} catch {
		return false;
	}
}

/** A copy nobody can change, so that neither the caller nor another state rewrites history. */
function frozenCopy(value: unknown): Json {
	return freeze(toJson(value));
}

function freeze(value: Json): Json {
	if (typeof value !== 'object' || value === null) return value;
	for (const part of Object.values(value)) freeze(part);
	Object.freeze(value);
	return value;
}
