import {
	seededRandom,
	type DependencyLifecycle,
	type DependencyType,
	type Priority,
} from '../../lib';

/** A dependency of a simulated step. */
export interface PlanDependency {
	on: string;
	type: DependencyType;
	group?: string;
	timeoutMs?: number;
	lifecycle?: DependencyLifecycle;
	expiryMs?: number;
	intervalMs?: number;
	/** The condition: how the dependency must have ended. */
	when?: 'completed' | 'failed';
}

/** What one step of a simulated run does. All chance in it comes from the schedule's seed. */
export interface PlanStep {
	id: string;
	dependsOn: PlanDependency[];
	/** Named by others only. */
	onDemand: boolean;
	/** Steps it names when it completes. */
	names: string[];
	/** How many executions name a successor that leads back; later ones do not. */
	rounds: number;
	/** Longest time of its body, in milliseconds; 0 completes without waiting for time. */
	maxDelayMs: number;
	/** Whether the body is not even asynchronous. */
	sync: boolean;
	/** So many of its first starts fail. */
	failures: number;
	/** Whether its failures are of a kind that is not retried. */
	fatal: boolean;
	/** Whether the body goes on after an abort. */
	stubborn: boolean;
	maxAttempts: number;
	startToCloseMs?: number;
	/** Time for all attempts, in line or not. */
	scheduleToCloseMs?: number;
	/** The body takes from the pool itself, as steps inside it would. */
	takesInside?: boolean;
	/** Asks somebody; when the limit is given, perhaps in vain. */
	asks?: { timeoutMs?: number };
	/** Parts of the body beside the one that asks: each takes a while, then asks or fails. */
	parts?: Array<'asks' | 'fails' | 'works'>;
	cpu: number;
	priority?: Priority;
	preemptible?: boolean;
	compensate?: 'works' | 'fails';
	optional: boolean;
}

export type Fault =
	| { kind: 'crash'; atEvent: number; torn: boolean }
	| { kind: 'cancel'; atMs: number; mode: 'wait' | 'try' | 'abandon' }
	| { kind: 'cancelStep'; stepId: string; atMs: number; mode: 'wait' | 'try' | 'abandon' }
	| {
			kind: 'pause';
			atMs: number;
			forMs: number;
			restore: boolean;
			immediate?: boolean;
			/** The process ends with the pause. */
			drain?: boolean;
	  };

/** One simulated run, as plain JSON: what is run and what goes wrong. */
export interface Plan {
	steps: PlanStep[];
	faults: Fault[];
	maxConcurrent: number;
	poolCpu: number;
	preemption?: boolean;
	journal: 'none' | 'at once' | 'slow';
	failureMode: 'continue' | 'fail_fast';
	compensateOn: 'failure_or_cancel' | 'failure' | 'never';
	timeoutMs?: number;
}

/** Needed, whatever else happens and whenever it was. */
export function isPlain({ type, when, lifecycle, timeoutMs }: PlanDependency): boolean {
	return type === 'required' && (when ?? lifecycle ?? timeoutMs) === undefined;
}

/** Small dice on top of a seeded generator. */
export class Dice {
	constructor(private readonly random: () => number) {}

	int(below: number): number {
		return Math.floor(this.random() * below);
	}

	chance(probability: number): boolean {
		return this.random() < probability;
	}

	pick<Item>(items: readonly Item[]): Item {
		return items[this.int(items.length)]!;
	}
}

/** Everything that may vary is drawn; each kind of trouble is off in many plans, so that rare ones meet. */
export function makePlan(seed: number): Plan {
	const dice = new Dice(seededRandom(seed * 7919 + 17));
	const mood = {
		flow: dice.chance(0.4),
		groups: dice.chance(0.2),
		asks: dice.chance(0.25),
		failures: dice.pick([0, 0, 0.2, 0.5]),
		slow: dice.chance(0.8),
		pool: dice.chance(0.3),
		limits: dice.chance(0.3),
		stubborn: dice.chance(0.3),
		undo: dice.chance(0.4),
		parts: dice.chance(0.5),
		conditions: dice.chance(0.25),
		lifecycles: dice.chance(0.25),
		preemption: dice.chance(0.4),
		inside: dice.chance(0.3),
		named: dice.chance(0.2),
	};
	const steps = makeSteps(dice, mood);
	const journal = dice.pick(['none', 'at once', 'slow', 'slow'] as const);
	return {
		steps,
		faults: makeFaults(dice, steps, journal),
		maxConcurrent: dice.pick([1, 2, 3, 50]),
		poolCpu: dice.pick([1, 2, 4]),
		preemption: mood.preemption,
		journal,
		failureMode: dice.chance(0.2) ? 'fail_fast' : 'continue',
		compensateOn: dice.pick(['failure_or_cancel', 'failure_or_cancel', 'failure', 'never']),
		...(dice.chance(0.12) ? { timeoutMs: 20 + dice.int(150) } : {}),
	};
}

interface Mood {
	flow: boolean;
	groups: boolean;
	asks: boolean;
	failures: number;
	slow: boolean;
	pool: boolean;
	limits: boolean;
	stubborn: boolean;
	undo: boolean;
	parts: boolean;
	conditions: boolean;
	lifecycles: boolean;
	preemption: boolean;
	inside: boolean;
	named: boolean;
}

function makeSteps(dice: Dice, mood: Mood): PlanStep[] {
	const count = 2 + dice.int(6);
	const named = mood.flow ? 1 + dice.int(3) : 0;
	const steps: PlanStep[] = [];
	for (let i = 0; i < count + named; i++) {
		const onDemand = i >= count;
		const step = makeStep(dice, mood, `s${i}`, onDemand);
		if (!onDemand) step.dependsOn = makeDependencies(dice, mood, steps);
		steps.push(step);
	}
	if (mood.flow) addFlow(dice, steps, count);
	if (mood.named) nameDependents(dice, steps);
	return steps;
}

/** Some steps name a step that needs them anyway: it runs once all the same. */
function nameDependents(dice: Dice, steps: readonly PlanStep[]): void {
	for (const { id, dependsOn } of steps) {
		for (const dependency of dependsOn) {
			if (!isPlain(dependency) || !dice.chance(0.5)) continue;
			const namer = steps.find((step) => step.id === dependency.on)!;
			namer.names = [...namer.names, id];
			namer.rounds = Math.max(1, namer.rounds);
		}
	}
}

function makeStep(dice: Dice, mood: Mood, id: string, onDemand: boolean): PlanStep {
	const failing = dice.chance(mood.failures);
	const asks = mood.asks && dice.chance(0.3);
	const takesInside = mood.inside && dice.chance(0.4);
	return {
		id,
		dependsOn: [],
		onDemand,
		names: [],
		rounds: 0,
		maxDelayMs: mood.slow ? dice.pick([0, 5, 30, 60]) : 0,
		sync: !asks && dice.chance(0.15),
		failures: failing ? 1 + dice.int(3) : 0,
		fatal: dice.chance(0.2),
		stubborn: mood.stubborn && dice.chance(0.4),
		maxAttempts: dice.pick([1, 1, 2, 3]),
		...(mood.limits && dice.chance(0.4) ? { startToCloseMs: 5 + dice.int(40) } : {}),
		...(asks ? { asks: dice.chance(0.5) ? { timeoutMs: 10 + dice.int(80) } : {} } : {}),
		...(asks && mood.parts ? { parts: makeParts(dice) } : {}),
		...(mood.limits && dice.chance(0.2) ? { scheduleToCloseMs: 20 + dice.int(80) } : {}),
		...(takesInside ? { takesInside } : {}),
		cpu: mood.pool && !takesInside ? dice.int(2) : 0,
		...(mood.preemption ? { priority: dice.pick(PRIORITIES), preemptible: dice.chance(0.5) } : {}),
		...(mood.undo && dice.chance(0.6)
			? { compensate: dice.chance(0.85) ? ('works' as const) : ('fails' as const) }
			: {}),
		optional: dice.chance(0.1),
	};
}

function makeDependencies(
	dice: Dice,
	mood: Mood,
	earlier: readonly PlanStep[],
): PlanStep['dependsOn'] {
	const group =
		mood.groups && dice.chance(0.5) ? dice.pick(['and', 'or', 'xor'] as const) : undefined;
	const dependencies: PlanStep['dependsOn'] = [];
	for (const { id, onDemand } of earlier) {
		if (onDemand || !dice.chance(0.35)) continue;
		if (group !== undefined) dependencies.push({ on: id, type: group, group: 'g' });
		else dependencies.push(makeDependency(dice, mood, id));
	}
	return dependencies;
}

function makeDependency(dice: Dice, mood: Mood, on: string): PlanDependency {
	const when = dice.pick(['completed', 'completed', 'failed'] as const);
	if (mood.conditions && dice.chance(0.3)) return { on, type: 'conditional', when };
	if (mood.lifecycles && dice.chance(0.4)) return { on, type: 'required', ...makeLifecycle(dice) };
	const type = dice.pick(TYPES);
	const impatient = type === 'timeout' || (mood.limits && dice.chance(0.15));
	return {
		on,
		type,
		...(impatient ? { timeoutMs: 5 + dice.int(40) } : {}),
		...(mood.conditions && dice.chance(0.2) ? { when } : {}),
	};
}

function makeLifecycle(dice: Dice): Partial<PlanDependency> {
	const lifecycle = dice.pick(['once', 'temporary', 'temporary', 'periodic'] as const);
	if (lifecycle === 'temporary') return { lifecycle, expiryMs: 1 + dice.int(40) };
	if (lifecycle === 'periodic') return { lifecycle, intervalMs: 5 + dice.int(40) };
	return { lifecycle };
}

function makeParts(dice: Dice): NonNullable<PlanStep['parts']> {
	const count = 1 + dice.int(2);
	return Array.from({ length: count }, () => dice.pick(['asks', 'fails', 'works'] as const));
}

const PRIORITIES: readonly Priority[] = ['low', 'normal', 'normal', 'high', 'critical'];

const TYPES: readonly DependencyType[] = [
	'required',
	'required',
	'required',
	'required',
	'sequential',
	'optional',
	'parallel',
	'timeout',
];

/** Some steps name steps on demand, which name one another, sometimes in a circle. */
function addFlow(dice: Dice, steps: PlanStep[], first: number): void {
	const demanded = steps.slice(first);
	for (const step of steps) {
		if (!dice.chance(step.onDemand ? 0.6 : 0.7)) continue;
		const targets = demanded.filter(({ id }) => id !== step.id && dice.chance(0.6));
		step.names = targets.map(({ id }) => id);
		step.rounds = step.onDemand ? 1 + dice.int(2) : 1;
	}
}

function makeFaults(dice: Dice, steps: readonly PlanStep[], journal: Plan['journal']): Fault[] {
	const faults: Fault[] = [];
	const mode = () => dice.pick(['wait', 'try', 'abandon'] as const);
	if (journal !== 'none' && dice.chance(0.5)) {
		const crashes = 1 + dice.int(3);
		let atEvent = 0;
		for (let i = 0; i < crashes; i++) {
			atEvent += 1 + dice.int(25);
			faults.push({ kind: 'crash', atEvent, torn: dice.chance(0.5) });
		}
	}
	if (dice.chance(0.2)) faults.push({ kind: 'cancel', atMs: dice.int(120), mode: mode() });
	if (dice.chance(0.15)) {
		const { id } = dice.pick(steps);
		faults.push({ kind: 'cancelStep', stepId: id, atMs: dice.int(80), mode: mode() });
	}
	if (dice.chance(0.25)) {
		const restore = dice.chance(0.5);
		const immediate = dice.chance(0.3);
		const drain = dice.chance(0.3);
		const times = { atMs: dice.int(80), forMs: dice.int(50) };
		faults.push({ kind: 'pause', ...times, restore, immediate, ...(drain ? { drain } : {}) });
	}
	return faults;
}
